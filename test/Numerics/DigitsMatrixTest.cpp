//===- DigitsMatrixTest.cpp - Every target gives the bits of the digits contract -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The same layers on each target, with each number of activation bits, on several numbers of
// threads, over inputs that touch the edges of the contract. All results are compared bit by bit
// with the plain reference, which also makes them independent of the batch.
//
//===----------------------------------------------------------------------===//

#include "DigitsReference.h"
#include "LayerText.h"
#include "Machine.h"
#include "Network.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>

using namespace fpw;
using namespace fpw::test;

namespace {

constexpr int64_t kBatch = 5;

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

struct Layer {
  const char *name;
  DigitsLayer layer;
  std::vector<int64_t> inputShape;
};

/// The layer without its numbers.
Layer makeLayer(const char *name, DigitsLayer::Kind kind, std::vector<int64_t> inputShape,
                std::vector<int64_t> weightShape) {
  Layer result{name, {}, std::move(inputShape)};
  result.layer.kind = kind;
  result.layer.weightShape = std::move(weightShape);
  size_t spatialRank = result.inputShape.size() - 2;
  if (kind != DigitsLayer::Affine) {
    result.layer.pad.assign(spatialRank, 0);
    result.layer.stride.assign(spatialRank, 1);
    result.layer.dilation.assign(spatialRank, 1);
    if (kind == DigitsLayer::Deconvolution)
      result.layer.outputPadding.assign(spatialRank, 0);
  }
  return result;
}

std::vector<Layer> getShapes() {
  std::vector<Layer> layers;
  auto add = [&](const char *name, DigitsLayer::Kind kind, std::vector<int64_t> inputShape,
                 std::vector<int64_t> weightShape) -> DigitsLayer & {
    inputShape.insert(inputShape.begin(), kBatch);
    layers.push_back(makeLayer(name, kind, std::move(inputShape), std::move(weightShape)));
    return layers.back().layer;
  };
  add("affine", DigitsLayer::Affine, {200}, {200, 70});
  add("affine of rows", DigitsLayer::Affine, {3, 20}, {20, 7}).baseAxis = 2;
  add("affine of images", DigitsLayer::Affine, {2, 3, 4}, {24, 2, 3});
  // So many products that sums need 64 bits, even those of a byte with a byte.
  add("long affine", DigitsLayer::Affine, {140000}, {140000, 1});
  add("3x3", DigitsLayer::Convolution, {16, 9, 7}, {32, 16, 3, 3}).pad = {1, 1};
  add("many channels", DigitsLayer::Convolution, {64, 5, 6}, {64, 64, 3, 3}).pad = {1, 1};
  add("1x1", DigitsLayer::Convolution, {24, 5, 4}, {10, 24, 1, 1});
  add("strided 1x1", DigitsLayer::Convolution, {8, 5, 4}, {10, 8, 1, 1}).stride = {2, 2};
  add("1-D", DigitsLayer::Convolution, {5, 20}, {6, 5, 4}).dilation = {2};
  add("3-D", DigitsLayer::Convolution, {2, 4, 3, 5}, {3, 2, 2, 2, 2}).pad = {1, 0, 1};
  DigitsLayer &stem = add("stem", DigitsLayer::Convolution, {3, 15, 15}, {16, 3, 7, 7});
  stem.pad = {3, 3};
  stem.stride = {2, 2};
  DigitsLayer &folded =
      add("5x4 of steps 3x2", DigitsLayer::Convolution, {6, 14, 11}, {40, 6, 5, 4});
  folded.pad = {2, 1};
  folded.stride = {3, 2};
  DigitsLayer &volume =
      add("3-D of steps 1x2x1", DigitsLayer::Convolution, {3, 4, 7, 6}, {5, 3, 2, 4, 3});
  volume.pad = {1, 1, 2};
  volume.stride = {1, 2, 1};
  DigitsLayer &groups = add("groups", DigitsLayer::Convolution, {7, 6, 8}, {6, 3, 3, 4});
  groups.channelLast = true;
  groups.weightShape = {6, 3, 3, 4};
  groups.group = 2;
  add("pairs in groups", DigitsLayer::Convolution, {6, 5, 9}, {4, 3, 3, 3}).group = 2;
  DigitsLayer &gray = add("gray", DigitsLayer::Convolution, {1, 8, 9}, {6, 1, 5, 5});
  gray.pad = {2, 2};
  DigitsLayer &holes = add("holes", DigitsLayer::Convolution, {3, 9, 11}, {17, 3, 3, 2});
  holes.pad = {1, 2};
  holes.stride = {1, 2};
  holes.dilation = {1, 3};
  DigitsLayer &strides = add("strides", DigitsLayer::Convolution, {5, 7, 8}, {9, 5, 2, 3});
  strides.stride = {3, 2};
  strides.pad = {0, 1};
  add("heavy affine", DigitsLayer::Affine, {600}, {600, 5});
  DigitsLayer &wideGroups =
      add("wide groups", DigitsLayer::Convolution, {6, 5, 66}, {70, 3, 3, 33});
  wideGroups.channelLast = true;
  wideGroups.group = 2;
  wideGroups.pad = {1, 1};
  DigitsLayer &transposedGroups =
      add("deconvolution of groups", DigitsLayer::Deconvolution, {32, 4, 3}, {32, 17, 4, 2});
  transposedGroups.group = 2;
  transposedGroups.stride = {2, 2};
  DigitsLayer &depthwise =
      add("depthwise", DigitsLayer::DepthwiseConvolution, {20, 6, 6}, {20, 3, 3});
  depthwise.pad = {1, 1};
  DigitsLayer &multiplied =
      add("multiplied depthwise", DigitsLayer::DepthwiseConvolution, {3, 7, 7}, {6, 3, 3});
  multiplied.stride = {2, 1};
  multiplied.group = 2;
  DigitsLayer &transposed =
      add("deconvolution", DigitsLayer::Deconvolution, {8, 4, 4}, {8, 5, 4, 4});
  transposed.pad = {1, 1};
  transposed.stride = {2, 2};
  DigitsLayer &upsampling =
      add("wide deconvolution", DigitsLayer::Deconvolution, {32, 4, 5}, {32, 20, 4, 4});
  upsampling.pad = {1, 1};
  upsampling.stride = {2, 2};
  DigitsLayer &gaps =
      add("deconvolution with gaps", DigitsLayer::Deconvolution, {17, 3, 4}, {17, 16, 2, 3});
  gaps.stride = {3, 2};
  gaps.pad = {0, 1};
  gaps.outputPadding = {1, 1};
  DigitsLayer &sparse =
      add("sparse deconvolution", DigitsLayer::Deconvolution, {4, 3, 3}, {4, 3, 2, 2});
  sparse.group = 2;
  sparse.stride = {4, 3};
  sparse.outputPadding = {2, 1};
  sparse.dilation = {2, 1};
  DigitsLayer &divided =
      add("depthwise deconvolution", DigitsLayer::DepthwiseDeconvolution, {4, 5, 5}, {4, 3, 3});
  divided.stride = {2, 2};
  divided.group = 2;
  return layers;
}

/// Formats of weights, from layer to layer: every storage type, one step or one per channel.
struct Format {
  unsigned bits;
  bool isSigned, isPerChannel, isPowerOfTwo;
};

const Format kFormats[] = {
    {8, true, false, true},  {4, true, true, true},    {8, false, false, false},
    {16, true, true, false}, {12, false, true, true},  {8, true, true, false},
    {1, false, false, true}, {16, false, false, true}, {9, true, false, false},
};

class NumberMaker {
public:
  explicit NumberMaker(unsigned seed) : random(seed) {}

