//===- DigitsReferenceTest.cpp - Whole layers under the digits contract -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DigitsReference.h"

#include "../Unit/GoldenData.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>

using namespace fpw;
using namespace fpw::test;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::vector<uint32_t> bitsOf(ArrayRef<float> values) {
  std::vector<uint32_t> bits;
  for (float value : values)
    bits.push_back(llvm::bit_cast<uint32_t>(value));
  return bits;
}

/// Random layers and inputs.
class Randomizer {
public:
  FloatTensor getTensor(ArrayRef<int64_t> shape, bool isNonNegative = false) {
    FloatTensor tensor;
    tensor.shape.assign(shape.begin(), shape.end());
    tensor.data.resize(getSize(shape));
    std::normal_distribution<float> normal;
    for (float &x : tensor.data)
      x = isNonNegative ? std::max(normal(random), 0.0f) : normal(random);
    return tensor;
  }

  /// Fills in weights of so many bits, one step per channel, and a bias.
  DigitsLayer fill(DigitsLayer layer, int64_t channels, unsigned bits = 8, bool isSigned = true) {
    int64_t largest = (int64_t(1) << (bits - isSigned)) - 1;
    std::uniform_int_distribution<int64_t> code(isSigned ? -largest : 0, largest);
    layer.weight.resize(getSize(layer.weightShape));
    for (int32_t &k : layer.weight)
      k = code(random);
    for (int64_t o = 0; o < channels; ++o) {
      layer.deltas.push_back(std::ldexp(1.0f, -int(bits) - int(o % 3)));
      layer.bias.push_back(float(o) / 8 - 1);
    }
    return layer;
  }

private:
  static int64_t getSize(ArrayRef<int64_t> shape) {
    int64_t size = 1;
    for (int64_t dim : shape)
      size *= dim;
    return size;
  }

  std::mt19937 random{1};
};

DigitsLayer getAffine(int64_t inputs, int64_t outputs) {
  DigitsLayer layer;
  layer.weightShape = {inputs, outputs};
  return layer;
}

DigitsLayer getConvolution(DigitsLayer::Kind kind, std::vector<int64_t> weightShape) {
  DigitsLayer layer;
  layer.kind = kind;
  layer.weightShape = std::move(weightShape);
  return layer;
}

/// max|y - r| / max|r|.
double getError(ArrayRef<float> y, ArrayRef<double> r) {
  double error = 0.0, largest = 0.0;
  for (auto [a, b] : llvm::zip_equal(y, r)) {
    error = std::max(error, std::fabs(a - b));
    largest = std::max(largest, std::fabs(b));
  }
  return error / largest;
}

/// An image of rank 4 with the channel moved from the second place to the last.
FloatTensor toChannelLast(const FloatTensor &image) {
  int64_t n = image.shape[0], c = image.shape[1], pixels = image.shape[2] * image.shape[3];
  FloatTensor result;
  result.shape = {n, image.shape[2], image.shape[3], c};
  for (int64_t i = 0; i < n; ++i)
    for (int64_t p = 0; p < pixels; ++p)
      for (int64_t j = 0; j < c; ++j)
        result.data.push_back(image.data[(i * c + j) * pixels + p]);
  return result;
}

//===----------------------------------------------------------------------===//
// Which elements meet: golden data of every layer
//===----------------------------------------------------------------------===//

std::vector<int64_t> getIntegers(const llvm::json::Object &args, StringRef name) {
  std::vector<int64_t> values;
  if (const llvm::json::Array *array = args.getArray(name))
    for (const llvm::json::Value &value : *array)
      values.push_back(*value.getAsInteger());
  return values;
}

DigitsLayer getGoldenLayer(const llvm::json::Object &testCase, const FloatTensor &codes) {
  static const std::pair<StringRef, DigitsLayer::Kind> kinds[] = {
      {"Affine", DigitsLayer::Affine},
      {"Convolution", DigitsLayer::Convolution},
      {"Deconvolution", DigitsLayer::Deconvolution},
      {"DepthwiseConvolution", DigitsLayer::DepthwiseConvolution},
      {"DepthwiseDeconvolution", DigitsLayer::DepthwiseDeconvolution}};
  const llvm::json::Object &args = *testCase.getObject("args");
  DigitsLayer layer;
  for (auto [name, kind] : kinds)
    if (name == *testCase.getString("op"))
      layer.kind = kind;
  layer.baseAxis = args.getInteger("base_axis").value_or(1);
  layer.pad = getIntegers(args, "pad");
  layer.stride = getIntegers(args, "stride");
  layer.dilation = getIntegers(args, "dilation");
  layer.outputPadding = getIntegers(args, "output_padding");
  for (StringRef name : {"group", "multiplier", "divisor"})
    if (auto value = args.getInteger(name))
      layer.group = *value;
  layer.channelLast = args.getBoolean("channel_last").value_or(false);
  float delta = *testCase.getObject("quant")->getNumber("delta_w");
  layer.deltas = {delta};
  layer.weightShape.assign(codes.shape.begin(), codes.shape.end());
  for (float w : codes.data)
    layer.weight.push_back(std::lround(w / delta));
  return layer;
}

