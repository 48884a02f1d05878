//===- ReductionTest.cpp - Reductions, softmax, normalisation ---*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Network.h"

#include "llvm/ADT/STLExtras.h"
#include <cmath>
#include <gtest/gtest.h>
#include <limits>

using namespace fpw;
using namespace fpw::test;

namespace {

using Position = ArrayRef<int64_t>;
using Shape = SmallVector<int64_t>;

FloatTensor runOp(const std::string &text, const FloatTensor &x, const Shape &to) {
  std::string result = to.empty() || to.front() != x.shape.front() ? typeOf(to) : batchTypeOf(to);
  Network network;
  network.addInput("x", batchTypeOf(x.shape));
  network.addOp("y", "nn." + text + " : (" + batchTypeOf(x.shape) + ") -> " + result);
  network.addOutput("y");
  return network.run(x).front();
}

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

struct Reduction {
  const char *name;
  float initial;
  float (*combine)(float, float);
};

const std::vector<Reduction> kReductions = {
    {"sum", 0, [](float a, float b) { return a + b; }},
    {"mean", 0, [](float a, float b) { return a + b; }},
    {"max", -1e9f, [](float a, float b) { return std::max(a, b); }},
    {"min", 1e9f, [](float a, float b) { return std::min(a, b); }},
    {"prod", 1, [](float a, float b) { return a * b; }},
};

/// Folds the elements of x whose position, with the axes set to 0, is the given one.
float fold(const Reduction &reduction, const FloatTensor &x, Position kept, Position axes) {
  float result = reduction.initial, count = 0;
  generate(x.shape, [&](Position position) {
    Shape zeroed(position);
    for (int64_t axis : axes)
      zeroed[axis] = 0;
    if (Position(zeroed) == kept) {
      result = reduction.combine(result, at(x, position));
      ++count;
    }
    return 0.0f;
  });
  return StringRef(reduction.name) == "mean" ? result / count : result;
}

/// Small integers: sums and products are exact.
void checkReduction(const Shape &axes, const std::string &axesText, bool keepDims) {
  FloatTensor x = makeIntegers({2, 3, 2, 4}, 14, /*range=*/2);
  Shape keptShape(x.shape), shape;
  for (int64_t axis : axes)
    keptShape[axis] = 1;
  for (int64_t dim = 0; dim < 4; ++dim)
    if (keepDims || !llvm::is_contained(axes, dim))
      shape.push_back(keptShape[dim]);
  for (const Reduction &reduction : kReductions) {
    FloatTensor expected =
        generate(keptShape, [&](Position kept) { return fold(reduction, x, kept, axes); });
    expected.shape = shape;
    std::string text =
        std::string(reduction.name) + " %x" + axesText + (keepDims ? " keep_dims" : "");
    expectClose(runOp(text, x, shape), expected, {0.0}, text);
  }
}

TEST(ReductionTest, InnerAxis) { checkReduction({3}, " axes [3]", false); }
TEST(ReductionTest, OuterAxisKept) { checkReduction({1}, " axes [1]", true); }
TEST(ReductionTest, TwoAxes) { checkReduction({1, 3}, " axes [-1, 1]", false); }
TEST(ReductionTest, TwoAxesKept) { checkReduction({1, 2}, " axes [2, 1]", true); }
TEST(ReductionTest, Batch) { checkReduction({0}, " axes [0]", false); }
TEST(ReductionTest, AllAxes) { checkReduction({0, 1, 2, 3}, "", false); }
TEST(ReductionTest, AllAxesKept) { checkReduction({0, 1, 2, 3}, "", true); }

TEST(ReductionTest, MaximumKeepsNaN) {
  float nan = std::numeric_limits<float>::quiet_NaN();
  FloatTensor x{{2, 3}, {1, nan, 2, -5, -4, -3}};
  expectClose(runOp("max %x axes [1]", x, {2}), {{2}, {nan, -3}}, {0.0}, "max");
}

//===----------------------------------------------------------------------===//
// Softmax
//===----------------------------------------------------------------------===//

void checkSoftmax(int64_t axis, bool isLogarithm) {
  FloatTensor x = makeNormal({3, 5, 4}, 15, /*scale=*/20.0f);
  auto along = [&](Position position, auto visit) {
    Shape p(position);
    for (p[axis] = 0; p[axis] < x.shape[axis]; ++p[axis])
      visit(at(x, p));
  };
  FloatTensor expected = generate(x.shape, [&](Position position) {
    double max = -1e9, sum = 0;
    along(position, [&](double element) { max = std::max(max, element); });
    along(position, [&](double element) { sum += std::exp(element - max); });
    double difference = at(x, position) - max;
    return float(isLogarithm ? difference - std::log(sum) : std::exp(difference) / sum);
  });
  std::string text =
      std::string(isLogarithm ? "log_softmax" : "softmax") + " %x axis " + std::to_string(axis);
  expectClose(runOp(text, x, x.shape), expected, {2e-6}, text);
}

TEST(ReductionTest, Softmax) {
  for (int64_t axis : {1, 2})
    for (bool isLogarithm : {false, true})
      checkSoftmax(axis, isLogarithm);
}

/// Large numbers do not overflow.
TEST(ReductionTest, SoftmaxOfLargeNumbers) {
  FloatTensor x{{1, 3}, {1e30f, 1e30f, -1e30f}};
  expectClose(runOp("softmax %x", x, {1, 3}), {{1, 3}, {0.5f, 0.5f, 0.0f}}, {0.0}, "softmax");
}

//===----------------------------------------------------------------------===//
// Activations with an axis
//===----------------------------------------------------------------------===//

TEST(ReductionTest, BothSigns) {
  FloatTensor x = makeNormal({2, 3, 4}, 16);
  auto both = [&](int64_t axis, double (*f)(double)) {
    Shape shape(x.shape);
    shape[axis] *= 2;
    return generate(shape, [&](Position position) {
      Shape p(position);
      bool isNegated = p[axis] >= x.shape[axis];
      p[axis] %= x.shape[axis];
      return f(isNegated ? -at(x, p) : at(x, p));
    });
  };
  auto relu = [](double y) { return std::max(y, 0.0); };
  auto elu = [](double y) { return y >= 0 ? y : 0.5 * std::expm1(y); };
  expectClose(runOp("crelu %x axis 1", x, {2, 6, 4}), both(1, relu), {0.0}, "crelu");
  expectClose(runOp("celu %x alpha 5.000000e-01 axis -1", x, {2, 3, 8}), both(2, elu), {1e-6},
              "celu");
}

TEST(ReductionTest, PReLU) {
  FloatTensor x = makeNormal({2, 3, 4}, 17), slopes{{4}, {0.5f, -1.0f, 2.0f, 0.0f}};
  for (bool isShared : {false, true}) {
    Network network;
    network.addInput("x", "tensor<?x3x4xf32>");
    network.addParameter("s", isShared ? FloatTensor{{1}, {0.25f}} : slopes);
    network.addOp("y", std::string("nn.prelu %x, %s base_axis -1 : (tensor<?x3x4xf32>, ") +
                           (isShared ? "tensor<1xf32>" : "tensor<4xf32>") +
                           ") -> tensor<?x3x4xf32>");
    network.addOutput("y");
    FloatTensor expected = generate(x.shape, [&](Position p) {
      float element = at(x, p), slope = isShared ? 0.25f : slopes.data[p[2]];
      return element >= 0 ? element : slope * element;
    });
    expectClose(network.run(x).front(), expected, {0.0}, "prelu");
  }
}

//===----------------------------------------------------------------------===//
// Batch normalisation
//===----------------------------------------------------------------------===//

/// A mean that is large beside the deviation must not cost digits.
TEST(ReductionTest, BatchNormalizationKeepsDigits) {
  FloatTensor x = makeNormal({4, 3, 5}, 18), mean{{3}, {1000.0f, -500.0f, 0.0f}},
              variance{{3}, {0.25f, 4.0f, 1.0f}};
  for (size_t i = 0; i < x.data.size(); ++i)
    x.data[i] += mean.data[i / 5 % 3];
  Network network;
  network.addInput("x", "tensor<?x3x5xf32>");
  network.addParameter("m", mean);
  network.addParameter("v", variance);
  network.addOp("y", "nn.batch_normalization %x mean %m variance %v axes [1] eps 0.000000e+00 : "
                     "(tensor<?x3x5xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<?x3x5xf32>");
  network.addOutput("y");
  FloatTensor expected = generate(x.shape, [&](Position p) {
    return float((double(at(x, p)) - mean.data[p[1]]) / std::sqrt(double(variance.data[p[1]])));
  });
  expectClose(network.run(x).front(), expected, {1e-6}, "batch_normalization");
}

} // namespace
