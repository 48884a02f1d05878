//===- Memory.h - Checks each access of a kernel -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_TEST_LIB_SIMTEMULATOR_MEMORY_H
#define FPW_TEST_LIB_SIMTEMULATOR_MEMORY_H

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

namespace fpw::simt {

/// The largest shared memory of a block, that of sm_90.
inline constexpr size_t kSharedLimit = 232448;
/// Descriptors hold the low 18 bits of addresses, so that these must be offsets.
inline constexpr size_t kSharedAlignment = 1 << 18;

/// The shared memory of the running block. Each byte knows who touched it last: accesses of two
/// warps, one of them a write, need a barrier between them, whatever order they happen to run in.
class SharedMemory {
public:
  SharedMemory();

  char *getBase() const { return base; }
  bool isShared(const void *pointer) const {
    return size_t(static_cast<const char *>(pointer) - base) < kSharedAlignment;
  }

  /// A new block begins: nothing is written yet.
  void reset(size_t size);
  /// All threads met: what comes after is ordered after what came before.
  void nextEpoch() { ++epoch; }

  /// Each returns what is wrong with the access, or null.
  const char *read(const void *pointer, size_t bytes, unsigned warp);
  const char *write(const void *pointer, size_t bytes, unsigned warp);
  /// A copy into the bytes begins, and lands some time before the thread has waited for it.
  const char *beginCopy(const void *pointer, size_t bytes, unsigned warp);
  void endCopy(const void *pointer, size_t bytes, unsigned warp);

private:
  struct Mark {
    uint32_t writeEpoch, readEpoch; ///< 0: never
    uint8_t writer, reader;         ///< warps
    bool readByMany, isPending;
  };
  const char *locate(const void *pointer, size_t bytes, size_t &offset) const;
  const char *checkWrite(size_t offset, size_t bytes, unsigned warp) const;

  char *base;
  size_t size = 0;
  uint32_t epoch = 1;
  std::vector<Mark> marks;
};

/// The memory of the device: allocations with their bounds.
class DeviceMemory {
public:
  static DeviceMemory &get();

  void *allocate(size_t bytes);
  /// False if the pointer is not the start of an allocation.
  bool free(void *pointer);
  /// Whether all bytes lie in one allocation.
  bool contains(const void *pointer, size_t bytes);
  bool isDevice(const void *pointer);

private:
  struct Range {
    uintptr_t begin = 0, end = 0;
  };
  bool find(uintptr_t address, Range &range);

  std::mutex mutex;
  std::map<uintptr_t, uintptr_t> ranges; ///< begin to end
  Range last;
};

} // namespace fpw::simt

#endif // FPW_TEST_LIB_SIMTEMULATOR_MEMORY_H
