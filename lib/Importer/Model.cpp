//===- Model.cpp - Reads and writes model files of any kind -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Importer/Model.h"

#include "fpw/Dialect/NN/IR/NN.h"
#include "mlir/Bytecode/BytecodeReader.h"
#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace fpw;

void fpw::registerModelDialects(DialectRegistry &registry) {
  registry.insert<nn::NNDialect, arith::ArithDialect, func::FuncDialect, linalg::LinalgDialect,
                  math::MathDialect, tensor::TensorDialect>();
}

/// Where errors about a whole file are reported.
static InFlightDiagnostic errorIn(StringRef path, MLIRContext *context) {
  return emitError(FileLineColLoc::get(context, path, 0, 0));
}

static bool isNNP(const llvm::MemoryBuffer &file) {
  StringRef name = file.getBufferIdentifier();
  return file.getBuffer().starts_with("PK") || name.ends_with(".nnp") || name.ends_with(".nntxt") ||
         name.ends_with(".prototxt") || name.ends_with(".protobuf");
}

/// A binary message begins with its first field, the version of the format.
static bool isONNX(const llvm::MemoryBuffer &file) {
  return file.getBufferIdentifier().ends_with(".onnx") || file.getBuffer().starts_with("\x08");
}

/// Whether brackets, or signs before a number, nest deeper in MLIR text than its recursive parser
/// can follow on any stack. What stands in strings and comments does not count.
static bool nestsTooDeep(StringRef text) {
  constexpr int64_t kDeepest = 1000;
  int64_t depth = 0, signs = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    signs = c == '-' ? signs + 1 : c == ' ' ? signs : 0;
    if (c == '"') {
      for (++i; i < text.size() && text[i] != '"'; ++i)
        i += text[i] == '\\';
    } else if (c == '/' && text.substr(i, 2) == "//") {
      i = text.find('\n', i);
      if (i == StringRef::npos)
        break;
    } else if (c == '(' || c == '[' || c == '{' || c == '<') {
      ++depth;
    } else if (c == ')' || c == ']' || c == '}' || (c == '>' && i > 0 && text[i - 1] != '-')) {
      --depth;
    }
    if (depth > kDeepest || signs > kDeepest)
      return true;
  }
  return false;
}

/// The file in memory that is aligned as bytecode asks for, so that the data of parameters can be
/// used in place. Standard input comes as it comes, and is copied.
static llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> readAligned(StringRef path) {
  const llvm::Align alignment(64);
  auto file = llvm::MemoryBuffer::getFileOrSTDIN(path, /*IsText=*/false,
                                                 /*RequiresNullTerminator=*/true, alignment);
  if (!file || llvm::isAddrAligned(alignment, (*file)->getBufferStart()))
    return file;
  auto copy = llvm::WritableMemoryBuffer::getNewUninitMemBuffer(
      (*file)->getBufferSize(), (*file)->getBufferIdentifier(), alignment);
  if (!copy)
    return std::make_error_code(std::errc::not_enough_memory);
  llvm::copy((*file)->getBuffer(), copy->getBufferStart());
  return std::move(copy);
}

OwningOpRef<ModuleOp> fpw::readModel(StringRef path, MLIRContext *context,
                                     const ImportOptions &options) {
  DialectRegistry registry;
  registerModelDialects(registry);
  context->appendDialectRegistry(registry);
  context->loadDialect<nn::NNDialect, arith::ArithDialect, func::FuncDialect>();
  auto file = readAligned(path);
  if (!file) {
    errorIn(path, context) << "cannot read the file: " << file.getError().message();
    return nullptr;
  }
  if ((*file)->getBuffer().empty()) {
    errorIn(path, context) << "expected a model but the file is empty";
    return nullptr;
  }
  if (isNNP(**file))
    return importNNP(**file, context, options.nnp);
  if (isONNX(**file)) {
    ONNXImportOptions onnxOptions = options.onnx;
    if (path != "-")
      onnxOptions.folder = getFolder(path);
    return importONNX(**file, context, onnxOptions);
  }
  if (!isBytecode(**file) && nestsTooDeep((*file)->getBuffer())) {
    errorIn(path, context) << "expected brackets to nest at most 1000 deep";
    return nullptr;
  }
  auto sources = std::make_shared<llvm::SourceMgr>();
  sources->AddNewSourceBuffer(std::move(*file), SMLoc());
  return parseSourceFile<ModuleOp>(sources, ParserConfig(context));
}

LogicalResult fpw::writeModel(ModuleOp module, StringRef path) {
  bool asText = path == "-" || path.ends_with(".mlir");
  llvm::Error error = llvm::writeToOutput(path, [&](raw_ostream &os) -> llvm::Error {
    if (asText)
      module.print(os);
    else if (failed(writeBytecodeToFile(module, os)))
      return llvm::createStringError("the bytecode writer failed");
    return llvm::Error::success();
  });
  if (!error)
    return success();
  return errorIn(path, module.getContext())
         << "cannot write the file: " << llvm::toString(std::move(error));
}

FailureOr<func::FuncOp> fpw::getNetwork(ModuleOp module) {
  func::FuncOp network;
  for (auto function : module.getOps<func::FuncOp>()) {
    if (function.isExternal() || function.isPrivate())
      continue;
    if (network) {
      InFlightDiagnostic error = function.emitError("expected one network but got '")
                                 << network.getName() << "' and '" << function.getName() << "'";
      return error;
    }
    network = function;
  }
  if (!network)
    return module.emitError("expected a network but got a module without a public function");
  auto isTensor = [](Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    Type element = tensor ? tensor.getElementType() : Type();
    return element && (element.isF32() || element.isSignlessInteger(8) ||
                       element.isSignlessInteger(32) || element.isSignlessInteger(64));
  };
  for (Type type : llvm::concat<const Type>(network.getArgumentTypes(), network.getResultTypes()))
    if (!isTensor(type))
      return network.emitError("expected inputs and outputs of the network to be tensors of f32, "
                               "i64, i32 or i8 but got ")
             << type;
  return network;
}
