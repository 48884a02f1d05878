//===- Normalization.cpp - Batch normalisation ------------------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Parameter.h"
#include "Patterns.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace fpw;

static Value add(OpBuilder &b, Location loc, ValueRange elements) {
  return arith::AddFOp::create(b, loc, elements[1], elements[0]);
}

/// The mean and the variance of the input itself, for each index of the axis.
static std::pair<Value, Value> computeStatistics(TensorBuilder &t, Value input, int64_t axis) {
  SmallVector<int64_t> others = otherDims(rankOf(input), axis);
  Value count = t.countOf(input, others);
  Value mean = t.divide(t.reduce(input, others, 0.0f, add), count);
  unsigned rank = rankOf(input);
  Value squares = t.map(t.sizesOf(input), {input, mean}, {t.identity(rank), t.select(rank, axis)},
                        [](OpBuilder &b, Location loc, ValueRange elements) -> Value {
                          Value difference =
                              arith::SubFOp::create(b, loc, elements[0], elements[1]);
                          return arith::MulFOp::create(b, loc, difference, difference);
                        });
  return {mean, t.divide(t.reduce(squares, others, 0.0f, add), count)};
}

/// gamma / sqrt(variance + eps), for each index of the axis, at run time if it must be.
static Value getScale(TensorBuilder &t, Value variance, Value gamma, float eps) {
  if (Value scale = computeScale(t, variance, gamma, eps))
    return t.flatten(scale);
  variance = t.flatten(variance);
  gamma = gamma ? t.flatten(gamma) : gamma;
  SmallVector<Value> inputs = {variance};
  if (gamma)
    inputs.push_back(gamma);
  return t.map(inputs, [&](OpBuilder &b, Location loc, ValueRange elements) -> Value {
    Value numerator =
        gamma ? elements[1] : arith::ConstantOp::create(b, loc, b.getF32FloatAttr(1.0f));
    Value epsilon = arith::ConstantOp::create(b, loc, b.getF32FloatAttr(eps));
    Value sum = arith::AddFOp::create(b, loc, elements[0], epsilon);
    return arith::DivFOp::create(b, loc, numerator, math::SqrtOp::create(b, loc, sum));
  });
}

/// (x - mean) * scale + beta: the mean is not folded into beta, which would cancel digits where it
/// is large beside the deviation.
static Value lowerBatchNormalization(nn::BatchNormalizationOp op,
                                     nn::BatchNormalizationOp::Adaptor operands, TensorBuilder &t) {
  Value input = operands.getInput();
  int64_t axis = op.getAxes().front();
  unsigned rank = rankOf(input);
  Value mean = operands.getMean(), variance = operands.getVariance();
  if (op.getBatchStat())
    std::tie(mean, variance) = computeStatistics(t, input, axis);
  Value scale = getScale(t, variance, operands.getGamma(), op.getEps().convertToFloat());
  SmallVector<Value> inputs = {input, t.flatten(mean), scale};
  if (Value beta = operands.getBeta())
    inputs.push_back(t.flatten(beta));
  SmallVector<AffineMap> maps(inputs.size(), t.select(rank, axis));
  maps.front() = t.identity(rank);
  return t.map(t.sizesOf(input), inputs, maps,
               [](OpBuilder &b, Location loc, ValueRange elements) -> Value {
                 Value difference = arith::SubFOp::create(b, loc, elements[0], elements[1]);
                 Value scaled = arith::MulFOp::create(b, loc, difference, elements[2]);
                 if (elements.size() == 3)
                   return scaled;
                 return arith::AddFOp::create(b, loc, scaled, elements[3]);
               });
}

void fpw::populateNormalizationPatterns(RewritePatternSet &patterns) {
  addLowering<nn::BatchNormalizationOp>(patterns, lowerBatchNormalization);
}
