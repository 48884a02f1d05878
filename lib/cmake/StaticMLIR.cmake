# Links the tools against MLIR's and LLVM's static archives: a tool then starts in 3 ms instead of 20.
#
# Debian's exported MLIR targets name libLLVM.so ("LLVM") in their link interface. This file puts the
# static components in its place, and adds the dependencies that the shared build left out.

set(MLIR_LINK_MLIR_DYLIB OFF)
set(LLVM_LINK_LLVM_DYLIB OFF)

if(NOT TARGET zstd::libzstd_shared)
  find_library(FPW_ZSTD NAMES zstd libzstd.so.1 REQUIRED)
  add_library(zstd::libzstd_shared SHARED IMPORTED)
  set_target_properties(zstd::libzstd_shared PROPERTIES IMPORTED_LOCATION ${FPW_ZSTD})
endif()
foreach(unused LibEdit::LibEdit CURL::libcurl)
  if(NOT TARGET ${unused})
    add_library(${unused} INTERFACE IMPORTED)
  endif()
endforeach()

add_library(FPWStaticLLVM INTERFACE)
target_link_libraries(FPWStaticLLVM INTERFACE
  LLVMCore LLVMSupport LLVMTargetParser LLVMBitWriter LLVMRemarks LLVMPasses LLVMFrontendOpenMP
  LLVMTransformUtils LLVMipo LLVMLinker LLVMIRReader LLVMOrcJIT LLVMExecutionEngine LLVMTarget
  LLVMMC LLVMMCParser LLVMX86CodeGen LLVMX86AsmParser LLVMX86Desc LLVMX86Info
  LLVMAArch64CodeGen LLVMAArch64Desc LLVMAArch64Info
  LLVMNVPTXCodeGen LLVMNVPTXDesc LLVMNVPTXInfo)

foreach(target IN LISTS MLIR_EXPORTED_TARGETS)
  if(TARGET ${target})
    get_target_property(interface ${target} INTERFACE_LINK_LIBRARIES)
    if(interface)
      list(TRANSFORM interface REPLACE "^LLVM$" "FPWStaticLLVM")
      list(TRANSFORM interface REPLACE "^.<LINK_ONLY:LLVM>$" "FPWStaticLLVM")
      list(TRANSFORM interface REPLACE "^MLIR$" "")
      list(FILTER interface EXCLUDE REGEX "^$")
      set_target_properties(${target} PROPERTIES INTERFACE_LINK_LIBRARIES "${interface}")
    endif()
  endif()
endforeach()
