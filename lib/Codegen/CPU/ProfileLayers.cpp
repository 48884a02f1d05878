//===- ProfileLayers.cpp - Brackets the code of each layer with time stamps -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A stamp adds the time since the thread's last stamp to the slot of a layer, or to none. It stands
// where one layer's code ends and other code begins. Loops that no layer owns, as those over groups
// of samples, are entered: their iterations may run on other threads and begin with a stamp.

#include "fpw/Codegen/CPU/LayerSlots.h"
#include "fpw/Codegen/CPU/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace fpw::cpu {
#define GEN_PASS_DEF_FPWCPUPROFILELAYERS
#include "fpw/Codegen/CPU/Passes.h.inc"

using namespace mlir;

namespace {

constexpr StringLiteral kStamp = "fpw_profile_stamp";

/// Whether the op takes time worth mentioning.
bool isWork(Operation &op) {
  return op.getNumRegions() > 0 || isa<CallOpInterface, memref::CopyOp, linalg::LinalgOp>(op);
}

bool containsLayers(Operation &op) {
  return op
      .walk([&](Operation *inner) {
        return inner != &op && isWork(*inner) && LayerSlots::getLayer(inner)
                   ? WalkResult::interrupt()
                   : WalkResult::advance();
      })
      .wasInterrupted();
}

struct ProfileLayers : impl::FPWCPUProfileLayersBase<ProfileLayers> {
  void runOnOperation() override {
    slots.clear();
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (containsLayers(*function))
        visit(function.front());
    if (slots.empty())
      return;
    OpBuilder builder = OpBuilder::atBlockBegin(getOperation().getBody());
    auto type = builder.getFunctionType(builder.getI64Type(), {});
    func::FuncOp::create(builder, getOperation().getLoc(), kStamp, type).setPrivate();
    slots.writeTo(getOperation());
  }

private:
  void visit(Block &block) {
    SmallVector<Operation *> ops;
    for (Operation &op : block.without_terminator())
      if (isWork(op))
        ops.push_back(&op);
    stamp(block, block.begin(), StringAttr());
    StringAttr current;
    for (Operation *op : ops) {
      StringAttr layer = LayerSlots::getLayer(op);
      if (current && layer != current)
        stamp(block, op->getIterator(), current);
      current = layer;
      if (layer)
        continue;
      if (containsLayers(*op))
        for (Region &region : op->getRegions())
          llvm::for_each(region, [&](Block &inner) { visit(inner); });
      stamp(block, std::next(op->getIterator()), StringAttr());
    }
    if (current)
      stamp(block, block.getTerminator()->getIterator(), current);
  }

  void stamp(Block &block, Block::iterator place, StringAttr layer) {
    OpBuilder builder(&block, place);
    Location loc = builder.getUnknownLoc();
    Value number = arith::ConstantIntOp::create(builder, loc, slots.getSlot(layer), 64);
    func::CallOp::create(builder, loc, kStamp, TypeRange(), number);
  }

  LayerSlots slots;
};

} // namespace
} // namespace fpw::cpu
