//===- Parameters.h - The parameters of a file, by name -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_IMPORTER_NNP_PARAMETERS_H
#define FPW_LIB_IMPORTER_NNP_PARAMETERS_H

#include "fpw/Support/LLVM.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"
#include <functional>
#include <optional>

namespace fpw::nnp {

/// The number of elements of a shape: nothing if a size is below 1, the rank above 32, or the
/// number beyond 2^40.
std::optional<int64_t> countElements(ArrayRef<int64_t> shape);

/// A shape as text, such as 3x1x5, for messages.
std::string printShape(ArrayRef<int64_t> shape);

/// A trained tensor. Its elements stay in the file until somebody wants them.
struct Parameter {
  SmallVector<int64_t> shape;
  /// Writes all elements; the buffer has their number.
  std::function<void(MutableArrayRef<float>)> read;
};

class ParameterTable {
public:
  /// Adds a parameter that has `storedElements` elements. An error if that does not fit the shape,
  /// or if there is a parameter of this name.
  Error add(StringRef name, Parameter parameter, uint64_t storedElements);
  /// The parameter of this name, or null.
  const Parameter *find(StringRef name) const;
  size_t size() const { return parameters.size(); }
  const llvm::StringMap<Parameter> &getParameters() const { return parameters; }

private:
  llvm::StringMap<Parameter> parameters;
};

/// Adds the parameters of a binary NNablaProtoBuf message. They refer to `bytes`.
Error readProtobufParameters(StringRef bytes, ParameterTable &table);

/// Adds the data sets of an HDF5 file. They refer to `bytes`.
Error readHDF5Parameters(StringRef bytes, ParameterTable &table);

} // namespace fpw::nnp

#endif // FPW_LIB_IMPORTER_NNP_PARAMETERS_H
