//===- GraphImporter.h - From a graph to a function -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_IMPORTER_ONNX_GRAPHIMPORTER_H
#define FPW_LIB_IMPORTER_ONNX_GRAPHIMPORTER_H

#include "NodeImporter.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include <deque>

namespace fpw::onnx {

/// Imports the graph of a model as a function of a module.
class GraphImporter {
public:
  GraphImporter(const ModelProto &model, StringRef fileName, const ONNXImportOptions &options,
                const OperatorTable &table, ModuleOp module);

  LogicalResult import();

private:
  LogicalResult checkOpsets();
  FailureOr<RankedTensorType> getType(const ValueInfoProto &info) const;
  FailureOr<int64_t> getSize(const ValueInfoProto &info,
                             const TensorShapeProto::Dimension &dimension) const;
  FailureOr<Type> getElementType(const ValueInfoProto &info) const;
  LogicalResult addInitializers();
  LogicalResult createFunction();
  LogicalResult importNode(const NodeProto &node);
  LogicalResult collectInputs(const NodeProto &node, SmallVectorImpl<GraphTensor *> &inputs);
  LogicalResult setOutputs(const NodeProto &node, std::vector<GraphTensor> results);
  LogicalResult createReturn();
  FailureOr<Value> getOutput(const ValueInfoProto &info);

  /// The tensor of this name, or null.
  GraphTensor *find(StringRef name);
  LogicalResult define(StringRef name, GraphTensor tensor);
  InFlightDiagnostic emitError() const;
  Location getLoc(StringRef name) const;
  mlir::DictionaryAttr getNameAttrs(StringRef name);

  const ModelProto &model;
  const GraphProto &graph;
  const ONNXImportOptions &options;
  const OperatorTable &table;
  ModuleOp module;
  OpBuilder builder;
  NNBuilder nnBuilder;
  TensorReader reader;
  ImportState state;
  Location fileLoc;
  int64_t opset = 0;
  mlir::func::FuncOp func;
  llvm::StringMap<const TensorProto *> initializers;
  std::deque<GraphTensor> tensors;
  llvm::StringMap<GraphTensor *> tensorsByName;
};

} // namespace fpw::onnx

#endif // FPW_LIB_IMPORTER_ONNX_GRAPHIMPORTER_H
