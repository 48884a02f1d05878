//===- Profile.cpp - Where the time of a network goes -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Runtime/Runtime.h"

#include <atomic>
#include <ctime>

namespace {
std::atomic<uint64_t> slots[FPW_PROFILE_SLOTS];
thread_local uint64_t last = 0;
} // namespace

extern "C" uint64_t fpw_profile_now(void) {
#if defined(__x86_64__) || defined(__i386__)
  return __builtin_ia32_rdtsc(); // a third of the time of the system's clock
#else
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return uint64_t(now.tv_sec) * 1000000000 + uint64_t(now.tv_nsec);
#endif
}

extern "C" void fpw_profile_add(int64_t slot, uint64_t time) {
  if (slot >= 0 && slot < FPW_PROFILE_SLOTS)
    slots[slot].fetch_add(time, std::memory_order_relaxed);
}

extern "C" void fpw_profile_stamp(int64_t slot) {
  uint64_t now = fpw_profile_now();
  fpw_profile_add(slot, now - last);
  last = now;
}

extern "C" uint64_t fpw_profile_take(int64_t slot) {
  return slot >= 0 && slot < FPW_PROFILE_SLOTS ? slots[slot].exchange(0) : 0;
}
