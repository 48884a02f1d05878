//===- DigitsReference.h - What arithmetic=digits computes, by definition -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// docs/Numerics.md as plain C++, rule by rule: obviously right rather than fast. Every target
// computes these bits.
//
//===----------------------------------------------------------------------===//

#ifndef FPW_TEST_NUMERICS_DIGITSREFERENCE_H
#define FPW_TEST_NUMERICS_DIGITSREFERENCE_H

#include "DigitsLayer.h"

#include "fpw/Support/Npy.h"
#include <cmath>

namespace fpw::test {

/// The quiet NaN of N2.
constexpr uint32_t kQuietNaN = 0x7fc00000;

/// N2: the largest magnitude of a unit, by its bits.
float getLargestMagnitude(ArrayRef<float> unit);

/// N3: the largest code.
int64_t getLargestCode(unsigned activationBits, bool isUnsigned);

/// N3: the exponent of a step that is a power of two, of a unit with the largest magnitude `a`,
/// which is finite.
int getStepExponent(float a, int64_t largestCode);

/// N3: a step and what elements are multiplied by in place of a division.
struct Step {
  float size, inverse;

  Step(float size, float inverse) : size(size), inverse(inverse) {}
  /// A power of two.
  Step(int exponent) : size(std::ldexp(1.0f, exponent)), inverse(std::ldexp(1.0f, -exponent)) {}
};

/// N3: the step of a unit with the largest magnitude `a`, which is finite.
Step getStep(float a, unsigned activationBits, int64_t largestCode);

/// N4: the code of an element.
int64_t getCode(float x, Step step);

/// N4 with static steps: the code of an element, which may be any.
int64_t getClampedCode(float x, Step step, int64_t largestCode, bool isUnsigned);

/// N4: the two parts of a code.
struct CodeParts {
  int64_t high, low;
};
CodeParts splitCode(int64_t code, unsigned activationBits, bool isUnsigned);

/// N6: an output from its exact sum, for codes of one part.
float combineSum(int64_t low, float delta, Step step, float bias);

/// N6: an output from its exact sums, for codes of two parts.
float combineSums(int64_t high, int64_t low, float delta, Step step, float bias);

/// N1 to N6: the result of a layer.
FloatTensor runDigits(const DigitsLayer &layer, const FloatTensor &input);

/// The result of a layer in double precision, with weights of exactly `code * delta`.
std::vector<double> runDouble(const DigitsLayer &layer, const FloatTensor &input);

} // namespace fpw::test

#endif // FPW_TEST_NUMERICS_DIGITSREFERENCE_H
