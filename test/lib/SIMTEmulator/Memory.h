//===- Memory.h - Checks each access of a kernel -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_TEST_LIB_SIMTEMULATOR_MEMORY_H
#define FPW_TEST_LIB_SIMTEMULATOR_MEMORY_H

#include "llvm/ADT/STLFunctionalExtras.h"
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

/// Who accesses shared memory, and what orders that access.
struct Accessor {
  static constexpr uint16_t kAnyThread = 0xffff; ///< a matrix unit, for all threads it serves
  static constexpr uint8_t kAnyWarp = 0xff;

  uint16_t thread = kAnyThread;
  uint8_t warp = kAnyWarp;
  uint32_t warpEpoch = 0; ///< how often the warp has met at a barrier of its own
  uint32_t fences = 0;    ///< how many proxy fences the thread has executed
};

/// The shared memory of the running block. Each byte knows who touched it last: accesses of two
/// threads, one of them a write, need a barrier between them, whatever order they happen to run in.
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
  const char *read(const void *pointer, size_t bytes, const Accessor &by);
  const char *write(const void *pointer, size_t bytes, const Accessor &by);
  /// A copy into the bytes begins, and lands some time before the thread has waited for it.
  const char *beginCopy(const void *pointer, size_t bytes, const Accessor &by);
  void endCopy(const void *pointer, size_t bytes, const Accessor &by);
  /// A matrix unit begins to read the bytes, through the asynchronous proxy, to which writes are
  /// visible only after a fence of the thread that wrote and a barrier after it: the number of
  /// fences that each thread had executed before the last barrier.
  const char *beginAsyncRead(const void *pointer, size_t bytes,
                             llvm::function_ref<uint32_t(uint16_t thread)> countFences);
  void endAsyncRead(const void *pointer, size_t bytes);

private:
  struct Mark {
    uint32_t writeEpoch, readEpoch; ///< 0: never
    Accessor writer, reader;        ///< one for all readers: any thread of their warp, or any warp
    uint16_t asyncReads;
    bool isPending;
  };
  const char *locate(const void *pointer, size_t bytes, size_t &offset) const;
  const char *checkWrite(size_t offset, size_t bytes, const Accessor &by) const;
  const char *checkRead(const Mark &mark, const Accessor &by) const;

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
