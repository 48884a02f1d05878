//===- MapLoops.cpp - Gives loops to blocks and threads -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelEmitter.h"
#include "fpw/Codegen/GPU/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace fpw::gpu {
#define GEN_PASS_DEF_FPWGPUMAPLOOPS
#include "fpw/Codegen/GPU/Passes.h.inc"

using namespace mlir;

namespace {

/// Copies and named ops as linalg.generic.
LogicalResult generalize(IRRewriter &rewriter, func::FuncOp function) {
  WalkResult result = function.walk([&](Operation *op) {
    rewriter.setInsertionPoint(op);
    if (auto copy = dyn_cast<memref::CopyOp>(op)) {
      linalg::makeMemRefCopyOp(rewriter, copy.getLoc(), copy.getSource(), copy.getTarget());
      rewriter.eraseOp(copy);
    } else if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op)) {
      if (!isa<linalg::GenericOp>(op) && failed(linalg::generalizeNamedOp(rewriter, linalgOp)))
        return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

struct MapLoops : impl::FPWGPUMapLoopsBase<MapLoops> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    if (failed(generalize(rewriter, getOperation())))
      return signalPassFailure();
    SmallVector<linalg::GenericOp> ops;
    getOperation().walk([&](linalg::GenericOp op) {
      if (op.hasPureBufferSemantics())
        ops.push_back(op);
    });
    for (linalg::GenericOp op : ops) {
      rewriter.setInsertionPoint(op);
      if (!llvm::is_contained(op.getStaticLoopRanges(), 0)) // nothing to compute
        emitKernel(rewriter, op);
      rewriter.eraseOp(op);
    }
  }
};

} // namespace
} // namespace fpw::gpu
