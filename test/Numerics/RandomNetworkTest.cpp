//===- RandomNetworkTest.cpp - Random networks on every target -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Small networks of random layers, in digits, must have the same bits on each target, whatever the
// number of threads. Single layers have a reference; this finds what goes wrong between them, where
// targets fuse, lay out and pack in ways of their own.
//
// The seeds are fixed. FPW_RANDOM_NETWORKS=N tries the first N instead, and FPW_RANDOM_SEED=S
// begins with another one.
//
//===----------------------------------------------------------------------===//

#include "DigitsLayer.h"
#include "LayerText.h"
#include "Machine.h"
#include "Network.h"

#include "llvm/Support/FormatVariadic.h"
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <gtest/gtest.h>
#include <random>

using namespace fpw;
using namespace fpw::test;

namespace {

/// Makes a network, layer by layer, on channel-first images of a dynamic batch.
class NetworkGenerator {
public:
  /// With `areStepsStatic`, layers have an `activation_maximum`. With `isShown`, the results of all
  /// layers are results of the network, too, after the usual ones.
  explicit NetworkGenerator(unsigned seed, bool areStepsStatic = false, bool isShown = false)
      : random(seed), areStepsStatic(areStepsStatic), isShown(isShown) {}

  Network get();
  std::vector<int64_t> getInputShape() const { return inputShape; }

private:
  int64_t pick(int64_t least, int64_t most) {
    return std::uniform_int_distribution<int64_t>(least, most)(random);
  }
  template <typename T, size_t n> T pickOne(const T (&list)[n]) { return list[pick(0, n - 1)]; }

  void add(const std::string &op, const std::string &operands, const std::string &types,
           const std::string &attributes, std::vector<int64_t> resultShape);
  /// Adds an op of the current value and perhaps parameters.
  void apply(const std::string &op, const std::string &attributes, std::vector<int64_t> resultShape,
             const std::string &operands = "", const std::string &types = "");
  void addLayer(DigitsLayer layer);
  void addConvolution(bool keepsShape);
  void addDeconvolution();
  void addDepthwise();
  void addActivation();
  void addNormalization();
  void addPooling();
  void addResidual();
  void addHead();

  std::string getName(const char *base) { return base + std::to_string(count++); }

