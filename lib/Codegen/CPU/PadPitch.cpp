//===- PadPitch.cpp - Keeps rows of tiles in different sets of the caches -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A cache of 64 sets puts lines that are 4096 bytes apart into the same set. Pixels of 512 channels
// and three digits are 1536 bytes apart, so that the sixteen pixels of a tile meet in eight sets,
// or in four where a layer takes every second pixel: they push each other out while all weights
// pass by. With 64 bytes more per digit they are an odd number of lines apart.
//
//===----------------------------------------------------------------------===//

#include "AMXPlan.h"
#include "TileLayout.h"
#include "fpw/Codegen/CPU/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace fpw::cpu {
#define GEN_PASS_DEF_FPWCPUPADPITCH
#include "fpw/Codegen/CPU/Passes.h.inc"

using namespace mlir;

namespace {

/// Whether kernels of the matrix unit read the buffer, and nothing but ops that take any layout
/// uses it.
bool holdsPlanes(Value buffer, bool &isRead) {
  return llvm::all_of(buffer.getUses(), [&](OpOperand &use) {
    Operation *user = use.getOwner();
    if (auto view = dyn_cast<memref::SubViewOp>(user))
      return holdsPlanes(view, isRead);
    isRead |= usesMatrixUnit(user) && use.getOperandNumber() == 0;
    return isa<linalg::LinalgOp, memref::DimOp, memref::CopyOp, memref::DeallocOp>(user);
  });
}

/// Puts the value in the place of the buffer; the types of views follow.
void replaceBuffer(OpBuilder &builder, Value buffer, Value value) {
  for (OpOperand &use : llvm::make_early_inc_range(buffer.getUses())) {
    auto view = dyn_cast<memref::SubViewOp>(use.getOwner());
    if (!view) {
      use.set(value);
      continue;
    }
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPoint(view);
    auto type = memref::SubViewOp::inferRankReducedResultType(
        view.getType().getShape(), cast<MemRefType>(value.getType()), view.getMixedOffsets(),
        view.getMixedSizes(), view.getMixedStrides());
    Value moved =
        memref::SubViewOp::create(builder, view.getLoc(), type, value, view.getMixedOffsets(),
                                  view.getMixedSizes(), view.getMixedStrides());
    replaceBuffer(builder, view, moved);
    view.erase();
  }
}

struct PadPitch : impl::FPWCPUPadPitchBase<PadPitch> {
  void runOnOperation() override {
    SmallVector<memref::AllocOp> buffers;
    getOperation().walk([&](memref::AllocOp alloc) {
      if (isCrowded(alloc.getType()))
        buffers.push_back(alloc);
    });
    for (memref::AllocOp alloc : buffers)
      if (bool isRead = false; holdsPlanes(alloc, isRead) && isRead)
        spread(alloc);
  }

  static bool isCrowded(MemRefType type) {
    constexpr int64_t kFewest = 256; // bytes of a digit that make pixels meet
    return type.getRank() >= 2 && type.getElementType().isInteger(8) &&
           type.getLayout().isIdentity() && type.getShape().back() % kFewest == 0;
  }

  static void spread(memref::AllocOp alloc) {
    OpBuilder builder(alloc);
    Location loc = alloc.getLoc();
    SmallVector<OpFoldResult> sizes = alloc.getMixedSizes();
    SmallVector<int64_t> shape(alloc.getType().getShape());
    shape.back() += kAMXBytes;
    auto spread = memref::AllocOp::create(builder, loc,
                                          MemRefType::get(shape, alloc.getType().getElementType()),
                                          alloc.getDynamicSizes(), alloc.getAlignmentAttr());
    SmallVector<OpFoldResult> zeros(sizes.size(), builder.getIndexAttr(0));
    SmallVector<OpFoldResult> ones(sizes.size(), builder.getIndexAttr(1));
    Value view = memref::SubViewOp::create(builder, loc, spread, zeros, sizes, ones);
    replaceBuffer(builder, alloc, view);
    alloc.erase();
  }
};

} // namespace
} // namespace fpw::cpu
