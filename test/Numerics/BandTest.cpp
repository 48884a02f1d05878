//===- BandTest.cpp - Layers that share bands of lines -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Images of this size go through several layers band by band. The bits are those of the layers one
// by one, each a network of its own, or those of the reference.
//
//===----------------------------------------------------------------------===//

#include "DigitsReference.h"
#include "LayerText.h"
#include "Machine.h"
#include "Network.h"

#include "llvm/Support/FormatVariadic.h"
#include <cstring>
#include <gtest/gtest.h>
#include <random>

using namespace fpw;
using namespace fpw::test;

namespace {

constexpr int64_t kSize = 40, kNarrow = 64, kWide = 130; // 130 is no multiple of a tile

std::string imageOf(int64_t channels) { return batchTypeOf({1, kSize, kSize, channels}); }

FloatTensor makeNormal(std::vector<int64_t> shape, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  size_t count = 1;
  for (int64_t size : shape)
    count *= size;
  FloatTensor result{{shape.begin(), shape.end()}, std::vector<float>(count)};
  for (float &value : result.data)
    value = normal(random);
  return result;
}

std::vector<int32_t> makeCodes(size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<int32_t> codes(count);
  for (int32_t &code : codes)
    code = int32_t(random() % 255) - 127;
  return codes;
}

/// Adds a convolution and its rectifier, which makes codes of the next layer unsigned.
void addLayer(Network &network, StringRef from, StringRef to, int64_t inputs, int64_t outputs,
              int64_t kernel) {
  std::string weight = (to + "_w").str(), sums = (to + "_s").str();
  int64_t pad = kernel / 2;
  network.addCodes(weight, "si8", {outputs, kernel, kernel, inputs},
                   makeCodes(outputs * kernel * kernel * inputs, unsigned(inputs)));
  network.addOp(sums, "nn.fixed_point_quantized_convolution %" + from.str() + ", %" + weight +
                          " pad " + listOf({pad, pad}) +
                          " channel_last weight_format <bits = 8, signed, delta = 2.0e-04> : (" +
                          imageOf(inputs) + ", " +
                          typeOf({outputs, kernel, kernel, inputs}, "si8") + ") -> " +
                          imageOf(outputs));
  network.addOp(to, "nn.relu %" + sums + " : (" + imageOf(outputs) + ") -> " + imageOf(outputs));
}

FloatTensor runOn(const Network &network, const cpu::TargetInfo &target, unsigned bits,
                  ArrayRef<FloatTensor> inputs) {
  std::unique_ptr<mlir::MLIRContext> context = makeContext();
  CompileOptions options;
  options.arithmetic = Arithmetic::Digits;
  options.activationBits = bits;
  options.target = target;
  auto model = llvm::ExitOnError("cannot compile: ")(
      CompiledModel::compile(*network.build(context.get()), options));
  return run(*model, inputs, /*threads=*/3).front();
}

TEST(BandTest, BandsDoNotShowInTheBits) {
  FloatTensor x = makeNormal({2, kSize, kSize, kNarrow}, 1);
  FloatTensor z = makeNormal({2, kSize, kSize, kWide}, 2);
  // One network of three layers and a residual; x is rectified, so that all codes are unsigned.
  Network whole, first, second, third;
  auto addSecond = [](Network &network) {
    network.addInput("z", imageOf(kWide));
    addLayer(network, "a", "b", kNarrow, kWide, 1);
    network.addOp("c", "nn.add2 %b, %z : (" + imageOf(kWide) + ", " + imageOf(kWide) + ") -> " +
                           imageOf(kWide));
    network.addOp("d", "nn.relu %c : (" + imageOf(kWide) + ") -> " + imageOf(kWide));
  };
  auto addRectified = [](Network &network, StringRef name, int64_t channels) {
    network.addInput(name.str() + "_0", imageOf(channels));
    network.addOp(name, "nn.relu %" + name.str() + "_0 : (" + imageOf(channels) + ") -> " +
                            imageOf(channels));
  };
  addRectified(whole, "x", kNarrow);
  addLayer(whole, "x", "a", kNarrow, kNarrow, 3);
  addSecond(whole);
  addLayer(whole, "d", "y", kWide, kNarrow, 1);
  whole.addOutput("y");
  addRectified(first, "x", kNarrow);
  addLayer(first, "x", "a", kNarrow, kNarrow, 3);
  first.addOutput("a");
  addRectified(second, "a", kNarrow);
  addSecond(second);
  second.addOutput("d");
  addRectified(third, "d", kWide);
  addLayer(third, "d", "y", kWide, kNarrow, 1);
  third.addOutput("y");

  for (const Machine &machine : getMachines()) {
    std::optional<cpu::TargetInfo> target = machine.getTarget();
    if (!target)
      continue;
    for (unsigned bits : {8, 24}) {
      FloatTensor a = runOn(first, *target, bits, {x});
      FloatTensor d = runOn(second, *target, bits, {a, z});
      FloatTensor expected = runOn(third, *target, bits, {d});
      FloatTensor actual = runOn(whole, *target, bits, {x, z});
      ASSERT_EQ(actual.data.size(), expected.data.size());
      EXPECT_EQ(std::memcmp(actual.data.data(), expected.data.data(), actual.data.size() * 4), 0)
          << machine.name << ", " << bits << " bits";
    }
  }
}

//===----------------------------------------------------------------------===//
// Windows that reach over the edges of bands
//===----------------------------------------------------------------------===//

/// A convolution whose windows have `kernel` lines, of all channels or, with `outputs` 0, of each
/// channel by itself.
DigitsLayer makeConvolution(int64_t inputs, int64_t outputs, int64_t kernel, int64_t stride,
                            unsigned bits) {
  DigitsLayer layer;
  layer.channelLast = true;
  layer.stride = {stride, stride};
  layer.pad = {kernel / 2, kernel / 2};
  layer.dilation = {1, 1};
  layer.kind = outputs ? DigitsLayer::Convolution : DigitsLayer::DepthwiseConvolution;
  layer.weightShape = {outputs ? outputs : inputs, kernel, kernel};
  if (outputs)
    layer.weightShape.push_back(inputs);
  size_t count = layer.weightShape[0] * kernel * kernel * (outputs ? inputs : 1);
  layer.weight = makeCodes(count, unsigned(count));
  layer.deltas = {2.0e-4f};
  layer.bias.resize(layer.weightShape[0], 0.25f);
  layer.activationBits = bits;
  return layer;
}

/// Adds the layer, and a rectifier for every other one.
void addReferenceLayer(Network &network, size_t index, const DigitsLayer &layer,
                       ArrayRef<int64_t> inputShape) {
  auto name = [&](const char *base, size_t i) { return base + std::to_string(i); };
  std::string from = batchTypeOf(inputShape),
              to = batchTypeOf(getGeometry(layer, inputShape).outputShape);
  SmallVector<int64_t> biasShape{int64_t(layer.bias.size())};
  network.addCodes(name("w", index), "si8", layer.weightShape, layer.weight);
  network.addParameter(name("b", index), {biasShape, layer.bias});
  network.addOp(
      name("s", index),
      llvm::formatv(
          "nn.fixed_point_quantized_{0} %x{1}, %w{1}, %b{1}{2}{3} : ({4}, {5}, {6}) -> {7}",
          getMnemonic(layer), index, getAttributes(layer), getFormat(layer, 8, /*isSigned=*/true),
          from, typeOf(layer.weightShape, "si8"), typeOf(biasShape), to)
          .str());
  network.addOp(name("x", index + 1), llvm::formatv("nn.{0} %s{1} : ({2}) -> {2}",
                                                    index % 2 ? "identity" : "relu", index, to)
                                          .str());
}

/// The last result of the layers by the reference.
FloatTensor runReference(ArrayRef<DigitsLayer> layers, FloatTensor x) {
  for (auto [i, layer] : llvm::enumerate(layers)) {
    DigitsLayer known = layer;
    known.hasUnsignedCodes = i % 2; // behind a rectifier
    x = runDigits(known, x);
    if (i % 2 == 0)
      for (float &value : x.data)
        value = value > 0.0f ? value : 0.0f;
  }
  return x;
}

class WindowBands : public testing::TestWithParam<std::tuple<unsigned, int64_t>> {};

TEST_P(WindowBands, GiveTheBitsOfTheReference) {
  auto [bits, stride] = GetParam();
  // The largest magnitude of the second image comes band by band, its digits too, with lines
  // between two bands in both; the last layer's channels are padded in the band.
  const int64_t size = 44, narrow = 24, wide = 136;
  std::vector<int64_t> shape{2, size, size, narrow};
  std::vector<DigitsLayer> layers{
      makeConvolution(narrow, wide, 1, 1, bits), makeConvolution(wide, 0, 3, stride, bits),
      makeConvolution(wide, narrow, 1, 1, bits), makeConvolution(narrow, 16, 5, stride, bits)};
  FloatTensor x = makeNormal(shape, 1);
  FloatTensor expected = runReference(layers, x);
  Network network;
  network.addInput("x0", batchTypeOf(shape));
  for (auto [i, layer] : llvm::enumerate(layers)) {
    addReferenceLayer(network, i, layer, shape);
    shape = getGeometry(layer, shape).outputShape;
  }
  network.addOutput("x" + std::to_string(layers.size()));
  for (const Machine &machine : getMachines())
    if (std::optional<cpu::TargetInfo> target = machine.getTarget()) {
      FloatTensor actual = runOn(network, *target, bits, {x});
      ASSERT_EQ(actual.data.size(), expected.data.size());
      EXPECT_EQ(std::memcmp(actual.data.data(), expected.data.data(), actual.data.size() * 4), 0)
          << machine.name;
    }
}

INSTANTIATE_TEST_SUITE_P(Layers, WindowBands,
                         testing::Combine(testing::Values(8u, 24u, 32u),
                                          testing::Values(int64_t(1), int64_t(2))));

} // namespace
