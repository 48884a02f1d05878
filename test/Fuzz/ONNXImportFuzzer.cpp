//===- ONNXImportFuzzer.cpp - Any bytes as an ONNX file -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Importer/ONNX.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"

using namespace fpw;

/// LLVM's allocators mark memory as poisoned where they are compiled with the sanitizer, as here,
/// and do not take the mark away where they are not, as in the system's libraries.
extern "C" const char *__asan_default_options() { return "allow_user_poisoning=0"; }

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  // A context keeps types and names for ever, and takes long to make.
  static std::unique_ptr<MLIRContext> owner;
  static unsigned inputs = 0;
  if (inputs++ % 256 == 0)
    owner = std::make_unique<MLIRContext>(MLIRContext::Threading::DISABLED);
  MLIRContext &context = *owner;
  unsigned errors = 0;
  mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &diagnostic) {
    errors += diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error;
    return success();
  });
  ONNXImportOptions options;
  options.limits.maxComputedBytes = 1 << 20;
  StringRef file(reinterpret_cast<const char *>(data), size);
  bool succeeded = bool(importONNX(llvm::MemoryBufferRef(file, "fuzz.onnx"), &context, options));
  // A module, or an error.
  if ((errors == 0) != succeeded)
    abort();
  return 0;
}
