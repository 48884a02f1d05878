//===- DigitsLayer.cpp - A layer with fixed-point weights, and what meets in it -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DigitsLayer.h"

#include "llvm/ADT/STLExtras.h"
#include <array>
#include <functional>
#include <numeric>

namespace fpw::test {

using Sizes = std::array<int64_t, 3>;

static int64_t product(ArrayRef<int64_t> sizes) {
  return std::accumulate(sizes.begin(), sizes.end(), int64_t(1), std::multiplies<int64_t>());
}

//===----------------------------------------------------------------------===//
// Affine layers
//===----------------------------------------------------------------------===//

static Geometry getAffine(const DigitsLayer &layer, ArrayRef<int64_t> shape) {
  int64_t baseAxis = layer.baseAxis < 0 ? layer.baseAxis + shape.size() : layer.baseAxis;
  int64_t rows = product(shape.take_front(baseAxis)), columns = product(shape.drop_front(baseAxis));
  ArrayRef<int64_t> outputSizes = ArrayRef<int64_t>(layer.weightShape).drop_front();
  int64_t outputs = product(outputSizes);

  Geometry geometry;
  geometry.outputShape = shape.take_front(baseAxis).vec();
  llvm::append_range(geometry.outputShape, outputSizes);
  geometry.numUnits = rows;
  for (int64_t i = 0; i < rows * columns; ++i)
    geometry.unitOfInput.push_back(i / columns);
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t o = 0; o < outputs; ++o) {
      Output output{row * outputs + o, o, row, {}};
      for (int64_t c = 0; c < columns; ++c)
        output.products.push_back({row * columns + c, c * outputs + o});
      geometry.outputs.push_back(output);
    }
  return geometry;
}

//===----------------------------------------------------------------------===//
// Convolutions
//===----------------------------------------------------------------------===//

/// Up to three numbers with leading ones, or whatever else leaves a dimension alone.
static Sizes toSizes(ArrayRef<int64_t> values, int64_t neutral) {
  Sizes sizes = {neutral, neutral, neutral};
  std::copy(values.begin(), values.end(), sizes.end() - values.size());
  return sizes;
}

static void forEachPosition(const Sizes &sizes, llvm::function_ref<void(const Sizes &)> visit) {
  for (int64_t z = 0; z < sizes[0]; ++z)
    for (int64_t y = 0; y < sizes[1]; ++y)
      for (int64_t x = 0; x < sizes[2]; ++x)
        visit({z, y, x});
}

static int64_t flatten(const Sizes &position, const Sizes &sizes) {
  return (position[0] * sizes[1] + position[1]) * sizes[2] + position[2];
}

namespace {
/// A batch of images of up to three spatial dimensions, in either layout.
struct Images {
  int64_t channels;
  Sizes sizes;
  bool channelLast;

  int64_t getIndex(int64_t n, int64_t channel, const Sizes &position) const {
    int64_t pixels = product(sizes), pixel = flatten(position, sizes);
    return channelLast ? (n * pixels + pixel) * channels + channel
                       : (n * channels + channel) * pixels + pixel;
  }
};

/// Every convolution is a plain one or a transposed one with groups: a depthwise one has a group
/// per input channel (or per output channel, if transposed), and one channel in each of them.
class ConvolutionGeometry {
public:
  ConvolutionGeometry(const DigitsLayer &layer, ArrayRef<int64_t> shape);
  Geometry get() const;

private:
  bool isTransposed() const {
    return layer.kind == DigitsLayer::Deconvolution ||
           layer.kind == DigitsLayer::DepthwiseDeconvolution;
  }
  bool isDepthwise() const {
    return layer.kind == DigitsLayer::DepthwiseConvolution ||
           layer.kind == DigitsLayer::DepthwiseDeconvolution;
  }
  bool isPointwise() const {
    return !isTransposed() && product(kernel) == 1 && pad == Sizes{0, 0, 0};
  }
  int64_t getOutputSize(int64_t dim) const;
  int64_t getWeightIndex(int64_t first, int64_t second, const Sizes &tap) const;
  bool findInput(const Sizes &output, const Sizes &tap, Sizes &position) const;
  int64_t getUnit(int64_t n, const Sizes &inputPosition) const;
  Output getOutput(int64_t n, int64_t channel, const Sizes &position) const;

  const DigitsLayer &layer;
  int64_t batch, groups;
  int64_t secondSize; ///< The weight is (first, second, kernel...) or (first, kernel..., second).
  Sizes kernel, pad, stride, dilation, outputPadding;
  Images input, output;
  std::vector<int64_t> outputShape;
};
} // namespace

