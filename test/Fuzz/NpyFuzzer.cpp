//===- NpyFuzzer.cpp - Any bytes as a .npy file ----------------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Support/Npy.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  llvm::Expected<fpw::FloatTensor> tensor =
      fpw::parseNpy(llvm::StringRef(reinterpret_cast<const char *>(data), size));
  if (!tensor) {
    llvm::consumeError(tensor.takeError());
    return 0;
  }
  // What was read is what the header announced.
  size_t count = 1;
  for (int64_t dimension : tensor->shape)
    count *= dimension;
  if (count != tensor->data.size())
    abort();
  return 0;
}