  /// Gives the layer weights, steps and a bias.
  void fill(Layer &layer, const Format &format, bool hasBias) {
    DigitsLayer &digits = layer.layer;
    int64_t largest = (int64_t(1) << (format.bits - format.isSigned)) - 1;
    digits.weight.resize(countElements(digits.weightShape));
    for (int32_t &k : digits.weight)
      k = pick(format.isSigned ? -largest : 0, largest);
    digits.weight.front() = largest;
    int64_t channels = 0;
    for (const Output &output : getGeometry(digits, layer.inputShape).outputs)
      channels = std::max(channels, output.channel + 1);
    for (int64_t o = 0; o < (format.isPerChannel ? channels : 1); ++o)
      digits.deltas.push_back(format.isPowerOfTwo ? std::ldexp(1.0f, pick(-12, -3))
                                                  : 2e-4f * pick(1, 9));
    for (int64_t o = 0; o < (hasBias ? channels : 0); ++o)
      digits.bias.push_back(pick(-1000, 1000) * 0.01f);
  }

  /// Ordinary samples of different sizes, and samples at the edges, of which `first` is the first.
  FloatTensor makeInput(ArrayRef<int64_t> shape, unsigned first, unsigned activationBits) {
    FloatTensor x = makeZeros(shape);
    size_t sampleSize = x.data.size() / kBatch;
    std::normal_distribution<float> normal;
    for (auto [i, element] : llvm::enumerate(x.data))
      element = normal(random) * std::ldexp(1.0f, 7 * int(i / sampleSize));
    for (int64_t n = 1; n < kBatch; n += 2)
      putEdge(MutableArrayRef(x.data).slice(n * sampleSize, sampleSize), first + n / 2,
              activationBits);
    return x;
  }