TEST(DigitsReference, ComputesGoldenLayers) {
  llvm::json::Value cases = readJSON("ops/cases.json");
  size_t compared = 0;
  for (const llvm::json::Value &value : *cases.getAsObject()->getArray("cases")) {
    const llvm::json::Object &testCase = *value.getAsObject();
    SCOPED_TRACE(testCase.getString("name")->str());
    auto tensors = readNpz(("ops/" + *testCase.getString("name") + ".npz").str());
    DigitsLayer layer = getGoldenLayer(testCase, tensors["W_q"]);
    if (tensors.count("b_q"))
      layer.bias = tensors["b_q"].data;
    else if (tensors.count("b"))
      layer.bias = tensors["b"].data;
    const FloatTensor &x = tensors["x"], &y = tensors["y"];
    std::vector<double> golden(y.data.begin(), y.data.end());
    for (unsigned bits : {24u, 32u}) {
      layer.activationBits = bits;
      FloatTensor result = runDigits(layer, x);
      ASSERT_EQ(result.shape, y.shape);
      EXPECT_LT(getError(result.data, golden), 1e-6);
      EXPECT_LT(getError(result.data, runDouble(layer, x)), 4e-7);
    }
    ++compared;
  }
  EXPECT_GE(compared, 40u);
}

TEST(DigitsReference, LayoutDoesNotShow) {
  Randomizer random;
  FloatTensor x = random.getTensor({2, 4, 6, 5});
  DigitsLayer layer = getConvolution(DigitsLayer::Convolution, {6, 2, 3, 3});
  layer.group = 2;
  layer.pad = {1, 0};
  layer.stride = {2, 1};
  layer = random.fill(layer, 6);
  FloatTensor first = runDigits(layer, x);

  FloatTensor weight;
  weight.shape = {6, 2, 3, 3};
  weight.data.assign(layer.weight.begin(), layer.weight.end());
  weight = toChannelLast(weight);
  layer.weightShape = {6, 3, 3, 2};
  layer.weight.assign(weight.data.begin(), weight.data.end());
  layer.channelLast = true;
  EXPECT_EQ(bitsOf(runDigits(layer, toChannelLast(x)).data), bitsOf(toChannelLast(first).data));
}

TEST(DigitsReference, DepthwiseIsAGroupPerChannel) {
  Randomizer random;
  FloatTensor x = random.getTensor({2, 3, 7, 7});
  DigitsLayer depthwise = getConvolution(DigitsLayer::DepthwiseConvolution, {6, 3, 3});
  depthwise.group = 2;
  depthwise = random.fill(depthwise, 6);
  DigitsLayer grouped = depthwise;
  grouped.kind = DigitsLayer::Convolution;
  grouped.weightShape = {6, 1, 3, 3};
  grouped.group = 3;
  EXPECT_EQ(bitsOf(runDigits(depthwise, x).data), bitsOf(runDigits(grouped, x).data));
}

//===----------------------------------------------------------------------===//
// Units
//===----------------------------------------------------------------------===//

TEST(DigitsReference, BatchDoesNotShow) {
  Randomizer random;
  DigitsLayer layers[] = {random.fill(getAffine(48, 5), 5),
                          random.fill(getConvolution(DigitsLayer::Convolution, {4, 3, 3, 3}), 4),
                          random.fill(getConvolution(DigitsLayer::Deconvolution, {3, 2, 2, 2}), 2)};
  for (const DigitsLayer &layer : layers) {
    FloatTensor batch = random.getTensor({5, 3, 4, 4});
    for (size_t i = 0; i < batch.data.size(); ++i)
      batch.data[i] *= std::pow(10.0f, i / 48); // samples of different sizes
    std::vector<float> one;
    for (int64_t n = 0; n < 5; ++n) {
      FloatTensor sample;
      sample.shape = {1, 3, 4, 4};
      sample.data.assign(batch.data.begin() + n * 48, batch.data.begin() + (n + 1) * 48);
      llvm::append_range(one, runDigits(layer, sample).data);
    }
    EXPECT_EQ(bitsOf(runDigits(layer, batch).data), bitsOf(one));
  }
}

