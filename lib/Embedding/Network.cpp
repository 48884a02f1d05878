//===- Network.cpp - Networks for programs that know nothing of MLIR -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Embedding/Network.h"

#include "fpw/Dialect/NN/IR/NN.h"
#include "fpw/Execution/LayerRanges.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CrashRecoveryContext.h"
#include <mutex>

using namespace mlir;

namespace fpw {

/// An MLIR context whose diagnostics are kept.
struct Network::Context {
  Context() {
    mlir.printOpOnDiagnostic(false);
    mlir.getDiagEngine().registerHandler([this](Diagnostic &diagnostic) {
      if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
        errors.push_back(describe(diagnostic));
      else if (diagnostic.getSeverity() == DiagnosticSeverity::Warning)
        warnings.push_back(describe(diagnostic));
      return success();
    });
  }

  /// The first error since the last call: what follows it is a consequence.
  Error takeError() {
    std::string text = errors.empty() ? "unknown error" : errors.front();
    errors.clear();
    return llvm::createStringError(text);
  }

  MLIRContext mlir;
  std::mutex mutex; ///< held by whoever may cause diagnostics
  std::vector<std::string> errors, warnings;

private:
  static std::string describe(Diagnostic &diagnostic) {
    std::string text;
    llvm::raw_string_ostream os(text);
    if (auto file = diagnostic.getLocation()->findInstanceOf<FileLineColLoc>()) {
      os << file.getFilename().getValue() << ": ";
      if (file.getLine() > 0)
        os << file.getLine() << ":" << file.getColumn() << ": ";
    }
    os << diagnostic;
    for (Diagnostic &note : diagnostic.getNotes())
      os << "\n" << describe(note);
    return text;
  }
};

Network::Network(std::shared_ptr<Context> context, ModuleOp module)
    : context(std::move(context)), module(module) {}
Network::Network(Network &&other)
    : context(std::move(other.context)), module(std::exchange(other.module, nullptr)) {}
Network &Network::operator=(Network &&other) {
  std::swap(context, other.context);
  std::swap(module, other.module);
  return *this;
}
Network::~Network() {
  if (!module)
    return;
  std::lock_guard<std::mutex> lock(context->mutex);
  module->erase();
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

/// MLIR's bytecode reader believes some of what it reads, so that a damaged file may make it crash.
/// Returns whether the code came to its end; what it leaves behind otherwise is in an unknown
/// state.
static bool runSafely(llvm::function_ref<void()> code) {
  static std::mutex mutex; // signal handlers belong to the whole process
  std::lock_guard<std::mutex> lock(mutex);
  llvm::CrashRecoveryContext::Enable();
  bool survived = llvm::CrashRecoveryContext().RunSafely(code);
  llvm::CrashRecoveryContext::Disable();
  return survived;
}

Expected<Network> Network::load(StringRef path, const NNPImportOptions &options) {
  auto context = std::make_shared<Context>();
  OwningOpRef<ModuleOp> module;
  ImportOptions importOptions;
  importOptions.nnp = options;
  if (!runSafely([&] { module = readModel(path, &context->mlir, importOptions); })) {
    new std::shared_ptr<Context>(context); // nobody can tell what state it is in
    return llvm::createStringError(path + ": the file is damaged");
  }
  if (!module && context->errors.empty())
    return llvm::createStringError(path + ": the file is damaged");
  if (!module || failed(getNetwork(*module)))
    return context->takeError();
  return Network(std::move(context), module.release());
}

Error Network::save(StringRef path) const {
  std::lock_guard<std::mutex> lock(context->mutex);
  return succeeded(writeModel(module, path)) ? Error::success() : context->takeError();
}

std::string Network::print() const {
  std::lock_guard<std::mutex> lock(context->mutex);
  std::string text;
  llvm::raw_string_ostream os(text);
  constexpr int64_t kMostElements = 16;
  ModuleOp(module)->print(
      os, OpPrintingFlags().elideLargeElementsAttrs(kMostElements).elideLargeResourceString(64));
  return text;
}

//===----------------------------------------------------------------------===//
// Conversion
//===----------------------------------------------------------------------===//

Expected<Network> Network::convert(const nn::FixedPointWeightOptions &options,
                                   std::vector<std::string> &warnings) const {
  std::lock_guard<std::mutex> lock(context->mutex);
  OwningOpRef<ModuleOp> copy = ModuleOp(module).clone();
  context->warnings.clear();
  if (failed(nn::convertToFixedPointWeights(*copy, options)))
    return context->takeError();
  llvm::append_range(warnings, context->warnings);
  return Network(context, copy.release());
}

Expected<Report> Network::report() const {
  std::lock_guard<std::mutex> lock(context->mutex);
  FailureOr<Report> report = buildReport(module);
  if (failed(report))
    return context->takeError();
  return *report;
}

bool Network::isConverted() const { return !getFixedPointLayers(module).empty(); }

/// Inputs or outputs, which getNetwork has checked to be tensors.
static std::vector<TensorInfo>
describe(TypeRange types, llvm::function_ref<StringAttr(unsigned)> getName, StringRef kind) {
  std::vector<TensorInfo> infos;
  for (auto [i, type] : llvm::enumerate(types)) {
    StringAttr name = getName(i);
    TensorInfo &info =
        infos.emplace_back(TensorInfo{name ? name.str() : (kind + Twine(i)).str(), {}});
    info.type = *getInterfaceType(cast<RankedTensorType>(type).getElementType());
    for (int64_t size : cast<RankedTensorType>(type).getShape())
      info.shape.push_back(ShapedType::isDynamic(size) ? -1 : size);
  }
  return infos;
}

std::vector<TensorInfo> Network::getInputs() const {
  func::FuncOp network = *getNetwork(module);
  auto getName = [&](unsigned i) { return network.getArgAttrOfType<StringAttr>(i, nn::kNameAttr); };
  return describe(network.getArgumentTypes(), getName, "input");
}

std::vector<TensorInfo> Network::getOutputs() const {
  func::FuncOp network = *getNetwork(module);
  auto getName = [&](unsigned i) {
    return network.getResultAttrOfType<StringAttr>(i, nn::kNameAttr);
  };
  return describe(network.getResultTypes(), getName, "output");
}

//===----------------------------------------------------------------------===//
// Code
//===----------------------------------------------------------------------===//

Expected<ObjectCode> Network::compile(const CompileOptions &options) const {
  std::lock_guard<std::mutex> lock(context->mutex);
  return compileToObject(module, options);
}

} // namespace fpw
