//===- UnshareDestinations.cpp - Gives each op a destination of its own -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Codegen/CPU/Passes.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"

namespace fpw::cpu {
#define GEN_PASS_DEF_FPWCPUUNSHAREDESTINATIONS
#include "fpw/Codegen/CPU/Passes.h.inc"

using namespace mlir;

namespace {

/// Whether the op makes a tensor that its users overwrite or add to: an empty one, or one element
/// or row repeated.
bool makesDestination(Operation *op) {
  if (isa<tensor::EmptyOp, linalg::FillOp>(op))
    return true;
  auto generic = dyn_cast<linalg::GenericOp>(op);
  return generic && generic.getNumDpsInits() == 1 &&
         generic.getBody()->without_terminator().empty() &&
         llvm::all_of(generic.getDpsInputs(), [&](Value input) {
           auto type = dyn_cast<RankedTensorType>(input.getType());
           return !type || type.getRank() < int64_t(generic.getNumLoops());
         });
}

/// Whether the op writes into the operand.
bool isDestination(OpOperand &use) {
  if (auto insert = dyn_cast<tensor::InsertSliceOp>(use.getOwner()))
    return &use == &insert.getDestMutable();
  auto op = dyn_cast<DestinationStyleOpInterface>(use.getOwner());
  return op && op.isDpsInit(&use);
}

/// The op before which a use's own copy stands: whoever computes what is written, so that it can be
/// written in place.
Operation *getPlace(OpOperand &use, Operation *original) {
  if (auto insert = dyn_cast<tensor::InsertSliceOp>(use.getOwner()))
    if (Operation *producer = insert.getSource().getDefiningOp())
      if (producer->getBlock() == original->getBlock())
        return original->isBeforeInBlock(producer) ? producer : original;
  return use.getOwner();
}

/// The tensor that a value is another view of.
Value getViewedTensor(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isa<tensor::CastOp, tensor::CollapseShapeOp, tensor::ExpandShapeOp,
             tensor::ExtractSliceOp>(op))
      break;
    value = op->getOperand(0);
  }
  return value;
}

struct UnshareDestinations : impl::FPWCPUUnshareDestinationsBase<UnshareDestinations> {
  void runOnOperation() override {
    SmallVector<Operation *> ops;
    getOperation().walk([&](Operation *op) {
      if (makesDestination(op))
        ops.push_back(op);
    });
    // Users first: their copies want destinations of their own as well.
    IRRewriter rewriter(&getContext());
    for (Operation *op : llvm::reverse(ops))
      unshare(rewriter, op);
    getOperation().walk([&](func::ReturnOp op) { unshareResults(rewriter, op); });
  }

private:
  /// The caller frees each result by itself: two views of one tensor would be freed twice.
  static void unshareResults(IRRewriter &rewriter, func::ReturnOp op) {
    llvm::SmallPtrSet<Value, 4> returned;
    rewriter.setInsertionPoint(op);
    for (OpOperand &result : op->getOpOperands())
      if (isa<RankedTensorType>(result.get().getType()) &&
          !returned.insert(getViewedTensor(result.get())).second)
        result.set(bufferization::AllocTensorOp::create(
            rewriter, op.getLoc(), cast<RankedTensorType>(result.get().getType()),
            /*dynamicSizes=*/ValueRange(), /*copy=*/result.get()));
  }

  static void unshare(IRRewriter &rewriter, Operation *op) {
    SmallVector<OpOperand *> uses;
    for (OpOperand &use : op->getUses())
      if (isDestination(use))
        uses.push_back(&use);
    for (OpOperand *use : uses) {
      if (op->hasOneUse())
        return;
      rewriter.setInsertionPoint(getPlace(*use, op));
      use->set(rewriter.clone(*op)->getResult(0));
    }
  }
};

} // namespace
} // namespace fpw::cpu
