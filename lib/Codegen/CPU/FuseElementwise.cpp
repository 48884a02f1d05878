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
#include "llvm/ADT/SetVector.h"

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

/// Whether the op reads each element of the operand in one iteration, because the loops that do not
/// index it run once.
bool readsOnce(linalg::GenericOp op, OpOperand *operand) {
  AffineMap map = op.getMatchingIndexingMap(operand);
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  for (unsigned loop = 0; loop < op.getNumLoops(); ++loop)
    if (!map.isFunctionOfDim(loop) && sizes[loop] != 1)
      return false;
  return map.isProjectedPermutation();
}

/// Takes the loop over the only digit out of an op that ends a reduction with codes: the kernel of
/// the reduction has no such loop.
void dropDigitLoop(IRRewriter &rewriter, linalg::GenericOp op) {
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  std::optional<unsigned> digit;
  for (unsigned loop = 0; loop < op.getNumLoops() && !digit; ++loop)
    if (sizes[loop] == 1 && llvm::none_of(op.getDpsInputOperands(), [&](OpOperand *operand) {
          return op.getMatchingIndexingMap(operand).isFunctionOfDim(loop);
        }))
      digit = loop;
  if (!digit || op.hasIndexSemantics()) // an index would count the loops that are left
    return;
  SmallVector<AffineExpr> loops;
  for (unsigned loop = 0; loop < op.getNumLoops(); ++loop)
    loops.push_back(loop == *digit ? rewriter.getAffineConstantExpr(0)
                                   : rewriter.getAffineDimExpr(loop - (loop > *digit)));
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  for (AffineMap &map : maps)
    map = map.replaceDimsAndSymbols(loops, {}, op.getNumLoops() - 1, 0);
  auto iterators = op.getIteratorTypesArray();
  iterators.erase(iterators.begin() + *digit);
  rewriter.setInsertionPoint(op);
  auto result = linalg::GenericOp::create(rewriter, op.getLoc(), op.getResultTypes(),
                                          op.getDpsInputs(), op.getDpsInits(), maps, iterators);
  rewriter.inlineRegionBefore(op.getRegion(), result.getRegion(), result.getRegion().begin());
  rewriter.replaceOp(op, result);
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
  return producer->hasOneUse() && (consumer.getMatchingIndexingMap(operand).isPermutation() ||
                                   (finishesReduction(producer) && readsOnce(consumer, operand)));
}

/// Moves the op into one that reads its result, which keeps its attributes. The result is what
/// became of the user; null where none of its operands allows that.
linalg::GenericOp fuseIntoUser(IRRewriter &rewriter, linalg::GenericOp op, linalg::GenericOp user) {
  for (OpOperand *use : user.getDpsInputOperands()) {
    AffineMap map = user.getMatchingIndexingMap(use);
    bool isComputedOnce =
        map.isProjectedPermutation() && (user.getNumReductionLoops() == 0 || map.isPermutation());
    if (use->get() != op->getResult(0) || !isComputedOnce)
      continue;
    // An op that is read elsewhere would stay, as a second result of what becomes of its user.
    rewriter.setInsertionPoint(user);
    use->set(rewriter.clone(*op)->getResult(0));
    auto fused = linalg::fuseElementwiseOps(rewriter, use);
    if (failed(fused))
      continue;
    fused->fusedOp->setDiscardableAttrs(user->getDiscardableAttrDictionary());
    for (auto [from, to] : fused->replacements)
      rewriter.replaceAllUsesWith(from, to);
    rewriter.eraseOp(user);
    return cast<linalg::GenericOp>(fused->fusedOp);
  }
  return nullptr;
}

void fuseIntoUsers(IRRewriter &rewriter, linalg::GenericOp op) {
  llvm::SetVector<Operation *> users(op->user_begin(), op->user_end());
  for (Operation *user : users) {
    auto generic = dyn_cast<linalg::GenericOp>(user);
    while (generic)
      generic = fuseIntoUser(rewriter, op, generic);
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
    for (linalg::GenericOp op : llvm::reverse(cheap)) // users first, since they are replaced
      fuseIntoUsers(rewriter, op);
    linalg::populateElementwiseOpsFusionPatterns(fusion, shouldFuse);
    linalg::populateEraseUnusedOperandsAndResultsPatterns(fusion);
    if (failed(applyPatternsGreedily(getOperation(), std::move(fusion))))
      return signalPassFailure();
    SmallVector<linalg::GenericOp> ends;
    getOperation().walk([&](linalg::GenericOp op) {
      if (finishesReduction(op) && getElementTypeOrSelf(op->getResult(0)).isInteger(8))
        ends.push_back(op);
    });
    for (linalg::GenericOp op : ends)
      dropDigitLoop(rewriter, op);
  }
};

} // namespace
} // namespace fpw::cpu
