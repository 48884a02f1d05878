//===- Network.h - Networks for programs that know nothing of MLIR -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the C and the Python interface share: a network with the context that it lives in, whose
// diagnostics are errors.
//
//===----------------------------------------------------------------------===//

#ifndef FPW_EMBEDDING_NETWORK_H
#define FPW_EMBEDDING_NETWORK_H

#include "fpw/Dialect/NN/Transforms/FixedPointWeight.h"
#include "fpw/Execution/ObjectCode.h"
#include "fpw/Importer/Model.h"
#include "fpw/Report/FixedPointReport.h"
#include <memory>

namespace fpw {

/// A network that never changes: conversions make new ones. Threads may use it at the same time;
/// those that are made of one file take turns.
class Network {
public:
  /// Reads a model file of any kind.
  static Expected<Network> load(StringRef path, const NNPImportOptions &options = {});
  Network(Network &&);
  Network &operator=(Network &&);
  ~Network();

  /// The network with weights in fixed point. Warnings are added to the list.
  Expected<Network> convert(const nn::FixedPointWeightOptions &options,
                            std::vector<std::string> &warnings) const;
  /// What the tensors of codes cost.
  Expected<Report> report() const;
  /// Writes a model file: bytecode, or text as .mlir.
  Error save(StringRef path) const;
  std::string print() const;

  /// Whether layers have fixed-point weights.
  bool isConverted() const;
  std::vector<TensorInfo> getInputs() const;
  std::vector<TensorInfo> getOutputs() const;

  Expected<ObjectCode> compile(const CompileOptions &options) const;

private:
  struct Context;
  Network(std::shared_ptr<Context> context, ModuleOp module);

  std::shared_ptr<Context> context; ///< shared by all networks that come from one file
  ModuleOp module;
};

} // namespace fpw

#endif // FPW_EMBEDDING_NETWORK_H
