//===- NNPDescriptionFuzzer.cpp - Any bytes as a .nntxt description -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Description.h"
#include "ReadParameters.h"

using namespace fpw;
using namespace fpw::nnp;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  StringRef text(reinterpret_cast<const char *>(data), size);
  auto description = Description::parse(text, {}, [](Position, const Twine &) {});
  if (!description)
    return 0;
  ParameterTable table;
  llvm::consumeError(description->readParameters(table));
  fuzz::readAll(table);
  return 0;
}