/// Which outputs are the NaN of N2 if element `at` of an input of ones is `value`.
std::vector<bool> getPoisoned(const DigitsLayer &layer, FloatTensor x, size_t at, float value) {
  x.data[at] = value;
  std::vector<bool> poisoned;
  for (uint32_t bits : bitsOf(runDigits(layer, x).data)) {
    EXPECT_TRUE(bits == kQuietNaN || (bits & 0x7fffffff) < 0x7f800000);
    poisoned.push_back(bits == kQuietNaN);
  }
  return poisoned;
}

TEST(DigitsReference, NaNReachesItsUnit) {
  Randomizer random;
  for (float value : {kInfinity, -kInfinity, llvm::bit_cast<float>(0xff800001u)}) {
    DigitsLayer affine = random.fill(getAffine(4, 2), 2);
    EXPECT_EQ(getPoisoned(affine, random.getTensor({3, 4}), 5, value),
              std::vector<bool>({false, false, true, true, false, false}));

    // Pixel (0, 1) of 2 x 2 in the first of two samples; two output channels.
    DigitsLayer pointwise = random.fill(getConvolution(DigitsLayer::Convolution, {2, 1, 1, 1}), 2);
    std::vector<bool> expected(16);
    expected[1] = expected[5] = true;
    EXPECT_EQ(getPoisoned(pointwise, random.getTensor({2, 1, 2, 2}), 1, value), expected);

    // A stride of two reads pixel (0, 0) alone.
    pointwise.stride = {2, 2};
    EXPECT_EQ(getPoisoned(pointwise, random.getTensor({2, 1, 2, 2}), 1, value),
              std::vector<bool>(4, false));

    // A convolution with a kernel, and a deconvolution: the whole sample, taps or not.
    DigitsLayer wide = random.fill(getConvolution(DigitsLayer::Convolution, {1, 1, 1, 2}), 1);
    EXPECT_EQ(getPoisoned(wide, random.getTensor({2, 1, 1, 3}), 0, value),
              std::vector<bool>({true, true, false, false}));
    DigitsLayer sparse = random.fill(getConvolution(DigitsLayer::Deconvolution, {1, 1, 1, 1}), 1);
    sparse.stride = {1, 3};
    EXPECT_EQ(getPoisoned(sparse, random.getTensor({2, 1, 1, 2}), 0, value),
              std::vector<bool>({true, true, true, true, false, false, false, false}));
  }
}

TEST(DigitsReference, StaticStepsClamp) {
  constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
  DigitsLayer layer = getAffine(1, 1);
  layer.weight = {1};
  layer.deltas = {1.0f};
  layer.activationMaximum = 127.0f; // a step of 1
  FloatTensor x{{8, 1}, {3.4f, -99.6f, 127.4f, 500.0f, -kInfinity, kNaN, 2.5f, 1e-44f}};
  layer.activationBits = 8;
  EXPECT_EQ(runDigits(layer, x).data,
            (std::vector<float>{3.0f, -100.0f, 127.0f, 127.0f, -127.0f, -127.0f, 2.0f, 0.0f}));
  layer.hasUnsignedCodes = true;
  layer.activationMaximum = 127.5f; // a step of 1/2
  EXPECT_EQ(runDigits(layer, x).data,
            (std::vector<float>{3.5f, 0.0f, 127.5f, 127.5f, 0.0f, 0.0f, 2.5f, 0.0f}));
  // With 32 bits the largest code is the largest f32 that is none too large.
  EXPECT_EQ(getClampedCode(kInfinity, 0, getLargestCode(32, false), false), 2139062016);
  EXPECT_EQ(getClampedCode(-2139062144.0f, 0, getLargestCode(32, false), false), -2139062016);
  EXPECT_EQ(getClampedCode(kInfinity, 0, getLargestCode(32, true), true), 4294967040);
}

