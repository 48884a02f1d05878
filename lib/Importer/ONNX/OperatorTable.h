//===- OperatorTable.h - The operators that can be imported -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_IMPORTER_ONNX_OPERATORTABLE_H
#define FPW_LIB_IMPORTER_ONNX_OPERATORTABLE_H

#include "fpw/Support/LLVM.h"
#include "llvm/ADT/StringMap.h"
#include <functional>

namespace fpw::onnx {

class NodeImporter;

/// How a node of an operator becomes ops.
struct OperatorRule {
  unsigned minInputs, maxInputs;
  /// Builds the ops and adds the results.
  std::function<LogicalResult(NodeImporter &)> import;
  /// Computes the results of a node whose inputs are all known, if it can: false if it has added
  /// none, and has reported no error.
  std::function<bool(NodeImporter &)> fold;
};

/// All operators, by name.
class OperatorTable {
public:
  /// Number of inputs of operators that take any.
  static constexpr unsigned kAnyNumber = ~0u;

  OperatorTable();

  void add(StringRef name, unsigned minInputs, unsigned maxInputs,
           std::function<LogicalResult(NodeImporter &)> import,
           std::function<bool(NodeImporter &)> fold = nullptr);
  const OperatorRule *find(StringRef name) const;
  const llvm::StringMap<OperatorRule> &getRules() const { return rules; }

private:
  llvm::StringMap<OperatorRule> rules;
};

// One per family of operators.
void addActivationOperators(OperatorTable &table);
void addComparisonOperators(OperatorTable &table);
void addConstantOperators(OperatorTable &table);
void addElementwiseOperators(OperatorTable &table);
void addLayerOperators(OperatorTable &table);
void addMoveOperators(OperatorTable &table);
void addNormalizationOperators(OperatorTable &table);
void addPoolingOperators(OperatorTable &table);
void addQuantizationOperators(OperatorTable &table);
void addReductionOperators(OperatorTable &table);
void addReshapeOperators(OperatorTable &table);
void addResizeOperators(OperatorTable &table);
void addSelectionOperators(OperatorTable &table);

} // namespace fpw::onnx

#endif // FPW_LIB_IMPORTER_ONNX_OPERATORTABLE_H
