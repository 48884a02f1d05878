//===- Machine.h - Runs the threads of a block -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_TEST_LIB_SIMTEMULATOR_MACHINE_H
#define FPW_TEST_LIB_SIMTEMULATOR_MACHINE_H

#include "Emulator.h"
#include "Fiber.h"
#include "Memory.h"
#include "llvm/ADT/Twine.h"
#include <deque>
#include <string>

namespace fpw::simt {

inline constexpr unsigned kWarpSize = 32, kWarpgroupSize = 128;
inline constexpr unsigned kMaxThreads = 1024;

/// The special registers that kernels read, in the order of `simt_registers`.
enum Register : unsigned {
  kThreadId, ///< x, y, z; as the next three
  kBlockId = 3,
  kBlockSize = 6,
  kGridSize = 9,
  kLaneId = 12,
  kWarpId,
  kNumRegisters
};

/// What a thread brings to an operation of its whole warp or of four warps, and where it wants the
/// result. Threads that do not take part have null.
struct ThreadCall {
  void *result;
  const uint64_t *operands;
};
using GroupOperation = void (*)(llvm::ArrayRef<ThreadCall> threads, uint64_t variant);

/// A copy of cp.async; the rest of the target beyond the source is zeros.
struct AsyncCopy {
  char *target;
  const char *source;
  uint32_t bytes, sourceBytes;
};

/// A multiprocessor that runs one block at a time.
class Machine {
public:
  static Machine &get();

  llvm::Error launch(const Kernel &kernel, Dim3 grid, Dim3 block, size_t dynamicSharedBytes,
                     void **parameters);

  SharedMemory &getSharedMemory() { return shared; }
  unsigned getWarp() const { return current / kWarpSize; }

  /// \name Called by the running thread
  /// @{
  /// Ends the launch with this error.
  [[noreturn]] void fail(const llvm::Twine &message);
  void checkAccess(const void *pointer, size_t bytes, bool isWrite);
  void checkShared(const void *pointer, size_t bytes, bool isWrite);
  /// A read that belongs to no warp, so that a barrier has to be on either side of it.
  void checkSharedByMany(const void *pointer, size_t bytes);
  void waitForBlock();
  /// Waits for the lanes of the mask; the last one does the operation for all.
  void meetWarp(uint32_t mask, uint32_t site, GroupOperation operation, uint64_t variant,
                const ThreadCall &call);
  /// The same for four warps.
  void meetWarpgroup(uint32_t site, GroupOperation operation, uint64_t variant,
                     const ThreadCall &call);
  void startCopy(const AsyncCopy &copy);
  void commitCopies();
  /// Waits until all groups of copies but the latest `pending` are done.
  void waitForCopies(size_t pending);
  /// @}

private:
  enum class State { Ready, AtBarrier, InGroup, Done };
  struct Thread {
    State state;
    std::deque<std::vector<AsyncCopy>> groups;
    std::vector<AsyncCopy> copies; ///< of no group yet
  };
  /// Where the threads of a warp, or of four, wait for each other.
  struct Meeting {
    std::vector<ThreadCall> calls;
    unsigned arrived = 0;
    uint32_t site = 0;
  };

  void runBlock();
  bool runWarp(unsigned warp);
  void meet(Meeting &meeting, unsigned first, unsigned size, unsigned expected, uint32_t site,
            GroupOperation operation, uint64_t variant, const ThreadCall &call);
  void runThreadsInTurn();
  void enter(unsigned thread);
  void suspend(State state);
  void explainDeadlock();
  void failIf(const char *problem, const void *pointer, size_t bytes);

  SharedMemory shared;
  std::vector<Thread> threads;
  std::vector<Meeting> warps, warpgroups;
  Fibers fibers;
  const Kernel *kernel = nullptr;
  void **parameters = nullptr;
  Dim3 blockSize;
  unsigned current = 0, numThreads = 0, numLeft = 0, numAtBarrier = 0;
  std::string fault;
};

} // namespace fpw::simt

/// Read by kernels.
extern "C" uint32_t simt_registers[fpw::simt::kNumRegisters];

#endif // FPW_TEST_LIB_SIMTEMULATOR_MACHINE_H