TEST(DigitsReference, EmptySumsGiveTheBias) {
  Randomizer random;
  DigitsLayer noColumns = random.fill(getAffine(0, 2), 2);
  EXPECT_EQ(runDigits(noColumns, random.getTensor({2, 0})).data,
            std::vector<float>({-1.0f, -0.875f, -1.0f, -0.875f}));
  EXPECT_TRUE(runDigits(noColumns, random.getTensor({0, 0})).data.empty());

  DigitsLayer inPadding = random.fill(getConvolution(DigitsLayer::Convolution, {1, 1, 1}), 1);
  inPadding.pad = {2};
  FloatTensor y = runDigits(inPadding, random.getTensor({1, 1, 1}));
  EXPECT_EQ(y.data.size(), 5u);
  EXPECT_EQ(y.data[0], -1.0f);

  DigitsLayer noTaps = random.fill(getConvolution(DigitsLayer::Deconvolution, {1, 1, 1}), 1);
  noTaps.stride = {3};
  EXPECT_EQ(runDigits(noTaps, random.getTensor({1, 1, 2})).data[1], -1.0f);
}

TEST(DigitsReference, ZeroAndDenormalInputs) {
  Randomizer random;
  DigitsLayer layer = random.fill(getAffine(4, 1), 1);
  for (unsigned bits : {8u, 16u, 24u, 32u}) {
    layer.activationBits = bits;
    FloatTensor x;
    x.shape = {4, 4};
    x.data = {0.0f,  -0.0f, 0.0f,  -0.0f,  1e-40f, -1e-40f, 1e-45f, 0.0f,
              -0.0f, 0.0f,  -0.0f, 1e-40f, 1.0f,   1e-40f,  -0.0f,  0.0f};
    FloatTensor y = runDigits(layer, x);
    EXPECT_EQ(bitsOf(ArrayRef<float>(y.data).take_front(3)), bitsOf({-1.0f, -1.0f, -1.0f}));
    EXPECT_FLOAT_EQ(y.data[3], layer.weight[0] * layer.deltas[0] - 1.0f);
  }
}

//===----------------------------------------------------------------------===//
// Sums and errors
//===----------------------------------------------------------------------===//

TEST(DigitsReference, LargestSumsAreExact) {
  // All codes at their limits: the sums are products of three integers.
  struct Case {
    unsigned activationBits;
    bool isUnsigned;
    int32_t code;
    int64_t count;
  };
  for (Case c :
       {Case{8, false, 127, 132104}, Case{16, false, -127, 514}, Case{24, false, 127, 514},
        Case{24, true, 255, 65280}, Case{32, true, 65535, 32768}, Case{32, false, -32767, 70000}}) {
    DigitsLayer layer = getAffine(c.count, 1);
    layer.weight.assign(c.count, c.code);
    layer.deltas = {1.0f};
    layer.activationBits = c.activationBits;
    layer.hasUnsignedCodes = c.isUnsigned;
    int64_t largest = getLargestCode(c.activationBits, c.isUnsigned);
    float a = c.activationBits < 32 ? float(largest) : float(largest & ~int64_t(255));
    FloatTensor x;
    x.shape = {1, c.count};
    x.data.assign(c.count, a);
    CodeParts parts = splitCode(int64_t(a), c.activationBits, c.isUnsigned);
    float expected = combineSums(parts.high * c.code * c.count, parts.low * c.code * c.count, 1.0f,
                                 /*step=*/0, /*bias=*/0.0f);
    EXPECT_EQ(bitsOf(runDigits(layer, x).data), bitsOf({expected}));
    EXPECT_NEAR(expected / (double(a) * c.code * c.count), 1.0, 1e-6);
  }
}

TEST(DigitsReference, ErrorIsWithinTheContract) {
  Randomizer random;
  for (auto [bits, limit] : {std::pair(8u, 3e-2), {16u, 2e-4}, {24u, 4e-7}, {32u, 1.2e-7}})
    for (unsigned weightBits : {1u, 4u, 8u, 12u, 16u})
      for (bool isSigned : {false, true})
        for (bool isNonNegative : {false, true}) {
          if (isSigned && weightBits == 1)
            continue;
          DigitsLayer layer = random.fill(getAffine(512, 8), 8, weightBits, isSigned);
          layer.activationBits = bits;
          layer.hasUnsignedCodes = isNonNegative;
          FloatTensor x = random.getTensor({4, 512}, isNonNegative);
          EXPECT_LT(getError(runDigits(layer, x).data, runDouble(layer, x)), limit)
              << weightBits << "-bit weights, " << bits << "-bit activations";
        }
}

TEST(DigitsReference, StepsOfTheSeed) {
  Randomizer random;
  DigitsLayer layer = random.fill(getAffine(256, 8), 8);
  layer.deltas = {2e-4f};
  FloatTensor x = random.getTensor({4, 256});
  EXPECT_LT(getError(runDigits(layer, x).data, runDouble(layer, x)), 4e-7);
}

} // namespace
