//===- Shape.cpp - Ops that move elements -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OpExporter.h"

#include <cmath>

using namespace mlir;
using namespace fpw;
using namespace fpw::onnx;

//===----------------------------------------------------------------------===//
// One tensor
//===----------------------------------------------------------------------===//

static LogicalResult exportReshape(OpExporter &exporter, nn::ReshapeOp op) {
  FailureOr<std::string> result =
      exporter.reshape(op, exporter.get(op.getInput()), op.getType().getShape());
  if (failed(result))
    return failure();
  exporter.set(op.getResult(), *result);
  return success();
}

static LogicalResult exportTranspose(OpExporter &exporter, nn::TransposeOp op) {
  exporter.set(op.getResult(), exporter.graph.transpose(exporter.get(op.getInput()), op.getAxes()));
  return success();
}

static LogicalResult exportSlice(OpExporter &exporter, nn::SliceOp op) {
  GraphBuilder &graph = exporter.graph;
  auto axes = llvm::to_vector(llvm::seq<int64_t>(op.getStart().size()));
  exporter.set(op.getResult(),
               graph.node("Slice", {exporter.get(op.getInput()), graph.integers(op.getStart()),
                                    graph.integers(op.getStop()), graph.integers(axes),
                                    graph.integers(op.getStep())}));
  return success();
}

static LogicalResult exportTake(OpExporter &exporter, nn::TakeOp op) {
  GraphBuilder &graph = exporter.graph;
  exporter.set(op.getResult(),
               graph.node("Gather", {exporter.get(op.getInput()), graph.integers(op.getIndices())})
                   .integer("axis", op.getAxis()));
  return success();
}

static LogicalResult exportEmbed(OpExporter &exporter, nn::EmbedOp op) {
  GraphBuilder &graph = exporter.graph;
  std::string indices =
      graph.node("Cast", exporter.get(op.getInput())).integer("to", TensorProto::INT64);
  exporter.set(op.getResult(), graph.node("Gather", {exporter.get(op.getWeight()), indices}));
  return success();
}

static LogicalResult exportToFloat(OpExporter &exporter, nn::ToFloatOp op) {
  exporter.set(op.getResult(), exporter.graph.toFloat(exporter.get(op.getInput())));
  return success();
}

static LogicalResult exportFromFloat(OpExporter &exporter, nn::FromFloatOp op) {
  int64_t type = getDataType(op.getElement());
  exporter.set(op.getResult(),
               exporter.graph.node("Cast", exporter.get(op.getInput())).integer("to", type));
  return success();
}

static LogicalResult exportPad(OpExporter &exporter, nn::PadOp op) {
  GraphBuilder &graph = exporter.graph;
  ArrayRef<int64_t> width = op.getPadWidth();
  int64_t rank = op.getType().getRank(), first = rank - width.size() / 2;
  SmallVector<int64_t> pads(2 * rank, 0);
  for (int64_t dim = first; dim < rank; ++dim) {
    pads[dim] = width[2 * (dim - first)];
    pads[rank + dim] = width[2 * (dim - first) + 1];
  }
  SmallVector<std::string> inputs = {exporter.get(op.getInput()), graph.integers(pads)};
  bool isConstant = op.getMode() == "constant";
  if (isConstant)
    inputs.push_back(graph.number(op.getConstantValue().convertToFloat()));
  exporter.set(op.getResult(),
               graph.node("Pad", inputs)
                   .text("mode", op.getMode() == "repeat" ? StringRef("edge") : op.getMode()));
  return success();
}

static LogicalResult exportBroadcast(OpExporter &exporter, nn::BroadcastOp op) {
  GraphBuilder &graph = exporter.graph;
  SmallVector<int64_t> shape(op.getShape());
  std::replace(shape.begin(), shape.end(), int64_t(-1), int64_t(1)); // 1 keeps the size
  exporter.set(op.getResult(),
               graph.node("Expand", {exporter.get(op.getInput()), graph.integers(shape)}));
  return success();
}

//===----------------------------------------------------------------------===//
// Interpolation
//===----------------------------------------------------------------------===//

/// The spatial dimensions of an interpolation.
static SmallVector<int64_t> getResizedDims(nn::InterpolateOp op) {
  int64_t end = op.getType().getRank() - op.getChannelLast();
  return llvm::to_vector(llvm::seq<int64_t>(end - op.getOutputSize().size(), end));
}

/// The elements that "nearest" takes along a dimension of `size`, by nn's own formula.
static SmallVector<int64_t> getNearest(nn::InterpolateOp op, int64_t size, int64_t newSize) {
  bool corners = op.getAlignCorners();
  float scale = newSize == 1 ? 0.0f
                : corners    ? float(size - 1) / float(newSize - 1)
                             : float(size) / float(newSize);
  SmallVector<int64_t> indices;
  for (int64_t p = 0; p < newSize; ++p) {
    float position = scale * p;
    if (op.getHalfPixelForNn())
      position = float(size) / float(newSize) * (p + 0.5f);
    else if (op.getHalfPixel())
      position = std::max(scale * (p + 0.5f) - 0.5f, 0.0f);
    indices.push_back(std::min(int64_t(std::floor(position)), size - 1));
  }
  return indices;
}

