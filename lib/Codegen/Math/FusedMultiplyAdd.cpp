//===- FusedMultiplyAdd.cpp - a * b + c with one rounding, without an instruction -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Functions.h"

namespace fpw {

/// The sum of two f64, exact or with an odd last bit: of the two neighbours of an inexact sum, the
/// odd one, so that what is lost still shows. Rounding it to f32 then is rounding the exact sum.
static Lanes addToOdd(Lanes a, Lanes b) {
  Lanes sum = a + b, ofB = sum - a;
  Lanes lost = (a - (sum - ofB)) + (b - ofB); // sum + lost = a + b
  // The other neighbour is away from zero if what is lost has the sign of the sum.
  Lanes bits = sum.toBits();
  Lanes step = shiftRightSigned(bits ^ lost.toBits(), 63) | 1;
  Lanes ifEven = (bits & 1) - 1;
  return select(abs(lost) > 0.0, bits + (step & ifEven), bits).fromBits();
}

/// The product of two f32 is exact in f64.
Lanes expandFma(Lanes a, Lanes b, Lanes c) {
  Lanes product = a.extendToDouble() * b.extendToDouble();
  return addToOdd(product, c.extendToDouble()).truncateToFloat();
}

} // namespace fpw
