//===- NetworkImporter.h - From a network to a function -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_IMPORTER_NNP_NETWORKIMPORTER_H
#define FPW_LIB_IMPORTER_NNP_NETWORKIMPORTER_H

#include "FunctionImporter.h"
#include "Selection.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/SetVector.h"

namespace fpw::nnp {

/// Imports one network as a function of a module.
class NetworkImporter {
public:
  NetworkImporter(const Source &source, Selection selection, const FunctionTable &table,
                  ModuleOp module);

  LogicalResult import();

private:
  /// A variable of the network.
  struct Variable {
    const proto::Variable *proto = nullptr;
    RankedTensorType type;
    bool isParameter = false;
    bool isProduced = false;
    bool isConsumed = false;
    /// The value, once it exists.
    Value value;
  };

  // Before anything is built:
  LogicalResult checkUnknownFields() const;
  LogicalResult checkNoLoops() const;
  LogicalResult addVariables();
  FailureOr<RankedTensorType> getDeclaredType(const proto::Variable &variable) const;
  LogicalResult connect(const proto::Function &function);
  LogicalResult findInputsAndOutputs();
  using Uses = google::protobuf::RepeatedPtrField<proto::VariableUse>;
  LogicalResult addInterface(const Uses &uses, SetVector<Variable *> &variables);

  // Building:
  mlir::DictionaryAttr getNameAttrs(const Variable &variable);
  void createFunction();
  LogicalResult importFunction(const proto::Function &function);
  FailureOr<Value> getInput(const proto::Function &function, StringRef name);
  FailureOr<Value> createParameter(const proto::Function &function, Variable &variable);
  LogicalResult setOutputs(const proto::Function &function, ValueRange results);
  bool matchesDeclaration(RankedTensorType type, RankedTensorType declared) const;
  LogicalResult createReturn();

  Location getLoc(const google::protobuf::Message &message, StringRef name) const;
  /// The variable of this name, or null.
  Variable *find(StringRef name);

  const Source &source;
  const proto::Network &network;
  const proto::Executor *executor;
  const FunctionTable &table;
  ModuleOp module;
  OpBuilder builder;
  mlir::func::FuncOp func;
  llvm::StringMap<Variable> variables;
  SetVector<Variable *> inputs, outputs;
};

} // namespace fpw::nnp

#endif // FPW_LIB_IMPORTER_NNP_NETWORKIMPORTER_H
