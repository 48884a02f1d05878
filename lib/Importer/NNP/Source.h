//===- Source.h - A file, read and parsed -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_IMPORTER_NNP_SOURCE_H
#define FPW_LIB_IMPORTER_NNP_SOURCE_H

#include "Archive.h"
#include "Description.h"
#include "Parameters.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Location.h"

namespace fpw::nnp {

/// Everything that a file says: a description, and parameters that still lie in the file.
class Source {
public:
  /// Null after an error, which has been reported.
  static std::unique_ptr<Source> read(llvm::MemoryBufferRef file, MLIRContext *context,
                                      const NNPLimits &limits);

  const Description &getDescription() const { return *description; }
  const ParameterTable &getParameters() const { return parameters; }
  /// The place of a message in the description.
  Location getLoc(const google::protobuf::Message &message) const {
    return getLoc(description->getPosition(message));
  }
  Location getLoc(Position position) const {
    return mlir::FileLineColLoc::get(name, position.line, position.column);
  }

private:
  explicit Source(StringAttr name) : name(name) {}

  LogicalResult readArchive(StringRef file, const NNPLimits &limits);
  LogicalResult readDescription(StringRef text, const NNPLimits &limits);
  LogicalResult check(Error error) const;

  /// The name of the description in locations.
  StringAttr name;
  Archive archive;
  std::unique_ptr<Description> description;
  ParameterTable parameters;
};

} // namespace fpw::nnp

#endif // FPW_LIB_IMPORTER_NNP_SOURCE_H
