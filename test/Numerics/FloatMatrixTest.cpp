//===- FloatMatrixTest.cpp - Every target gives the bits of N7 for sums of floats -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reductions and layers that compute in float, on each target, on several numbers of threads, in
// batches of five and of one. All results are compared bit by bit with the contract.
//
//===----------------------------------------------------------------------===//

#include "FloatReference.h"
#include "LayerText.h"
#include "Machine.h"
#include "Network.h"

#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>
#include <functional>
#include <gtest/gtest.h>

using namespace fpw;
using namespace fpw::test;

namespace {

using Shape = SmallVector<int64_t>;
using Position = ArrayRef<int64_t>;

constexpr int64_t kBatch = 5;
constexpr int64_t kSizes[] = {1, 15, 16, 17, 33, 100};

//===----------------------------------------------------------------------===//
// Reductions by definition
//===----------------------------------------------------------------------===//

/// Adds or multiplies: in lanes if the last axis is among the reduced ones, else in sequence.
float combine(ArrayRef<float> values, int64_t last, bool isInLanes, bool isProduct) {
  if (isInLanes)
    return isProduct ? reference::multiplyInLanes(values, last)
                     : reference::sumInLanes(values, last);
  float result = isProduct ? 1.0f : 0.0f;
  for (float x : values)
    result = isProduct ? result * x : result + x;
  return result;
}

/// Reduces the axes, which keep a size of 1.
FloatTensor reduce(const FloatTensor &x, Position axes, bool isProduct = false) {
  Shape kept(x.shape);
  for (int64_t axis : axes)
    kept[axis] = 1;
  bool isInLanes = llvm::is_contained(axes, int64_t(x.shape.size()) - 1);
  return generate(kept, [&](Position place) {
    std::vector<float> values;
    generate(x.shape, [&](Position position) {
      Shape zeroed(position);
      for (int64_t axis : axes)
        zeroed[axis] = 0;
      if (Position(zeroed) == place)
        values.push_back(at(x, position));
      return 0.0f;
    });
    return combine(values, x.shape.back(), isInLanes, isProduct);
  });
}

int64_t countOf(const FloatTensor &x, Position axes) {
  int64_t count = 1;
  for (int64_t axis : axes)
    count *= x.shape[axis];
  return count;
}

FloatTensor map(FloatTensor x, llvm::function_ref<float(float)> f) {
  for (float &element : x.data)
    element = f(element);
  return x;
}

/// Combines each element with that of a tensor in which some sizes are 1.
FloatTensor zip(const FloatTensor &x, const FloatTensor &y,
                llvm::function_ref<float(float, float)> f) {
  return generate(x.shape, [&](Position position) {
    Shape place(position);
    for (auto [index, size] : llvm::zip(place, y.shape))
      index = size == 1 ? 0 : index;
    return f(at(x, position), at(y, place));
  });
}

FloatTensor mean(const FloatTensor &x, Position axes) {
  float count = countOf(x, axes);
  return map(reduce(x, axes), [&](float sum) { return sum / count; });
}

FloatTensor softmax(const FloatTensor &x, int64_t axis, bool isLogarithm) {
  Shape kept(x.shape);
  kept[axis] = 1;
  FloatTensor largest = generate(kept, [&](Position place) {
    float m = at(x, place);
    Shape position(place);
    for (; position[axis] < x.shape[axis]; ++position[axis])
      m = std::max(m, at(x, position));
    return m;
  });
  FloatTensor d = zip(x, largest, [](float a, float m) { return a - m; });
  FloatTensor exps = map(d, reference::exp);
  FloatTensor sum = reduce(exps, axis);
  if (isLogarithm)
    return zip(d, sum, [](float d, float s) { return d - reference::log(s); });
  return zip(exps, sum, [](float e, float s) { return e / s; });
}

FloatTensor normalize(const FloatTensor &x, int64_t axis, float eps) {
  Shape others;
  for (int64_t dim = 0; dim < int64_t(x.shape.size()); ++dim)
    if (dim != axis)
      others.push_back(dim);
  FloatTensor differences = zip(x, mean(x, others), [](float a, float m) { return a - m; });
  FloatTensor scale = map(mean(map(differences, [](float d) { return d * d; }), others),
                          [&](float variance) { return 1.0f / std::sqrt(variance + eps); });
  return zip(differences, scale, [](float d, float s) { return d * s; });
}

/// Means of windows of 3 with a stride of 2 and a pad of 1, which does not count.
FloatTensor averagePooling(const FloatTensor &x) {
  Shape shape(x.shape);
  for (int64_t dim : {2, 3})
    shape[dim] = (x.shape[dim] - 1) / 2 + 1;
  return generate(shape, [&](Position place) {
    float sum = 0.0f, count = 0.0f;
    for (int64_t i = place[2] * 2 - 1; i < place[2] * 2 + 2; ++i)
      for (int64_t j = place[3] * 2 - 1; j < place[3] * 2 + 2; ++j)
        if (i >= 0 && i < x.shape[2] && j >= 0 && j < x.shape[3]) {
          sum += at(x, {place[0], place[1], i, j});
          ++count;
        }
    return sum / count;
  });
}

//===----------------------------------------------------------------------===//
// Layers by definition
//===----------------------------------------------------------------------===//

/// The channels of a group that lie together in a layer as it is compiled, where channels are last
/// but for depthwise convolutions.
int64_t countChannels(const DigitsLayer &layer) {
  const std::vector<int64_t> &weight = layer.weightShape;
  switch (layer.kind) {
  case DigitsLayer::Affine:
    return weight[0];
  case DigitsLayer::Convolution:
    return layer.channelLast ? weight.back() : weight[1];
  case DigitsLayer::Deconvolution:
    return weight[0] / layer.group;
  case DigitsLayer::DepthwiseConvolution:
    return 1;
  case DigitsLayer::DepthwiseDeconvolution:
    return layer.group;
  }
  llvm_unreachable("all kinds are handled");
}

/// The products in the order of their inputs: a transposed convolution meets them from the last tap
/// on.
std::vector<std::pair<int64_t, int64_t>> sortProducts(const DigitsLayer &layer,
                                                      const Output &output) {
  auto products = output.products;
  if (layer.kind == DigitsLayer::Deconvolution ||
      layer.kind == DigitsLayer::DepthwiseDeconvolution) {
    std::reverse(products.begin(), products.end());
    int64_t channels = countChannels(layer);
    for (auto it = products.begin(); it != products.end(); it += channels)
      std::reverse(it, it + channels);
  }
  return products;
}

FloatTensor runLayer(const DigitsLayer &layer, const std::vector<float> &weight, int64_t outputs,
                     const FloatTensor &x) {
  Geometry geometry = getGeometry(layer, x.shape);
  FloatTensor y = makeZeros(geometry.outputShape);
  for (const Output &output : geometry.outputs) {
    std::vector<float> xs, ws;
    for (auto [input, k] : sortProducts(layer, output)) {
      xs.push_back(x.data[input]);
      ws.push_back(weight[k]);
    }
    float start = layer.bias.empty() ? 0.0f : layer.bias[output.channel];
    y.data[output.index] = reference::sumProducts(xs, ws, start, countChannels(layer), outputs);
  }
  return y;
}

FloatTensor multiplyMatrices(const FloatTensor &a, const FloatTensor &b, bool isTransposed) {
  int64_t inner = a.shape[2], columns = b.shape[isTransposed ? 1 : 2];
  return generate({a.shape[0], a.shape[1], columns}, [&](Position p) {
    std::vector<float> xs, ws;
    for (int64_t k = 0; k < inner; ++k) {
      xs.push_back(at(a, {p[0], p[1], k}));
      ws.push_back(isTransposed ? at(b, {p[0], p[2], k}) : at(b, {p[0], k, p[2]}));
    }
    return reference::sumProducts(xs, ws, 0.0f, inner, columns);
  });
}

//===----------------------------------------------------------------------===//
// Networks of many ops
//===----------------------------------------------------------------------===//

/// Ops with a result each, and what these results are.
class OpList {
public:
  using Formula = std::function<FloatTensor(ArrayRef<FloatTensor>)>;

