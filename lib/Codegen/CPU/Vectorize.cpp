//===- Vectorize.cpp - Emits loops and vectors for linalg ops on buffers -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BufferRoot.h"
#include "GenericEmitter.h"
#include "fpw/Codegen/CPU/Generalize.h"
#include "fpw/Codegen/CPU/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace fpw::cpu {
#define GEN_PASS_DEF_FPWCPUVECTORIZE
#include "fpw/Codegen/CPU/Passes.h.inc"

using namespace mlir;

namespace {

//===----------------------------------------------------------------------===//
// Aliases
//===----------------------------------------------------------------------===//

bool isBuffer(Value value) { return isa<BaseMemRefType>(value.getType()); }

/// Whether the op may read (or with `writes`, only write) the buffer.
bool mayTouch(Operation *op, Value buffer, bool writes) {
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
    return llvm::any_of(op->getOpOperands(), [&](OpOperand &operand) {
      return isBuffer(operand.get()) && (!writes || linalgOp.isDpsInit(&operand)) &&
             mayAlias(operand.get(), buffer);
    });
  if (isMemoryEffectFree(op) || isa<memref::AllocOp, memref::AllocaOp>(op))
    return false;
  return true;
}

//===----------------------------------------------------------------------===//
// Fusion
//===----------------------------------------------------------------------===//

bool isElementwise(linalg::GenericOp op) {
  return op && op.getNumReductionLoops() == 0 && op.getNumDpsInits() == 1 && isVectorizable(op);
}

/// Whether the results are permutations of the same loops, in the same way.
bool hasPermutedResults(linalg::GenericOp op) {
  AffineMap first = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  return first.isProjectedPermutation() &&
         llvm::all_of(op.getDpsInitsMutable(),
                      [&](OpOperand &init) { return op.getMatchingIndexingMap(&init) == first; });
}

/// The op that computes what a result of `op` starts from, if nothing between the two stands in the
/// way.
linalg::GenericOp findPrologue(linalg::GenericOp op, Value result) {
  SmallVector<Operation *> between;
  for (Operation *before = op->getPrevNode(); before; before = before->getPrevNode()) {
    auto candidate = dyn_cast<linalg::GenericOp>(before);
    if (!candidate || !isElementwise(candidate) || candidate.getDpsInits()[0] != result) {
      if (mayTouch(before, result, /*writes=*/false))
        return nullptr;
      between.push_back(before);
      continue;
    }
    AffineMap map = candidate.getMatchingIndexingMap(candidate.getDpsInitOperand(0));
    bool readsResult = !candidate.getRegionOutputArgs()[0].use_empty();
    bool inputsStay = llvm::all_of(candidate.getDpsInputs(), [&](Value input) {
      return !isBuffer(input) ||
             (!mayAlias(input, result) && llvm::none_of(between, [&](Operation *other) {
               return mayTouch(other, input, /*writes=*/true);
             }));
    });
    return map.isPermutation() && !readsResult && inputsStay ? candidate : nullptr;
  }
  return nullptr;
}

/// Whether `consumer` computes each of its elements from the element of `op`'s result at its place.
bool readsElementwise(linalg::GenericOp consumer, Value result) {
  AffineMap map;
  for (OpOperand *input : consumer.getDpsInputOperands()) {
    if (!isBuffer(input->get()) || !mayAlias(input->get(), result))
      continue;
    AffineMap inputMap = consumer.getMatchingIndexingMap(input);
    if (input->get() != result || !inputMap.isPermutation() || (map && map != inputMap))
      return false;
    map = inputMap;
  }
  return bool(map);
}

/// Whether all results are what `candidate` reads, element by element, and may become `target`.
bool consumes(linalg::GenericOp candidate, ValueRange results) {
  Value target = candidate.getDpsInits()[0];
  AffineMap targetMap = candidate.getMatchingIndexingMap(candidate.getDpsInitOperand(0));
  return targetMap.isPermutation() && llvm::all_of(results, [&](Value result) {
           // In place, or into another buffer.
           bool fits = target == result ? targetMap.isIdentity() : !mayAlias(target, result);
           return fits && readsElementwise(candidate, result);
         });
}

/// The element-wise op that consumes the results of `op`, if the two can run as one in its place.
linalg::GenericOp findEpilogue(linalg::GenericOp op, ArrayRef<linalg::GenericOp> prologues) {
  ValueRange results = op.getDpsInits();
  SmallVector<Value> inputs;
  llvm::copy_if(op.getDpsInputs(), std::back_inserter(inputs), isBuffer);
  for (linalg::GenericOp prologue : prologues)
    if (prologue)
      llvm::copy_if(prologue.getDpsInputs(), std::back_inserter(inputs), isBuffer);
  auto mayWriteInputs = [&](Operation *other) {
    return llvm::any_of(inputs, [&](Value input) { return mayTouch(other, input, true); });
  };
  for (Operation *after = op->getNextNode(); after; after = after->getNextNode()) {
    bool overwritesInputs = mayWriteInputs(after);
    if (llvm::none_of(results, [&](Value result) { return mayTouch(after, result, false); })) {
      if (overwritesInputs)
        return nullptr;
      continue;
    }
    auto candidate = dyn_cast<linalg::GenericOp>(after);
    bool fits = candidate && !overwritesInputs && isElementwise(candidate);
    return fits && consumes(candidate, results) ? candidate : nullptr;
  }
  return nullptr;
}

/// Whether anything outside of the group reads a result.
bool hasOtherReaders(FusionGroup group, Value result) {
  if (group.epilogue.getDpsInits()[0] == result)
    return false; // overwritten
  Operation *allocation = result.getDefiningOp();
  if (!isa_and_nonnull<memref::AllocOp, memref::AllocaOp>(allocation))
    return true;
  return llvm::any_of(result.getUsers(), [&](Operation *user) {
    return user != group.op && user != group.epilogue &&
           !llvm::is_contained(group.prologues, user) &&
           !isa<memref::DeallocOp, memref::DimOp>(user);
  });
}

FusionGroup makeGroup(linalg::GenericOp op) {
  FusionGroup group;
  group.op = op;
  if (op.getNumReductionLoops() == 0 || !hasPermutedResults(op))
    return group;
  for (Value result : op.getDpsInits())
    group.prologues.push_back(findPrologue(op, result));
  group.epilogue = findEpilogue(op, group.prologues);
  if (group.epilogue)
    group.keepsResults = llvm::any_of(op.getDpsInits(),
                                      [&](Value result) { return hasOtherReaders(group, result); });
  return group;
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

LogicalResult emitCode(IRRewriter &rewriter, linalg::GenericOp op, VectorUnit unit) {
  if (!isVectorizable(op)) {
    rewriter.setInsertionPoint(op);
    if (failed(linalg::linalgOpToLoops(rewriter, op)))
      return op.emitError("expected an op that loops can compute");
    rewriter.eraseOp(op);
    return success();
  }
  FusionGroup group = makeGroup(op);
  auto neverRepack = [](OpOperand &) { return false; };
  TilePlan plan = TilePlan::readFrom(op).value_or(planTiles(op, unit, neverRepack));
  rewriter.setInsertionPoint(group.epilogue ? group.epilogue : op);
  emitVectorCode(rewriter, group, plan, unit);
  SmallVector<linalg::GenericOp> all{group.epilogue, group.op};
  llvm::append_range(all, group.prologues);
  for (linalg::GenericOp done : all)
    if (done)
      rewriter.eraseOp(done);
  return success();
}

struct Vectorize : impl::FPWCPUVectorizeBase<Vectorize> {
  using FPWCPUVectorizeBase::FPWCPUVectorizeBase;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    FailureOr<VectorUnit> unit = VectorUnit::fromOption(function, vectorBits);
    if (failed(unit))
      return signalPassFailure();
    IRRewriter rewriter(&getContext());
    if (failed(generalizeLoops(rewriter, function)))
      return signalPassFailure();
    // Reductions first: they take the element-wise ops around them.
    for (bool reductions : {true, false}) {
      SmallVector<linalg::GenericOp> ops;
      function.walk([&](linalg::GenericOp op) {
        if ((op.getNumReductionLoops() > 0) == reductions && op.hasPureBufferSemantics())
          ops.push_back(op);
      });
      for (linalg::GenericOp op : ops)
        if (failed(emitCode(rewriter, op, *unit)))
          return signalPassFailure();
    }
  }
};

} // namespace
} // namespace fpw::cpu
