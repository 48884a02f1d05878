//===- Elementwise.cpp - Ops on each element alone --------------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Patterns.h"

using namespace mlir;
using namespace fpw;

/// Whether a dimension has size 1 and so repeats. Of dynamic sizes it is known that they are equal.
static bool repeats(Value tensor, int64_t dim) { return tensorType(tensor).getDimSize(dim) == 1; }

/// The sizes that operands of equal rank broadcast to; a static size is preferred to a dynamic one.
static Sizes broadcastSizes(TensorBuilder &t, ValueRange operands) {
  Sizes sizes = t.sizesOf(operands.front());
  for (Value operand : operands.drop_front())
    for (auto [dim, size] : llvm::enumerate(t.sizesOf(operand)))
      if (isConstantIntValue(sizes[dim], 1) || (!repeats(operand, dim) && isa<Attribute>(size)))
        sizes[dim] = size;
  return sizes;
}

/// The map of an operand whose dimensions of size 1 repeat.
static AffineMap broadcastMap(TensorBuilder &t, Value operand, ArrayRef<OpFoldResult> sizes) {
  SmallVector<AffineExpr> position;
  for (auto [dim, size] : llvm::enumerate(sizes)) {
    bool isRepeated = repeats(operand, dim) && !isConstantIntValue(size, 1);
    position.push_back(isRepeated ? t.getBuilder().getAffineConstantExpr(0) : t.dim(dim));
  }
  return AffineMap::get(sizes.size(), 0, position, t.getContext());
}

namespace {
/// The body comes from the op's formula.
struct ElementwiseLowering : OpInterfaceConversionPattern<nn::ElementwiseOpInterface> {
  using OpInterfaceConversionPattern::OpInterfaceConversionPattern;

  LogicalResult matchAndRewrite(nn::ElementwiseOpInterface op, ArrayRef<Value> operands,
                                ConversionPatternRewriter &rewriter) const override {
    TensorBuilder t(rewriter, op.getLoc());
    Sizes sizes = broadcastSizes(t, operands);
    SmallVector<AffineMap> maps;
    for (Value operand : operands)
      maps.push_back(broadcastMap(t, operand, sizes));
    Value result =
        t.map(sizes, operands, maps, [&](OpBuilder &b, Location loc, ValueRange elements) {
          return op.buildScalar(b, loc, elements);
        });
    rewriter.replaceOp(op, t.cast(result, op->getResult(0).getType()));
    return success();
  }
};

/// An op that returns its operand needs no loop.
template <typename Op> struct IdentityLowering : OpConversionPattern<Op> {
  using OpConversionPattern<Op>::OpConversionPattern;

  LogicalResult matchAndRewrite(Op op, typename Op::Adaptor operands,
                                ConversionPatternRewriter &rewriter) const override {
    TensorBuilder t(rewriter, op.getLoc());
    rewriter.replaceOp(op, t.cast(operands.getX(), op.getType()));
    return success();
  }
};
} // namespace

void fpw::populateElementwisePatterns(RewritePatternSet &patterns) {
  patterns.add<ElementwiseLowering>(patterns.getContext());
  patterns.add<IdentityLowering<nn::IdentityOp>, IdentityLowering<nn::DropoutOp>>(
      patterns.getContext(), /*benefit=*/2);
}
