//===- IsolateTiles.cpp - Gives each kernel on tiles a function -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LLVM configures the tile registers once per function, each register with one shape. Kernels with
// different shapes would not find eight registers each in one function.
//
//===----------------------------------------------------------------------===//

#include "fpw/Codegen/CPU/Passes.h"
#include "mlir/Dialect/AMX/AMXDialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Utils/Utils.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/SymbolTable.h"

namespace fpw::cpu {
#define GEN_PASS_DEF_FPWCPUISOLATETILES
#include "fpw/Codegen/CPU/Passes.h.inc"

using namespace mlir;

namespace {

/// The loops over the work of a kernel: tiles begin in their bodies.
SmallVector<scf::ForOp> findKernels(func::FuncOp function) {
  SmallVector<scf::ForOp> kernels;
  function.walk<WalkOrder::PreOrder>([&](scf::ForOp loop) {
    if (loop.getBody()->getOps<amx::TileZeroOp>().empty())
      return WalkResult::advance();
    kernels.push_back(loop);
    return WalkResult::skip();
  });
  return kernels;
}

/// Moves the loop into a function of its own, which stays one.
LogicalResult isolate(IRRewriter &rewriter, SymbolTable &symbols, scf::ForOp loop) {
  Location loc = loop.getLoc();
  std::string name = (loop->getParentOfType<func::FuncOp>().getName() + "_tiles").str();
  rewriter.setInsertionPoint(loop);
  auto region = scf::ExecuteRegionOp::create(rewriter, loc, TypeRange());
  rewriter.createBlock(&region.getRegion());
  auto end = scf::YieldOp::create(rewriter, loc);
  rewriter.moveOpBefore(loop, end);
  func::CallOp call;
  FailureOr<func::FuncOp> function =
      outlineSingleBlockRegion(rewriter, loc, region.getRegion(), name, &call);
  if (failed(function))
    return failure();
  (*function)->remove();
  call.setCallee(symbols.insert(*function)); // makes the name unique
  function->setPrivate();
  (*function)->setAttr("passthrough", rewriter.getStrArrayAttr({"noinline"}));
  return success();
}

struct IsolateTiles : impl::FPWCPUIsolateTilesBase<IsolateTiles> {
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    IRRewriter rewriter(&getContext());
    for (auto function : llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>())) {
      SmallVector<scf::ForOp> kernels = findKernels(function);
      for (scf::ForOp loop : kernels)
        if (kernels.size() > 1 && failed(isolate(rewriter, symbols, loop)))
          return signalPassFailure();
    }
  }
};

} // namespace
} // namespace fpw::cpu
