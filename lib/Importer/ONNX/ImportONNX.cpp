//===- ImportONNX.cpp - Reads ONNX files -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GraphImporter.h"
#include "Parse.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Tools/mlir-translate/Translation.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SourceMgr.h"

using namespace fpw;
using namespace fpw::onnx;

mlir::OwningOpRef<ModuleOp> fpw::importONNX(llvm::MemoryBufferRef file, MLIRContext *context,
                                            const ONNXImportOptions &options) {
  context->loadDialect<nn::NNDialect, mlir::func::FuncDialect>();
  StringRef name = file.getBufferIdentifier();
  Location loc = mlir::FileLineColLoc::get(context, name, 0, 0);
  auto model = parseModel(file.getBuffer(), options.limits);
  if (!model) {
    mlir::emitError(loc) << llvm::toString(model.takeError());
    return {};
  }
  mlir::OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  OperatorTable table;
  GraphImporter importer(**model, name, options, table, *module);
  if (failed(importer.import()) || failed(mlir::verify(*module)))
    return {};
  return module;
}

std::string fpw::getFolder(StringRef path) {
  StringRef folder = llvm::sys::path::parent_path(path);
  return folder.empty() ? "." : folder.str();
}

std::vector<std::string> fpw::getONNXOperators() {
  std::vector<std::string> names;
  OperatorTable table;
  for (StringRef name : table.getRules().keys())
    names.push_back(name.str());
  llvm::sort(names);
  return names;
}

void fpw::registerONNXTranslation(const ONNXImportOptions &options) {
  mlir::TranslateToMLIRRegistration registration(
      "import-onnx", "import a network from an ONNX file",
      [&options](llvm::SourceMgr &sourceMgr,
                 MLIRContext *context) -> mlir::OwningOpRef<Operation *> {
        const llvm::MemoryBuffer *buffer = sourceMgr.getMemoryBuffer(sourceMgr.getMainFileID());
        ONNXImportOptions withFolder = options;
        withFolder.folder = getFolder(buffer->getBufferIdentifier());
        return importONNX(buffer->getMemBufferRef(), context, withFolder);
      },
      [](DialectRegistry &registry) { registry.insert<nn::NNDialect, mlir::func::FuncDialect>(); });
}
