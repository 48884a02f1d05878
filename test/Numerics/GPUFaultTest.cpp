//===- GPUFaultTest.cpp - Faults planted in kernels for GPUs are found -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The emulator has to find what would be wrong, or only sometimes right, on a GPU.
//
//===----------------------------------------------------------------------===//

#include "EmulatedNetwork.h"
#include "MatrixLayer.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Module.h"
#include <gmock/gmock.h>

using namespace fpw;
using namespace fpw::test;

namespace {

/// The calls of an intrinsic in kernels of matrix units; there are some.
std::vector<llvm::CallInst *> findCalls(llvm::Module &module, StringRef prefix) {
  std::vector<llvm::CallInst *> calls = findMatrixCalls(module);
  llvm::erase_if(calls, [&](llvm::CallInst *call) { return !getText(*call).starts_with(prefix); });
  EXPECT_FALSE(calls.empty()) << prefix.str();
  return calls;
}

using Mutation = std::function<void(llvm::Module &)>;

Mutation remove(StringRef prefix) {
  return [=](llvm::Module &module) {
    for (llvm::CallInst *call : findCalls(module, prefix))
      call->eraseFromParent();
  };
}

/// One group more may be going on.
Mutation waitTooEarly(StringRef prefix) {
  return [=](llvm::Module &module) {
    for (llvm::CallInst *call : findCalls(module, prefix)) {
      auto *groups = cast<llvm::ConstantInt>(call->getArgOperand(0));
      call->setArgOperand(0, llvm::ConstantInt::get(groups->getType(), groups->getZExtValue() + 1));
    }
  };
}

/// The barrier comes before what should be done until then.
Mutation moveBehindBarrier(StringRef prefix) {
  return [=](llvm::Module &module) {
    for (llvm::CallInst *call : findCalls(module, prefix)) {
      llvm::Instruction *barrier = call;
      while (!isa<llvm::CallInst>(barrier) ||
             !getText(*cast<llvm::CallInst>(barrier)).starts_with("llvm.nvvm.barrier."))
        barrier = barrier->getNextNode();
      call->moveAfter(barrier);
    }
  };
}

/// Adds to an operand of one call.
void shift(llvm::CallInst *call, unsigned operand, int64_t bytes) {
  auto *type = llvm::Type::getInt8Ty(call->getContext());
  auto *offset = llvm::ConstantInt::get(llvm::Type::getInt64Ty(call->getContext()), bytes, true);
  call->setArgOperand(operand, llvm::GetElementPtrInst::Create(type, call->getArgOperand(operand),
                                                               offset, "", call->getIterator()));
}

/// Reads the neighbouring 16 bytes.
void swizzleWrongly(llvm::Module &module) {
  shift(findCalls(module, "llvm.nvvm.ldmatrix.").front(), 0, 16);
}

/// Changes bits of the descriptor of the second factor.
Mutation changeDescriptor(uint64_t bits) {
  return [=](llvm::Module &module) {
    for (llvm::CallInst *call : findMatrixCalls(module))
      if (isMultiplication(*call)) {
        unsigned operand = call->arg_size() - 2;
        llvm::Value *descriptor = call->getArgOperand(operand);
        auto *changes = llvm::ConstantInt::get(descriptor->getType(), bits);
        call->setArgOperand(
            operand, llvm::BinaryOperator::CreateXor(descriptor, changes, "", call->getIterator()));
      }
  };
}

/// Copies always have all their bytes.
void fillNothing(llvm::Module &module) {
  for (llvm::CallInst *call : findCalls(module, "llvm.nvvm.cp.async."))
    if (call->arg_size() == 3)
      call->setArgOperand(2, llvm::ConstantInt::get(call->getArgOperand(2)->getType(), 16));
}

constexpr int64_t kColumns = 144;

/// One column more than there is: the first of the next row.
void exceedTheEdge(llvm::Module &module) {
  for (llvm::CallInst *call : findCalls(module, "llvm.nvvm.read.ptx.sreg.ctaid.x"))
    for (llvm::Instruction &instruction : llvm::instructions(*call->getFunction())) {
      auto *compare = dyn_cast<llvm::ICmpInst>(&instruction);
      auto *edge = compare ? dyn_cast<llvm::ConstantInt>(compare->getOperand(1)) : nullptr;
      if (edge && edge->equalsInt(kColumns))
        compare->setOperand(1, llvm::ConstantInt::get(edge->getType(), kColumns + 1));
    }
}

/// Two words of a fragment change places.
void exchangeWords(llvm::Module &module) {
  llvm::CallInst *call = findCalls(module, "llvm.nvvm.mma.").front();
  llvm::Value *words = call->getArgOperand(0);
  call->setArgOperand(0, call->getArgOperand(1));
  call->setArgOperand(1, words);
}

/// A fault, and what the emulator says of it; nothing: it computes other bits.
struct Fault {
  const char *name, *architecture;
  Mutation plant;
  const char *report;
};

std::ostream &operator<<(std::ostream &os, const Fault &fault) { return os << fault.name; }

class PlantedFault : public testing::TestWithParam<Fault> {};

TEST_P(PlantedFault, IsFound) {
  // 150 rows of three tiles, the last of which ends before its end; eight stages of k and a rest.
  Layer layer{"Affine", "affine", "", {150, 528}, {528, kColumns}, {150, kColumns}};
  LayerNetwork network(layer);
  FloatTensor expected = network.runOnCPU(24);
  const Fault &fault = GetParam();
  EmulationOptions options;
  options.architecture = fault.architecture;
  auto results = runOnEmulator(*network.module, network.inputs, options);
  ASSERT_TRUE(bool(results)) << toString(results.takeError());
  expectSameBits(results->front(), expected, "without a fault");

  options.mutate = fault.plant;
  results = runOnEmulator(*network.module, network.inputs, options);
  std::string report = results ? "" : toString(results.takeError());
  EXPECT_THAT(report, testing::HasSubstr(fault.report));
  EXPECT_TRUE(!results || results->front().data != expected.data);
}

const Fault kFaults[] = {
    {"MissingBarrier", "sm_80", remove("llvm.nvvm.barrier."), "shared memory that"},
    {"MissingWait", "sm_80", remove("llvm.nvvm.cp.async.wait.group"), "copy is still writing"},
    {"WaitTooEarly", "sm_80", waitTooEarly("llvm.nvvm.cp.async.wait.group"),
     "copy is still writing"},
    {"WaitBehindBarrier", "sm_80", moveBehindBarrier("llvm.nvvm.cp.async.wait.group"),
     "copy is still writing"},
    {"WrongSwizzle", "sm_80", swizzleWrongly, ""},
    {"MissingZeros", "sm_80", fillNothing, ""},
    {"ExceededEdge", "sm_80", exceedTheEdge, ""},
    {"WrongFragment", "sm_80", exchangeWords, ""},
};

const Fault kWarpgroupFaults[] = {
    {"MissingBarrier", "sm_90a", remove("llvm.nvvm.barrier."), "shared memory that"},
    {"CopyWaitTooEarly", "sm_90a", waitTooEarly("llvm.nvvm.cp.async.wait.group"),
     "copy is still writing"},
    {"MissingProxyFence", "sm_90a", remove("llvm.nvvm.fence.proxy.async"),
     "written without a proxy fence before the barrier"},
    {"ProxyFenceBehindBarrier", "sm_90a", moveBehindBarrier("llvm.nvvm.fence.proxy.async"),
     "written without a proxy fence before the barrier"},
    {"MissingRegisterFence", "sm_90a", remove("llvm.nvvm.wgmma.fence"), "without wgmma.fence"},
    {"MissingCommit", "sm_90a", remove("llvm.nvvm.wgmma.commit_group"),
     "a multiplication that it has not waited for"},
    {"MissingWait", "sm_90a", remove("llvm.nvvm.wgmma.wait_group"),
     "a multiplication that it has not waited for"},
    {"WaitTooEarly", "sm_90a", waitTooEarly("llvm.nvvm.wgmma.wait_group"),
     "a multiplication that it has not waited for"},
    {"WrongSwizzle", "sm_90a", changeDescriptor(3ull << 62), ""},
    {"WrongBlocks", "sm_90a", changeDescriptor(32ull << 32), ""},
    {"MissingZeros", "sm_90a", fillNothing, ""},
    {"ExceededEdge", "sm_90a", exceedTheEdge, ""},
};

std::string getFaultName(const testing::TestParamInfo<Fault> &info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(Warps, PlantedFault, testing::ValuesIn(kFaults), getFaultName);
INSTANTIATE_TEST_SUITE_P(Warpgroups, PlantedFault, testing::ValuesIn(kWarpgroupFaults),
                         getFaultName);

} // namespace
