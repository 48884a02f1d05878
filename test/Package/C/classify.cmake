# Runs classify on an image: the model compiled in the process, and as a library; then on files that are none.
get_filename_component(data ${model} DIRECTORY)
execute_process(COMMAND tail -c 1024 ${data}/x.npy OUTPUT_FILE ${folder}/image COMMAND_ERROR_IS_FATAL ANY)

# expect(RESULT PATTERN ARGUMENTS...): what classify prints.
function(expect result pattern)
  execute_process(COMMAND ${folder}/classify ${ARGN} INPUT_FILE ${folder}/image
    OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE code)
  if(NOT code EQUAL result OR NOT output MATCHES "${pattern}")
    message(FATAL_ERROR "classify ${ARGN}: expected '${pattern}' but got ${code}: ${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

execute_process(COMMAND ${fpw} convert ${model} -o ${folder}/digits.mlirbc ERROR_QUIET COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${fpw} compile ${folder}/digits.mlirbc -o ${folder}/digits.so COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${fpw} compile ${folder}/digits.mlirbc -o ${folder}/other.so --triple aarch64-linux-gnu
  ERROR_QUIET RESULT_VARIABLE other)

expect(0 "x of rank 4 -> y.*9: " ${model})
expect(0 "9: " ${model} 8)
string(REGEX REPLACE "^[^\n]*\n" "" here "${output}")
expect(0 "9: " ${folder}/digits.so)
string(REGEX REPLACE "^[^\n]*\n" "" there "${output}")
if(NOT here STREQUAL there)
  message(FATAL_ERROR "the library gives ${there} but the process ${here}")
endif()

expect(1 "missing.nnp: .*No such file" ${folder}/missing.nnp)
expect(1 "missing.so: No such file" ${folder}/missing.so)
expect(1 "expected n-w to be 2 to 16 .* but got 99" ${model} 99)
file(WRITE ${folder}/text.so "no library")
expect(1 "text.so: expected a library of a network but got something else" ${folder}/text.so)
execute_process(COMMAND head -c 20000 ${folder}/digits.so OUTPUT_FILE ${folder}/half.so)
expect(1 "half.so: " ${folder}/half.so)
execute_process(COMMAND head -c 3000 ${folder}/digits.mlirbc OUTPUT_FILE ${folder}/half.mlirbc)
expect(1 "half.mlirbc: " ${folder}/half.mlirbc)
expect(1 "old.so: expected a library of version [0-9]+ but got version 1" ${folder}/old.so)
expect(1 "strange.so: expected a library of a network but got one without fpw_model" ${folder}/strange.so)
if(other EQUAL 0)
  expect(1 "other.so: expected a library for x86_64 but got one for aarch64" ${folder}/other.so)
endif()
