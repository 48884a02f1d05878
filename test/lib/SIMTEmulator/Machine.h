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
#include <memory>
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

/// A multiplication that a matrix unit does beside the threads of a warpgroup.
struct AsyncProduct {
  std::vector<std::pair<const void *, size_t>> sources; ///< in shared memory, read until it is done
  unsigned waiting = kWarpgroupSize;                    ///< threads that have not waited for it
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
  /// A read for all threads of the warp.
  void checkSharedByWarp(const void *pointer, size_t bytes);
  void waitForBlock(uint32_t site);
  void waitForWarp(uint32_t mask, uint32_t site);
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
  /// fence.proxy.async: the thread's writes so far, and the copies it has waited for.
  void fenceProxy() { ++threads[current].fences; }
  /// wgmma.fence: registers are as the thread left them.
  void fenceRegisters() { threads[current].isFenced = true; }
  void checkFence();
  /// A matrix unit begins to read these bytes.
  void readAsync(AsyncProduct &product, const void *pointer, size_t bytes);
  /// For all threads of the warpgroup: results are theirs when they have waited.
  void startProduct(AsyncProduct product, llvm::ArrayRef<ThreadCall> calls);
  void commitProducts();
  void waitForProducts(size_t pending);
  /// The thread uses the result of a multiplication.
  void checkSums(const void *result);
  /// @}

private:
  enum class State { Ready, AtBarrier, InGroup, Done };
  struct PendingProduct {
    std::shared_ptr<AsyncProduct> product;
    const void *result;
  };
  /// What a thread has asked for, in groups for which it can wait, the latest last; the operations
  /// of none yet are `open`.
  template <typename T> struct AsyncGroups {
    std::deque<std::vector<T>> groups;
    std::vector<T> open;
    void commit() {
      groups.push_back(std::move(open));
      open.clear();
    }
  };
  struct Thread {
    State state = State::Ready;
    AsyncGroups<AsyncCopy> copies;
    AsyncGroups<PendingProduct> products;
    uint32_t fences = 0, fencesAtBarrier = 0; ///< of proxies
    bool isFenced = false;                    ///< its registers, for the next multiplications
    uint32_t site = 0;                        ///< of the barrier where it waits
  };
  /// Where the threads of a warp, or of four, wait for each other.
  struct Meeting {
    std::vector<ThreadCall> calls;
    unsigned arrived = 0;
    uint32_t site = 0;
    uint32_t barriers = 0; ///< how many have passed
  };

  Accessor getAccessor() const;
  void runBlock();
  bool runWarp(unsigned warp);
  void meet(Meeting &meeting, unsigned first, unsigned size, unsigned expected, uint32_t site,
            GroupOperation operation, uint64_t variant, const ThreadCall &call);
  void runThreadsInTurn();
  void enter(unsigned thread);
  void leave(Thread &thread);
  void suspend(State state);
  void describeFault(const llvm::Twine &message);
  void failOutside(const llvm::Twine &message);
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
