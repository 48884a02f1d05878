//===- Float64ReferenceTest.cpp - The reference that --check compares with -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Networks in f64 against formulas in C++. A result is two f32 with 48 bits together.
//
//===----------------------------------------------------------------------===//

#include "DigitsReference.h"
#include "LayerText.h"
#include "Network.h"

#include "fpw/Execution/Float64Reference.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>
#include <gtest/gtest.h>
#include <random>

using namespace fpw;
using namespace fpw::test;

namespace {

constexpr double kTolerance = 1e-13;

Float64Buffer runReference(const Network &network, const FloatTensor &x) {
  std::unique_ptr<mlir::MLIRContext> context = makeContext();
  auto reference = llvm::cantFail(Float64Reference::compile(*network.build(context.get())));
  TensorView view{x.shape, x.data.data()};
  return std::move(llvm::cantFail(reference->run(view)).front());
}

void expectEqual(const Float64Buffer &actual, ArrayRef<double> expected) {
  ASSERT_EQ(actual.size(), expected.size());
  double largest = 0;
  for (double y : expected)
    largest = std::max(largest, std::fabs(y));
  for (size_t i = 0; i < expected.size(); ++i)
    ASSERT_NEAR(actual[i], expected[i], kTolerance * largest) << "element " << i;
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

struct Layer {
  DigitsLayer layer;
  std::vector<int64_t> inputShape;
  int64_t channels;
};

/// A layer of each kind. No product of a code and a step is an f32.
std::vector<Layer> getLayers() {
  std::vector<Layer> layers;
  auto add = [&](DigitsLayer::Kind kind, std::vector<int64_t> inputShape,
                 std::vector<int64_t> weightShape, int64_t channels) -> DigitsLayer & {
    DigitsLayer layer;
    layer.kind = kind;
    layer.weightShape = std::move(weightShape);
    if (kind != DigitsLayer::Affine) {
      layer.pad = {1, 1};
      layer.stride = {2, 1};
      layer.dilation = {1, 1};
      if (kind == DigitsLayer::Deconvolution)
        layer.outputPadding = {0, 0};
    }
    layers.push_back({layer, std::move(inputShape), channels});
    return layers.back().layer;
  };
  add(DigitsLayer::Affine, {3, 40}, {40, 7}, 7);
  add(DigitsLayer::Affine, {2, 3, 8}, {24, 2, 3}, 6);
  add(DigitsLayer::Convolution, {2, 4, 7, 6}, {6, 2, 3, 3}, 6).group = 2;
  add(DigitsLayer::Convolution, {2, 7, 6, 5}, {8, 3, 3, 5}, 8).channelLast = true;
  add(DigitsLayer::Deconvolution, {2, 4, 5, 5}, {4, 3, 4, 3}, 3);
  add(DigitsLayer::DepthwiseConvolution, {2, 5, 6, 6}, {5, 3, 3}, 5);
  add(DigitsLayer::DepthwiseDeconvolution, {2, 4, 5, 5}, {4, 3, 3}, 4);
  return layers;
}

Network makeNetwork(const Layer &layer, unsigned bits) {
  const DigitsLayer &digits = layer.layer;
  std::string element = bits > 8 ? "si16" : "si8";
  std::string inputType = batchTypeOf(layer.inputShape);
  Network network;
  network.addInput("x", inputType);
  network.addCodes("w", element, digits.weightShape, digits.weight);
  SmallVector<int64_t> biasShape{layer.channels};
  if (digits.kind == DigitsLayer::Affine)
    biasShape.assign(digits.weightShape.begin() + 1, digits.weightShape.end());
  network.addParameter("b", {biasShape, digits.bias});
  network.addOp("y",
                llvm::formatv("nn.fixed_point_quantized_{0} %x, %w, %b{1}{2} : ({3}, {4}, {5}) "
                              "-> {6}",
                              getMnemonic(digits), getAttributes(digits),
                              getFormat(digits, bits, /*isSigned=*/true), inputType,
                              typeOf(digits.weightShape, element), typeOf(biasShape),
                              batchTypeOf(getGeometry(digits, layer.inputShape).outputShape))
                    .str());
  network.addOutput("y");
  return network;
}

TEST(Float64Reference, LayersHaveExactWeights) {
  std::mt19937 random(1);
  for (bool isPerChannel : {false, true})
    for (unsigned bits : {7u, 16u})
      for (Layer &layer : getLayers()) {
        SCOPED_TRACE(getMnemonic(layer.layer));
        std::uniform_int_distribution<int32_t> code(-(1 << (bits - 1)) + 1, (1 << (bits - 1)) - 1);
        std::uniform_real_distribution<float> real(1e-4f, 1.0f);
        layer.layer.weight.resize(countElements(layer.layer.weightShape));
        for (int32_t &k : layer.layer.weight)
          k = code(random);
        for (int64_t i = 0; i < (isPerChannel ? layer.channels : 1); ++i)
          layer.layer.deltas.push_back(real(random));
        for (int64_t i = 0; i < layer.channels; ++i)
          layer.layer.bias.push_back(real(random));
        FloatTensor x = makeNormal(layer.inputShape, bits);
        expectEqual(runReference(makeNetwork(layer, bits), x), runDouble(layer.layer, x));
      }
}

TEST(Float64Reference, BiasCodesAreExact) {
  Network network;
  network.addInput("x", "tensor<?x1xf32>");
  network.addCodes("w", "si8", {1, 2}, {3, -5});
  network.addCodes("b", "si16", {2}, {12345, -321});
  network.addOp("y", "nn.fixed_point_quantized_affine %x, %w, %b "
                     "weight_format <bits = 8, signed, delta = 2.000000e-04> "
                     "bias_format <bits = 16, signed, delta = 3.000000e-01> "
                     ": (tensor<?x1xf32>, tensor<1x2xsi8>, tensor<2xsi16>) -> tensor<?x2xf32>");
  network.addOutput("y");
  double delta = 2e-4f, biasDelta = 0.3f, x = 0.7f;
  expectEqual(runReference(network, {{1, 1}, {0.7f}}),
              {x * (3 * delta) + 12345 * biasDelta, x * (-5 * delta) - 321 * biasDelta});
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

TEST(Float64Reference, FunctionsAreThoseOfF64) {
  FloatTensor x = makeNormal({5, 16}, 3);
  auto expectFunction = [&](StringRef op, double (*function)(double)) {
    SCOPED_TRACE(op.str());
    Network network;
    network.addInput("x", "tensor<?x16xf32>");
    network.addOp("y",
                  llvm::formatv("nn.{0} %x : (tensor<?x16xf32>) -> tensor<?x16xf32>", op).str());
    network.addOutput("y");
    std::vector<double> expected;
    for (float element : x.data)
      expected.push_back(function(element));
    expectEqual(runReference(network, x), expected);
  };
  expectFunction("tanh", [](double x) { return std::tanh(x); });
  expectFunction("sigmoid", [](double x) { return 1 / (1 + std::exp(-x)); });
  expectFunction("elu", [](double x) { return x > 0 ? x : std::expm1(x); });
  expectFunction("softplus",
                 [](double x) { return std::fmax(x, 0) + std::log1p(std::exp(-std::fabs(x))); });
  expectFunction("sin", [](double x) { return std::sin(x); });
  expectFunction("atan", [](double x) { return std::atan(x); });
  expectFunction("pow_scalar", [](double x) { return x; });
  expectFunction("round", [](double x) { return std::round(x); });
}

TEST(Float64Reference, SumsAreThoseOfF64) {
  Network network;
  network.addInput("x", "tensor<?x3xf32>");
  network.addOp("y", "nn.sum %x axes [1] : (tensor<?x3xf32>) -> tensor<?xf32>");
  network.addOutput("y");
  expectEqual(runReference(network, {{1, 3}, {1.0f, 0x1p-40f, -0x1p-44f}}),
              {1.0 + 0x1p-40 - 0x1p-44});
}

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

/// One element of a row is 2^20 times the others and meets a weight of 0. Steps of 24 bits follow
/// the large one, so that the small ones keep four bits; f32 has an exponent for each.
TEST(Float64Reference, ShowsWhatHeavyTailsCost) {
  Layer layer;
  layer.inputShape = {4, 64};
  layer.channels = 2;
  layer.layer.weightShape = {64, 2};
  layer.layer.deltas = {0.01f};
  layer.layer.bias = {0.0f, 0.0f};
  for (int i = 0; i < 128; ++i)
    layer.layer.weight.push_back(i < 2 ? 0 : i % 50 - 25);
  FloatTensor x = makeNormal(layer.inputShape, 7);
  for (int64_t row = 0; row < 4; ++row)
    x.data[row * 64] = 0x1p20f;
  Network network = makeNetwork(layer, 8);
  Float64Buffer reference = runReference(network, x);

  std::unique_ptr<mlir::MLIRContext> context = makeContext();
  mlir::OwningOpRef<mlir::ModuleOp> module = network.build(context.get());
  auto getError = [&](Arithmetic arithmetic, unsigned bits) {
    CompileOptions options;
    options.arithmetic = arithmetic;
    options.activationBits = bits;
    auto model = llvm::cantFail(CompiledModel::compile(*module, options));
    TensorView view{x.shape, x.data.data()};
    return compare(llvm::cantFail(model->run(view)).front().data, reference);
  };
  EXPECT_LT(getError(Arithmetic::Float, 24).maxError, 1e-6);
  EXPECT_GT(getError(Arithmetic::Digits, 24).maxError, 1e-2);
  EXPECT_GT(getError(Arithmetic::Digits, 24).rmsError, 1e-2);
  EXPECT_LT(getError(Arithmetic::Digits, 32).maxError, 1e-3);
}

Float64Buffer makeBuffer(std::vector<float> &nearest, std::vector<float> &rest) {
  Float64Buffer buffer;
  buffer.nearest.data = nearest;
  buffer.rest.data = rest;
  return buffer;
}

TEST(Float64Reference, ErrorsAreRelativeToTheLargest) {
  constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  std::vector<float> nearest = {4.0f, 3.0f, kNaN, kInfinity}, rest = {0x1p-30f, 0.0f, 1.0f, kNaN};
  Float64Buffer reference = makeBuffer(nearest, rest);
  EXPECT_EQ(reference[0], 4.0 + 0x1p-30);
  EXPECT_EQ(reference[3], kInfinity);
  ErrorStatistics error = compare({4.0f, 3.5f, kNaN, kInfinity}, reference);
  EXPECT_NEAR(error.maxError, 0.5 / 4, 1e-9);
  EXPECT_NEAR(error.rmsError, 0.5 / 5, 1e-9);
  EXPECT_EQ(error.maxMagnitude, 4.0 + 0x1p-30);
  EXPECT_EQ(compare({4.0f, 3.0f, 0.0f, kInfinity}, reference).maxError, kInfinity);
  EXPECT_EQ(compare({4.0f, 3.0f, kNaN, 1.0f}, reference).maxError, kInfinity);
}

} // namespace
