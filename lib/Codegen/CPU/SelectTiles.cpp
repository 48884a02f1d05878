//===- SelectTiles.cpp - Chooses the vector loop and the register tile of contractions -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Codegen/CPU/Passes.h"
#include "fpw/Codegen/CPU/TilePlan.h"
#include "fpw/Dialect/NN/IR/NN.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace fpw::cpu {
#define GEN_PASS_DEF_FPWCPUSELECTTILES
#include "fpw/Codegen/CPU/Passes.h.inc"

using namespace mlir;

namespace {

struct SelectTiles : impl::FPWCPUSelectTilesBase<SelectTiles> {
  using FPWCPUSelectTilesBase::FPWCPUSelectTilesBase;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    FailureOr<VectorUnit> unit = VectorUnit::fromOption(function, vectorBits);
    if (failed(unit))
      return signalPassFailure();
    // Parameters can be laid out as the plan wishes.
    auto mayRepack = [](OpOperand &operand) {
      return operand.get().getDefiningOp<nn::ParameterOp>() != nullptr;
    };
    function.walk([&](linalg::GenericOp op) {
      if (op.getNumReductionLoops() > 0 && isVectorizable(op))
        planTiles(op, *unit, mayRepack).writeTo(op);
    });
  }
};

} // namespace
} // namespace fpw::cpu
