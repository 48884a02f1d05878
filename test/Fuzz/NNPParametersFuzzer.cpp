//===- NNPParametersFuzzer.cpp - Any bytes as parameters, in protobuf or HDF5 -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ReadParameters.h"

using namespace fpw;
using namespace fpw::nnp;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  StringRef bytes(reinterpret_cast<const char *>(data), size);
  ParameterTable table;
  llvm::consumeError(bytes.starts_with("\x89HDF") ? readHDF5Parameters(bytes, table)
                                                  : readProtobufParameters(bytes, table));
  fuzz::readAll(table);
  return 0;
}
