//===- fpw-translate.cpp - Imports models of other frameworks -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Importer/NNP.h"
#include "fpw/Importer/ONNX.h"
#include "mlir/Tools/mlir-translate/MlirTranslateMain.h"
#include "llvm/Support/CommandLine.h"

int main(int argc, char **argv) {
  static fpw::NNPImportOptions options;
  static fpw::ONNXImportOptions onnxOptions;
  static llvm::cl::opt<std::string, true> network(
      "network", llvm::cl::desc("The network to import, where a file has several"),
      llvm::cl::value_desc("name"), llvm::cl::location(options.network));
  static llvm::cl::opt<std::string, true> executor(
      "executor", llvm::cl::desc("The executor that names inputs and outputs"),
      llvm::cl::value_desc("name"), llvm::cl::location(options.executor));
  fpw::registerNNPTranslation(options);
  fpw::registerONNXTranslation(onnxOptions);
  return mlir::failed(
      mlir::mlirTranslateMain(argc, argv, "FPW importers: models of other frameworks to MLIR\n"));
}
