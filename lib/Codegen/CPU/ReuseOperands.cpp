//===- ReuseOperands.cpp - Results take the place of what they are made of -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Codegen/CPU/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace fpw::cpu {
#define GEN_PASS_DEF_FPWCPUREUSEOPERANDS
#include "fpw/Codegen/CPU/Passes.h.inc"

using namespace mlir;

namespace {

/// Whether the op computes an image of its own from images, element by element.
bool isElementwise(linalg::GenericOp op) {
  return op.getNumReductionLoops() == 0 && op->getNumResults() == 1 &&
         op.hasPureTensorSemantics() && op.getIndexingMapsArray().back().isIdentity() &&
         op.getDpsInits()[0].getDefiningOp<tensor::EmptyOp>();
}

/// Whether the value is the op's to overwrite: no input, and nobody reads it later.
bool isLastUse(Value value, linalg::GenericOp op) {
  Operation *producer = value.getDefiningOp();
  return producer && isa<linalg::LinalgOp>(producer) && producer->getBlock() == op->getBlock() &&
         llvm::all_of(value.getUsers(), [&](Operation *user) {
           Operation *ancestor = op->getBlock()->findAncestorOpInBlock(*user);
           return ancestor == op || (ancestor && ancestor->isBeforeInBlock(op));
         });
}

struct ReuseOperands : impl::FPWCPUReuseOperandsBase<ReuseOperands> {
  void runOnOperation() override {
    getOperation().walk([](linalg::GenericOp op) {
      if (!isElementwise(op))
        return;
      for (OpOperand *operand : op.getDpsInputOperands())
        if (operand->get().getType() == op->getResult(0).getType() &&
            op.getMatchingIndexingMap(operand).isIdentity() && isLastUse(operand->get(), op)) {
          op.getDpsInitsMutable()[0].set(operand->get());
          return;
        }
    });
  }
};

} // namespace
} // namespace fpw::cpu