  /// From so small that nearly all elements are beyond it to so large that none is.
  float pickMaximum() { return std::ldexp(1.0f + float(pick(0, 255)) / 256, pick(-9, 30)); }

private:
  int64_t pick(int64_t least, int64_t most) {
    return std::uniform_int_distribution<int64_t>(least, most)(random);
  }

  void putEdge(MutableArrayRef<float> sample, unsigned edge, unsigned activationBits) {
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    float &somewhere = sample[pick(0, sample.size() - 1)];
    // The largest float with step 1: for 32 bits 0x7f7f7f00 if signed, 0xffffff00 if unsigned.
    float signedLimit =
        activationBits == 32 ? 2139062016.0f : float(getLargestCode(activationBits, false));
    float unsignedLimit =
        activationBits == 32 ? 4294967040.0f : float(getLargestCode(activationBits, true));
    switch (edge) {
    case 0: // nothing but zeros of both signs
      for (auto [i, x] : llvm::enumerate(sample))
        x = i % 2 ? 0.0f : -0.0f;
      break;
    case 1: // denormals
      for (float &x : sample)
        x *= 0x1p-136f;
      break;
    case 2:
      somewhere = std::numeric_limits<float>::quiet_NaN();
      break;
    case 3:
      somewhere = kInfinity;
      break;
    case 4: // so large that every other code is 0
      somewhere = std::numeric_limits<float>::max();
      break;
    case 5: // right at the limit of the signed codes
      somewhere = signedLimit;
      break;
    case 6: // just beyond it
      somewhere = std::nextafter(signedLimit, kInfinity);
      break;
    case 7:
      somewhere = unsignedLimit;
      break;
    case 8:
      somewhere = std::nextafter(unsignedLimit, kInfinity);
      break;
    default: // ties: halves, whose step is 1
      for (float &x : sample)
        x = float(pick(-200, 200)) / 2;
      somewhere = signedLimit;
    }
  }

  std::mt19937 random;
};

constexpr unsigned kEdges = 10;

//===----------------------------------------------------------------------===//
// Networks
//===----------------------------------------------------------------------===//

std::string getElementType(const Format &format) {
  return std::string(format.isSigned ? "si" : "ui") + (format.bits > 8 ? "16" : "8");
}

/// Adds a layer to the network, behind a ReLU if its codes are unsigned.
void addLayer(Network &network, const Layer &layer, const Format &format, size_t index) {
  const DigitsLayer &digits = layer.layer;
  auto name = [&](const char *base) { return base + std::to_string(index); };
  std::string inputType = batchTypeOf(layer.inputShape), element = getElementType(format);
  std::string operands = "%" + name("x"), types = inputType;
  network.addInput(name("x"), inputType);
  if (digits.hasUnsignedCodes) {
    network.addOp(name("r"),
                  llvm::formatv("nn.relu {0} : ({1}) -> {1}", operands, inputType).str());
    operands = "%" + name("r");
  }
  network.addCodes(name("w"), element, digits.weightShape, digits.weight);
  operands += ", %" + name("w");
  types += ", " + typeOf(digits.weightShape, element);
  if (!digits.bias.empty()) {
    SmallVector<int64_t> shape{int64_t(digits.bias.size())};
    if (digits.kind == DigitsLayer::Affine)
      shape.assign(digits.weightShape.begin() + 1, digits.weightShape.end());
    network.addParameter(name("b"), {shape, digits.bias});
    operands += ", %" + name("b");
    types += ", " + typeOf(shape);
  }
  std::string resultType = batchTypeOf(getGeometry(digits, layer.inputShape).outputShape);
  network.addOp(name("y"),
                llvm::formatv("nn.fixed_point_quantized_{0} {1}{2}{3} : ({4}) -> {5}",
                              getMnemonic(digits), operands, getAttributes(digits),
                              getFormat(digits, format.bits, format.isSigned), types, resultType)
                    .str());
  network.addOutput(name("y"));
}

//===----------------------------------------------------------------------===//
// The matrix
//===----------------------------------------------------------------------===//

class DigitsMatrix : public testing::TestWithParam<std::tuple<Machine, unsigned>> {
protected:
  void SetUp() override { compile(getShapes(), kFormats); }

