//===- Shape.cpp - Ops that move elements -----------------------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Patterns.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace fpw;

//===----------------------------------------------------------------------===//
// Reshape, transpose, broadcast
//===----------------------------------------------------------------------===//

/// The size that stands for -1: the elements that the other sizes, `known` together, leave.
static OpFoldResult getOpenSize(TensorBuilder &t, ArrayRef<OpFoldResult> from, int64_t known) {
  Sizes dynamic;
  int64_t fixed = 1;
  for (OpFoldResult size : from)
    if (std::optional<int64_t> constant = getConstantIntValue(size))
      fixed *= *constant;
    else
      dynamic.push_back(size);
  if (known == 0)
    return t.size(0);
  if (dynamic.empty())
    return t.size(fixed / known);
  if (fixed == known)
    return t.product(dynamic);
  AffineExpr elements = t.getBuilder().getAffineSymbolExpr(0) * fixed;
  return affine::makeComposedFoldedAffineApply(t.getBuilder(), t.getLoc(), elements.floorDiv(known),
                                               t.product(dynamic));
}

static Value lowerReshape(nn::ReshapeOp op, nn::ReshapeOp::Adaptor operands, TensorBuilder &t) {
  Sizes from = t.sizesOf(operands.getInput()), to;
  int64_t known = 1;
  for (int64_t size : op.getShape())
    known *= size == -1 ? 1 : size;
  for (int64_t size : op.getShape())
    to.push_back(size == -1 ? getOpenSize(t, from, known) : t.size(size));
  bool isEmpty = llvm::is_contained(tensorType(operands.getInput()).getShape(), 0);
  return isEmpty ? t.empty(to) : t.reshape(operands.getInput(), from, to);
}

static Value lowerTranspose(nn::TransposeOp op, nn::TransposeOp::Adaptor operands,
                            TensorBuilder &t) {
  return t.transpose(operands.getInput(), op.getAxes());
}

static Value lowerBroadcast(nn::BroadcastOp op, nn::BroadcastOp::Adaptor operands,
                            TensorBuilder &t) {
  Sizes sizes = t.sizesOf(operands.getInput());
  SmallVector<AffineExpr> position;
  for (auto [dim, size] : llvm::enumerate(op.getShape())) {
    bool repeats = size != -1 && !isConstantIntValue(sizes[dim], size);
    position.push_back(repeats ? t.getBuilder().getAffineConstantExpr(0) : t.dim(dim));
    if (repeats)
      sizes[dim] = t.size(size);
  }
  return t.map(sizes, operands.getInput(),
               AffineMap::get(sizes.size(), 0, position, t.getContext()),
               [](OpBuilder &, Location, ValueRange elements) { return elements.front(); });
}

//===----------------------------------------------------------------------===//
// Slice, pad
//===----------------------------------------------------------------------===//

/// Where Python's x[start::step] begins in a dimension of some size.
static int64_t getFirst(int64_t start, int64_t step, int64_t size) {
  int64_t least = step > 0 ? 0 : -1, most = step > 0 ? size : size - 1;
  if (start < 0)
    return start < -size ? least : start + size;
  return std::min(start, most);
}

/// A slice backwards along a dimension gathers its elements one by one.
static Value lowerSlice(nn::SliceOp op, nn::SliceOp::Adaptor operands, TensorBuilder &t) {
  Value x = operands.getInput();
  RankedTensorType from = tensorType(x), to = op.getType();
  Sizes sizes = t.sizesOf(x);
  auto slice = TensorBuilder::Slice::whole(t, sizes);
  SmallVector<int64_t> backwards;
  for (auto [dim, start] : llvm::enumerate(op.getStart())) {
    int64_t step = op.getStep()[dim], count = to.getDimSize(dim);
    if (from.isDynamicDim(dim))
      continue;
    int64_t first = count ? getFirst(start, step, from.getDimSize(dim)) : 0;
    if (step < 0)
      backwards.push_back(dim);
    else
      slice.restrict(t, dim, first, t.size(count), count > 1 ? step : 1);
  }
  x = slice.isWhole(sizes) ? x : t.extract(x, slice);
  for (int64_t dim : backwards) {
    int64_t next = getFirst(op.getStart()[dim], op.getStep()[dim], from.getDimSize(dim));
    SmallVector<int64_t> indices;
    for (int64_t i = 0; i < to.getDimSize(dim); ++i, next += op.getStep()[dim])
      indices.push_back(next);
    x = t.gather(x, dim, indices);
  }
  return x;
}

