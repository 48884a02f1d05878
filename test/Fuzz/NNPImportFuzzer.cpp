//===- NNPImportFuzzer.cpp - Any bytes as a .nnp file -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ImportFuzzer.h"
#include "fpw/Importer/NNP.h"
#include "mlir/IR/BuiltinOps.h"

using namespace fpw;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  NNPImportOptions options;
  options.limits.maxExpandedBytes = 1 << 22;
  StringRef file(reinterpret_cast<const char *>(data), size);
  bool succeeded = false;
  unsigned errors = test::countErrors([&](MLIRContext &context) {
    succeeded = bool(importNNP(llvm::MemoryBufferRef(file, "fuzz.nnp"), &context, options));
  });
  // A module, or exactly one error.
  if (errors != (succeeded ? 0 : 1))
    abort();
  return 0;
}
