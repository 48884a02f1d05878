//===- NNPImportFuzzer.cpp - Any bytes as a .nnp file -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Importer/NNP.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"

using namespace fpw;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  // A context keeps types and names for ever: each input gets its own.
  MLIRContext context(MLIRContext::Threading::DISABLED);
  unsigned errors = 0;
  mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &diagnostic) {
    errors += diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error;
    return success();
  });
  NNPImportOptions options;
  options.limits.maxExpandedBytes = 1 << 22;
  StringRef file(reinterpret_cast<const char *>(data), size);
  bool succeeded = bool(importNNP(llvm::MemoryBufferRef(file, "fuzz.nnp"), &context, options));
  // A module, or exactly one error.
  if (errors != (succeeded ? 0 : 1))
    abort();
  return 0;
}
