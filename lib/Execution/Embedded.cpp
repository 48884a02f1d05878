//===- Embedded.cpp - Files that this library carries -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Embedded.h"

// The build names the files; the assembler reads them.
#define EMBED(NAME, PATH)                                                                          \
  __asm__(".section .rodata\n.globl " #NAME "_begin, " #NAME "_end\n"                              \
          ".hidden " #NAME "_begin, " #NAME "_end\n"                                               \
          ".balign 16\n" #NAME "_begin: .incbin \"" PATH "\"\n" #NAME "_end:\n.text");             \
  extern "C" const char NAME##_begin[], NAME##_end[]

EMBED(fpw_embedded_runtime, FPW_RUNTIME_ARCHIVE);
EMBED(fpw_embedded_header, FPW_MODEL_HEADER);

namespace fpw {

StringRef getRuntimeArchive() {
  return {fpw_embedded_runtime_begin,
          size_t(fpw_embedded_runtime_end - fpw_embedded_runtime_begin)};
}

StringRef getModelHeader() {
  return {fpw_embedded_header_begin, size_t(fpw_embedded_header_end - fpw_embedded_header_begin)};
}

} // namespace fpw
