//===- FloatReference.h - What float functions and sums compute, by definition -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rule N7 of docs/Numerics.md as plain C++.
//
//===----------------------------------------------------------------------===//

#ifndef FPW_TEST_NUMERICS_FLOATREFERENCE_H
#define FPW_TEST_NUMERICS_FLOATREFERENCE_H

#include "llvm/ADT/ArrayRef.h"

namespace fpw::test::reference {

float exp(float x);
float expm1(float x);
float log(float x);
float log1p(float x);
float tanh(float x);
float sin(float x);
float cos(float x);
float atan(float x);
float erf(float x);
float pow(float x, float y);

/// A sum, and a product, in sixteen lanes. `last` is the size of the last dimension.
float sumInLanes(llvm::ArrayRef<float> values, size_t last);
float multiplyInLanes(llvm::ArrayRef<float> values, size_t last);

/// A sum of products x * w, from `start` on. The channels, of which there are `channels` next to
/// each other, and the number of outputs decide its order; no outputs stand for a sum in sequence.
float sumProducts(llvm::ArrayRef<float> xs, llvm::ArrayRef<float> ws, float start, size_t channels,
                  size_t outputs);

} // namespace fpw::test::reference

#endif // FPW_TEST_NUMERICS_FLOATREFERENCE_H
