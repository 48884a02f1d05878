//===- Operations.cpp - What the instructions of a GPU do -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Operations.h"
#include "Machine.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>

namespace fpw::simt {

template <typename T> static T *asPointer(uint64_t operand) {
  return reinterpret_cast<T *>(static_cast<uintptr_t>(operand));
}

//===----------------------------------------------------------------------===//
// Barriers
//===----------------------------------------------------------------------===//

static void waitForBlock(void *, const uint64_t *, uint64_t, uint32_t site) {
  Machine::get().waitForBlock(site);
}

static void waitForWarp(void *, const uint64_t *operands, uint64_t, uint32_t site) {
  Machine::get().waitForWarp(operands[0], site);
}

/// Orders memory, which here is always in order.
static void fence(void *, const uint64_t *, uint64_t, uint32_t) {}

static void fenceProxy(void *, const uint64_t *, uint64_t, uint32_t) {
  Machine::get().fenceProxy();
}

//===----------------------------------------------------------------------===//
// Exchanges within a warp
//===----------------------------------------------------------------------===//

namespace {
enum Shuffle : uint64_t { kUp, kDown, kButterfly, kIndex };
enum Reduction : uint64_t { kAdd, kMin, kMax, kUnsignedMin, kUnsignedMax, kAnd, kOr, kXor };
} // namespace

/// The lane that the value of a shuffle comes from; a clamp bounds it to a segment (PTX ISA, shfl).
static unsigned findSource(Shuffle mode, unsigned lane, unsigned distance, unsigned clamp) {
  unsigned segment = clamp >> 8 & 31, last = clamp & 31;
  unsigned bound = (lane & segment) | (last & ~segment), first = lane & segment;
  switch (mode) {
  case kUp:
    return lane < bound + distance ? lane : lane - distance;
  case kDown:
    return lane + distance > bound ? lane : lane + distance;
  case kButterfly:
    return (lane ^ distance) > bound ? lane : lane ^ distance;
  case kIndex:
    return first | (distance & ~segment & 31);
  }
  llvm_unreachable("no such shuffle");
}

static void shuffle(llvm::ArrayRef<ThreadCall> lanes, uint64_t variant) {
  uint32_t results[kWarpSize];
  for (unsigned lane = 0; lane < kWarpSize; ++lane)
    if (const uint64_t *operands = lanes[lane].operands) {
      unsigned source = findSource(Shuffle(variant), lane, operands[2] & 31, operands[3]);
      const ThreadCall &from = lanes[source].operands ? lanes[source] : lanes[lane];
      results[lane] = from.operands[1];
    }
  for (unsigned lane = 0; lane < kWarpSize; ++lane)
    if (lanes[lane].result)
      std::memcpy(lanes[lane].result, &results[lane], sizeof(uint32_t));
}

static void runShuffle(void *result, const uint64_t *operands, uint64_t variant, uint32_t site) {
  Machine::get().meetWarp(operands[0], site, shuffle, variant, {result, operands});
}

static uint32_t reduce(Reduction kind, uint32_t a, uint32_t b) {
  switch (kind) {
  case kAdd:
    return a + b;
  case kMin:
    return std::min<int32_t>(a, b);
  case kMax:
    return std::max<int32_t>(a, b);
  case kUnsignedMin:
    return std::min(a, b);
  case kUnsignedMax:
    return std::max(a, b);
  case kAnd:
    return a & b;
  case kOr:
    return a | b;
  case kXor:
    return a ^ b;
  }
  llvm_unreachable("no such reduction");
}

static void reduceWarp(llvm::ArrayRef<ThreadCall> lanes, uint64_t variant) {
  std::optional<uint32_t> value;
  for (const ThreadCall &lane : lanes)
    if (lane.operands) {
      auto operand = static_cast<uint32_t>(lane.operands[0]);
      value = value ? reduce(Reduction(variant), *value, operand) : operand;
    }
  for (const ThreadCall &lane : lanes)
    if (lane.result)
      std::memcpy(lane.result, &*value, sizeof(uint32_t));
}

static void runReduction(void *result, const uint64_t *operands, uint64_t variant, uint32_t site) {
  Machine::get().meetWarp(operands[1], site, reduceWarp, variant, {result, operands});
}

//===----------------------------------------------------------------------===//
// Asynchronous copies
//===----------------------------------------------------------------------===//

/// The variant: bytes, and whether an operand says how many of them are read.
static void startCopy(void *, const uint64_t *operands, uint64_t variant, uint32_t) {
  Machine &machine = Machine::get();
  uint32_t bytes = variant >> 1;
  uint32_t sourceBytes = variant & 1 ? uint32_t(operands[2]) : bytes;
  if (sourceBytes > bytes)
    machine.fail("copies " + llvm::Twine(sourceBytes) + " bytes in a copy of " +
                 llvm::Twine(bytes));
  if ((operands[0] | operands[1]) % bytes != 0)
    machine.fail("copies " + llvm::Twine(bytes) +
                 " bytes to or from an address that is not a "
                 "multiple of it");
  machine.startCopy(
      {asPointer<char>(operands[0]), asPointer<char>(operands[1]), bytes, sourceBytes});
}

static void commitCopies(void *, const uint64_t *, uint64_t, uint32_t) {
  Machine::get().commitCopies();
}

static void waitForCopies(void *, const uint64_t *operands, uint64_t all, uint32_t) {
  Machine &machine = Machine::get();
  if (all)
    machine.commitCopies();
  machine.waitForCopies(all ? 0 : operands[0]);
}

//===----------------------------------------------------------------------===//
// Checks that are put before loads and stores
//===----------------------------------------------------------------------===//

static void checkAccess(void *pointer, const uint64_t *, uint64_t variant, uint32_t) {
  Machine::get().checkAccess(pointer, variant >> 1, variant & 1);
}

static void checkShared(void *pointer, const uint64_t *, uint64_t variant, uint32_t) {
  Machine::get().checkShared(pointer, variant >> 1, variant & 1);
}

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

namespace {
enum : unsigned {
  kCheckAccess,
  kCheckShared,
  kWaitForBlock,
  kWaitForWarp,
  kFence,
  kFenceProxy,
  kShuffle,
  kReduction,
  kStartCopy,
  kCommitCopies,
  kWaitForCopies
};
} // namespace

static const Operation kOperations[] = {
    {"simt_check_access", checkAccess, false},
    {"simt_check_shared", checkShared, false},
    {"simt_wait_for_block", waitForBlock, true},
    {"simt_wait_for_warp", waitForWarp, true},
    {"simt_fence", fence, false},
    {"simt_fence_proxy", fenceProxy, false},
    {"simt_shuffle", runShuffle, true},
    {"simt_reduce", runReduction, true},
    {"simt_start_copy", startCopy, false},
    {"simt_commit_copies", commitCopies, false},
    {"simt_wait_for_copies", waitForCopies, false},
};

llvm::ArrayRef<Operation> getOperations() { return kOperations; }

static Meaning make(unsigned operation, uint64_t variant = 0) {
  return {&kOperations[operation], variant};
}

/// cp.async.{ca,cg}.shared.global.BYTES[.s]
static std::optional<Meaning> findCopy(llvm::StringRef name) {
  if (name == "commit.group")
    return make(kCommitCopies);
  if (name == "wait.group" || name == "wait.all")
    return make(kWaitForCopies, name == "wait.all");
  if (!name.consume_front("ca.shared.global.") && !name.consume_front("cg.shared.global."))
    return std::nullopt;
  bool hasSize = name.consume_back(".s");
  unsigned bytes;
  if (name.getAsInteger(10, bytes))
    return std::nullopt;
  return make(kStartCopy, bytes << 1 | hasSize);
}

static std::optional<Meaning> findShuffle(llvm::StringRef name) {
  static constexpr llvm::StringLiteral kModes[] = {"up", "down", "bfly", "idx"};
  auto [mode, type] = name.split('.');
  const auto *found = llvm::find(kModes, mode);
  if (found == std::end(kModes) || (type != "i32" && type != "f32"))
    return std::nullopt;
  return make(kShuffle, found - kModes);
}

static std::optional<Meaning> findReduction(llvm::StringRef name) {
  static constexpr llvm::StringLiteral kKinds[] = {"add",  "min", "max", "umin",
                                                   "umax", "and", "or",  "xor"};
  const auto *found = llvm::find(kKinds, name);
  if (found == std::end(kKinds))
    return std::nullopt;
  return make(kReduction, found - kKinds);
}

std::optional<Meaning> findInstruction(llvm::StringRef name) {
  if (name == "barrier.cta.sync.aligned.all" || name == "barrier.cta.sync.all" ||
      name == "barrier0")
    return make(kWaitForBlock);
  if (name == "bar.warp.sync")
    return make(kWaitForWarp);
  if (name.starts_with("fence.proxy.async"))
    return make(kFenceProxy);
  if (name.starts_with("fence.") || name.starts_with("membar."))
    return make(kFence);
  if (name.consume_front("cp.async."))
    return findCopy(name);
  if (name.consume_front("shfl.sync."))
    return findShuffle(name);
  if (name.consume_front("redux.sync."))
    return findReduction(name);
  return findMatrixInstruction(name);
}

} // namespace fpw::simt
