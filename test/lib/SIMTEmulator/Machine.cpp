//===- Machine.cpp - Runs the threads of a block -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Machine.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>

uint32_t simt_registers[fpw::simt::kNumRegisters];

namespace fpw::simt {

Machine &Machine::get() {
  static Machine machine;
  return machine;
}

llvm::Error launch(const Kernel &kernel, Dim3 grid, Dim3 block, size_t dynamicSharedBytes,
                   void **parameters) {
  return Machine::get().launch(kernel, grid, block, dynamicSharedBytes, parameters);
}

static void setRegisters(Register first, Dim3 value) {
  simt_registers[first] = value.x;
  simt_registers[first + 1] = value.y;
  simt_registers[first + 2] = value.z;
}

//===----------------------------------------------------------------------===//
// Launches
//===----------------------------------------------------------------------===//

static llvm::Error checkLimits(Dim3 grid, Dim3 block, size_t sharedBytes) {
  auto fail = [](const llvm::Twine &message) { return llvm::createStringError(message); };
  if (grid.count() == 0 || block.count() == 0)
    return fail("expected a grid of at least one thread but got an empty one");
  if (block.count() > kMaxThreads || block.z > 64)
    return fail("expected at most 1024 threads in a block but got " + llvm::Twine(block.count()));
  if (grid.x > 2147483647u || grid.y > 65535 || grid.z > 65535)
    return fail("expected at most 2147483647 x 65535 x 65535 blocks but got " +
                llvm::Twine(grid.x) + " x " + llvm::Twine(grid.y) + " x " + llvm::Twine(grid.z));
  if (sharedBytes > kSharedLimit)
    return fail("expected at most " + llvm::Twine(kSharedLimit) +
                " bytes of shared memory but got " + llvm::Twine(sharedBytes));
  return llvm::Error::success();
}

llvm::Error Machine::launch(const Kernel &newKernel, Dim3 grid, Dim3 block,
                            size_t dynamicSharedBytes, void **newParameters) {
  size_t sharedBytes = newKernel.sharedBytes + dynamicSharedBytes;
  if (llvm::Error error = checkLimits(grid, block, sharedBytes))
    return error;
  kernel = &newKernel;
  parameters = newParameters;
  blockSize = block;
  numThreads = block.count();
  warps.resize(llvm::divideCeil(numThreads, kWarpSize));
  warpgroups.resize(llvm::divideCeil(numThreads, kWarpgroupSize));
  setRegisters(kBlockSize, block);
  setRegisters(kGridSize, grid);
  fault.clear();
  Dim3 id;
  for (id.z = 0; id.z < grid.z; ++id.z)
    for (id.y = 0; id.y < grid.y; ++id.y)
      for (id.x = 0; id.x < grid.x; ++id.x) {
        setRegisters(kBlockId, id);
        shared.reset(sharedBytes);
        runBlock();
        if (!fault.empty())
          return llvm::createStringError(fault);
      }
  return llvm::Error::success();
}

void Machine::enter(unsigned thread) {
  current = thread;
  setRegisters(kThreadId, {thread % blockSize.x, thread / blockSize.x % blockSize.y,
                           thread / blockSize.x / blockSize.y});
  simt_registers[kLaneId] = thread % kWarpSize;
  simt_registers[kWarpId] = thread / kWarpSize;
}

void Machine::runThreadsInTurn() {
  for (unsigned thread = 0; thread < numThreads; ++thread) {
    enter(thread);
    kernel->entry(parameters);
  }
}

void Machine::runBlock() {
  threads.assign(numThreads, Thread());
  if (!kernel->waits) {
    fibers.runGuarded([](void *self) { static_cast<Machine *>(self)->runThreadsInTurn(); }, this);
    return;
  }
  for (std::vector<Meeting> *meetings : {&warps, &warpgroups})
    for (Meeting &meeting : *meetings)
      meeting.arrived = meeting.barriers = 0;
  numAtBarrier = 0;
  numLeft = numThreads;
  while (numLeft > 0 && fault.empty()) {
    bool progress = false;
    for (unsigned warp = 0; warp < warps.size() && fault.empty(); ++warp)
      progress |= runWarp(warp);
    if (!progress && fault.empty())
      explainDeadlock();
  }
}

bool Machine::runWarp(unsigned warp) {
  bool progress = false;
  unsigned begin = warp * kWarpSize, end = std::min(begin + kWarpSize, numThreads);
  for (bool again = true; again && fault.empty();) {
    again = false;
    for (unsigned thread = begin; thread < end && fault.empty(); ++thread) {
      if (threads[thread].state != State::Ready)
        continue;
      again = progress = true;
      enter(thread);
      bool returned = fibers.resume(
          thread,
          [](void *argument) {
            auto *self = static_cast<Machine *>(argument);
            self->kernel->entry(self->parameters);
          },
          this);
      if (returned)
        leave(threads[thread]);
    }
  }
  return progress;
}

/// On the stack of no thread.
void Machine::failOutside(const llvm::Twine &message) {
  describeFault(message);
  fibers.forgetAll();
}

void Machine::leave(Thread &thread) {
  thread.state = State::Done;
  --numLeft;
  if (!thread.products.groups.empty() || !thread.products.open.empty())
    failOutside("leaves while multiplications are going on");
}

//===----------------------------------------------------------------------===//
// Faults
//===----------------------------------------------------------------------===//

void Machine::describeFault(const llvm::Twine &message) {
  fault =
      ("thread (" + llvm::Twine(simt_registers[0]) + ", " + llvm::Twine(simt_registers[1]) + ", " +
       llvm::Twine(simt_registers[2]) + ") of block (" + llvm::Twine(simt_registers[3]) + ", " +
       llvm::Twine(simt_registers[4]) + ", " + llvm::Twine(simt_registers[5]) + ") " + message)
          .str();
}

void Machine::fail(const llvm::Twine &message) {
  describeFault(message);
  fibers.abandonAll();
}

void Machine::explainDeadlock() {
  unsigned atBarrier = 0, inGroup = 0;
  for (const Thread &thread : threads) {
    atBarrier += thread.state == State::AtBarrier;
    inGroup += thread.state == State::InGroup;
  }
  fault = (llvm::Twine(atBarrier) + " threads of block (" + llvm::Twine(simt_registers[3]) + ", " +
           llvm::Twine(simt_registers[4]) + ", " + llvm::Twine(simt_registers[5]) +
           ") wait at a barrier and " + llvm::Twine(inGroup) + " for their warp, but " +
           llvm::Twine(numThreads - numLeft) + " have left")
              .str();
  fibers.forgetAll();
}

void Machine::failIf(const char *problem, const void *pointer, size_t bytes) {
  if (problem)
    fail(llvm::Twine(problem) + " (" + llvm::Twine(bytes) + " bytes at offset " +
         llvm::Twine(static_cast<const char *>(pointer) - shared.getBase()) + ")");
}

Accessor Machine::getAccessor() const {
  Accessor accessor;
  accessor.thread = current;
  accessor.warp = getWarp();
  accessor.warpEpoch = warps[getWarp()].barriers;
  accessor.fences = threads[current].fences;
  return accessor;
}

void Machine::checkShared(const void *pointer, size_t bytes, bool isWrite) {
  Accessor self = getAccessor();
  failIf(isWrite ? shared.write(pointer, bytes, self) : shared.read(pointer, bytes, self), pointer,
         bytes);
}

void Machine::checkSharedByWarp(const void *pointer, size_t bytes) {
  Accessor warp = getAccessor();
  warp.thread = Accessor::kAnyThread;
  failIf(shared.read(pointer, bytes, warp), pointer, bytes);
}

void Machine::checkAccess(const void *pointer, size_t bytes, bool isWrite) {
  if (DeviceMemory::get().contains(pointer, bytes))
    return;
  if (shared.isShared(pointer))
    return checkShared(pointer, bytes, isWrite);
  if (fibers.isOnStack(pointer))
    return;
  fail((isWrite ? "writes " : "reads ") + llvm::Twine(bytes) +
       " bytes that are not in one buffer of the device");
}

//===----------------------------------------------------------------------===//
// Threads that wait for each other
//===----------------------------------------------------------------------===//

void Machine::suspend(State state) {
  unsigned self = current;
  threads[self].state = state;
  fibers.yield();
}

/// All threads of a warp have to be at the same barrier of the code.
void Machine::waitForBlock(uint32_t site) {
  threads[current].site = site;
  for (unsigned i = current / kWarpSize * kWarpSize; i < current; ++i)
    if (threads[i].state == State::AtBarrier && threads[i].site != site)
      fail("is at another barrier than threads of its warp");
  if (++numAtBarrier < numThreads)
    return suspend(State::AtBarrier);
  numAtBarrier = 0;
  shared.nextEpoch();
  for (Thread &thread : threads) {
    thread.fencesAtBarrier = thread.fences;
    if (thread.state == State::AtBarrier)
      thread.state = State::Ready;
  }
}

void Machine::waitForWarp(uint32_t mask, uint32_t site) {
  auto countBarrier = [](llvm::ArrayRef<ThreadCall>, uint64_t) {
    Machine &self = get();
    ++self.warps[self.getWarp()].barriers;
  };
  auto nothing = [](llvm::ArrayRef<ThreadCall>, uint64_t) {};
  // Others than those of the mask are in no order.
  bool isWhole = llvm::popcount(mask) == kWarpSize;
  static const uint64_t operand = 0;
  meetWarp(mask, site, isWhole ? GroupOperation(countBarrier) : nothing, 0, {nullptr, &operand});
}

void Machine::meet(Meeting &meeting, unsigned first, unsigned size, unsigned expected,
                   uint32_t site, GroupOperation operation, uint64_t variant,
                   const ThreadCall &call) {
  if (meeting.arrived == 0)
    meeting.calls.assign(size, {nullptr, nullptr});
  else if (meeting.site != site)
    fail("meets threads of its warp that are at another instruction");
  meeting.site = site;
  meeting.calls[current - first] = call;
  if (++meeting.arrived != expected)
    return suspend(State::InGroup);
  operation(meeting.calls, variant);
  meeting.arrived = 0;
  for (unsigned i = first; i < std::min(first + size, numThreads); ++i)
    if (meeting.calls[i - first].operands && threads[i].state == State::InGroup)
      threads[i].state = State::Ready;
}

void Machine::meetWarp(uint32_t mask, uint32_t site, GroupOperation operation, uint64_t variant,
                       const ThreadCall &call) {
  unsigned first = current / kWarpSize * kWarpSize, lane = current % kWarpSize;
  unsigned lanes = std::min(kWarpSize, numThreads - first);
  if (lanes < kWarpSize)
    mask &= (1u << lanes) - 1;
  if (!(mask >> lane & 1))
    fail("takes part in an operation of its warp but is not in the mask");
  meet(warps[getWarp()], first, kWarpSize, llvm::popcount(mask), site, operation, variant, call);
}

void Machine::meetWarpgroup(uint32_t site, GroupOperation operation, uint64_t variant,
                            const ThreadCall &call) {
  unsigned group = current / kWarpgroupSize, first = group * kWarpgroupSize;
  if (numThreads - first < kWarpgroupSize)
    fail("takes part in an operation of four warps but has fewer");
  meet(warpgroups[group], first, kWarpgroupSize, kWarpgroupSize, site, operation, variant, call);
}

} // namespace fpw::simt
