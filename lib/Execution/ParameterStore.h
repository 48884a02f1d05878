//===- ParameterStore.h - The parameters of several codes, each once -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_EXECUTION_PARAMETERSTORE_H
#define FPW_LIB_EXECUTION_PARAMETERSTORE_H

#include "fpw/Execution/ObjectCode.h"
#include "mlir/IR/Attributes.h"
#include <unordered_map>

namespace fpw {

/// Collects parameters. Codes for different processors want some of them in layouts of their own,
/// and others in the same.
class ParameterStore {
public:
  /// Adds a copy of the elements of a tensor, if it is not there yet. Returns the symbol.
  Expected<std::string> add(mlir::Attribute value);

  std::vector<ExternalData> take() { return std::move(parameters); }

private:
  std::vector<ExternalData> parameters;
  std::unordered_multimap<uint64_t, size_t> numbers; ///< by the hash of the bytes
};

} // namespace fpw

#endif // FPW_LIB_EXECUTION_PARAMETERSTORE_H
