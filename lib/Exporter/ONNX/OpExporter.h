//===- OpExporter.h - From nn ops to nodes of ONNX -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each family of ops has a file that adds its ops to a table. What is alike for all stands here:
// which tensor a value is, and how parameters are stored.
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_EXPORTER_ONNX_OPEXPORTER_H
#define FPW_LIB_EXPORTER_ONNX_OPEXPORTER_H

#include "GraphBuilder.h"
#include "fpw/Dialect/NN/IR/NN.h"
#include "fpw/Exporter/Model.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include <functional>

namespace fpw::onnx {

class OpExporter;

/// How ops become nodes, by the name of the op.
class RuleTable {
public:
  using Rule = std::function<LogicalResult(OpExporter &, Operation *)>;

  RuleTable();

  template <typename OpT> void add(LogicalResult (*rule)(OpExporter &, OpT)) {
    rules[OpT::getOperationName()] = [rule](OpExporter &exporter, Operation *op) {
      return rule(exporter, cast<OpT>(op));
    };
  }
  /// The rule of an op, or null.
  const Rule *find(Operation *op) const;

private:
  llvm::StringMap<Rule> rules;
};

/// A weight or a bias, and how ONNX wants it.
struct WeightUse {
  Value value;
  /// The format of its codes; null for f32.
  nn::FixedPointAttr format;
  /// Whose step a code has.
  nn::ChannelMap channels;
  /// Its sizes, for the elements as they lie.
  SmallVector<int64_t> shape;
  /// The dimensions of this shape, in ONNX's order; empty where that is the same.
  SmallVector<int64_t> order = {};
};

/// Exports the ops of one network.
class OpExporter {
public:
  OpExporter(GraphProto &proto, WeightForm weights) : graph(proto), weights(weights) {}

  /// Adds an op to the graph.
  LogicalResult exportOp(Operation *op);

  /// The tensor that a value is.
  std::string get(Value value);
  SmallVector<std::string> get(ValueRange values);
  void set(Value value, std::string name) { tensors[value] = std::move(name); }
  /// A layer's weight or bias. Fails with a diagnostic of the layer.
  FailureOr<std::string> getWeight(Operation *layer, const WeightUse &use);

  /// The same elements in another shape. Fails with a diagnostic if two sizes are dynamic.
  FailureOr<std::string> reshape(Operation *op, const std::string &x, ArrayRef<int64_t> shape);

  GraphBuilder graph;

private:
  LogicalResult exportConstant(mlir::arith::ConstantOp op);
  std::string storeParameter(nn::ParameterOp parameter, const WeightUse &use);

  WeightForm weights;
  RuleTable table;
  DenseMap<Value, std::string> tensors;
  /// Stored parameters, by parameter, format and layout.
  std::map<std::string, std::string> stored;
};

/// ONNX's number for the type of a network's inputs and outputs. Truth values are bytes here.
TensorProto::DataType getDataType(Type element);

/// "cannot be written as ONNX: ...", at an op.
InFlightDiagnostic refuse(Operation *op);

/// The dimensions of a shape of `rank` that puts the channels first, after `leading` others, where
/// they are last; and the way back.
SmallVector<int64_t> channelToFront(int64_t rank, int64_t leading);
SmallVector<int64_t> channelToBack(int64_t rank, int64_t leading);
/// The shape with its dimensions in this order.
SmallVector<int64_t> permute(ArrayRef<int64_t> shape, ArrayRef<int64_t> order);

/// Nodes for x rounded to the nearest integer, ties away from zero.
std::string roundAway(GraphBuilder &graph, const std::string &x);

// One function per family of ops:
void addActivationRules(RuleTable &table);
void addFixedPointRules(RuleTable &table);
void addLayerRules(RuleTable &table);
void addNormalizationRules(RuleTable &table);
void addPoolingRules(RuleTable &table);
void addReductionRules(RuleTable &table);
void addShapeRules(RuleTable &table);

/// An element-wise op by its formula.
LogicalResult exportFormula(OpExporter &exporter, nn::ElementwiseOpInterface op);

} // namespace fpw::onnx

#endif // FPW_LIB_EXPORTER_ONNX_OPEXPORTER_H
