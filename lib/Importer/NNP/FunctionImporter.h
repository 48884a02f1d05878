//===- FunctionImporter.h - From a function of nnabla to an nn op -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each family of ops has a file that adds its functions to a table. What is alike for all functions
// stands here: the checks before an op is built, the inference of its type, the words of
// diagnostics.
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_IMPORTER_NNP_FUNCTIONIMPORTER_H
#define FPW_LIB_IMPORTER_NNP_FUNCTIONIMPORTER_H

#include "fpw/Dialect/NN/IR/NN.h"
#include "fpw/Support/LLVM.h"
#include "nnp.pb.h"
#include "llvm/ADT/StringMap.h"
#include <functional>

namespace fpw::nnp {

class FunctionImporter;

/// How a function of nnabla becomes an op.
struct FunctionRule {
  mlir::RegisteredOperationName op;
  unsigned minInputs, maxInputs;
  std::function<LogicalResult(FunctionImporter &)> import;

  /// The name of the field with the function's parameters.
  std::string getParameterField() const { return op.stripDialect().str() + "_param"; }
};

/// All functions that can be imported, by name.
class FunctionTable {
public:
  /// Number of inputs of functions that take any.
  static constexpr unsigned kAnyNumber = ~0u;

  explicit FunctionTable(MLIRContext *context);

  /// Adds a function that `import` makes an OpT of. The number of inputs is checked before.
  template <typename OpT>
  void add(StringRef function, unsigned minInputs, unsigned maxInputs,
           LogicalResult (*import)(FunctionImporter &)) {
    auto op = mlir::RegisteredOperationName::lookup(mlir::TypeID::get<OpT>(), context);
    add(function, {*op, minInputs, maxInputs, import});
  }
  void add(StringRef function, FunctionRule rule);

  const FunctionRule *find(StringRef function) const;
  const llvm::StringMap<FunctionRule> &getRules() const { return rules; }
  MLIRContext *getContext() const { return context; }

private:
  MLIRContext *context;
  llvm::StringMap<FunctionRule> rules;
};

/// A function of the file while its op is built.
class FunctionImporter {
public:
  FunctionImporter(const proto::Function &function, OpBuilder &builder, Location loc,
                   ValueRange inputs, int64_t batchSize)
      : function(function), builder(builder), loc(loc), inputs(inputs), batchSize(batchSize) {}

  /// Builds the op by the rule, after the checks that concern every function.
  LogicalResult import(const FunctionRule &rule);
  ValueRange getResults() const { return results; }

  // For the rules:
  const proto::Function &getFunction() const { return function; }
  ValueRange getInputs() const { return inputs; }
  mlir::ShapedType getInputType(unsigned i) const {
    return cast<mlir::ShapedType>(inputs[i].getType());
  }
  /// The batch size of the file, or 0.
  int64_t getBatchSize() const { return batchSize; }
  Location getLoc() const { return loc; }
  /// A note with the function's name, type and inputs follows.
  InFlightDiagnostic emitError() const;

  // Attributes from fields. All of them are always set: an absent field is 0, not the op's default.
  IntegerAttr getInteger(int64_t value) { return builder.getI64IntegerAttr(value); }
  FloatAttr getFloat(double value) { return builder.getF32FloatAttr(static_cast<float>(value)); }
  mlir::BoolAttr getBool(bool value) { return builder.getBoolAttr(value); }
  mlir::UnitAttr getUnit(bool value) { return value ? builder.getUnitAttr() : nullptr; }
  StringAttr getString(StringRef value) { return builder.getStringAttr(value); }
  mlir::DenseI64ArrayAttr getSizes(ArrayRef<int64_t> sizes) {
    return builder.getDenseI64ArrayAttr(sizes);
  }
  template <typename Repeated> mlir::DenseI64ArrayAttr getList(const Repeated &values) {
    return getSizes(SmallVector<int64_t>(values.begin(), values.end()));
  }
  mlir::DenseI64ArrayAttr getShape(const proto::Shape &shape) { return getList(shape.dim()); }

  /// Builds an op from the function's inputs; the dialect infers its type and checks it.
  template <typename OpT> LogicalResult create(const typename OpT::Properties &properties) {
    mlir::OperationState state(loc, OpT::getOperationName());
    state.getOrAddProperties<typename OpT::Properties>() = properties;
    return create(state);
  }
  LogicalResult create(mlir::OperationState &state);

  /// The function's parameters, or null where the file has none.
  const google::protobuf::Message *getParameters() const;

private:
  LogicalResult checkParameters(const FunctionRule &rule) const;
  LogicalResult checkInputs(const FunctionRule &rule) const;

  const proto::Function &function;
  OpBuilder &builder;
  Location loc;
  ValueRange inputs;
  int64_t batchSize;
  SmallVector<Value> results;
};

/// A function in words: name, type and inputs.
std::string describe(const proto::Function &function);

// One per family of ops.
void addLayerFunctions(FunctionTable &table);
void addPoolingFunctions(FunctionTable &table);
void addNormalizationFunctions(FunctionTable &table);
void addElementwiseFunctions(FunctionTable &table);
void addActivationFunctions(FunctionTable &table);
void addReductionFunctions(FunctionTable &table);
void addShapeFunctions(FunctionTable &table);
void addFixedPointFunctions(FunctionTable &table);

} // namespace fpw::nnp

#endif // FPW_LIB_IMPORTER_NNP_FUNCTIONIMPORTER_H