  /// Adds an input of ordinary numbers and returns its number.
  unsigned addInput(const Shape &shape) {
    inputs.push_back(makeNormal(shape, /*seed=*/inputs.size() + 1));
    network.addInput(getInputName(inputs.size() - 1), batchTypeOf(shape));
    return inputs.size() - 1;
  }

  /// Adds an op on inputs. `text` is an op without types; "$0" stands for the first input.
  void addOp(std::string text, ArrayRef<unsigned> operands, const Shape &shape, Formula formula,
             StringRef parameterTypes = "") {
    std::string types;
    for (auto [i, operand] : llvm::enumerate(operands)) {
      std::string mark = "$" + std::to_string(i);
      text.replace(text.find(mark), mark.size(), "%" + getInputName(operand));
      types += (i == 0 ? "" : ", ") + batchTypeOf(inputs[operand].shape);
    }
    std::string name = "y" + std::to_string(ops.size());
    bool hasBatch = !shape.empty() && shape.front() == kBatch;
    network.addOp(name, llvm::formatv("nn.{0} : ({1}{2}) -> {3}", text, types, parameterTypes,
                                      hasBatch ? batchTypeOf(shape) : typeOf(shape))
                            .str());
    network.addOutput(name);
    ops.push_back({text, SmallVector<unsigned>(operands), std::move(formula)});
  }

