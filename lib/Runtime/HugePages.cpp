//===- HugePages.cpp - Memory in large pages -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "HugePages.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <pthread.h>
#include <sys/mman.h>

// Where the parameters of a compiled network are; a network that runs where it was compiled has
// none of these.
extern "C" {
__attribute__((weak, visibility("hidden"))) extern char fpw_parameters_begin[];
__attribute__((weak, visibility("hidden"))) extern char fpw_parameters_end[];
}

static constexpr size_t kLine = 64, kHugePage = size_t(2) << 20;

static uintptr_t roundUp(uintptr_t value, uintptr_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

void *fpw::allocatePages(size_t bytes) {
  if (bytes > SIZE_MAX - kHugePage)
    return nullptr;
  size_t alignment = bytes < kHugePage ? kLine : kHugePage;
  bytes = roundUp(bytes, alignment);
  void *memory = std::aligned_alloc(alignment, bytes);
  if (memory && alignment == kHugePage)
    madvise(memory, bytes, MADV_HUGEPAGE); // a wish: systems without such pages refuse
  return memory;
}

static void unmap(uintptr_t begin, uintptr_t end) {
  if (begin < end)
    munmap(reinterpret_cast<void *>(begin), end - begin);
}

/// Replaces whole large pages of the file by memory with the same contents.
static void moveParameters() {
  uintptr_t begin = roundUp(reinterpret_cast<uintptr_t>(fpw_parameters_begin), kHugePage);
  uintptr_t end = reinterpret_cast<uintptr_t>(fpw_parameters_end) / kHugePage * kHugePage;
  if (!fpw_parameters_begin || begin >= end)
    return;
  // What moves has to be aligned to large pages before, too, or it would fall into small ones.
  size_t bytes = end - begin, reserved = bytes + kHugePage;
  void *memory =
      mmap(nullptr, reserved, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    return;
  uintptr_t first = reinterpret_cast<uintptr_t>(memory), place = roundUp(first, kHugePage);
  unmap(first, place);
  unmap(place + bytes, first + reserved);
  void *copy = reinterpret_cast<void *>(place);
  madvise(copy, bytes, MADV_HUGEPAGE);
  std::memcpy(copy, reinterpret_cast<void *>(begin), bytes);
  mprotect(copy, bytes, PROT_READ);
  // The copy becomes what the parameters are in one step, under their addresses.
  if (mremap(copy, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, begin) == MAP_FAILED)
    munmap(copy, bytes);
}

void fpw::moveParametersToHugePages() {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, moveParameters);
}
