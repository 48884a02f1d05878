//===- AMXPermission.cpp - Asks the system for the matrix unit -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Runtime/Runtime.h"

#if defined(__linux__) && defined(__x86_64__)
#include <sys/syscall.h>
#include <unistd.h>

/// Linux keeps the state of the tiles only for processes that asked, as it is 8 KB for each thread.
static bool request() {
  constexpr long kRequestPermission = 0x1023; // ARCH_REQ_XCOMP_PERM
  constexpr long kTileData = 18;              // the number of the state component
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}
#else
static bool request() { return false; }
#endif

extern "C" int32_t fpw_request_amx(void) {
  return request(); // asking again costs a microsecond and changes nothing
}
