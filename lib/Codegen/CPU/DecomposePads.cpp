//===- DecomposePads.cpp - Turns pads into places that their producers write to -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Codegen/CPU/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Dominance.h"
#include "mlir/IR/Matchers.h"

namespace fpw::cpu {
#define GEN_PASS_DEF_FPWCPUDECOMPOSEPADS
#include "fpw/Codegen/CPU/Passes.h.inc"

using namespace mlir;

namespace {

/// The value whose shape the source will have, and after which the padded tensor can stand: the
/// producer's destination where there is one, so that the producer comes after the padded tensor.
Value getShapeSource(Value source) {
  auto producer = source.getDefiningOp<DestinationStyleOpInterface>();
  return producer ? producer.getTiedOpOperand(cast<OpResult>(source))->get() : source;
}

/// The sizes of a pad, per dimension.
struct PadSizes {
  SmallVector<OpFoldResult> source, low, high, all;
};

/// Fills what the source leaves free: along each dimension a slab before it and one behind it, of
/// all elements that no earlier dimension has filled already.
Value fillBorders(IRRewriter &rewriter, Location loc, Value target, Value value,
                  const PadSizes &sizes) {
  OpFoldResult zero = rewriter.getIndexAttr(0);
  SmallVector<OpFoldResult> offsets(sizes.all.size(), zero), extents = sizes.all;
  SmallVector<OpFoldResult> ones(sizes.all.size(), rewriter.getIndexAttr(1));
  AffineExpr a, b;
  bindSymbols(rewriter.getContext(), a, b);
  auto fill = [&](size_t dim, OpFoldResult offset, OpFoldResult extent) {
    if (isZeroInteger(extent))
      return;
    offsets[dim] = offset;
    extents[dim] = extent;
    Value slab = tensor::ExtractSliceOp::create(rewriter, loc, target, offsets, extents, ones);
    slab = linalg::FillOp::create(rewriter, loc, value, slab).getResult(0);
    target = tensor::InsertSliceOp::create(rewriter, loc, slab, target, offsets, extents, ones);
  };
  for (size_t dim = 0; dim < sizes.all.size(); ++dim) {
    fill(dim, zero, sizes.low[dim]);
    OpFoldResult end = affine::makeComposedFoldedAffineApply(rewriter, loc, a + b,
                                                             {sizes.low[dim], sizes.source[dim]});
    fill(dim, end, sizes.high[dim]);
    offsets[dim] = sizes.low[dim];
    extents[dim] = sizes.source[dim];
  }
  return target;
}

void decompose(IRRewriter &rewriter, tensor::PadOp pad, Value padding) {
  Location loc = pad.getLoc();
  Value source = pad.getSource();
  Value shapeSource = getShapeSource(source);
  rewriter.setInsertionPoint(pad);
  if (shapeSource != source)
    rewriter.setInsertionPoint(source.getDefiningOp());
  SmallVector<OpFoldResult> low = pad.getMixedLowPad(), high = pad.getMixedHighPad();
  SmallVector<OpFoldResult> sourceSizes = tensor::getMixedSizes(rewriter, loc, shapeSource);
  SmallVector<OpFoldResult> sizes;
  AffineExpr a, b, c;
  bindSymbols(rewriter.getContext(), a, b, c);
  for (auto [size, before, after, all] :
       llvm::zip(sourceSizes, low, high, pad.getType().getShape()))
    sizes.push_back(
        ShapedType::isDynamic(all)
            ? affine::makeComposedFoldedAffineApply(rewriter, loc, a + b + c, {size, before, after})
            : OpFoldResult(rewriter.getIndexAttr(all)));
  // A tensor.empty would fold with its slices, which would get buffers of their own.
  auto [shape, dynamicSizes] = decomposeMixedValues(sizes);
  auto type = RankedTensorType::get(shape, pad.getType().getElementType());
  Value buffer = bufferization::AllocTensorOp::create(rewriter, loc, type, dynamicSizes);
  Value value = padding;
  if (Attribute constant; matchPattern(padding, m_Constant(&constant)))
    value = arith::ConstantOp::create(rewriter, loc, cast<TypedAttr>(constant));
  Value filled = fillBorders(rewriter, loc, buffer, value, {sourceSizes, low, high, sizes});
  rewriter.setInsertionPoint(pad);
  SmallVector<OpFoldResult> ones(sizes.size(), rewriter.getIndexAttr(1));
  Value result = tensor::InsertSliceOp::create(rewriter, loc, source, filled, low,
                                               tensor::getMixedSizes(rewriter, loc, source), ones);
  if (result.getType() != pad.getType())
    result = tensor::CastOp::create(rewriter, loc, pad.getType(), result);
  rewriter.replaceOp(pad, result);
}

struct DecomposePads : impl::FPWCPUDecomposePadsBase<DecomposePads> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    DominanceInfo dominance(getOperation());
    getOperation().walk([&](tensor::PadOp pad) {
      // Sizes of pads and padding have to stand before the producer.
      Operation *producer = pad.getSource().getDefiningOp();
      auto standsBefore = [&](Value size) {
        return producer && dominance.properlyDominates(size, producer);
      };
      Value padding = pad.getConstantPaddingValue();
      if (padding && matchPattern(padding, m_Constant()) &&
          llvm::all_of(pad.getLow(), standsBefore) && llvm::all_of(pad.getHigh(), standsBefore))
        decompose(rewriter, pad, padding);
    });
  }
};

} // namespace
} // namespace fpw::cpu
