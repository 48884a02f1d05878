//===- ReadParameters.h - Reads every parameter of a table -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_TEST_FUZZ_READPARAMETERS_H
#define FPW_TEST_FUZZ_READPARAMETERS_H

#include "Parameters.h"
#include <vector>

namespace fpw::fuzz {

/// Whatever is in a table can be read: as many elements as its shape has, each written.
inline void readAll(const nnp::ParameterTable &table) {
  for (const auto &[name, parameter] : table.getParameters()) {
    std::vector<float> elements(*nnp::countElements(parameter.shape));
    parameter.read(elements);
  }
}

} // namespace fpw::fuzz

#endif // FPW_TEST_FUZZ_READPARAMETERS_H