static Value lowerTake(nn::TakeOp op, nn::TakeOp::Adaptor operands, TensorBuilder &t) {
  int64_t axis = normalizeAxis(op.getAxis(), op.getType().getRank());
  return t.gather(operands.getInput(), axis, op.getIndices());
}

/// The element that stands at place `i`, before or behind an image of some size as well.
static int64_t getPadIndex(int64_t i, int64_t size, bool reflects) {
  if (!reflects)
    return std::clamp<int64_t>(i, 0, size - 1);
  return i < 0 ? -i : i < size ? i : 2 * (size - 1) - i;
}

static Value lowerPad(nn::PadOp op, nn::PadOp::Adaptor operands, TensorBuilder &t) {
  Value x = operands.getInput();
  ArrayRef<int64_t> width = op.getPadWidth();
  int64_t rank = rankOf(x), first = rank - width.size() / 2;
  SmallVector<int64_t> low(rank, 0), high(rank, 0);
  for (int64_t dim = first; dim < rank; ++dim) {
    low[dim] = width[2 * (dim - first)];
    high[dim] = width[2 * (dim - first) + 1];
  }
  if (op.getMode() == "constant")
    return t.pad(x, low, high, op.getConstantValue().convertToFloat());
  for (int64_t dim = first; dim < rank; ++dim) {
    if (low[dim] == 0 && high[dim] == 0)
      continue;
    int64_t size = tensorType(x).getDimSize(dim);
    SmallVector<int64_t> indices;
    for (int64_t i = -low[dim]; i < size + high[dim]; ++i)
      indices.push_back(getPadIndex(i, size, op.getMode() == "reflect"));
    x = t.gather(x, dim, indices);
  }
  return x;
}

//===----------------------------------------------------------------------===//
// Concatenate, stack, split
//===----------------------------------------------------------------------===//

static Value lowerConcatenate(nn::ConcatenateOp op, nn::ConcatenateOp::Adaptor operands,
                              TensorBuilder &t) {
  return t.concatenate(operands.getInputs(), normalizeAxis(op.getAxis(), op.getType().getRank()));
}

static Value lowerStack(nn::StackOp op, nn::StackOp::Adaptor operands, TensorBuilder &t) {
  int64_t axis = normalizeAxis(op.getAxis(), op.getType().getRank());
  Sizes sizes = t.sizesOf(operands.getInputs().front());
  sizes.insert(sizes.begin() + axis, t.size(operands.getInputs().size()));
  Value result = t.empty(sizes);
  for (auto [i, input] : llvm::enumerate(operands.getInputs())) {
    auto slice = TensorBuilder::Slice::whole(t, sizes);
    slice.restrict(t, axis, i, t.size(1));
    result = t.insert(input, result, slice);
  }
  return result;
}

