//===- ImportNNP.cpp - Reads nnabla's .nnp files -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NetworkImporter.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Tools/mlir-translate/Translation.h"
#include "llvm/Support/SourceMgr.h"

using namespace fpw;
using namespace fpw::nnp;

mlir::OwningOpRef<ModuleOp> fpw::importNNP(llvm::MemoryBufferRef file, MLIRContext *context,
                                           const NNPImportOptions &options) {
  context->loadDialect<nn::NNDialect, mlir::func::FuncDialect>();
  std::unique_ptr<Source> source = Source::read(file, context, options.limits);
  if (!source)
    return {};
  FailureOr<Selection> selection = select(*source, options);
  if (failed(selection))
    return {};
  mlir::OwningOpRef<ModuleOp> module = ModuleOp::create(source->getLoc(Position()));
  FunctionTable table(context);
  NetworkImporter importer(*source, *selection, table, *module);
  if (failed(importer.import()) || failed(mlir::verify(*module)))
    return {};
  return module;
}

SmallVector<std::pair<std::string, std::string>> fpw::getNNPFunctions(MLIRContext *context) {
  SmallVector<std::pair<std::string, std::string>> functions;
  FunctionTable table(context);
  for (const auto &[name, rule] : table.getRules())
    functions.emplace_back(name.str(), rule.op.getStringRef().str());
  llvm::sort(functions);
  return functions;
}

void fpw::registerNNPTranslation(const NNPImportOptions &options) {
  mlir::TranslateToMLIRRegistration registration(
      "import-nnp", "import a network from nnabla's .nnp or .nntxt file",
      [&options](llvm::SourceMgr &sourceMgr,
                 MLIRContext *context) -> mlir::OwningOpRef<Operation *> {
        const llvm::MemoryBuffer *buffer = sourceMgr.getMemoryBuffer(sourceMgr.getMainFileID());
        return importNNP(buffer->getMemBufferRef(), context, options);
      },
      [](DialectRegistry &registry) { registry.insert<nn::NNDialect, mlir::func::FuncDialect>(); });
}
