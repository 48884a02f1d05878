//===- Embedded.cpp - Files that this library carries -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Embedded.h"

#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

// The build names the files; the assembler reads them.
#define EMBED(NAME, PATH)                                                                          \
  __asm__(".section .rodata\n.globl " #NAME "_begin, " #NAME "_end\n"                              \
          ".hidden " #NAME "_begin, " #NAME "_end\n"                                               \
          ".balign 16\n" #NAME "_begin: .incbin \"" PATH "\"\n" #NAME "_end:\n.text");             \
  extern "C" const char NAME##_begin[], NAME##_end[]

EMBED(fpw_embedded_runtime, FPW_RUNTIME_ARCHIVE);
EMBED(fpw_embedded_foreign_runtime, FPW_FOREIGN_RUNTIME);
EMBED(fpw_embedded_cuda_runtime, FPW_CUDA_RUNTIME);
EMBED(fpw_embedded_header, FPW_MODEL_HEADER);

namespace fpw {

static StringRef getText(const char *begin, const char *end) {
  return {begin, size_t(end - begin)};
}

StringRef getRuntimeArchive(const llvm::Triple &triple) {
  llvm::Triple host(llvm::sys::getProcessTriple());
  if (triple.getArch() == host.getArch())
    return getText(fpw_embedded_runtime_begin, fpw_embedded_runtime_end);
  StringRef archive = getText(fpw_embedded_foreign_runtime_begin, fpw_embedded_foreign_runtime_end);
  constexpr size_t kEmptyArchive = 8; // its magic bytes
  bool isForeign = triple.getArch() == llvm::Triple(FPW_FOREIGN_ARCH).getArch();
  return isForeign && archive.size() > kEmptyArchive ? archive : StringRef();
}

StringRef getCUDARuntimeArchive() {
  return getText(fpw_embedded_cuda_runtime_begin, fpw_embedded_cuda_runtime_end);
}

StringRef getModelHeader() { return getText(fpw_embedded_header_begin, fpw_embedded_header_end); }

} // namespace fpw
