//===- Reduction.cpp - Sums, means, extrema over axes -----------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Patterns.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/STLExtras.h"
#include <limits>

using namespace mlir;
using namespace fpw;

template <typename ArithOp> static Value combine(OpBuilder &b, Location loc, ValueRange elements) {
  return ArithOp::create(b, loc, elements[1], elements[0]);
}

/// The axes of a reduction in ascending order.
template <typename Op> static SmallVector<int64_t> getAxes(Op op) {
  int64_t rank = rankOf(op.getInput());
  if (op.getAxes().empty())
    return llvm::to_vector(llvm::seq<int64_t>(0, rank));
  SmallVector<int64_t> axes;
  for (int64_t axis : op.getAxes())
    axes.push_back(normalizeAxis(axis, rank));
  llvm::sort(axes);
  return axes;
}

template <typename Op, typename ArithOp>
static Value reduce(Op op, Value input, TensorBuilder &t, float initial) {
  return t.reduce(input, getAxes(op), initial, combine<ArithOp>);
}

template <typename Op> static Value keepDims(Op op, TensorBuilder &t, Value reduced) {
  SmallVector<int64_t> axes = getAxes(op);
  return op.getKeepDims() && !axes.empty() ? t.insertUnitDims(reduced, axes) : reduced;
}

static Value lowerSum(nn::SumOp op, nn::SumOp::Adaptor operands, TensorBuilder &t) {
  return keepDims(op, t, reduce<nn::SumOp, arith::AddFOp>(op, operands.getInput(), t, 0.0f));
}

static Value lowerMean(nn::MeanOp op, nn::MeanOp::Adaptor operands, TensorBuilder &t) {
  Value sum = reduce<nn::MeanOp, arith::AddFOp>(op, operands.getInput(), t, 0.0f);
  return keepDims(op, t, t.divide(sum, t.countOf(operands.getInput(), getAxes(op))));
}

static Value lowerMax(nn::MaxOp op, nn::MaxOp::Adaptor operands, TensorBuilder &t) {
  float lowest = -std::numeric_limits<float>::infinity();
  return keepDims(op, t, reduce<nn::MaxOp, arith::MaximumFOp>(op, operands.getInput(), t, lowest));
}

static Value lowerMin(nn::MinOp op, nn::MinOp::Adaptor operands, TensorBuilder &t) {
  float highest = std::numeric_limits<float>::infinity();
  return keepDims(op, t, reduce<nn::MinOp, arith::MinimumFOp>(op, operands.getInput(), t, highest));
}

static Value lowerProd(nn::ProdOp op, nn::ProdOp::Adaptor operands, TensorBuilder &t) {
  return keepDims(op, t, reduce<nn::ProdOp, arith::MulFOp>(op, operands.getInput(), t, 1.0f));
}

void fpw::populateReductionPatterns(RewritePatternSet &patterns) {
  addLowering<nn::SumOp>(patterns, lowerSum);
  addLowering<nn::MeanOp>(patterns, lowerMean);
  addLowering<nn::MaxOp>(patterns, lowerMax);
  addLowering<nn::MinOp>(patterns, lowerMin);
  addLowering<nn::ProdOp>(patterns, lowerProd);
}