  Network &getNetwork() { return network; }

  /// Compiles the ops for a target and compares their results with the formulas.
  void expectReference(const cpu::TargetInfo &target, bool isSplittable) {
    std::unique_ptr<mlir::MLIRContext> context = makeContext();
    CompileOptions options;
    options.target = target;
    auto model = llvm::ExitOnError("cannot compile: ")(
        CompiledModel::compile(*network.build(context.get()), options));
    std::vector<FloatTensor> expected;
    for (const Op &op : ops) {
      std::vector<FloatTensor> operands;
      for (unsigned operand : op.operands)
        operands.push_back(inputs[operand]);
      expected.push_back(op.formula(operands));
    }
    for (unsigned threads : {1, 2, 3, 7})
      compare(run(*model, inputs, threads), expected);
    for (int64_t n = 0; isSplittable && n < kBatch; ++n)
      compare(run(*model, takeFrom(inputs, n)), takeFrom(expected, n));
  }

private:
  struct Op {
    std::string text;
    SmallVector<unsigned> operands;
    Formula formula;
  };

  static std::string getInputName(unsigned number) { return "x" + std::to_string(number); }

  static std::vector<FloatTensor> takeFrom(ArrayRef<FloatTensor> tensors, int64_t n) {
    std::vector<FloatTensor> samples;
    for (const FloatTensor &tensor : tensors)
      samples.push_back(takeSamples(tensor, n, 1));
    return samples;
  }

  /// The shapes of results may differ in sizes of 1.
  void compare(ArrayRef<FloatTensor> actual, ArrayRef<FloatTensor> expected) {
    for (auto [op, a, e] : llvm::zip_equal(ops, actual, expected))
      expectSameBits({e.shape, a.data}, e, op.text + " of " + listOf(inputs[op.operands[0]].shape));
  }

