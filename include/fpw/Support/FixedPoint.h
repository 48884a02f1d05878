//===- FixedPoint.h - Fixed-point arithmetic -------------------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one place that rounds, saturates and chooses steps. docs/FixedPointWeight.md numbers the
// rules.
//
//===----------------------------------------------------------------------===//

#ifndef FPW_SUPPORT_FIXEDPOINT_H
#define FPW_SUPPORT_FIXEDPOINT_H

#include "fpw/Support/LLVM.h"
#include <algorithm>
#include <cmath>
#include <limits>

namespace fpw {

/// The numbers `k * delta` with -maxCode <= k <= maxCode, or 0 <= k <= maxCode if unsigned, where
/// maxCode is 2^m - 1 and m counts the bits without the sign.
class FixedPoint {
public:
  /// Above 24 bits float holds no longer every code, and nnabla's arithmetic overflows.
  static constexpr unsigned kMaxBits = 24;

  /// Whether numbers of these bits exist: 1 to 24, and at least 2 with a sign.
  static bool hasValidBits(unsigned bits, bool isSigned) {
    return bits > unsigned(isSigned) && bits <= kMaxBits;
  }

  static bool isValidStep(float delta) { return delta > 0.0f && std::isfinite(delta); }

  static constexpr int32_t getMaxCode(unsigned bits, bool isSigned) {
    return (int32_t(1) << (bits - unsigned(isSigned))) - 1;
  }

  FixedPoint(unsigned bits, bool isSigned, float delta)
      : delta(delta), maxCode(getMaxCode(bits, isSigned)), minCode(isSigned ? -maxCode : 0),
        maxValue(static_cast<float>(double(maxCode) * double(delta))) {
    assert(hasValidBits(bits, isSigned) && "bits out of range");
    assert(isValidStep(delta) && "step out of range");
  }

  float getDelta() const { return delta; }
  int32_t getMaxCode() const { return maxCode; }
  int32_t getMinCode() const { return minCode; }
  /// The largest number, rounded to float: what is beyond is clipped.
  float getMaxValue() const { return maxValue; }

  /// nnabla's quantiser. NaN, which nnabla leaves undefined, gives the quiet NaN 0x7fc00000.
  float quantize(float x) const {
    if (std::isnan(x))
      return std::numeric_limits<float>::quiet_NaN();
    if (x < 0.0f && minCode == 0)
      return 0.0f;
    float magnitude = std::fabs(x);
    float y = magnitude > maxValue ? maxValue : float(roundToCode(magnitude)) * delta;
    return x < 0.0f ? -y : y;
  }

  /// The code of a number, which is not a NaN. For formats of 22 bits and less, `decode(encode(x))`
  /// is `quantize(x)` but for the sign of zero. In wider ones nnabla may round the largest number
  /// of all up by one step too many; a code saturates.
  int32_t encode(float x) const {
    assert(!std::isnan(x) && "a NaN has no code");
    int32_t code = std::min(roundToCode(std::fabs(x)), maxCode);
    return x < 0.0f ? std::max(-code, minCode) : code;
  }

  float decode(int32_t code) const { return float(code) * delta; }

private:
  /// floor(magnitude / delta + 1/2) with the quotient rounded to float and the sum exact. The cut
  /// at 2^24 only serves what is clipped anyway: it keeps the conversion defined.
  int32_t roundToCode(float magnitude) const {
    float quotient = std::min(magnitude / delta, 16777216.0f);
    int32_t code = static_cast<int32_t>(quotient);
    return code + (quotient - float(code) >= 0.5f);
  }

  float delta;
  int32_t maxCode;
  int32_t minCode;
  float maxValue;
};

/// The largest magnitude of some numbers: NaN if there is a NaN, infinity if there is one, 0 if
/// empty.
float getAbsMax(ArrayRef<float> values);

enum class StepRounding { Ceil, Floor };

/// The power of two 2^e, where e is the logarithm of `absMax / maxCode` rounded up or down. With
/// Ceil nothing is clipped; with Floor the numbers are finer and the largest ones may be clipped.
/// Decided on exact values, without a logarithm. The step is at least 2^-149, at most 2^127, and 1
/// if `absMax` is 0.
float getPowerOfTwoStep(float absMax, unsigned bits, bool isSigned, StepRounding rounding);

/// What rounding did to a tensor.
struct QuantizationStatistics {
  /// Elements whose magnitude is beyond the largest number of the format.
  int64_t clipped = 0;
  /// Negative elements of an unsigned format, which become 0.
  int64_t negative = 0;
  /// The sum of (x - k * delta)^2.
  double error = 0.0;
  /// The sum of x^2.
  double energy = 0.0;

  QuantizationStatistics &operator+=(const QuantizationStatistics &other);
};

/// Encodes finite numbers. `Code` is int8_t, uint8_t, int16_t, uint16_t or int32_t and holds every
/// code.
template <typename Code>
QuantizationStatistics encode(ArrayRef<float> values, const FixedPoint &format,
                              MutableArrayRef<Code> codes);

/// Encodes rows of numbers whose columns have a format each: element i has formats[i % size].
template <typename Code>
QuantizationStatistics encodeColumns(ArrayRef<float> values, ArrayRef<FixedPoint> formats,
                                     MutableArrayRef<Code> codes);

/// Quantises every element.
void quantize(ArrayRef<float> values, const FixedPoint &format, MutableArrayRef<float> result);

} // namespace fpw

#endif // FPW_SUPPORT_FIXEDPOINT_H
