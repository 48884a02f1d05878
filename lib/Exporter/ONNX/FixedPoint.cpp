//===- FixedPoint.cpp - Quantisation of activations -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Support/FixedPoint.h"
#include "../ParameterData.h"
#include "OpExporter.h"

using namespace mlir;
using namespace fpw;
using namespace fpw::onnx;

/// The numbers that a parameter is rounded to.
static std::string storeQuantized(OpExporter &exporter, nn::ParameterOp parameter,
                                  const FixedPoint &format) {
  std::vector<float> numbers = getNumbers(parameter, {}, {});
  quantize(numbers, format, numbers);
  return exporter.graph.floats(parameter.getName(), parameter.getType().getShape(), numbers);
}

/// nnabla's quantiser rounds ties away from zero and has as many negative codes as positive ones;
/// that of ONNX does neither.
static std::string emitQuantize(GraphBuilder &graph, const std::string &x,
                                const FixedPoint &format) {
  float maximum = format.getMaxValue(), minimum = format.getMinCode() < 0 ? -maximum : 0.0f;
  std::string quotient = graph.node("Div", {x, graph.number(format.getDelta())});
  std::string code = roundAway(graph, quotient);
  std::string number = graph.node("Mul", {code, graph.number(format.getDelta())});
  std::string isAbove = graph.node("Greater", {x, graph.number(maximum)});
  std::string isBelow = graph.node("Less", {x, graph.number(minimum)});
  std::string cut = graph.node("Where", {isBelow, graph.number(minimum), number});
  return graph.node("Where", {isAbove, graph.number(maximum), cut});
}

static LogicalResult exportQuantize(OpExporter &exporter, nn::FixedPointQuantizeOp op) {
  nn::FixedPointAttr attribute = op.getFormat();
  if (attribute.isPerChannel())
    return refuse(op) << "expected one step for numbers that are no codes";
  FixedPoint format(attribute.getBits(), attribute.getIsSigned(), attribute.getDelta(0));
  auto parameter = op.getInput().getDefiningOp<nn::ParameterOp>();
  exporter.set(op.getResult(),
               parameter ? storeQuantized(exporter, parameter, format)
                         : emitQuantize(exporter.graph, exporter.get(op.getInput()), format));
  return success();
}

void onnx::addFixedPointRules(RuleTable &table) {
  table.add<nn::FixedPointQuantizeOp>(exportQuantize);
}
