//===- ONNXImportFuzzer.cpp - Any bytes as an ONNX file -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ImportFuzzer.h"
#include "fpw/Importer/ONNX.h"
#include "mlir/IR/BuiltinOps.h"

using namespace fpw;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  ONNXImportOptions options;
  options.limits.maxComputedBytes = 1 << 20;
  StringRef file(reinterpret_cast<const char *>(data), size);
  bool succeeded = false;
  unsigned errors = test::countErrors([&](MLIRContext &context) {
    succeeded = bool(importONNX(llvm::MemoryBufferRef(file, "fuzz.onnx"), &context, options));
  });
  // A module, or an error.
  if ((errors == 0) != succeeded)
    abort();
  return 0;
}
