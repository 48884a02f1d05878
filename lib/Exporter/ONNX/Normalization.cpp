//===- Normalization.cpp - Normalisation -*- C++ -*-===//
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

/// A trained vector in the given shape, or `value` for each element where there is none.
static FailureOr<std::string> getVector(OpExporter &exporter, Operation *op, Value vector,
                                        ArrayRef<int64_t> shape, float value) {
  if (vector)
    return exporter.getWeight(op, {vector, {}, {}, SmallVector<int64_t>(shape)});
  std::vector<float> values(ShapedType::getNumElements(shape), value);
  return exporter.graph.floats("constant", shape, values);
}

/// ONNX's own normalisation, along the second axis.
static LogicalResult exportAsOne(OpExporter &exporter, nn::BatchNormalizationOp op) {
  SmallVector<std::string> inputs = {exporter.get(op.getInput())};
  int64_t size = op.getType().getDimSize(1);
  for (auto [vector, value] : {std::pair<Value, float>(op.getGamma(), 1.0f),
                               {op.getBeta(), 0.0f},
                               {op.getMean(), 0.0f},
                               {op.getVariance(), 0.0f}}) {
    FailureOr<std::string> input = getVector(exporter, op, vector, size, value);
    if (failed(input))
      return failure();
    inputs.push_back(*input);
  }
  exporter.set(op.getResult(), exporter.graph.node("BatchNormalization", inputs)
                                   .number("epsilon", op.getEps().convertToFloat()));
  return success();
}

/// Mean and variance of the input itself.
static std::pair<std::string, std::string> emitStatistics(GraphBuilder &graph, const std::string &x,
                                                          ArrayRef<int64_t> otherAxes) {
  std::string axes = graph.integers(otherAxes);
  std::string mean = graph.node("ReduceMean", {x, axes});
  std::string distance = graph.node("Sub", {x, mean});
  std::string square = graph.node("Mul", {distance, distance});
  return {mean, graph.node("ReduceMean", {square, axes})};
}

/// The formula, for other axes and for statistics of the input.
static LogicalResult exportAsFormula(OpExporter &exporter, nn::BatchNormalizationOp op) {
  GraphBuilder &graph = exporter.graph;
  int64_t axis = op.getAxes().front();
  SmallVector<int64_t> shape(op.getType().getRank(), 1), otherAxes;
  shape[axis] = op.getType().getDimSize(axis);
  for (int64_t dim = 0; dim < op.getType().getRank(); ++dim)
    if (dim != axis)
      otherAxes.push_back(dim);

  std::string x = exporter.get(op.getInput());
  FailureOr<std::string> mean = getVector(exporter, op, op.getMean(), shape, 0.0f);
  FailureOr<std::string> variance = getVector(exporter, op, op.getVariance(), shape, 0.0f);
  FailureOr<std::string> gamma = getVector(exporter, op, op.getGamma(), shape, 1.0f);
  FailureOr<std::string> beta = getVector(exporter, op, op.getBeta(), shape, 0.0f);
  if (failed(mean) || failed(variance) || failed(gamma) || failed(beta))
    return failure();
  if (op.getBatchStat())
    std::tie(*mean, *variance) = emitStatistics(graph, x, otherAxes);
  std::string sum = graph.node("Add", {*variance, graph.number(op.getEps().convertToFloat())});
  std::string deviation = graph.node("Sqrt", sum);
  std::string distance = graph.node("Sub", {x, *mean});
  std::string normal = graph.node("Div", {distance, deviation});
  std::string scaled = graph.node("Mul", {normal, *gamma});
  exporter.set(op.getResult(), graph.node("Add", {scaled, *beta}));
  return success();
}

static LogicalResult exportBatchNormalization(OpExporter &exporter, nn::BatchNormalizationOp op) {
  bool isPlain = op.getAxes() == ArrayRef<int64_t>{1} && !op.getBatchStat();
  return isPlain ? exportAsOne(exporter, op) : exportAsFormula(exporter, op);
}

void onnx::addNormalizationRules(RuleTable &table) {
  table.add<nn::BatchNormalizationOp>(exportBatchNormalization);
}
