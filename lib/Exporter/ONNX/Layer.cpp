//===- Layer.cpp - Inner products -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OpExporter.h"

using namespace mlir;
using namespace fpw;
using namespace fpw::onnx;

static ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

static int64_t countElements(ArrayRef<int64_t> shape) { return ShapedType::getNumElements(shape); }

/// The bias as a list, or null where there is none.
static FailureOr<std::string> getBias(OpExporter &exporter, nn::LayerOpInterface layer) {
  int64_t size = countElements(layer.getBias().getType().getShape());
  return exporter.getWeight(layer, {layer.getBias(), layer.getBiasFormatOrNull(), {}, {size}});
}

//===----------------------------------------------------------------------===//
// Affine
//===----------------------------------------------------------------------===//

/// Rows times a matrix.
template <typename OpT> static LogicalResult exportAffine(OpExporter &exporter, OpT op) {
  auto layer = cast<nn::LayerOpInterface>(op.getOperation());
  ArrayRef<int64_t> weightShape = shapeOf(op.getWeight());
  int64_t columns = weightShape.front(), outputs = countElements(weightShape.drop_front());
  FailureOr<std::string> weight = exporter.getWeight(
      op,
      {op.getWeight(), layer.getWeightFormatOrNull(), layer.getChannelMap(), {columns, outputs}});
  if (failed(weight))
    return failure();

  FailureOr<std::string> input = exporter.get(op.getInput());
  int64_t inputRank = shapeOf(op.getInput()).size();
  int64_t baseAxis = op.getBaseAxis() < 0 ? op.getBaseAxis() + inputRank : op.getBaseAxis();
  bool isMatrix = inputRank == 2 && baseAxis == 1;
  if (!isMatrix)
    input = exporter.reshape(op, *input, {baseAxis == 0 ? 1 : ShapedType::kDynamic, columns});
  if (failed(input))
    return failure();
  SmallVector<std::string> inputs = {*input, *weight};
  if (op.getBias()) {
    FailureOr<std::string> bias = getBias(exporter, layer);
    if (failed(bias))
      return failure();
    inputs.push_back(*bias);
  }
  FailureOr<std::string> result = exporter.graph.node("Gemm", inputs).output();
  if (!isMatrix || weightShape.size() != 2)
    result = exporter.reshape(op, *result, shapeOf(op.getResult()));
  if (failed(result))
    return failure();
  exporter.set(op.getResult(), *result);
  return success();
}

//===----------------------------------------------------------------------===//
// Layers with a window
//===----------------------------------------------------------------------===//

namespace {
/// A layer with a window as ONNX wants it: one batch dimension, then the channel.
struct WindowLayer {
  nn::LayerOpInterface layer;
  StringRef type;
  bool channelLast;
  int64_t baseAxis;
  int64_t group;
  ArrayRef<int64_t> pad, stride, dilation, outputPadding;
  /// The sizes of the weight, for its elements as they lie.
  SmallVector<int64_t> weightShape;
  bool weightHasChannelLast;

  LogicalResult write(OpExporter &exporter);

private:
  FailureOr<std::string> getInput(OpExporter &exporter);
  LogicalResult setResult(OpExporter &exporter, std::string result);
  int64_t getSpatialRank() const { return weightShape.size() - 2; }
};
} // namespace

FailureOr<std::string> WindowLayer::getInput(OpExporter &exporter) {
  std::string x = exporter.get(layer.getInput());
  SmallVector<int64_t> shape(shapeOf(layer.getInput()));
  if (channelLast) {
    SmallVector<int64_t> order = channelToFront(shape.size(), baseAxis);
    x = exporter.graph.transpose(x, order);
    shape = permute(shape, order);
  }
  if (baseAxis == 1)
    return x;
  shape.erase(shape.begin(), shape.begin() + baseAxis);
  shape.insert(shape.begin(), baseAxis == 0 ? 1 : ShapedType::kDynamic);
  return exporter.reshape(layer, x, shape);
}

LogicalResult WindowLayer::setResult(OpExporter &exporter, std::string result) {
  Value value = layer->getResult(0);
  SmallVector<int64_t> shape(shapeOf(value));
  if (baseAxis != 1) {
    FailureOr<std::string> reshaped = exporter.reshape(
        layer, result,
        channelLast ? permute(shape, channelToFront(shape.size(), baseAxis)) : shape);
    if (failed(reshaped))
      return failure();
    result = *reshaped;
  }
  if (channelLast)
    result = exporter.graph.transpose(result, channelToBack(shape.size(), baseAxis));
  exporter.set(value, result);
  return success();
}

