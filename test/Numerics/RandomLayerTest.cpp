//===- RandomLayerTest.cpp - Random layers against a plain reference -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Inputs, codes and biases are small integers and steps are powers of two, so that every sum is
// exact and results agree bit for bit whatever the order.
//
//===----------------------------------------------------------------------===//

#include "DigitsLayer.h"
#include "LayerText.h"
#include "Network.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <gtest/gtest.h>
#include <random>

using namespace fpw;
using namespace fpw::test;

namespace {

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

struct RandomLayer {
  DigitsLayer layer;
  std::vector<int64_t> inputShape;
  bool isStatic; ///< Or has a dynamic batch.
  bool hasCodes; ///< Or float weights.
};

/// The batch of all layers with a dynamic one: inputs of one network share it.
constexpr int64_t kBatch = 3;

class LayerGenerator {
public:
  explicit LayerGenerator(unsigned seed) : random(seed) {}

  RandomLayer get();

private:
  int64_t pick(int64_t least, int64_t most) {
    return std::uniform_int_distribution<int64_t>(least, most)(random);
  }
  bool flip() { return pick(0, 1); }
  std::vector<int64_t> pickSizes(size_t count, int64_t least, int64_t most) {
    std::vector<int64_t> sizes(count);
    for (int64_t &size : sizes)
      size = pick(least, most);
    return sizes;
  }
  RandomLayer getAffine();
  RandomLayer getConvolution(DigitsLayer::Kind kind);
  void addNumbers(RandomLayer &result);

