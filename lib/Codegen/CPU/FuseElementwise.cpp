//===- FuseElementwise.cpp - Makes one op of element-wise ops that follow each other -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Codegen/CPU/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
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
  bool readsOnce = consumer.getMatchingIndexingMap(operand).isPermutation();
  return producer->hasOneUse() && readsOnce;
}

struct FuseElementwise : impl::FPWCPUFuseElementwiseBase<FuseElementwise> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    linalg::populateElementwiseOpsFusionPatterns(patterns, shouldFuse);
    linalg::populateEraseUnusedOperandsAndResultsPatterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
} // namespace fpw::cpu