  /// Makes the layers, every other one behind a ReLU and half of them with static steps, and
  /// compiles them as one network; skips where the processor lacks a feature.
  void compile(std::vector<Layer> shapes, ArrayRef<Format> formats) {
    auto [machine, bits] = GetParam();
    std::optional<cpu::TargetInfo> target = machine.getTarget();
    if (!target)
      GTEST_SKIP() << "this processor is no " << machine.name << " machine";
    layers = std::move(shapes);
    Network network;
    NumberMaker numbers(bits);
    for (auto [i, layer] : llvm::enumerate(layers)) {
      size_t variant = i + machine.features.size();
      const Format &format = formats[(variant + bits / 8) % formats.size()];
      layer.layer.activationBits = bits;
      layer.layer.hasUnsignedCodes = variant % 2;
      if ((variant / 2 + bits / 8) % 2)
        layer.layer.activationMaximum = numbers.pickMaximum();
      numbers.fill(layer, format, /*hasBias=*/i % 3 != 2);
      addLayer(network, layer, format, i);
    }
    CompileOptions options;
    options.arithmetic = Arithmetic::Digits;
    options.activationBits = bits;
    options.target = *target;
    context = makeContext();
    model = llvm::ExitOnError("cannot compile: ")(
        CompiledModel::compile(*network.build(context.get()), options));
  }

  std::vector<FloatTensor> makeInputs(unsigned firstEdge) const {
    unsigned bits = std::get<1>(GetParam());
    NumberMaker numbers(firstEdge + 100 * bits);
    std::vector<FloatTensor> inputs;
    for (const Layer &layer : layers)
      inputs.push_back(numbers.makeInput(layer.inputShape, firstEdge, bits));
    return inputs;
  }

  /// Runs the network and compares each result with the reference.
  void expectReference(ArrayRef<FloatTensor> inputs, unsigned threads) const {
    std::vector<FloatTensor> results = run(*model, inputs, threads);
    for (auto [layer, result, input] : llvm::zip_equal(layers, results, inputs)) {
      FloatTensor x = input;
      if (layer.layer.hasUnsignedCodes)
        for (float &element : x.data)
          element = element > 0.0f ? element : 0.0f;
      expectSameBits(result, runDigits(layer.layer, x),
                     llvm::formatv("{0} on {1} threads", layer.name, threads).str());
    }
  }

  std::vector<Layer> layers;
  std::unique_ptr<mlir::MLIRContext> context;
  std::unique_ptr<CompiledModel> model;
};

TEST_P(DigitsMatrix, GivesTheBitsOfTheReference) {
  constexpr unsigned kThreads[] = {1, 2, 3, 7};
  for (unsigned edge = 0; edge < kEdges; edge += kBatch / 2)
    expectReference(makeInputs(edge), kThreads[edge / 2 % std::size(kThreads)]);

  // One sample after the other.
  std::vector<FloatTensor> inputs = makeInputs(0);
  for (int64_t n = 0; n < kBatch; ++n) {
    std::vector<FloatTensor> samples;
    for (const FloatTensor &input : inputs)
      samples.push_back(takeSamples(input, n, 1));
    expectReference(samples, /*threads=*/1);
  }
}

/// Affine layers on one to five rows, for which weights are streamed.
class FewRows : public DigitsMatrix {
protected:
  void SetUp() override {
    const Format formats[] = {
        {8, true, false, true},  {4, true, true, false},  {2, true, false, true},
        {8, false, true, true},  {4, false, false, true}, {2, false, true, false},
        {1, false, false, true}, {3, true, false, false},
    };
    std::vector<Layer> shapes;
    for (int64_t i = 0; i < int64_t(std::size(formats)); ++i) {
      int64_t inputs = i % 3 == 0 ? 64 : 130 + 70 * i, outputs = i % 2 ? 32 + 32 * i : 17 + 23 * i;
      shapes.push_back(
          makeLayer("affine", DigitsLayer::Affine, {kBatch, inputs}, {inputs, outputs}));
    }
    compile(std::move(shapes), formats);
  }
};

TEST_P(FewRows, GiveTheBitsOfTheReference) {
  for (int64_t count = 1; count <= kBatch; ++count) {
    std::vector<FloatTensor> samples;
    for (const FloatTensor &input : makeInputs(/*firstEdge=*/2 * (count - 1)))
      samples.push_back(takeSamples(input, 0, count));
    expectReference(samples, /*threads=*/count);
  }
}

std::string getName(const testing::TestParamInfo<DigitsMatrix::ParamType> &info) {
  auto [machine, bits] = info.param;
  return llvm::formatv("{0}_{1}", machine.name, bits).str();
}

INSTANTIATE_TEST_SUITE_P(Targets, DigitsMatrix,
                         testing::Combine(testing::ValuesIn(getMachines()),
                                          testing::Values(8u, 16u, 24u, 32u)),
                         getName);
INSTANTIATE_TEST_SUITE_P(Targets, FewRows,
                         testing::Combine(testing::ValuesIn(getMachines()),
                                          testing::Values(8u, 16u, 24u, 32u)),
                         getName);

} // namespace
