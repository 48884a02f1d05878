//===- Pooling.cpp - Pooling and its inverse -*- C++ -*-===//
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

namespace {
/// An image as ONNX wants it: one batch dimension, then a channel, then the spatial dimensions.
/// Pooling treats channels alike, so that any other dimensions may stand for the first two.
struct Image {
  SmallVector<int64_t> shape; ///< As in nn, but with the channel first.
  int64_t spatialRank;
  bool channelLast;

  Image(RankedTensorType type, int64_t spatialRank, bool channelLast)
      : shape(type.getShape()), spatialRank(spatialRank), channelLast(channelLast) {
    if (channelLast)
      shape = permute(shape, channelToFront(rank(), leading()));
  }

  int64_t rank() const { return shape.size(); }
  /// The dimensions in front of the channel, where it is last.
  int64_t leading() const { return rank() - spatialRank - 1; }
  bool isPlain() const { return rank() == spatialRank + 2; }
  ArrayRef<int64_t> spatial() const { return ArrayRef(shape).take_back(spatialRank); }
};
} // namespace

static FailureOr<std::string> getImage(OpExporter &exporter, Operation *op, const Image &image) {
  std::string x = exporter.get(op->getOperand(0));
  if (image.channelLast)
    x = exporter.graph.transpose(x, channelToFront(image.rank(), image.leading()));
  if (image.isPlain())
    return x;
  SmallVector<int64_t> shape = {ShapedType::kDynamic, 1};
  llvm::append_range(shape, image.spatial());
  return exporter.reshape(op, x, shape);
}

static LogicalResult setImage(OpExporter &exporter, Operation *op, const Image &image,
                              FailureOr<std::string> result) {
  if (!image.isPlain())
    result = exporter.reshape(op, *result, image.shape);
  if (failed(result))
    return failure();
  if (image.channelLast)
    result = exporter.graph.transpose(*result, channelToBack(image.rank(), image.leading()));
  exporter.set(op->getResult(0), *result);
  return success();
}

namespace {
/// The window of a pooling.
struct Window {
  SmallVector<int64_t> kernel, stride, begin;
  /// The elements that the windows reach beyond the end of the image.
  SmallVector<int64_t> end;
  /// Whether a window reaches beyond the padding of the end.
  bool overhangs = false;

  template <typename OpT> Window(OpT op, const Image &input, const Image &output) {
    int64_t rank = op.getKernel().size();
    kernel.assign(op.getKernel().begin(), op.getKernel().end());
    stride = op.getStride().empty() ? kernel : SmallVector<int64_t>(op.getStride());
    begin = nn::withDefault(op.getPad(), rank, 0);
    for (int64_t i = 0; i < rank; ++i) {
      int64_t last = (output.spatial()[i] - 1) * stride[i] - begin[i] + kernel[i];
      end.push_back(std::max<int64_t>(last - input.spatial()[i], 0));
      overhangs |= end[i] > begin[i];
    }
  }

  /// A node of this window, which pads so that it counts as many windows as nn.
  Node node(GraphBuilder &graph, StringRef type, const std::string &x) const {
    SmallVector<int64_t> pads = begin;
    llvm::append_range(pads, end);
    return std::move(graph.node(type, x)
                         .integers("kernel_shape", kernel)
                         .integers("strides", stride)
                         .integers("pads", pads));
  }

  int64_t size() const {
    return std::accumulate(kernel.begin(), kernel.end(), int64_t(1), std::multiplies<>());
  }
};
} // namespace

/// Lets `emit` make the node of a pooling, in ONNX's layout.
template <typename OpT>
static LogicalResult exportPooling(OpExporter &exporter, OpT op,
                                   function_ref<std::string(Window &, const std::string &)> emit) {
  Image input(op.getInput().getType(), op.getKernel().size(), op.getChannelLast());
  Image output(op.getType(), op.getKernel().size(), op.getChannelLast());
  FailureOr<std::string> x = getImage(exporter, op, input);
  if (failed(x))
    return failure();
  Window window(op, input, output);
  return setImage(exporter, op, output, emit(window, *x));
}

