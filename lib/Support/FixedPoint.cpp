//===- FixedPoint.cpp - Fixed-point arithmetic -----------------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Support/FixedPoint.h"
#include "llvm/ADT/bit.h"

using namespace fpw;

float fpw::getAbsMax(ArrayRef<float> values) {
  // The bits of a magnitude order like the magnitude, with infinity and then NaN on top.
  uint32_t largest = 0;
  for (float value : values)
    largest = std::max(largest, llvm::bit_cast<uint32_t>(value) & 0x7fffffff);
  return llvm::bit_cast<float>(largest);
}

float fpw::getPowerOfTwoStep(float absMax, unsigned bits, bool isSigned, StepRounding rounding) {
  assert(std::isfinite(absMax) && absMax >= 0.0f && "no step for this magnitude");
  if (absMax == 0.0f)
    return 1.0f;
  // The binades of the two numbers leave two candidates for the exponent e of the largest step with
  // maxCode * 2^e <= absMax. Every product here is exact in double.
  double maxCode = FixedPoint::getMaxCode(bits, isSigned);
  int exponent = std::ilogb(double(absMax)) - std::ilogb(maxCode);
  if (std::ldexp(maxCode, exponent) > absMax)
    --exponent;
  if (rounding == StepRounding::Ceil && std::ldexp(maxCode, exponent) < absMax)
    ++exponent;
  return std::ldexp(1.0f, std::clamp(exponent, -149, 127));
}

QuantizationStatistics &QuantizationStatistics::operator+=(const QuantizationStatistics &other) {
  clipped += other.clipped;
  negative += other.negative;
  error += other.error;
  energy += other.energy;
  return *this;
}

namespace {
/// Sums in a fixed number of lanes: the compiler may use vectors, and the result has one bit
/// pattern.
class StatisticsCollector {
public:
  static constexpr size_t kLanes = 8;

  void add(size_t lane, float value, const FixedPoint &format, int32_t code) {
    double difference = double(value) - double(format.decode(code));
    error[lane] += difference * difference;
    energy[lane] += double(value) * double(value);
    clipped[lane] += std::fabs(value) > format.getMaxValue();
    negative[lane] += value < 0.0f && format.getMinCode() == 0;
  }

  QuantizationStatistics finish() const {
    QuantizationStatistics sum;
    for (size_t lane = 0; lane < kLanes; ++lane)
      sum += {clipped[lane], negative[lane], error[lane], energy[lane]};
    return sum;
  }

private:
  int64_t clipped[kLanes] = {}, negative[kLanes] = {};
  double error[kLanes] = {}, energy[kLanes] = {};
};

/// Encodes each element i in the format `formatOf(i)`.
template <typename Code, typename FormatOf>
QuantizationStatistics encodeEach(ArrayRef<float> values, FormatOf formatOf,
                                  MutableArrayRef<Code> codes) {
  assert(values.size() == codes.size() && "one code per value");
  StatisticsCollector statistics;
  constexpr size_t lanes = StatisticsCollector::kLanes;
  auto encodeOne = [&](size_t i, size_t lane) {
    const FixedPoint &format = formatOf(i);
    int32_t code = format.encode(values[i]);
    codes[i] = static_cast<Code>(code);
    statistics.add(lane, values[i], format, code);
  };
  size_t i = 0;
  for (; i + lanes <= values.size(); i += lanes)
    for (size_t lane = 0; lane < lanes; ++lane)
      encodeOne(i + lane, lane);
  for (size_t lane = 0; i < values.size(); ++i, ++lane)
    encodeOne(i, lane);
  return statistics.finish();
}
} // namespace

template <typename Code>
QuantizationStatistics fpw::encode(ArrayRef<float> values, const FixedPoint &format,
                                   MutableArrayRef<Code> codes) {
  return encodeEach(values, [=](size_t) { return format; }, codes);
}

template <typename Code>
QuantizationStatistics fpw::encodeColumns(ArrayRef<float> values, ArrayRef<FixedPoint> formats,
                                          MutableArrayRef<Code> codes) {
  QuantizationStatistics statistics;
  for (size_t row = 0; row < values.size(); row += formats.size())
    statistics += encodeEach(
        values.slice(row, formats.size()),
        [=](size_t column) -> const FixedPoint & { return formats[column]; },
        codes.slice(row, formats.size()));
  return statistics;
}

void fpw::quantize(ArrayRef<float> values, const FixedPoint &format,
                   MutableArrayRef<float> result) {
  assert(values.size() == result.size() && "one result per value");
  for (size_t i = 0; i < values.size(); ++i)
    result[i] = format.quantize(values[i]);
}

#define FPW_INSTANTIATE_ENCODE(Code)                                                               \
  template QuantizationStatistics fpw::encode<Code>(ArrayRef<float>, const FixedPoint &,           \
                                                    MutableArrayRef<Code>);                        \
  template QuantizationStatistics fpw::encodeColumns<Code>(ArrayRef<float>, ArrayRef<FixedPoint>,  \
                                                           MutableArrayRef<Code>);
FPW_INSTANTIATE_ENCODE(int8_t)
FPW_INSTANTIATE_ENCODE(uint8_t)
FPW_INSTANTIATE_ENCODE(int16_t)
FPW_INSTANTIATE_ENCODE(uint16_t)
FPW_INSTANTIATE_ENCODE(int32_t)
#undef FPW_INSTANTIATE_ENCODE