ConvolutionGeometry::ConvolutionGeometry(const DigitsLayer &layer, ArrayRef<int64_t> shape)
    : layer(layer) {
  ArrayRef<int64_t> batchSizes = shape.take_front(layer.baseAxis);
  ArrayRef<int64_t> image = shape.drop_front(layer.baseAxis);
  size_t spatialRank = image.size() - 1;
  ArrayRef<int64_t> weight = layer.weightShape;
  bool channelInMiddle = !isDepthwise() && !layer.channelLast;

  batch = product(batchSizes);
  kernel = toSizes(weight.slice(channelInMiddle ? 2 : 1, spatialRank), 1);
  secondSize = isDepthwise() ? 1 : channelInMiddle ? weight[1] : weight.back();
  pad = toSizes(layer.pad, 0);
  stride = toSizes(layer.stride, 1);
  dilation = toSizes(layer.dilation, 1);
  outputPadding = toSizes(layer.outputPadding, 0);

  input.channelLast = output.channelLast = layer.channelLast;
  input.channels = layer.channelLast ? image.back() : image.front();
  input.sizes = toSizes(layer.channelLast ? image.drop_back() : image.drop_front(), 1);
  groups = !isDepthwise()   ? layer.group
           : isTransposed() ? input.channels / layer.group
                            : input.channels;
  output.channels = isTransposed() ? secondSize * groups : weight.front();
  for (int64_t dim = 0; dim < 3; ++dim)
    output.sizes[dim] = getOutputSize(dim);

  outputShape = batchSizes.vec();
  outputShape.insert(outputShape.end(), output.sizes.end() - spatialRank, output.sizes.end());
  outputShape.insert(layer.channelLast ? outputShape.end() : outputShape.begin() + layer.baseAxis,
                     output.channels);
}

int64_t ConvolutionGeometry::getOutputSize(int64_t dim) const {
  int64_t size = input.sizes[dim], span = dilation[dim] * (kernel[dim] - 1) + 1;
  if (isTransposed())
    return stride[dim] * (size - 1) + span - 2 * pad[dim] + outputPadding[dim];
  return (size + 2 * pad[dim] - span) / stride[dim] + 1;
}

int64_t ConvolutionGeometry::getWeightIndex(int64_t first, int64_t second, const Sizes &tap) const {
  int64_t taps = product(kernel), index = flatten(tap, kernel);
  return layer.channelLast ? (first * taps + index) * secondSize + second
                           : (first * secondSize + second) * taps + index;
}

/// The position of the input that a tap of an output reads, if there is one.
bool ConvolutionGeometry::findInput(const Sizes &output, const Sizes &tap, Sizes &position) const {
  for (int64_t dim = 0; dim < 3; ++dim) {
    int64_t shift = tap[dim] * dilation[dim] - pad[dim];
    int64_t at = isTransposed() ? output[dim] - shift : output[dim] * stride[dim] + shift;
    if (isTransposed() && at % stride[dim] != 0)
      return false;
    position[dim] = isTransposed() ? at / stride[dim] : at;
    if (at < 0 || position[dim] >= input.sizes[dim])
      return false;
  }
  return true;
}

int64_t ConvolutionGeometry::getUnit(int64_t n, const Sizes &inputPosition) const {
  return isPointwise() ? n * product(input.sizes) + flatten(inputPosition, input.sizes) : n;
}

Output ConvolutionGeometry::getOutput(int64_t n, int64_t channel, const Sizes &position) const {
  int64_t inGroup = input.channels / groups, outGroup = output.channels / groups;
  int64_t group = channel / outGroup;
  Sizes read = {0, 0, 0};
  if (isPointwise())
    findInput(position, {0, 0, 0}, read);
  Output result{output.getIndex(n, channel, position), channel, getUnit(n, read), {}};
  forEachPosition(kernel, [&](const Sizes &tap) {
    if (!findInput(position, tap, read))
      return;
    for (int64_t c = 0; c < inGroup; ++c) {
      int64_t inputChannel = group * inGroup + c;
      int64_t weight = isTransposed() ? getWeightIndex(inputChannel, channel % outGroup, tap)
                                      : getWeightIndex(channel, c, tap);
      result.products.push_back({input.getIndex(n, inputChannel, read), weight});
    }
  });
  return result;
}

Geometry ConvolutionGeometry::get() const {
  Geometry geometry;
  geometry.outputShape = outputShape;
  geometry.numUnits = isPointwise() ? batch * product(input.sizes) : batch;
  geometry.unitOfInput.resize(batch * input.channels * product(input.sizes));
  for (int64_t n = 0; n < batch; ++n) {
    forEachPosition(input.sizes, [&](const Sizes &position) {
      for (int64_t c = 0; c < input.channels; ++c)
        geometry.unitOfInput[input.getIndex(n, c, position)] = getUnit(n, position);
    });
    forEachPosition(output.sizes, [&](const Sizes &position) {
      for (int64_t c = 0; c < output.channels; ++c)
        geometry.outputs.push_back(getOutput(n, c, position));
    });
  }
  return geometry;
}

Geometry getGeometry(const DigitsLayer &layer, ArrayRef<int64_t> inputShape) {
  return layer.kind == DigitsLayer::Affine ? getAffine(layer, inputShape)
                                           : ConvolutionGeometry(layer, inputShape).get();
}

} // namespace fpw::test