  std::mt19937 random;
};

RandomLayer LayerGenerator::getAffine() {
  RandomLayer result;
  result.inputShape = pickSizes(pick(1, 4), 1, 5);
  int64_t rank = result.inputShape.size(), baseAxis = pick(0, rank - 1), columns = 1;
  for (int64_t dim = baseAxis; dim < rank; ++dim)
    columns *= result.inputShape[dim];
  result.layer.baseAxis = flip() ? baseAxis : baseAxis - rank;
  result.layer.weightShape = pickSizes(pick(1, 3), 1, 20);
  result.layer.weightShape.insert(result.layer.weightShape.begin(), columns);
  result.isStatic = baseAxis == 0 || flip();
  return result;
}

RandomLayer LayerGenerator::getConvolution(DigitsLayer::Kind kind) {
  RandomLayer result;
  DigitsLayer &layer = result.layer;
  layer.kind = kind;
  bool isTransposed =
      kind == DigitsLayer::Deconvolution || kind == DigitsLayer::DepthwiseDeconvolution;
  bool isDepthwise =
      kind == DigitsLayer::DepthwiseConvolution || kind == DigitsLayer::DepthwiseDeconvolution;
  size_t spatialRank = pick(1, 3);
  int64_t groups = pick(1, 4), inGroup = pick(1, 3), outGroup = pick(1, 3);
  layer.baseAxis = pick(0, 2);
  layer.channelLast = flip();
  layer.stride = pickSizes(spatialRank, 1, isTransposed ? 4 : 3);
  layer.dilation = pickSizes(spatialRank, 1, 3);
  std::vector<int64_t> kernel = pickSizes(spatialRank, 1, 4), image = pickSizes(spatialRank, 1, 6);
  layer.pad = pickSizes(spatialRank, 0, 3);
  for (size_t i = 0; i < spatialRank; ++i) {
    int64_t extent = layer.dilation[i] * (kernel[i] - 1) + 1;
    if (isTransposed) {
      layer.outputPadding.push_back(
          kind == DigitsLayer::Deconvolution ? pick(0, layer.stride[i] - 1) : 0);
      int64_t size = layer.stride[i] * (image[i] - 1) + extent + layer.outputPadding[i];
      layer.pad[i] = std::min(layer.pad[i], (size - 1) / 2);
    } else {
      image[i] = std::max(image[i], extent - 2 * layer.pad[i]);
    }
  }
  int64_t channels = groups * inGroup;
  if (kind == DigitsLayer::DepthwiseConvolution) {
    layer.group = outGroup;
    layer.weightShape = {channels * outGroup};
  } else if (kind == DigitsLayer::DepthwiseDeconvolution) {
    layer.group = inGroup;
    layer.weightShape = {channels};
  } else {
    layer.group = groups;
    layer.weightShape = {isTransposed ? channels : groups * outGroup};
  }
  llvm::append_range(layer.weightShape, kernel);
  if (!isDepthwise)
    layer.weightShape.insert(layer.channelLast ? layer.weightShape.end()
                                               : layer.weightShape.begin() + 1,
                             isTransposed ? outGroup : inGroup);
  result.inputShape = pickSizes(layer.baseAxis, 1, 3);
  if (!layer.channelLast)
    result.inputShape.push_back(channels);
  llvm::append_range(result.inputShape, image);
  if (layer.channelLast)
    result.inputShape.push_back(channels);
  result.isStatic = layer.baseAxis == 0 || flip();
  return result;
}

/// Codes of 4 bits, steps, and often a bias.
void LayerGenerator::addNumbers(RandomLayer &result) {
  DigitsLayer &layer = result.layer;
  layer.weight.resize(countElements(layer.weightShape));
  for (int32_t &code : layer.weight)
    code = pick(-7, 7);
  int64_t channels = 0;
  for (const Output &output : getGeometry(layer, result.inputShape).outputs)
    channels = std::max(channels, output.channel + 1);
  for (int64_t i = 0, count = flip() ? channels : 1; i < count; ++i)
    layer.deltas.push_back(std::ldexp(1.0f, pick(-3, 0)));
  for (int64_t i = 0, count = pick(0, 3) ? channels : 0; i < count; ++i)
    layer.bias.push_back(pick(-20, 20));
}

RandomLayer LayerGenerator::get() {
  auto kind = static_cast<DigitsLayer::Kind>(pick(0, 4));
  RandomLayer result = kind == DigitsLayer::Affine ? getAffine() : getConvolution(kind);
  if (!result.isStatic)
    result.inputShape.front() = kBatch;
  addNumbers(result);
  result.hasCodes = flip();
  return result;
}

//===----------------------------------------------------------------------===//
// What they compute
//===----------------------------------------------------------------------===//

/// The step of a weight, as `Output` says which weights belong to a channel.
float getDelta(const DigitsLayer &layer, int64_t channel) {
  return layer.deltas[layer.deltas.size() > 1 ? channel : 0];
}

FloatTensor computeReference(const DigitsLayer &layer, const Geometry &geometry,
                             const FloatTensor &x) {
  FloatTensor y = makeZeros(geometry.outputShape);
  for (const Output &output : geometry.outputs) {
    double sum = layer.bias.empty() ? 0.0 : layer.bias[output.channel];
    for (auto [input, weight] : output.products)
      sum += double(x.data[input]) * layer.weight[weight] * getDelta(layer, output.channel);
    y.data[output.index] = float(sum);
  }
  return y;
}

/// The float weights. A weight that no output reads has any step.
FloatTensor getWeights(const DigitsLayer &layer, const Geometry &geometry) {
  FloatTensor weights = makeZeros(layer.weightShape);
  llvm::copy(layer.weight, weights.data.begin());
  std::vector<bool> isDone(weights.data.size());
  for (const Output &output : geometry.outputs)
    for (auto [input, weight] : output.products)
      if (!isDone[weight]) {
        isDone[weight] = true;
        weights.data[weight] *= getDelta(layer, output.channel);
      }
  return weights;
}

//===----------------------------------------------------------------------===//
// As networks
//===----------------------------------------------------------------------===//

/// Names of values that do not clash with those of other layers in one network.
std::string indexed(StringRef name, size_t index) {
  return (name + "_" + llvm::Twine(index)).str();
}

/// Adds a layer with its own input and result.
void addLayer(Network &network, const RandomLayer &random, const Geometry &geometry, size_t index) {
  const DigitsLayer &layer = random.layer;
  auto type = random.isStatic ? [](ArrayRef<int64_t> shape) { return typeOf(shape); } : batchTypeOf;
  auto name = [&](StringRef base) { return indexed(base, index); };
  network.addInput(name("x"), type(random.inputShape));
  if (random.hasCodes)
    network.addCodes(name("w"), "si8", layer.weightShape, layer.weight);
  else
    network.addParameter(name("w"), getWeights(layer, geometry));
  std::string bias, biasType;
  if (!layer.bias.empty()) {
    SmallVector<int64_t> shape{int64_t(layer.bias.size())};
    if (layer.kind == DigitsLayer::Affine)
      shape = SmallVector<int64_t>(ArrayRef(layer.weightShape).drop_front());
    network.addParameter(name("b"), {shape, layer.bias});
    bias = ", %" + name("b");
    biasType = ", " + typeOf(shape);
  }
  std::string types = type(random.inputShape) + ", " +
                      typeOf(layer.weightShape, random.hasCodes ? "si8" : "f32") + biasType;
  network.addOp(name("y"),
                (random.hasCodes ? "nn.fixed_point_quantized_" : "nn.") + getMnemonic(layer) +
                    " %" + name("x") + ", %" + name("w") + bias + getAttributes(layer) +
                    (random.hasCodes ? getFormat(layer, /*bits=*/4, /*isSigned=*/true) : "") +
                    " : (" + types + ") -> " + type(geometry.outputShape));
  network.addOutput(name("y"));
}

/// Each network holds some layers, as compiling one costs more than running it.
class RandomLayerTest : public testing::TestWithParam<unsigned> {};

TEST_P(RandomLayerTest, AgreesExactly) {
  constexpr size_t kLayers = 5;
  LayerGenerator generator(GetParam());
  Network network;
  std::vector<FloatTensor> inputs, expected;
  for (size_t i = 0; i < kLayers; ++i) {
    RandomLayer random = generator.get();
    Geometry geometry = getGeometry(random.layer, random.inputShape);
    addLayer(network, random, geometry, i);
    inputs.push_back(makeIntegers(random.inputShape, GetParam() + i));
    expected.push_back(computeReference(random.layer, geometry, inputs.back()));
  }
  std::vector<FloatTensor> results = network.run(inputs);
  for (size_t i = 0; i < kLayers; ++i)
    expectClose(results[i], expected[i], {0.0}, indexed("layer", i));
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomLayerTest, testing::Range(0u, 24u));

} // namespace
