//===- FakeCUDA.h - A driver of CUDA that records -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_TEST_LIB_FAKECUDA_FAKECUDA_H
#define FPW_TEST_LIB_FAKECUDA_FAKECUDA_H

#include <cstddef>
#include <cstdint>

/// What the fake driver says of itself, and what was asked of it. The library exports one of these
/// under the name `fakeCUDA`.
struct FakeCUDA {
  int devices = 1;
  int major = 9, minor = 0;       ///< or as FAKE_CUDA_CAPABILITY says, "80"
  uint64_t memoryBytes = 1 << 20; ///< what is left
  int failingLaunch = -1;         ///< the number of the launch that fails

  int modulesLoaded = 0, modulesUnloaded = 0, functionsFound = 0, streamsMade = 0;
  int allocations = 0, frees = 0, copies = 0, launches = 0;
  int events = 0, eventsRecorded = 0; ///< those that live; a quarter of a millisecond apart
  int sharedBytesAllowed = 0, attributesSet = 0;
  unsigned grid[3] = {}, block[3] = {};
};

#endif // FPW_TEST_LIB_FAKECUDA_FAKECUDA_H
