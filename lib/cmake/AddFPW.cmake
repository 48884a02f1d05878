# The building blocks of this project's CMake files.

# Everything TableGen writes; each library depends on it, so that headers exist before they are read.
add_custom_target(fpw-headers)

# fpw_add_library(NAME sources... [LINK targets...])
function(fpw_add_library name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  llvm_update_compile_flags(${name})
  add_dependencies(${name} fpw-headers)
  target_link_libraries(${name} PUBLIC ${ARG_LINK})
  fpw_precompile_headers(${name})
  fpw_install_library(${name})
endfunction()

# Makes a library of lib/ part of the package that InstallFPW.cmake installs.
function(fpw_install_library name)
  if(CMAKE_CURRENT_SOURCE_DIR MATCHES "^${PROJECT_SOURCE_DIR}/lib/")
    target_compile_features(${name} PUBLIC cxx_std_17)
    target_include_directories(${name} INTERFACE $<INSTALL_INTERFACE:include>)
    install(TARGETS ${name} EXPORT FPWTargets ARCHIVE COMPONENT development)
  endif()
endfunction()

# fpw_add_tool(NAME sources... [LINK targets...])
function(fpw_add_tool name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  llvm_update_compile_flags(${name})
  add_dependencies(${name} fpw-headers)
  target_link_libraries(${name} PRIVATE ${ARG_LINK})
  target_link_options(${name} PRIVATE -fuse-ld=lld -Wl,--gc-sections -Wl,-O1)
  fpw_precompile_headers(${name})
endfunction()

# One set of precompiled MLIR headers serves all targets; the first target to ask compiles it.
function(fpw_precompile_headers name)
  if(NOT FPW_PRECOMPILED_HEADERS)
    return()
  endif()
  if(NOT TARGET FPWPrecompiledHeaders)
    file(WRITE ${PROJECT_BINARY_DIR}/precompiled.cpp "")
    add_library(FPWPrecompiledHeaders OBJECT ${PROJECT_BINARY_DIR}/precompiled.cpp)
    set_target_properties(FPWPrecompiledHeaders PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(FPWPrecompiledHeaders PRIVATE -fPIC)
    llvm_update_compile_flags(FPWPrecompiledHeaders)
    target_precompile_headers(FPWPrecompiledHeaders PRIVATE
      <mlir/IR/Builders.h> <mlir/IR/BuiltinOps.h> <mlir/IR/DialectImplementation.h>
      <mlir/IR/OpImplementation.h> <mlir/IR/PatternMatch.h>
      <mlir/Bytecode/BytecodeOpInterface.h> <mlir/Interfaces/InferTypeOpInterface.h>
      <mlir/Interfaces/SideEffectInterfaces.h> <mlir/Pass/Pass.h>
      <mlir/Dialect/Arith/IR/Arith.h> <mlir/Dialect/Func/IR/FuncOps.h>
      <mlir/Dialect/Linalg/IR/Linalg.h> <mlir/Dialect/Tensor/IR/Tensor.h>)
  endif()
  # Executables compile as the headers were: with -fPIC, where CMake would say -fPIE.
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(${name} PRIVATE -fPIC)
  target_precompile_headers(${name} REUSE_FROM FPWPrecompiledHeaders)
endfunction()

# Makes what the mlir_tablegen calls of this directory write known to fpw-headers.
function(fpw_public_tablegen_target name)
  add_public_tablegen_target(${name})
  add_dependencies(fpw-headers ${name})
endfunction()

# Our libraries that a library of ours needs, itself among them; nothing of MLIR and LLVM.
function(fpw_collect_archives name result)
  set(found ${name})
  set(left ${name})
  while(left)
    list(POP_FRONT left library)
    get_target_property(needed ${library} LINK_LIBRARIES)
    foreach(other IN LISTS needed)
      if(other MATCHES "^FPW" AND NOT other IN_LIST found)
        get_target_property(type ${other} TYPE)
        if(type STREQUAL "STATIC_LIBRARY")
          list(APPEND found ${other})
          list(APPEND left ${other})
        endif()
      endif()
    endforeach()
  endwhile()
  set(${result} ${found} PARENT_SCOPE)
endfunction()

# fpw_add_plugin(NAME sources... LINK libraries...)
# A module that a program with MLIR in it loads. It takes MLIR from that program: a second copy would
# have a registry of passes and type identifiers of its own. So our archives are named by their
# files, without the libraries that they would bring along.
function(fpw_add_plugin name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_library(${name} MODULE ${ARG_UNPARSED_ARGUMENTS})
  llvm_update_compile_flags(${name})
  add_dependencies(${name} fpw-headers)
  set(archives)
  foreach(library IN LISTS ARG_LINK)
    fpw_collect_archives(${library} needed)
    list(APPEND archives ${needed})
  endforeach()
  list(REMOVE_DUPLICATES archives)
  add_dependencies(${name} ${archives})
  list(TRANSFORM archives REPLACE "(.+)" "$<TARGET_FILE:\\1>")
  set_target_properties(${name} PROPERTIES PREFIX "")
  target_link_options(${name} PRIVATE -fuse-ld=lld -Wl,--gc-sections)
  target_link_libraries(${name} PRIVATE -Wl,--start-group ${archives} -Wl,--end-group)
  fpw_precompile_headers(${name})
endfunction()
