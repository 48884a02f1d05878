//===- Activation.cpp - Activations with an axis or a trained slope -*- C++ -*-===//
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

static LogicalResult exportSoftmax(OpExporter &exporter, nn::SoftmaxOp op) {
  exporter.set(
      op.getResult(),
      exporter.graph.node("Softmax", exporter.get(op.getInput())).integer("axis", op.getAxis()));
  return success();
}

static LogicalResult exportLogSoftmax(OpExporter &exporter, nn::LogSoftmaxOp op) {
  exporter.set(
      op.getResult(),
      exporter.graph.node("LogSoftmax", exporter.get(op.getInput())).integer("axis", op.getAxis()));
  return success();
}

static LogicalResult exportPReLU(OpExporter &exporter, nn::PReLUOp op) {
  int64_t rank = op.getType().getRank();
  int64_t axis = op.getBaseAxis() < 0 ? op.getBaseAxis() + rank : op.getBaseAxis();
  SmallVector<int64_t> shape(rank, 1);
  shape[axis] = op.getSlope().getType().getNumElements();
  FailureOr<std::string> slope = exporter.getWeight(op, {op.getSlope(), {}, {}, shape});
  if (failed(slope))
    return failure();
  exporter.set(op.getResult(), exporter.graph.node("PRelu", {exporter.get(op.getInput()), *slope}));
  return success();
}

/// f(x) and f(-x), one after the other.
static void setBothSigns(OpExporter &exporter, Value input, Value result, int64_t axis,
                         function_ref<std::string(const std::string &)> f) {
  std::string x = exporter.get(input);
  std::string plus = f(x), minus = f(exporter.graph.node("Neg", x));
  exporter.set(result, exporter.graph.node("Concat", {plus, minus}).integer("axis", axis));
}

static LogicalResult exportCReLU(OpExporter &exporter, nn::CReLUOp op) {
  setBothSigns(exporter, op.getInput(), op.getResult(), op.getAxis(),
               [&](const std::string &x) { return exporter.graph.node("Relu", x).output(); });
  return success();
}

static LogicalResult exportCELU(OpExporter &exporter, nn::CELUOp op) {
  setBothSigns(exporter, op.getInput(), op.getResult(), op.getAxis(), [&](const std::string &x) {
    return exporter.graph.node("Elu", x).number("alpha", op.getAlpha().convertToFloat()).output();
  });
  return success();
}

void onnx::addActivationRules(RuleTable &table) {
  table.add<nn::CELUOp>(exportCELU);
  table.add<nn::CReLUOp>(exportCReLU);
  table.add<nn::LogSoftmaxOp>(exportLogSoftmax);
  table.add<nn::PReLUOp>(exportPReLU);
  table.add<nn::SoftmaxOp>(exportSoftmax);
}
