//===- NetworkExporter.h - From a function to a network of nnabla -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_EXPORTER_NNP_NETWORKEXPORTER_H
#define FPW_LIB_EXPORTER_NNP_NETWORKEXPORTER_H

#include "fpw/Dialect/NN/IR/NN.h"
#include "fpw/Exporter/Model.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "nnp.pb.h"
#include "parameters.pb.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include <map>
#include <string>

namespace fpw::nnp {

/// Writes one function of a module as a network with an executor.
class NetworkExporter {
public:
  NetworkExporter(mlir::func::FuncOp func, WeightForm weights, proto::Description &description,
                  binary::Parameters &parameters);

  LogicalResult run();

private:
  void addInputs();
  LogicalResult exportOp(Operation *op);
  LogicalResult exportConstant(mlir::arith::ConstantOp op);
  LogicalResult addOutputs();

  /// Adds a function that makes the results of an op.
  proto::Function &addFunction(Operation *op, StringRef type, ArrayRef<std::string> inputs);
  std::string addVariable(StringRef name, Type type, StringRef kind);
  std::string addBuffer(StringRef function, Type type);
  std::string addParameter(StringRef name, ArrayRef<int64_t> shape, ArrayRef<float> values);

  /// The variables that an op reads.
  FailureOr<SmallVector<std::string>> getInputs(Operation *op);
  std::string getVariable(Value value);
  /// A parameter, in another shape of as many elements.
  std::string storeParameter(nn::ParameterOp parameter, ArrayRef<int64_t> shape);
  /// The weight or bias of a layer: f32 numbers, or a quantiser of such.
  FailureOr<std::string> getWeight(nn::LayerOpInterface layer, Value value,
                                   nn::FixedPointAttr format);
  std::string storeQuantized(nn::LayerOpInterface layer, nn::ParameterOp codes,
                             nn::FixedPointAttr format);

  std::string claim(StringRef wanted);

  mlir::func::FuncOp func;
  WeightForm weights;
  proto::Network &network;
  proto::Executor &executor;
  binary::Parameters &parameters;
  /// The function of nnabla for each op.
  llvm::StringMap<std::string> functions;
  llvm::StringSet<> names;
  llvm::StringMap<unsigned> nextNumber;
  DenseMap<Value, std::string> variables;
  /// Stored parameters, by parameter and by shape or format.
  std::map<std::string, std::string> stored;
};

} // namespace fpw::nnp

#endif // FPW_LIB_EXPORTER_NNP_NETWORKEXPORTER_H
