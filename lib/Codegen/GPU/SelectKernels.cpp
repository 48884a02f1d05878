//===- SelectKernels.cpp - Chooses the kernel of each integer contraction -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Codegen/GPU/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace fpw::gpu {
#define GEN_PASS_DEF_FPWGPUSELECTKERNELS
#include "fpw/Codegen/GPU/Passes.h.inc"

using namespace mlir;

namespace {

/// Whether the op adds products of integers.
bool isContraction(linalg::GenericOp op) {
  if (op.getNumReductionLoops() == 0)
    return false;
  return llvm::all_of(op.getBody()->getTerminator()->getOperands(), [](Value result) {
    auto add = result.getDefiningOp<arith::AddIOp>();
    return add && (add.getLhs().getDefiningOp<arith::MulIOp>() ||
                   add.getRhs().getDefiningOp<arith::MulIOp>());
  });
}

struct SelectKernels : impl::FPWGPUSelectKernelsBase<SelectKernels> {
  using FPWGPUSelectKernelsBase::FPWGPUSelectKernelsBase;

  void runOnOperation() override {
    getOperation().walk([&](linalg::GenericOp op) {
      if (isContraction(op))
        op->setAttr(kKernelAttr, StringAttr::get(&getContext(), kNaiveKernel));
    });
  }
};

} // namespace
} // namespace fpw::gpu
