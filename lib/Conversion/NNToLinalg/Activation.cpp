//===- Activation.cpp - Activations with an axis or a slope -----*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Patterns.h"

#include "fpw/Dialect/NN/IR/ScalarExpr.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include <limits>

using namespace mlir;
using namespace fpw;
using nn::Scalar;
using nn::ScalarBuilder;

//===----------------------------------------------------------------------===//
// Softmax
//===----------------------------------------------------------------------===//

namespace {
/// What softmax and its logarithm share.
struct SoftmaxParts {
  Value difference; ///< x - max.
  Value sum;        ///< Sum of exp(x - max), without the axis.
  SmallVector<AffineMap> maps;
};
} // namespace

static Value exponential(OpBuilder &b, Location loc, ValueRange elements) {
  ScalarBuilder s(b, loc);
  return exp(s(elements.front())).value();
}

/// Combines each element with the one of its row.
static Value mapRows(TensorBuilder &t, Value tensor, Value row, int64_t axis,
                     TensorBuilder::Body body) {
  int64_t rank = rankOf(tensor);
  return t.map(t.sizesOf(tensor), {tensor, row},
               {t.identity(rank), t.select(rank, otherDims(rank, axis))}, body);
}

template <typename ArithOp> static Value combine(OpBuilder &b, Location loc, ValueRange elements) {
  return ArithOp::create(b, loc, elements[0], elements[1]);
}

/// x less the largest element of its row.
static Value subtractMax(TensorBuilder &t, Value x, int64_t axis) {
  float lowest = -std::numeric_limits<float>::infinity();
  Value max = t.reduce(x, axis, lowest, combine<arith::MaximumFOp>);
  return mapRows(t, x, max, axis, combine<arith::SubFOp>);
}

static Value lowerSoftmax(nn::SoftmaxOp op, nn::SoftmaxOp::Adaptor operands, TensorBuilder &t) {
  int64_t axis = normalizeAxis(op.getAxis(), rankOf(operands.getInput()));
  Value exps = t.map(subtractMax(t, operands.getInput(), axis), exponential);
  Value sum = t.reduce(exps, axis, 0.0f, combine<arith::AddFOp>);
  return mapRows(t, exps, sum, axis, combine<arith::DivFOp>);
}

static Value lowerLogSoftmax(nn::LogSoftmaxOp op, nn::LogSoftmaxOp::Adaptor operands,
                             TensorBuilder &t) {
  int64_t axis = normalizeAxis(op.getAxis(), rankOf(operands.getInput()));
  Value difference = subtractMax(t, operands.getInput(), axis);
  Value sum = t.reduce(t.map(difference, exponential), axis, 0.0f, combine<arith::AddFOp>);
  return mapRows(t, difference, sum, axis, [](OpBuilder &b, Location loc, ValueRange elements) {
    ScalarBuilder s(b, loc);
    return (s(elements[0]) - log(s(elements[1]))).value();
  });
}

//===----------------------------------------------------------------------===//
// Rectifiers
//===----------------------------------------------------------------------===//

static Value lowerPReLU(nn::PReLUOp op, nn::PReLUOp::Adaptor operands, TensorBuilder &t) {
  Value x = operands.getInput();
  unsigned rank = rankOf(x);
  int64_t axis = normalizeAxis(op.getBaseAxis(), rank);
  Value slope = t.flatten(operands.getSlope());
  bool isShared = tensorType(slope).getDimSize(0) == 1;
  AffineMap map = isShared ? AffineMap::get(rank, 0, t.getBuilder().getAffineConstantExpr(0))
                           : t.select(rank, axis);
  return t.map(t.sizesOf(x), {x, slope}, {t.identity(rank), map},
               [](OpBuilder &b, Location loc, ValueRange elements) {
                 ScalarBuilder s(b, loc);
                 Scalar x = s(elements[0]);
                 return select(x >= 0.0f, x, s(elements[1]) * x).value();
               });
}

/// f(x) and f(-x), one after the other along an axis.
static Value concatenateBothSigns(TensorBuilder &t, Value x, int64_t axis,
                                  llvm::function_ref<Scalar(Scalar)> f) {
  auto map = [&](bool isNegated) {
    return t.map(x, [&](OpBuilder &b, Location loc, ValueRange elements) {
      ScalarBuilder s(b, loc);
      Scalar element = s(elements.front());
      return f(isNegated ? -element : element).value();
    });
  };
  return t.concatenate({map(false), map(true)}, normalizeAxis(axis, rankOf(x)));
}

static Value lowerCReLU(nn::CReLUOp op, nn::CReLUOp::Adaptor operands, TensorBuilder &t) {
  return concatenateBothSigns(t, operands.getInput(), op.getAxis(),
                              [](Scalar x) { return select(x > 0.0f, x, x.builder()(0.0f)); });
}

static Value lowerCELU(nn::CELUOp op, nn::CELUOp::Adaptor operands, TensorBuilder &t) {
  float alpha = op.getAlpha().convertToFloat();
  return concatenateBothSigns(t, operands.getInput(), op.getAxis(),
                              [&](Scalar x) { return select(x >= 0.0f, x, alpha * expm1(x)); });
}

void fpw::populateActivationPatterns(RewritePatternSet &patterns) {
  addLowering<nn::SoftmaxOp>(patterns, lowerSoftmax);
  addLowering<nn::LogSoftmaxOp>(patterns, lowerLogSoftmax);
  addLowering<nn::PReLUOp>(patterns, lowerPReLU);
  addLowering<nn::CReLUOp>(patterns, lowerCReLU);
  addLowering<nn::CELUOp>(patterns, lowerCELU);
}
