//===- MapLoops.cpp - Gives loops to blocks and threads -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelEmitter.h"
#include "fpw/Codegen/CPU/Generalize.h"
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

struct MapLoops : impl::FPWGPUMapLoopsBase<MapLoops> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    if (failed(cpu::generalizeLoops(rewriter, getOperation())))
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
