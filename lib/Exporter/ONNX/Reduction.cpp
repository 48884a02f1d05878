//===- Reduction.cpp - Reductions -*- C++ -*-===//
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

template <typename OpT>
static LogicalResult exportReduction(OpExporter &exporter, OpT op, StringRef type) {
  SmallVector<int64_t> axes(op.getAxes());
  if (axes.empty())
    axes = llvm::to_vector(llvm::seq<int64_t>(op.getInput().getType().getRank()));
  GraphBuilder &graph = exporter.graph;
  std::string x = exporter.get(op.getInput());
  // Without axes, ONNX would reduce all, even where there are none.
  exporter.set(op.getResult(), axes.empty() ? graph.node("Identity", x).output()
                                            : graph.node(type, {x, graph.integers(axes)})
                                                  .integer("keepdims", op.getKeepDims())
                                                  .output());
  return success();
}

void onnx::addReductionRules(RuleTable &table) {
  table.add<nn::SumOp>(
      +[](OpExporter &e, nn::SumOp op) { return exportReduction(e, op, "ReduceSum"); });
  table.add<nn::MeanOp>(
      +[](OpExporter &e, nn::MeanOp op) { return exportReduction(e, op, "ReduceMean"); });
  table.add<nn::MaxOp>(
      +[](OpExporter &e, nn::MaxOp op) { return exportReduction(e, op, "ReduceMax"); });
  table.add<nn::MinOp>(
      +[](OpExporter &e, nn::MinOp op) { return exportReduction(e, op, "ReduceMin"); });
  table.add<nn::ProdOp>(
      +[](OpExporter &e, nn::ProdOp op) { return exportReduction(e, op, "ReduceProd"); });
}
