//===- StageInterface.cpp - Copies inputs to the device and results back -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Codegen/CPU/Passes.h"
#include "fpw/Codegen/GPU/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace fpw::gpu {
#define GEN_PASS_DEF_FPWGPUSTAGEINTERFACE
#include "fpw/Codegen/GPU/Passes.h.inc"

using namespace mlir;

namespace {

/// A buffer of the device in the place of the host's.
Value replaceBuffer(OpBuilder &builder, BlockArgument host) {
  Location loc = host.getLoc();
  auto type = cast<MemRefType>(host.getType());
  SmallVector<Value> sizes;
  SmallPtrSet<Operation *, 2> dims;
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (type.isDynamicDim(dim)) {
      sizes.push_back(memref::DimOp::create(builder, loc, host, dim));
      dims.insert(sizes.back().getDefiningOp());
    }
  Value device = memref::AllocOp::create(builder, loc, type, sizes);
  host.replaceAllUsesExcept(device, dims);
  return device;
}

struct StageInterface : impl::FPWGPUStageInterfaceBase<StageInterface> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    auto inputs = function->getAttrOfType<IntegerAttr>(cpu::kInputsAttr);
    if (!inputs)
      return;
    OpBuilder builder = OpBuilder::atBlockBegin(&function.front());
    OpBuilder end(function.front().getTerminator());
    for (BlockArgument host : function.getArguments()) {
      Value device = replaceBuffer(builder, host);
      bool isInput = host.getArgNumber() < inputs.getInt();
      mlir::gpu::MemcpyOp::create(isInput ? builder : end, host.getLoc(), /*asyncToken=*/Type(),
                                  /*asyncDependencies=*/ValueRange(), isInput ? device : host,
                                  isInput ? Value(host) : device);
    }
  }
};

} // namespace
} // namespace fpw::gpu