namespace {
struct SplitLowering : OpConversionPattern<nn::SplitOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(nn::SplitOp op, OpAdaptor operands,
                                ConversionPatternRewriter &rewriter) const override {
    TensorBuilder t(rewriter, op.getLoc());
    Value x = operands.getInput();
    int64_t axis = normalizeAxis(op.getAxis(), rankOf(x));
    Sizes sizes = t.sizesOf(x);
    SmallVector<Value> results;
    for (auto [i, output] : llvm::enumerate(op.getOutputs())) {
      auto slice = TensorBuilder::Slice::whole(t, sizes);
      slice.restrict(t, axis, i, t.size(1));
      results.push_back(t.cast(t.extract(x, slice, axis), output.getType()));
    }
    rewriter.replaceOp(op, results);
    return success();
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// BatchMatmul
//===----------------------------------------------------------------------===//

static Value lowerBatchMatmul(nn::BatchMatmulOp op, nn::BatchMatmulOp::Adaptor operands,
                              TensorBuilder &t) {
  Value a = operands.getA(), b = operands.getB();
  int64_t rank = rankOf(a), batch = rank - 2;
  AffineExpr row = t.dim(batch), column = t.dim(batch + 1), inner = t.dim(batch + 2);
  Sizes sizesOfA = t.sizesOf(a), sizesOfB = t.sizesOf(b), sizes;
  SmallVector<AffineExpr> positionInA, positionInB, position;
  for (int64_t dim = 0; dim < batch; ++dim) {
    auto isOne = [&](const Sizes &sizes) { return isConstantIntValue(sizes[dim], 1); };
    AffineExpr zero = t.getBuilder().getAffineConstantExpr(0);
    positionInA.push_back(isOne(sizesOfA) && !isOne(sizesOfB) ? zero : t.dim(dim));
    positionInB.push_back(isOne(sizesOfB) && !isOne(sizesOfA) ? zero : t.dim(dim));
    position.push_back(t.dim(dim));
    bool takeB = isOne(sizesOfA) || (!isOne(sizesOfB) && isa<Attribute>(sizesOfB[dim]));
    sizes.push_back(takeB ? sizesOfB[dim] : sizesOfA[dim]);
  }
  auto append = [](SmallVector<AffineExpr> &position, AffineExpr first, AffineExpr second,
                   bool isTransposed) {
    position.push_back(isTransposed ? second : first);
    position.push_back(isTransposed ? first : second);
  };
  // Vectors run along columns, or with few columns along what is added (docs/Numerics.md, N7).
  constexpr int64_t kFewColumns = 7;
  bool isTransposedB = op.getTransposeB();
  std::optional<int64_t> columns = getConstantIntValue(sizesOfB[isTransposedB ? batch : batch + 1]);
  bool wantsTransposedB = columns && *columns <= kFewColumns && !op.getTransposeA();
  if (isTransposedB != wantsTransposedB && !b.getDefiningOp<nn::ParameterOp>()) {
    auto axes = llvm::to_vector(llvm::seq<int64_t>(0, rank));
    std::swap(axes[batch], axes[batch + 1]);
    b = t.transpose(b, axes);
    isTransposedB = wantsTransposedB;
  }
  append(positionInA, row, inner, op.getTransposeA());
  append(positionInB, inner, column, isTransposedB);
  append(position, row, column, false);
  sizes.push_back(sizesOfA[op.getTransposeA() ? rank - 1 : rank - 2]);
  sizes.push_back(sizesOfB[op.getTransposeB() ? rank - 2 : rank - 1]);
  auto makeMap = [&](ArrayRef<AffineExpr> results) {
    return AffineMap::get(rank + 1, 0, results, t.getContext());
  };
  return t.contract(a, b, t.fill(sizes, 0.0f),
                    {makeMap(positionInA), makeMap(positionInB), makeMap(position)});
}

void fpw::populateShapePatterns(RewritePatternSet &patterns) {
  addLowering<nn::ReshapeOp>(patterns, lowerReshape);
  addLowering<nn::TransposeOp>(patterns, lowerTranspose);
  addLowering<nn::BroadcastOp>(patterns, lowerBroadcast);
  addLowering<nn::SliceOp>(patterns, lowerSlice);
  addLowering<nn::TakeOp>(patterns, lowerTake);
  addLowering<nn::PadOp>(patterns, lowerPad);
  addLowering<nn::ConcatenateOp>(patterns, lowerConcatenate);
  addLowering<nn::StackOp>(patterns, lowerStack);
  addLowering<nn::BatchMatmulOp>(patterns, lowerBatchMatmul);
  patterns.add<SplitLowering>(patterns.getContext());
}
