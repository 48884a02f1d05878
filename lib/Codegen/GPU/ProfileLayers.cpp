//===- ProfileLayers.cpp - Tells the device the layers of kernels -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Codegen/CPU/LayerSlots.h"
#include "fpw/Codegen/GPU/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"

namespace fpw::gpu {
#define GEN_PASS_DEF_FPWGPUPROFILELAYERS
#include "fpw/Codegen/GPU/Passes.h.inc"

using namespace mlir;

namespace {

constexpr StringLiteral kProfile = "fpw_device_profile";

struct ProfileLayers : impl::FPWGPUProfileLayersBase<ProfileLayers> {
  void runOnOperation() override {
    cpu::LayerSlots slots;
    bool hasKernels = false;
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      // Others upload parameters, which is no part of a run.
      if (function.getOps<mlir::gpu::LaunchFuncOp>().empty())
        continue;
      hasKernels = true;
      function.walk([&](Operation *op) {
        if (isa<mlir::gpu::LaunchFuncOp, mlir::gpu::MemcpyOp, mlir::gpu::MemsetOp>(op))
          tell(op, slots.getSlot(cpu::LayerSlots::getLayer(op)));
      });
    }
    if (!hasKernels)
      return;
    OpBuilder builder = OpBuilder::atBlockBegin(getOperation().getBody());
    auto type = builder.getFunctionType(builder.getI64Type(), {});
    func::FuncOp::create(builder, getOperation().getLoc(), kProfile, type).setPrivate();
    slots.writeTo(getOperation());
  }

private:
  static void tell(Operation *op, int64_t slot) {
    OpBuilder builder(op);
    Location loc = builder.getUnknownLoc();
    Value number = arith::ConstantIntOp::create(builder, loc, slot, 64);
    func::CallOp::create(builder, loc, kProfile, TypeRange(), number);
  }
};

} // namespace
} // namespace fpw::gpu