  std::mt19937 random;
  bool areStepsStatic, isShown;
  std::vector<std::string> shown;
  Network network;
  unsigned count = 0;
  std::string current;
  std::vector<int64_t> shape, inputShape; ///< with a batch of 1
};

void NetworkGenerator::add(const std::string &op, const std::string &operands,
                           const std::string &types, const std::string &attributes,
                           std::vector<int64_t> resultShape) {
  shape = std::move(resultShape);
  current = getName("y");
  network.addOp(current, llvm::formatv("nn.{0} {1}{2} : ({3}) -> {4}", op, operands, attributes,
                                       types, batchTypeOf(shape))
                             .str());
}

void NetworkGenerator::apply(const std::string &op, const std::string &attributes,
                             std::vector<int64_t> resultShape, const std::string &operands,
                             const std::string &types) {
  add(op, "%" + current + operands, batchTypeOf(shape) + types, attributes, std::move(resultShape));
}

/// Adds a layer whose weight has a shape but no numbers yet.
void NetworkGenerator::addLayer(DigitsLayer layer) {
  const unsigned widths[] = {8, 8, 8, 4, 2, 9, 12, 16};
  unsigned bits = pickOne(widths);
  bool isSigned = pick(0, 3) > 0;
  int64_t largest = (int64_t(1) << (bits - isSigned)) - 1;
  std::vector<int64_t> resultShape = getGeometry(layer, shape).outputShape;
  int64_t outputs = resultShape[1];
  layer.weight.resize(countElements(layer.weightShape));
  for (int32_t &k : layer.weight)
    k = pick(isSigned ? -largest : 0, largest);
  for (int64_t o = 0, steps = pick(0, 1) ? outputs : 1; o < steps; ++o)
    layer.deltas.push_back(pick(0, 1) ? std::ldexp(1.0f, -int(bits) - 1) : 3e-3f / largest);
  if (areStepsStatic)
    layer.activationMaximum = 0.3f * pick(1, 10);
  std::string weight = getName("w"), element = isSigned ? "si" : "ui";
  element += bits > 8 ? "16" : "8";
  network.addCodes(weight, element, layer.weightShape, layer.weight);
  std::string operands = ", %" + weight, types = ", " + typeOf(layer.weightShape, element);
  if (pick(0, 1)) {
    std::string bias = getName("b");
    network.addParameter(bias, makeNormal({outputs}, random()));
    operands += ", %" + bias;
    types += ", " + typeOf({outputs});
  }
  apply("fixed_point_quantized_" + getMnemonic(layer),
        getAttributes(layer) + getFormat(layer, bits, isSigned), resultShape, operands, types);
  shown.push_back(current);
}

static DigitsLayer makeLayer(DigitsLayer::Kind kind) {
  DigitsLayer layer;
  layer.kind = kind;
  layer.pad = {0, 0};
  layer.stride = layer.dilation = {1, 1};
  layer.outputPadding = {0, 0};
  return layer;
}

void NetworkGenerator::addConvolution(bool keepsShape) {
  DigitsLayer layer = makeLayer(DigitsLayer::Convolution);
  int64_t kernel = pick(0, 1) ? 3 : 1, channels = shape[1];
  int64_t outputs = keepsShape ? channels : pick(1, 40);
  layer.pad = {kernel / 2, kernel / 2};
  if (!keepsShape && pick(0, 2) == 0)
    layer.stride = {2, pick(1, 2)};
  if (pick(0, 3) == 0 && channels % 2 == 0 && outputs % 2 == 0)
    layer.group = 2;
  layer.weightShape = {outputs, channels / layer.group, kernel, kernel};
  addLayer(layer);
}

void NetworkGenerator::addDeconvolution() {
  DigitsLayer layer = makeLayer(DigitsLayer::Deconvolution);
  int64_t kernel = pick(2, 4);
  layer.pad = {pick(0, 1), pick(0, 1)};
  layer.stride = {2, 2};
  layer.outputPadding = {pick(0, 1), 0};
  layer.weightShape = {shape[1], pick(1, 24), kernel, kernel};
  addLayer(layer);
}

void NetworkGenerator::addDepthwise() {
  DigitsLayer layer = makeLayer(DigitsLayer::DepthwiseConvolution);
  layer.pad = {1, 1};
  layer.weightShape = {shape[1], 3, 3};
  addLayer(layer);
}

void NetworkGenerator::addActivation() {
  const char *ops[] = {"relu", "relu", "relu6", "leaky_relu", "tanh", "sigmoid", "swish", "abs"};
  apply(pickOne(ops), "", shape);
}

void NetworkGenerator::addNormalization() {
  std::vector<int64_t> channels = {1, shape[1], 1, 1};
  std::string type = typeOf(channels), text;
  for (const char *role : {"beta", "gamma", "mean", "variance"}) {
    FloatTensor values = makeNormal(channels, random());
    for (float &value : values.data)
      value = role == std::string("variance") ? 0.5f + value * value : value;
    std::string name = getName(role);
    network.addParameter(name, values);
    text += std::string(" ") + role + " %" + name;
  }
  apply("batch_normalization", text + " axes [1]", shape, "",
        ", " + type + ", " + type + ", " + type + ", " + type);
}

void NetworkGenerator::addPooling() {
  if (shape[2] < 2 || shape[3] < 2)
    return;
  const char *ops[] = {"max_pooling", "average_pooling", "sum_pooling"};
  std::vector<int64_t> result = {1, shape[1], (shape[2] - 2) / 2 + 1, shape[3] - 1};
  apply(pickOne(ops), " kernel [2, 2] stride [2, 1]", result);
}

void NetworkGenerator::addResidual() {
  std::string before = current;
  addConvolution(/*keepsShape=*/true);
  std::string type = batchTypeOf(shape);
  add("add2", "%" + before + ", %" + current, type + ", " + type, "", shape);
}

/// What ends many networks: an average of each channel, or none, an affine layer and probabilities.
void NetworkGenerator::addHead() {
  if (pick(0, 1))
    apply("global_average_pooling", "", {1, shape[1], 1, 1});
  DigitsLayer layer;
  layer.weightShape = {shape[1] * shape[2] * shape[3], pick(2, 10)};
  addLayer(layer);
  apply("softmax", " axis 1", shape);
}

Network NetworkGenerator::get() {
  inputShape = shape = {1, pick(1, 33), pick(3, 9), pick(3, 9)};
  current = "x";
  network.addInput(current, batchTypeOf(shape));
  for (int64_t i = 0, layers = pick(4, 7); i < layers; ++i) {
    switch (pick(0, 8)) {
    case 0:
      addNormalization();
      break;
    case 1:
      addPooling();
      break;
    case 2:
      addResidual();
      break;
    case 3:
      addDepthwise();
      break;
    case 4:
      addDeconvolution();
      break;
    default:
      addConvolution(/*keepsShape=*/false);
      addActivation();
    }
    if (pick(0, 2) == 0)
      addActivation();
  }
  network.addOutput(current);
  addHead();
  network.addOutput(current);
  if (isShown)
    for (const std::string &value : shown)
      if (value != current)
        network.addOutput(value);
  return network;
}

int64_t getNumber(const char *variable, int64_t otherwise) {
  const char *text = std::getenv(variable);
  return text ? std::atoll(text) : otherwise;
}

/// The results of a network for a target, in one thread.
std::vector<FloatTensor> compileAndRun(const Network &network, const cpu::TargetInfo &target,
                                       unsigned bits, const FloatTensor &input) {
  CompileOptions options;
  options.arithmetic = Arithmetic::Digits;
  options.activationBits = bits;
  options.target = target;
  std::unique_ptr<mlir::MLIRContext> context = makeContext();
  auto model = llvm::ExitOnError("cannot compile: ")(
      CompiledModel::compile(*network.build(context.get()), options));
  return run(*model, input, /*threads=*/1);
}

/// With static steps layers hand codes to each other, unless somebody else wants to see the
/// numbers.
TEST(RandomNetworkTest, StaticStepsHaveTheSameBitsHoweverLayersAreFused) {
  constexpr int64_t kNetworks = 4, kBatch = 2;
  int64_t first = getNumber("FPW_RANDOM_SEED", 100);
  for (int64_t seed = first; seed < first + getNumber("FPW_RANDOM_NETWORKS", kNetworks); ++seed) {
    NetworkGenerator generator(seed, /*areStepsStatic=*/true);
    NetworkGenerator shownGenerator(seed, /*areStepsStatic=*/true, /*isShown=*/true);
    Network network = generator.get(), shown = shownGenerator.get();
    std::vector<int64_t> shape = generator.getInputShape();
    shape.front() = kBatch;
    FloatTensor input = makeNormal(shape, seed);
    unsigned bits = seed % 4 == 3 ? 16 : 8;
    std::vector<FloatTensor> expected;
    for (const Machine &machine : getMachines()) {
      std::optional<cpu::TargetInfo> target = machine.getTarget();
      if (!target)
        continue;
      if (expected.empty())
        expected = compileAndRun(shown, *target, bits, input);
      std::vector<FloatTensor> results = compileAndRun(network, *target, bits, input);
      for (auto [i, result] : llvm::enumerate(results))
        expectSameBits(
            result, expected[i],
            llvm::formatv("output {0} of network {1} on {2}", i, seed, machine.name).str());
    }
  }
}

TEST(RandomNetworkTest, HasTheSameBitsOnEveryTarget) {
  constexpr int64_t kNetworks = 4, kBatch = 3;
  int64_t first = getNumber("FPW_RANDOM_SEED", 0);
  for (int64_t seed = first; seed < first + getNumber("FPW_RANDOM_NETWORKS", kNetworks); ++seed) {
    NetworkGenerator generator(seed);
    Network network = generator.get();
    std::vector<int64_t> shape = generator.getInputShape();
    shape.front() = kBatch;
    FloatTensor input = makeNormal(shape, seed);
    std::vector<FloatTensor> expected;
    for (const Machine &machine : getMachines()) {
      CompileOptions options;
      options.arithmetic = Arithmetic::Digits;
      options.activationBits = 8 * (1 + seed % 4);
      std::optional<cpu::TargetInfo> target = machine.getTarget();
      if (!target)
        continue;
      options.target = *target;
      std::unique_ptr<mlir::MLIRContext> context = makeContext();
      auto model = llvm::ExitOnError("cannot compile: ")(
          CompiledModel::compile(*network.build(context.get()), options));
      for (unsigned threads : {1, 3}) {
        std::vector<FloatTensor> results = run(*model, input, threads);
        if (expected.empty())
          expected = results;
        for (auto [i, result] : llvm::enumerate(results))
          expectSameBits(
              result, expected[i],
              llvm::formatv("output {0} of network {1} on {2}", i, seed, machine.name).str());
      }
    }
  }
}

} // namespace
