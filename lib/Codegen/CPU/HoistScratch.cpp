//===- HoistScratch.cpp - Moves scratch buffers out of loops -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Codegen/CPU/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace fpw::cpu {
#define GEN_PASS_DEF_FPWCPUHOISTSCRATCH
#include "fpw/Codegen/CPU/Passes.h.inc"

using namespace mlir;

namespace {

struct HoistScratch : impl::FPWCPUHoistScratchBase<HoistScratch> {
  void runOnOperation() override {
    if (getOperation().isExternal())
      return;
    Block &entry = getOperation().front();
    SmallVector<memref::AllocaOp> buffers;
    getOperation().walk([&](memref::AllocaOp op) {
      if (op->getBlock() != &entry && op->getNumOperands() == 0)
        buffers.push_back(op);
    });
    for (memref::AllocaOp op : llvm::reverse(buffers))
      op->moveBefore(&entry, entry.begin());
  }
};

} // namespace
} // namespace fpw::cpu