LogicalResult WindowLayer::write(OpExporter &exporter) {
  int64_t rank = getSpatialRank();
  WeightUse use{layer.getWeight(), layer.getWeightFormatOrNull(), layer.getChannelMap(),
                weightShape};
  if (weightHasChannelLast)
    use.order = channelToFront(weightShape.size(), 1);
  FailureOr<std::string> input = getInput(exporter);
  FailureOr<std::string> weight = exporter.getWeight(layer, use);
  if (failed(input) || failed(weight))
    return failure();
  SmallVector<std::string> inputs = {*input, *weight};
  if (layer.getBias()) {
    FailureOr<std::string> bias = getBias(exporter, layer);
    if (failed(bias))
      return failure();
    inputs.push_back(*bias);
  }

  SmallVector<int64_t> pads = nn::withDefault(pad, rank, 0);
  pads.append(SmallVector<int64_t>(pads)); // at the beginning, at the end
  ArrayRef<int64_t> kernel = weightShape;
  kernel = weightHasChannelLast ? kernel.slice(1, rank) : kernel.drop_front(2);
  Node node = exporter.graph.node(type, inputs)
                  .integers("kernel_shape", kernel)
                  .integers("pads", pads)
                  .integers("strides", nn::withDefault(stride, rank, 1))
                  .integers("dilations", nn::withDefault(dilation, rank, 1))
                  .integer("group", group);
  if (!outputPadding.empty())
    node.integers("output_padding", outputPadding);
  return setResult(exporter, node);
}

/// What all layers with a window say alike.
template <typename OpT> static WindowLayer describe(OpT op, StringRef type, int64_t group) {
  return {cast<nn::LayerOpInterface>(op.getOperation()),
          type,
          op.getChannelLast(),
          int64_t(op.getBaseAxis()),
          group,
          op.getPad(),
          op.getStride(),
          op.getDilation(),
          {},
          SmallVector<int64_t>(shapeOf(op.getWeight())),
          op.getChannelLast()};
}

/// The weight (channels, kernel...) of a depthwise layer has one channel per kernel.
static WindowLayer asDepthwise(WindowLayer layer) {
  layer.weightShape.insert(layer.weightShape.begin() + 1, 1);
  layer.weightHasChannelLast = false;
  return layer;
}

template <typename OpT> static LogicalResult exportConvolution(OpExporter &exporter, OpT op) {
  return describe(op, "Conv", op.getGroup()).write(exporter);
}

template <typename OpT> static LogicalResult exportDeconvolution(OpExporter &exporter, OpT op) {
  WindowLayer layer = describe(op, "ConvTranspose", op.getGroup());
  layer.outputPadding = op.getOutputPadding();
  return layer.write(exporter);
}

template <typename OpT> static LogicalResult exportDepthwise(OpExporter &exporter, OpT op) {
  int64_t channels = shapeOf(op.getWeight()).front() / op.getMultiplier();
  return asDepthwise(describe(op, "Conv", channels)).write(exporter);
}

template <typename OpT>
static LogicalResult exportDepthwiseTransposed(OpExporter &exporter, OpT op) {
  int64_t outputs = shapeOf(op.getWeight()).front() / op.getDivisor();
  return asDepthwise(describe(op, "ConvTranspose", outputs)).write(exporter);
}

void onnx::addLayerRules(RuleTable &table) {
  table.add<nn::AffineOp>(exportAffine);
  table.add<nn::ConvolutionOp>(exportConvolution);
  table.add<nn::DeconvolutionOp>(exportDeconvolution);
  table.add<nn::DepthwiseConvolutionOp>(exportDepthwise);
  table.add<nn::DepthwiseDeconvolutionOp>(exportDepthwiseTransposed);
  table.add<nn::FixedPointQuantizedAffineOp>(exportAffine);
  table.add<nn::FixedPointQuantizedConvolutionOp>(exportConvolution);
  table.add<nn::FixedPointQuantizedDeconvolutionOp>(exportDeconvolution);
  table.add<nn::FixedPointQuantizedDepthwiseConvolutionOp>(exportDepthwise);
  table.add<nn::FixedPointQuantizedDepthwiseDeconvolutionOp>(exportDepthwiseTransposed);
}