/// Programs compute the positions of a resize in f32 in ways of their own, which decides what is
/// nearest. Taking elements by their index leaves no choice.
static LogicalResult exportNearest(OpExporter &exporter, nn::InterpolateOp op) {
  GraphBuilder &graph = exporter.graph;
  std::string x = exporter.get(op.getInput());
  for (auto [dim, newSize] : llvm::zip_equal(getResizedDims(op), op.getOutputSize())) {
    int64_t size = op.getInput().getType().getDimSize(dim);
    x = graph.node("Gather", {x, graph.integers(getNearest(op, size, newSize))})
            .integer("axis", dim);
  }
  exporter.set(op.getResult(), x);
  return success();
}

static LogicalResult exportLinear(OpExporter &exporter, nn::InterpolateOp op) {
  if (op.getAlignCorners() && op.getHalfPixel())
    return refuse(op) << "align_corners together with half_pixel";
  StringRef positions = op.getAlignCorners() ? "align_corners"
                        : op.getHalfPixel()  ? "pytorch_half_pixel"
                                             : "asymmetric";
  GraphBuilder &graph = exporter.graph;
  exporter.set(op.getResult(), graph
                                   .node("Resize", {exporter.get(op.getInput()), "", "",
                                                    graph.integers(op.getOutputSize())})
                                   .integers("axes", getResizedDims(op))
                                   .text("mode", "linear")
                                   .text("coordinate_transformation_mode", positions));
  return success();
}

static LogicalResult exportInterpolate(OpExporter &exporter, nn::InterpolateOp op) {
  return op.getMode() == "nearest" ? exportNearest(exporter, op) : exportLinear(exporter, op);
}

//===----------------------------------------------------------------------===//
// Several tensors
//===----------------------------------------------------------------------===//

static LogicalResult exportConcatenate(OpExporter &exporter, nn::ConcatenateOp op) {
  exporter.set(
      op.getResult(),
      exporter.graph.node("Concat", exporter.get(op.getInputs())).integer("axis", op.getAxis()));
  return success();
}

static LogicalResult exportStack(OpExporter &exporter, nn::StackOp op) {
  GraphBuilder &graph = exporter.graph;
  std::string axis = graph.integers(int64_t(op.getAxis()));
  SmallVector<std::string> slices;
  for (const std::string &x : exporter.get(op.getInputs()))
    slices.push_back(graph.node("Unsqueeze", {x, axis}));
  exporter.set(op.getResult(), graph.node("Concat", slices).integer("axis", op.getAxis()));
  return success();
}

static LogicalResult exportSplit(OpExporter &exporter, nn::SplitOp op) {
  GraphBuilder &graph = exporter.graph;
  unsigned count = op.getNumResults();
  if (count == 0)
    return success();
  Node slices = graph.node("Split", exporter.get(op.getInput()), count)
                    .integer("axis", op.getAxis())
                    .integer("num_outputs", count);
  std::string axis = graph.integers(int64_t(op.getAxis()));
  for (auto [i, result] : llvm::enumerate(op.getResults()))
    exporter.set(result, graph.node("Squeeze", {slices.output(i), axis}));
  return success();
}

static LogicalResult exportBatchMatmul(OpExporter &exporter, nn::BatchMatmulOp op) {
  auto getMatrix = [&](Value value, bool transposed) {
    std::string matrix = exporter.get(value);
    if (!transposed)
      return matrix;
    auto order = llvm::to_vector(llvm::seq<int64_t>(op.getType().getRank()));
    std::swap(order[order.size() - 1], order[order.size() - 2]);
    return exporter.graph.transpose(matrix, order);
  };
  std::string a = getMatrix(op.getA(), op.getTransposeA());
  std::string b = getMatrix(op.getB(), op.getTransposeB());
  exporter.set(op.getResult(), exporter.graph.node("MatMul", {a, b}));
  return success();
}

void onnx::addShapeRules(RuleTable &table) {
  table.add<nn::BatchMatmulOp>(exportBatchMatmul);
  table.add<nn::BroadcastOp>(exportBroadcast);
  table.add<nn::ConcatenateOp>(exportConcatenate);
  table.add<nn::InterpolateOp>(exportInterpolate);
  table.add<nn::PadOp>(exportPad);
  table.add<nn::ReshapeOp>(exportReshape);
  table.add<nn::EmbedOp>(exportEmbed);
  table.add<nn::FromFloatOp>(exportFromFloat);
  table.add<nn::SliceOp>(exportSlice);
  table.add<nn::SplitOp>(exportSplit);
  table.add<nn::StackOp>(exportStack);
  table.add<nn::TakeOp>(exportTake);
  table.add<nn::ToFloatOp>(exportToFloat);
  table.add<nn::TransposeOp>(exportTranspose);
}