static LogicalResult exportMaxPooling(OpExporter &exporter, nn::MaxPoolingOp op) {
  return exportPooling(exporter, op, [&](Window &window, const std::string &x) -> std::string {
    return window.node(exporter.graph, "MaxPool", x);
  });
}

/// Zeros that count as elements, all around the image. The window loses its padding.
static std::string padImage(GraphBuilder &graph, Window &window, const std::string &x) {
  SmallVector<int64_t> pads;
  for ([[maybe_unused]] int side : {0, 1}) {
    pads.append(2, 0); // of batch and channel
    llvm::append_range(pads, window.begin);
  }
  for (auto [begin, end] : llvm::zip_equal(window.begin, window.end)) {
    end = std::max<int64_t>(end - begin, 0);
    begin = 0;
  }
  return graph.node("Pad", {x, graph.integers(pads)});
}

static LogicalResult exportAveragePooling(OpExporter &exporter, nn::AveragePoolingOp op) {
  GraphBuilder &graph = exporter.graph;
  return exportPooling(exporter, op, [&](Window &window, const std::string &x) -> std::string {
    bool countPadding = op.getIncludingPad();
    // ONNX counts either all positions outside the image or none; nn those inside the padding.
    if (!countPadding || !window.overhangs)
      return window.node(graph, "AveragePool", x).integer("count_include_pad", countPadding);
    std::string padded = padImage(graph, window, x);
    return window.node(graph, "AveragePool", padded).integer("count_include_pad", 0);
  });
}

static LogicalResult exportSumPooling(OpExporter &exporter, nn::SumPoolingOp op) {
  GraphBuilder &graph = exporter.graph;
  return exportPooling(exporter, op, [&](Window &window, const std::string &x) -> std::string {
    std::string mean = window.node(graph, "AveragePool", x).integer("count_include_pad", 1);
    return graph.node("Mul", {mean, graph.number(window.size())});
  });
}

static LogicalResult exportGlobalAveragePooling(OpExporter &exporter,
                                                nn::GlobalAveragePoolingOp op) {
  GraphBuilder &graph = exporter.graph;
  std::string x = exporter.get(op.getInput());
  if (!op.getChannelLast()) {
    exporter.set(op.getResult(), graph.node("GlobalAveragePool", x));
    return success();
  }
  auto spatial = llvm::to_vector(llvm::seq<int64_t>(1, op.getType().getRank() - 1));
  exporter.set(op.getResult(), graph.node("ReduceMean", {x, graph.integers(spatial)}));
  return success();
}

/// Each element fills a window: the size grows by whole factors.
static LogicalResult exportUnpooling(OpExporter &exporter, nn::UnpoolingOp op) {
  int64_t spatialRank = op.getKernel().size();
  int64_t first = op.getType().getRank() - spatialRank - op.getChannelLast();
  std::vector<float> scales(op.getType().getRank(), 1.0f);
  for (auto [i, size] : llvm::enumerate(op.getKernel()))
    scales[first + i] = size;
  GraphBuilder &graph = exporter.graph;
  std::string factors = graph.floats("scales", int64_t(scales.size()), scales);
  exporter.set(op.getResult(), graph.node("Resize", {exporter.get(op.getInput()), "", factors})
                                   .text("mode", "nearest")
                                   .text("coordinate_transformation_mode", "asymmetric")
                                   .text("nearest_mode", "floor"));
  return success();
}

void onnx::addPoolingRules(RuleTable &table) {
  table.add<nn::AveragePoolingOp>(exportAveragePooling);
  table.add<nn::GlobalAveragePoolingOp>(exportGlobalAveragePooling);
  table.add<nn::MaxPoolingOp>(exportMaxPooling);
  table.add<nn::SumPoolingOp>(exportSumPooling);
  table.add<nn::UnpoolingOp>(exportUnpooling);
}
