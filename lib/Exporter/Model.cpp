//===- Model.cpp - Writes networks in the formats of others -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Exporter/Model.h"

#include "fpw/Exporter/NNP.h"
#include "fpw/Exporter/ONNX.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace fpw;

/// Where quantised parameters are no codes yet, they become codes; what is not used goes.
static LogicalResult simplify(ModuleOp module) {
  PassManager passes(module.getContext());
  passes.addPass(createCanonicalizerPass());
  return passes.run(module);
}

LogicalResult fpw::exportModel(ModuleOp module, StringRef path, WeightForm weights) {
  Location file = FileLineColLoc::get(module.getContext(), path, 0, 0);
  bool asNNP = path.ends_with(".nnp");
  if (!asNNP && !path.ends_with(".onnx"))
    return emitError(file) << "expected a name that ends with .onnx or .nnp";
  if (failed(simplify(module)))
    return failure();
  std::string bytes;
  llvm::raw_string_ostream os(bytes);
  if (failed(asNNP ? exportNNP(module, weights, os) : exportONNX(module, weights, os)))
    return failure();
  llvm::Error error = llvm::writeToOutput(path, [&](raw_ostream &file) {
    file << bytes;
    return llvm::Error::success();
  });
  if (error)
    return emitError(file) << "cannot write the file: " << llvm::toString(std::move(error));
  return success();
}
