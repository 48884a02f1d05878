//===- RunModels.cpp - Runs many small models in one process -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads names of folders from standard input, one per line. A folder has model.onnx and the inputs
// input_0.npy, ...; the outputs become result_0.npy, .... For each folder one line says what came
// of it: "ok", or "refused" and why.
//
//===----------------------------------------------------------------------===//

#include "fpw/Execution/CompiledModel.h"
#include "fpw/Importer/Model.h"
#include "fpw/Pipelines/Pipelines.h"
#include "fpw/Support/Npy.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <iostream>

using namespace fpw;

namespace {
std::string join(llvm::StringRef folder, llvm::StringRef prefix, size_t i) {
  return (folder + "/" + prefix + "_" + llvm::Twine(i) + ".npy").str();
}

/// The module of a model, or the first error.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>> read(llvm::StringRef path,
                                                       mlir::MLIRContext &context) {
  std::string message;
  mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &diagnostic) {
    if (message.empty() && diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error)
      message = diagnostic.str();
    return mlir::success();
  });
  auto module = readModel(path, &context);
  if (module && mlir::failed(getNetwork(*module)))
    module = nullptr;
  if (!module)
    return llvm::createStringError(message);
  return module;
}

llvm::Error run(llvm::StringRef folder, mlir::MLIRContext &context) {
  auto module = read((folder + "/model.onnx").str(), context);
  if (!module)
    return module.takeError();
  auto model = CompiledModel::compile(**module);
  if (!model)
    return model.takeError();
  std::vector<TypedTensor> inputs;
  for (auto [i, info] : llvm::enumerate((*model)->getInputs())) {
    auto input = readNpy(join(folder, "input", i), info.type);
    if (!input)
      return input.takeError();
    inputs.push_back(std::move(*input));
  }
  std::vector<TensorView> views;
  for (const TypedTensor &input : inputs)
    views.push_back({input.shape, input.bytes.data(), input.type});
  auto outputs = (*model)->run(views);
  if (!outputs)
    return outputs.takeError();
  for (auto [i, output] : llvm::enumerate(*outputs))
    if (llvm::Error error =
            writeNpy(join(folder, "result", i), output.shape, output.type, output.getBytes()))
      return error;
  return llvm::Error::success();
}
} // namespace

int main() {
  mlir::DialectRegistry registry;
  registerPipelineDialects(registry);
  registerModelDialects(registry);
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  for (std::string folder; std::getline(std::cin, folder);) {
    if (llvm::Error error = run(folder, context))
      llvm::outs() << "refused " << llvm::toString(std::move(error)) << '\n';
    else
      llvm::outs() << "ok\n";
    llvm::outs().flush();
  }
}
