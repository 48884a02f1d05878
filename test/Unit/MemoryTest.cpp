//===- MemoryTest.cpp - The memory of intermediate values -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Runtime/Runtime.h"

#include <cstring>
#include <gtest/gtest.h>
#include <thread>

namespace {

TEST(Memory, IsAlignedAndLargeEnough) {
  for (size_t bytes : {0, 1, 63, 64, 65, 80, 1000, 4096, 4097, 100000, 5000000}) {
    void *memory = fpw_allocate(bytes);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(memory) % 64, 0u) << bytes;
    std::memset(memory, 0xff, bytes);
    fpw_free(memory);
  }
}

TEST(Memory, ComesBackForTheSameSize) {
  void *first = fpw_allocate(300000);
  fpw_free(first);
  EXPECT_EQ(fpw_allocate(300000), first);
  void *second = fpw_allocate(300000);
  EXPECT_NE(second, first);
  fpw_free(first);
  fpw_free(second);
}

TEST(Memory, MayBeFreedElsewhere) {
  void *memory = fpw_allocate(1000);
  std::thread([&] {
    fpw_free(memory);
    fpw_free(nullptr);
  }).join();
}

TEST(MemoryDeathTest, EndsWithAnErrorWhereThereIsNone) {
  EXPECT_EXIT(fpw_allocate(~size_t(0)), testing::ExitedWithCode(1), "out of memory for a value");
}

} // namespace
