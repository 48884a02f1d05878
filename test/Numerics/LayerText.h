//===- LayerText.h - Layers as text of the nn dialect -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_TEST_NUMERICS_LAYERTEXT_H
#define FPW_TEST_NUMERICS_LAYERTEXT_H

#include "DigitsLayer.h"

#include <string>

namespace fpw::test {

/// The name of the float op: "convolution".
std::string getMnemonic(const DigitsLayer &layer);

/// The attributes between the operands and the format: " base_axis 1 pad [1, 1] ...".
std::string getAttributes(const DigitsLayer &layer);

/// The format of the weight, and a maximum of the input that is known beforehand:
/// " weight_format <bits = 8, signed, delta = ...> activation_maximum ...".
std::string getFormat(const DigitsLayer &layer, unsigned bits, bool isSigned);

} // namespace fpw::test

#endif // FPW_TEST_NUMERICS_LAYERTEXT_H
