//===- PoolingTest.cpp - Random poolings against a plain reference -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Network.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>

using namespace fpw;
using namespace fpw::test;

namespace {

/// A pooling op and what it computes, one window at a time.
struct Pooling {
  enum Kind { Max, Average, Sum };

  Kind kind;
  bool ignoreBorder, includingPad, channelLast;
  SmallVector<int64_t> input, kernel, stride, pad;

  explicit Pooling(std::mt19937 &random);
  int64_t firstDim() const { return input.size() - kernel.size() - channelLast; }
  SmallVector<int64_t> getOutputShape() const;
  std::string getText(StringRef operand) const;
  float compute(const FloatTensor &x, ArrayRef<int64_t> position) const;
};

Pooling::Pooling(std::mt19937 &random) {
  auto pick = [&](int64_t least, int64_t most) {
    return std::uniform_int_distribution<int64_t>(least, most)(random);
  };
  kind = static_cast<Kind>(pick(0, 2));
  ignoreBorder = pick(0, 1);
  includingPad = pick(0, 1);
  channelLast = pick(0, 1);
  input = {3};
  if (!channelLast)
    input.push_back(pick(1, 3));
  for (int64_t dim = pick(1, 3); dim > 0; --dim) {
    kernel.push_back(pick(1, 4));
    stride.push_back(pick(1, 4));
    pad.push_back(pick(0, kernel.back() - 1));
    input.push_back(std::max(pick(1, 7), kernel.back() - 2 * pad.back()));
  }
  if (channelLast)
    input.push_back(pick(1, 3));
}

SmallVector<int64_t> Pooling::getOutputShape() const {
  SmallVector<int64_t> shape(input);
  for (size_t i = 0; i < kernel.size(); ++i) {
    int64_t &size = shape[firstDim() + i];
    size = ignoreBorder ? (size + 2 * pad[i] - kernel[i]) / stride[i] + 1
                        : (size + pad[i] - 1) / stride[i] + 1;
  }
  return shape;
}

std::string Pooling::getText(StringRef operand) const {
  const char *names[] = {"max_pooling", "average_pooling", "sum_pooling"};
  return std::string("nn.") + names[kind] + " %" + operand.str() + " kernel " + listOf(kernel) +
         " stride " + listOf(stride) + " pad " + listOf(pad) + " ignore_border " +
         (ignoreBorder ? "true" : "false") + (channelLast ? " channel_last" : "") +
         (kind == Average ? std::string(" including_pad ") + (includingPad ? "true" : "false")
                          : "") +
         " : (" + batchTypeOf(input) + ") -> " + batchTypeOf(getOutputShape());
}

/// Walks over the window; what lies in the padding counts for the mean only.
float Pooling::compute(const FloatTensor &x, ArrayRef<int64_t> position) const {
  float max = -std::numeric_limits<float>::infinity(), sum = 0;
  int64_t inImage = 0, inPadding = 0;
  generate(kernel, [&](ArrayRef<int64_t> tap) {
    SmallVector<int64_t> source(position);
    bool isInImage = true, isInPadding = true;
    for (size_t i = 0; i < kernel.size(); ++i) {
      int64_t &index = source[firstDim() + i], size = input[firstDim() + i];
      index = index * stride[i] - pad[i] + tap[i];
      isInImage &= index >= 0 && index < size;
      isInPadding &= index >= -pad[i] && index < size + pad[i];
    }
    inImage += isInImage;
    inPadding += isInPadding;
    if (isInImage) {
      max = std::max(max, at(x, source));
      sum += at(x, source);
    }
    return 0.0f;
  });
  if (kind == Max)
    return max;
  return kind == Sum ? sum : sum / float(includingPad ? inPadding : inImage);
}

/// Sums of small integers are exact, so that even the means agree bit for bit.
TEST(PoolingTest, AgreesExactly) {
  std::mt19937 random(5);
  for (int repetition = 0; repetition < 4; ++repetition) {
    Network network;
    std::vector<FloatTensor> inputs, expected;
    for (int i = 0; i < 10; ++i) {
      Pooling pooling(random);
      std::string x = "x" + llvm::itostr(i), y = "y" + llvm::itostr(i);
      network.addInput(x, batchTypeOf(pooling.input));
      network.addOp(y, pooling.getText(x));
      network.addOutput(y);
      inputs.push_back(makeIntegers(pooling.input, random()));
      expected.push_back(generate(pooling.getOutputShape(), [&](ArrayRef<int64_t> position) {
        return pooling.compute(inputs.back(), position);
      }));
    }
    std::vector<FloatTensor> results = network.run(inputs);
    for (size_t i = 0; i < results.size(); ++i)
      expectClose(results[i], expected[i], {0.0}, "pooling " + llvm::utostr(i));
  }
}

TEST(PoolingTest, MaximumIsNaNOnlyWhereTheWindowHasOne) {
  Network network;
  network.addInput("x", "tensor<?x1x4xf32>");
  network.addOp("y", "nn.max_pooling %x kernel [2] : (tensor<?x1x4xf32>) -> tensor<?x1x2xf32>");
  network.addOutput("y");
  float nan = std::numeric_limits<float>::quiet_NaN(), low = -3e38f;
  FloatTensor x{{2, 1, 4}, {1.0f, nan, 2.0f, 3.0f, nan, nan, low, -1.0f}};
  expectClose(network.run(x).front(), {{2, 1, 2}, {nan, 3.0f, nan, -1.0f}}, {0.0}, "maximum");
}

TEST(PoolingTest, GlobalAverage) {
  for (bool channelLast : {false, true}) {
    Network network;
    SmallVector<int64_t> shape =
        channelLast ? SmallVector<int64_t>{3, 4, 5, 2} : SmallVector<int64_t>{3, 2, 4, 5};
    SmallVector<int64_t> result =
        channelLast ? SmallVector<int64_t>{3, 1, 1, 2} : SmallVector<int64_t>{3, 2, 1, 1};
    network.addInput("x", batchTypeOf(shape));
    network.addOp("y", std::string("nn.global_average_pooling %x") +
                           (channelLast ? " channel_last" : "") + " : (" + batchTypeOf(shape) +
                           ") -> " + batchTypeOf(result));
    network.addOutput("y");
    FloatTensor x = makeIntegers(shape, 6);
    FloatTensor expected = generate(result, [&](ArrayRef<int64_t> position) {
      float sum = 0;
      for (int64_t h = 0; h < 4; ++h)
        for (int64_t w = 0; w < 5; ++w)
          sum += channelLast ? at(x, {position[0], h, w, position[3]})
                             : at(x, {position[0], position[1], h, w});
      return sum / 20.0f;
    });
    expectClose(network.run(x).front(), expected, {0.0}, "global average");
  }
}

TEST(PoolingTest, Unpooling) {
  for (bool channelLast : {false, true}) {
    Network network;
    SmallVector<int64_t> result =
        channelLast ? SmallVector<int64_t>{3, 4, 9, 2} : SmallVector<int64_t>{3, 2, 6, 6};
    network.addInput("x", "tensor<?x2x3x2xf32>");
    network.addOp("y", std::string("nn.unpooling %x kernel ") +
                           (channelLast ? "[2, 3] channel_last" : "[2, 3]") +
                           " : (tensor<?x2x3x2xf32>) -> " + batchTypeOf(result));
    network.addOutput("y");
    FloatTensor x = makeIntegers({3, 2, 3, 2}, 7);
    FloatTensor expected = generate(result, [&](ArrayRef<int64_t> p) {
      return channelLast ? at(x, {p[0], p[1] / 2, p[2] / 3, p[3]})
                         : at(x, {p[0], p[1], p[2] / 2, p[3] / 3});
    });
    expectClose(network.run(x).front(), expected, {0.0}, "unpooling");
  }
}

} // namespace
