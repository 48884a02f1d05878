//===- Model.h - Reads and writes model files of any kind -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_IMPORTER_MODEL_H
#define FPW_IMPORTER_MODEL_H

#include "fpw/Importer/NNP.h"
#include "fpw/Importer/ONNX.h"
#include "fpw/Support/LLVM.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace fpw {

/// Registers the dialects that a model file may use.
void registerModelDialects(DialectRegistry &registry);

/// How to read files of other frameworks.
struct ImportOptions {
  NNPImportOptions nnp;
  ONNXImportOptions onnx; ///< `folder` is set to that of the file
};

/// Reads a model: .nnp, .nntxt, .protobuf, .onnx, .mlir or .mlirbc, or standard input for "-". What
/// the file is follows from its first bytes, or from its name. Errors are diagnostics of the
/// context.
mlir::OwningOpRef<ModuleOp> readModel(StringRef path, MLIRContext *context,
                                      const ImportOptions &options = {});

/// Writes a module as bytecode, or as text where the name ends in .mlir or is "-". Nothing is left
/// half written: on failure the old file stays, and the reason is a diagnostic.
LogicalResult writeModel(ModuleOp module, StringRef path);

/// The network of a model: its one function with a body that is not private. Fails with a
/// diagnostic.
FailureOr<mlir::func::FuncOp> getNetwork(ModuleOp module);

} // namespace fpw

#endif // FPW_IMPORTER_MODEL_H
