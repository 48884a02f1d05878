//===- FuseElementwise.cpp - Makes one op of element-wise ops that follow each other -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Codegen/CPU/Passes.h"
#include "fpw/Conversion/NNToLinalg.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/MemRef/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace fpw::cpu {
#define GEN_PASS_DEF_FPWCPUFUSEELEMENTWISE
#include "fpw/Codegen/CPU/Passes.h.inc"

using namespace mlir;

namespace {

/// Whether the op only says where its result's elements come from.
bool isCopy(linalg::GenericOp op) { return op.getBody()->without_terminator().empty(); }

/// Whether the op finishes the sums of a reduction.
bool finishesReduction(linalg::GenericOp op) {
  return llvm::any_of(op.getInputs(), [](Value input) {
    auto reduction = input.getDefiningOp<linalg::LinalgOp>();
    return reduction && reduction.getNumReductionLoops() > 0;
  });
}

/// Whether computing an element again costs less than to keep it: nothing but choices between
/// numbers, such as a rectifier.
bool isCheap(linalg::GenericOp op) {
  return op.getNumReductionLoops() == 0 && op.getNumDpsInputs() == 1 && op->getNumResults() == 1 &&
         op.getMatchingIndexingMap(op.getDpsInputOperand(0)).isIdentity() &&
         !finishesReduction(op) &&
         llvm::all_of(op.getBody()->without_terminator(), [](Operation &inner) {
           return isa<arith::CmpFOp, arith::SelectOp, arith::MaximumFOp, arith::MinimumFOp>(inner);
         });
}

bool shouldFuse(OpOperand *operand) {
  auto producer = operand->get().getDefiningOp<linalg::GenericOp>();
  auto consumer = dyn_cast<linalg::GenericOp>(operand->getOwner());
  if (!producer || !consumer || consumer.getNumReductionLoops() > 0)
    return false;
  if (isCopy(producer))
    return true;
  // A reduction's code ends with the op that finishes it: no op can finish two.
  if (finishesReduction(producer) && finishesReduction(consumer))
    return false;
  // Each element is computed once: one user, which reads it once.
  return producer->hasOneUse() && consumer.getMatchingIndexingMap(operand).isPermutation();
}

/// Moves the op into those that read its result, which keep their attributes.
void fuseIntoUsers(IRRewriter &rewriter, linalg::GenericOp op) {
  for (OpOperand &use : llvm::make_early_inc_range(op->getUses())) {
    auto user = dyn_cast<linalg::GenericOp>(use.getOwner());
    AffineMap map = user ? user.getMatchingIndexingMap(&use) : AffineMap();
    bool readsOnce = map && map.isProjectedPermutation() &&
                     (user.getNumReductionLoops() == 0 || map.isPermutation());
    if (!readsOnce || !user.isDpsInput(&use))
      continue;
    // An op that is read elsewhere would stay, as a second result of what becomes of its user.
    rewriter.setInsertionPoint(user);
    use.set(rewriter.clone(*op)->getResult(0));
    auto fused = linalg::fuseElementwiseOps(rewriter, &use);
    if (failed(fused))
      continue;
    fused->fusedOp->setDiscardableAttrs(user->getDiscardableAttrDictionary());
    for (auto [from, to] : fused->replacements)
      rewriter.replaceAllUsesWith(from, to);
    rewriter.eraseOp(user);
  }
}

/// Whether a view that takes dimensions of an op's result together is read by an element-wise op,
/// which can go through the separate dimensions as well, and be fused.
bool shouldExpand(OpOperand *operand) {
  auto collapse = operand->get().getDefiningOp<tensor::CollapseShapeOp>();
  auto consumer = dyn_cast<linalg::GenericOp>(operand->getOwner());
  if (!collapse || !consumer || !collapse->hasOneUse() || consumer.getNumReductionLoops() > 0 ||
      consumer->hasAttr(kRoleAttr) || !consumer.getMatchingIndexingMap(operand).isIdentity())
    return false;
  auto producer = collapse.getSrc().getDefiningOp<linalg::GenericOp>();
  return producer && producer->hasOneUse() &&
         llvm::all_of(consumer.getIndexingMapsArray(),
                      [](AffineMap map) { return map.isProjectedPermutation(); });
}

struct FuseElementwise : impl::FPWCPUFuseElementwiseBase<FuseElementwise> {
  void runOnOperation() override {
    // One after the other: fusion counts uses, and so do views and sizes that are left over.
    RewritePatternSet expansion(&getContext()), fusion(&getContext());
    linalg::populateFoldReshapeOpsByExpansionPatterns(expansion, shouldExpand);
    memref::populateResolveRankedShapedTypeResultDimsPatterns(expansion);
    if (failed(applyPatternsGreedily(getOperation(), std::move(expansion))))
      return signalPassFailure();
    SmallVector<linalg::GenericOp> cheap;
    getOperation().walk([&](linalg::GenericOp op) {
      if (isCheap(op))
        cheap.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    for (linalg::GenericOp op : cheap)
      fuseIntoUsers(rewriter, op);
    linalg::populateElementwiseOpsFusionPatterns(fusion, shouldFuse);
    linalg::populateEraseUnusedOperandsAndResultsPatterns(fusion);
    if (failed(applyPatternsGreedily(getOperation(), std::move(fusion))))
      signalPassFailure();
  }
};

} // namespace
} // namespace fpw::cpu
