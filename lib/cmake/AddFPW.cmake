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