  Network network;
  std::vector<FloatTensor> inputs;
  std::vector<Op> ops;
};

/// What reduces axes of one tensor, for every size of the last dimension.
void addReductions(OpList &list) {
  for (int64_t size : kSizes) {
    unsigned x = list.addInput({kBatch, 4, 3, size});
    auto add = [&](std::string text, const Shape &shape,
                   std::function<FloatTensor(const FloatTensor &)> formula) {
      list.addOp(std::move(text), {x}, shape,
                 [=](ArrayRef<FloatTensor> operands) { return formula(operands[0]); });
    };
    for (Shape axes : {Shape{3}, Shape{2, 3}, Shape{1, 3}, Shape{1, 2}}) {
      Shape shape{kBatch, 4, 3, size};
      for (int64_t axis : axes)
        shape[axis] = 1;
      std::string end = " $0 axes " + listOf(axes) + " keep_dims";
      add("sum" + end, shape, [=](const FloatTensor &x) { return reduce(x, axes); });
      add("mean" + end, shape, [=](const FloatTensor &x) { return mean(x, axes); });
      add("prod" + end, shape, [=](const FloatTensor &x) { return reduce(x, axes, true); });
    }
    Shape same{kBatch, 4, 3, size};
    for (int64_t axis : {1, 3}) {
      std::string end = " $0 axis " + std::to_string(axis);
      add("softmax" + end, same, [=](const FloatTensor &x) { return softmax(x, axis, false); });
      add("log_softmax" + end, same, [=](const FloatTensor &x) { return softmax(x, axis, true); });
    }
    add("global_average_pooling $0", {kBatch, 4, 1, 1},
        [](const FloatTensor &x) { return mean(x, {2, 3}); });
    add("global_average_pooling $0 channel_last", {kBatch, 1, 1, size},
        [](const FloatTensor &x) { return mean(x, {1, 2}); });
    add("average_pooling $0 kernel [3, 3] stride [2, 2] pad [1, 1] including_pad false",
        {kBatch, 4, 2, (size - 1) / 2 + 1}, averagePooling);
  }
}

/// What mixes samples.
void addMixingReductions(OpList &list) {
  unsigned row = list.addInput({kBatch}), many = list.addInput({kBatch, 33});
  auto reduceAll = [](ArrayRef<FloatTensor> x) { return reduce(x[0], {0}); };
  list.addOp("sum $0 axes [0]", {row}, {}, reduceAll);
  list.addOp("sum $0 axes [0]", {many}, {33}, reduceAll);
  list.addOp("mean $0", {many}, {}, [](ArrayRef<FloatTensor> x) { return mean(x[0], {0, 1}); });
  for (int64_t size : kSizes) {
    unsigned x = list.addInput({kBatch, 3, size});
    for (int64_t axis : {1, 2}) {
      int64_t channels = axis == 1 ? 3 : size;
      std::string unused = "m" + std::to_string(axis) + "_" + std::to_string(size);
      list.getNetwork().addParameter(unused, makeZeros({channels}));
      std::string type = ", " + typeOf({channels});
      list.addOp(
          llvm::formatv("batch_normalization $0 mean %{0} variance %{0} axes [{1}] "
                        "eps 1.250000e-01 batch_stat",
                        unused, axis)
              .str(),
          {x}, {kBatch, 3, size},
          [=](ArrayRef<FloatTensor> x) { return normalize(x[0], axis, 0.125f); }, type + type);
    }
  }
}

/// Layers of odd sizes, and products of matrices.
void addProducts(OpList &list) {
  unsigned count = 0;
  // Of a layer with groups of one output, `outputs` is 0.
  auto addLayer = [&](DigitsLayer layer, const Shape &inputShape, int64_t outputs) {
    unsigned x = list.addInput(inputShape);
    Geometry geometry = getGeometry(layer, inputShape);
    std::string number = std::to_string(count++), types = ", " + typeOf(layer.weightShape);
    FloatTensor weight = makeNormal(layer.weightShape, 100 + count);
    list.getNetwork().addParameter("w" + number, weight);
    std::string operands = "$0, %w" + number;
    if (count % 3 != 0) {
      int64_t channels = 0;
      for (const Output &output : geometry.outputs)
        channels = std::max(channels, output.channel + 1);
      FloatTensor bias = makeNormal({channels}, 200 + count);
      layer.bias = bias.data;
      list.getNetwork().addParameter("b" + number, bias);
      operands += ", %b" + number;
      types += ", " + typeOf(bias.shape);
    }
    list.addOp(
        getMnemonic(layer) + " " + operands + getAttributes(layer), {x},
        Shape(ArrayRef(geometry.outputShape)),
        [=](ArrayRef<FloatTensor> x) { return runLayer(layer, weight.data, outputs, x[0]); },
        types);
  };
  for (int64_t size : kSizes)
    for (int64_t outputs : {int64_t(1), int64_t(3), size}) {
      DigitsLayer affine;
      affine.weightShape = {size, outputs};
      addLayer(affine, {kBatch, size}, outputs);
    }
  auto makeLayer = [](DigitsLayer::Kind kind, std::vector<int64_t> weightShape, bool channelLast) {
    DigitsLayer layer;
    layer.kind = kind;
    layer.weightShape = std::move(weightShape);
    layer.pad = {1, 1};
    layer.stride = {2, 1};
    layer.dilation = {1, 1};
    layer.channelLast = channelLast;
    if (kind == DigitsLayer::Deconvolution)
      layer.outputPadding = {1, 0};
    return layer;
  };
  for (bool channelLast : {false, true})
    for (int64_t outputs : {1, 3, 17, 33}) {
      std::vector<int64_t> weight{outputs, 16, 3, 3}, transposed{16, outputs, 3, 3};
      if (channelLast) {
        weight = {outputs, 3, 3, 16};
        transposed = {16, 3, 3, outputs};
      }
      Shape image = channelLast ? Shape{kBatch, 6, 5, 16} : Shape{kBatch, 16, 6, 5};
      addLayer(makeLayer(DigitsLayer::Convolution, weight, channelLast), image, outputs);
      addLayer(makeLayer(DigitsLayer::Deconvolution, transposed, channelLast), image, outputs);
    }
  addLayer(makeLayer(DigitsLayer::DepthwiseConvolution, {17, 3, 3}, false), {kBatch, 17, 6, 7}, 0);
  DigitsLayer divided = makeLayer(DigitsLayer::DepthwiseDeconvolution, {15, 3, 3}, false);
  addLayer(divided, {kBatch, 15, 4, 5}, 0);
  divided.group = 5;
  addLayer(divided, {kBatch, 15, 4, 5}, 0);
  for (int64_t size : kSizes)
    for (int64_t columns : {1, 5, 17})
      for (bool isTransposed : {false, true}) {
        Shape shape{kBatch, size, columns};
        if (isTransposed)
          std::swap(shape[1], shape[2]);
        unsigned a = list.addInput({kBatch, 3, size}), b = list.addInput(shape);
        list.addOp(std::string("batch_matmul $0, $1") + (isTransposed ? " transpose_b" : ""),
                   {a, b}, {kBatch, 3, columns}, [=](ArrayRef<FloatTensor> x) {
                     return multiplyMatrices(x[0], x[1], isTransposed);
                   });
      }
}

//===----------------------------------------------------------------------===//
// The matrix
//===----------------------------------------------------------------------===//

class FloatMatrix : public testing::TestWithParam<Machine> {
protected:
  void check(void (*addOps)(OpList &), bool isSplittable) {
    std::optional<cpu::TargetInfo> target = GetParam().getTarget();
    if (!target)
      GTEST_SKIP() << "this processor is no " << GetParam().name << " machine";
    OpList list;
    addOps(list);
    list.expectReference(*target, isSplittable);
  }
};

TEST_P(FloatMatrix, Reductions) { check(addReductions, /*isSplittable=*/true); }
TEST_P(FloatMatrix, ReductionsThatMixSamples) {
  check(addMixingReductions, /*isSplittable=*/false);
}
TEST_P(FloatMatrix, Products) { check(addProducts, /*isSplittable=*/true); }

INSTANTIATE_TEST_SUITE_P(Targets, FloatMatrix, testing::ValuesIn(getMachines()),
                         [](const testing::TestParamInfo<Machine> &info) {
                           return std::string(info.param.name);
                         });

} // namespace
