//===- DigitsRulesTest.cpp - The rules of the digits contract, one by one -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DigitsReference.h"

#include "llvm/ADT/bit.h"
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>

using namespace fpw;
using namespace fpw::test;

namespace {

uint32_t bitsOf(float value) { return llvm::bit_cast<uint32_t>(value); }
float fromBits(uint32_t bits) { return llvm::bit_cast<float>(bits); }
float next(float value) { return fromBits(bitsOf(value) + 1); }

struct Codes {
  unsigned bits;
  bool isUnsigned;
  int64_t largest;
  float largestFloat; ///< The largest float that is not above.
};

const Codes kCodes[] = {
    {8, false, 127, 127.0f},
    {16, false, 32639, 32639.0f},
    {24, false, 8355711, 8355711.0f},
    {32, false, 2139062143, 2139062016.0f},
    {8, true, 255, 255.0f},
    {16, true, 65535, 65535.0f},
    {24, true, 16777215, 16777215.0f},
    {32, true, 4294967295, 4294967040.0f},
};

/// Magnitudes of every exponent.
std::vector<float> getMagnitudes(unsigned count) {
  std::mt19937 random(1);
  std::vector<float> magnitudes;
  for (unsigned i = 0; i < count; ++i)
    magnitudes.push_back(fromBits(random() % 0x7f800000));
  return magnitudes;
}

//===----------------------------------------------------------------------===//
// N2, N3: the step
//===----------------------------------------------------------------------===//

TEST(DigitsRules, LargestMagnitudeGoesByBits) {
  float infinity = std::numeric_limits<float>::infinity(), nan = fromBits(0xffc00001);
  EXPECT_EQ(bitsOf(getLargestMagnitude({})), 0u);
  EXPECT_EQ(bitsOf(getLargestMagnitude({-0.0f})), 0u);
  EXPECT_EQ(getLargestMagnitude({1.0f, -3.0f, 2.0f}), 3.0f);
  EXPECT_EQ(getLargestMagnitude({1.0f, -infinity}), infinity);
  EXPECT_TRUE(std::isnan(getLargestMagnitude({nan, infinity, 1.0f})));
}

TEST(DigitsRules, LargestCodes) {
  for (const Codes &codes : kCodes)
    EXPECT_EQ(getLargestCode(codes.bits, codes.isUnsigned), codes.largest);
}

TEST(DigitsRules, StepGrowsRightAboveTheLargestCode) {
  for (const Codes &codes : kCodes)
    for (int shift : {-100, -1, 0, 1, 90}) {
      float a = std::ldexp(codes.largestFloat, shift);
      EXPECT_EQ(getStepExponent(a, codes.largest), shift);
      EXPECT_EQ(getStepExponent(next(a), codes.largest), shift + 1);
    }
  // float(Q) is Q + 1.
  EXPECT_EQ(bitsOf(2139062016.0f), 0x4efefefeu);
  EXPECT_EQ(getStepExponent(static_cast<float>(2139062143), 2139062143), 1);
  EXPECT_EQ(getStepExponent(2147483520.0f, 2139062143), 1);
  EXPECT_EQ(getStepExponent(2147483648.0f, 2139062143), 1);
}

TEST(DigitsRules, StepIsTheSmallest) {
  for (const Codes &codes : kCodes)
    for (float a : getMagnitudes(20000)) {
      int e = getStepExponent(a, codes.largest);
      ASSERT_LE(double(a), std::ldexp(double(codes.largest), e));
      ASSERT_TRUE(e == -124 || double(a) > std::ldexp(double(codes.largest), e - 1) || a == 0.0f);
      ASSERT_LE(getCode(a, e), codes.largest);
    }
}

TEST(DigitsRules, StepOfEightBitsIsARatio) {
  for (const Codes &codes : kCodes)
    for (float a : getMagnitudes(20000)) {
      Step step = getStep(a, codes.bits, codes.largest), power = getStepExponent(a, codes.largest);
      bool isRatio = codes.bits == 8 && a >= std::ldexp(1.0f, -100);
      ASSERT_EQ(bitsOf(step.size), bitsOf(isRatio ? a / codes.largest : power.size));
      ASSERT_EQ(bitsOf(step.inverse), bitsOf(isRatio ? codes.largest / a : power.inverse));
      ASSERT_TRUE(std::isnormal(step.size) && std::isnormal(step.inverse));
      ASSERT_LE(getCode(a, step), codes.largest);
      if (isRatio) { // all codes are used
        ASSERT_EQ(getCode(a, step), codes.largest);
        ASSERT_EQ(getCode(-a, step), -codes.largest);
      }
    }
  // Whether the quotients are rounded once shows where they have no short representation.
  EXPECT_EQ(bitsOf(getStep(1.0f, 8, 127).size), 0x3c010204u);
  EXPECT_EQ(bitsOf(getStep(3.0f, 8, 255).inverse), bitsOf(85.0f));
}

TEST(DigitsRules, StepOfExtremes) {
  EXPECT_EQ(getStepExponent(0.0f, 127), 0);
  EXPECT_EQ(getStepExponent(fromBits(1), 127), -124);
  EXPECT_EQ(getStepExponent(std::numeric_limits<float>::max(), 127), 122);
  EXPECT_EQ(getStepExponent(std::numeric_limits<float>::max(), 4294967295), 96);
}

//===----------------------------------------------------------------------===//
// N4: codes
//===----------------------------------------------------------------------===//

TEST(DigitsRules, CodesRoundTiesToEven) {
  EXPECT_EQ(getCode(0.5f, 0), 0);
  EXPECT_EQ(getCode(1.5f, 0), 2);
  EXPECT_EQ(getCode(2.5f, 0), 2);
  EXPECT_EQ(getCode(-0.5f, 0), 0);
  EXPECT_EQ(getCode(-1.5f, 0), -2);
  EXPECT_EQ(getCode(-2.5f, 0), -2);
  EXPECT_EQ(getCode(next(0.5f), 0), 1);
  EXPECT_EQ(getCode(-0.0f, 0), 0);
  EXPECT_EQ(getCode(3.0f, -3), 24);
  EXPECT_EQ(getCode(fromBits(0x007fffff), -124), 0); // the largest denormal: a quarter
}

TEST(DigitsRules, CodesAreThoseOfFloatArithmetic) {
  // x * 2^-e in float is exact, or the code is 0: a target need not use double.
  for (float x : getMagnitudes(20000))
    for (int e : {-124, -30, 0, 40, 122}) {
      float scaled = x * std::ldexp(1.0f, -e);
      if (scaled <= 4294967040.0f) {
        ASSERT_EQ(getCode(x, e), static_cast<int64_t>(std::nearbyint(scaled)));
        ASSERT_EQ(getCode(-x, e), static_cast<int64_t>(std::nearbyint(-scaled)));
      }
    }
}

TEST(DigitsRules, PartsOfCodes) {
  for (const Codes &codes : kCodes)
    for (int64_t distance : {0, 1, 127, 128, 255, 256, 32639, 32640, 32895, 32896, 65535, 65536})
      for (int64_t code : {distance, -distance, codes.largest - distance}) {
        if (std::abs(code) > codes.largest || (codes.isUnsigned && code < 0))
          continue;
        CodeParts parts = splitCode(code, codes.bits, codes.isUnsigned);
        ASSERT_EQ(parts.high * 65536 + parts.low, code);
        if (codes.bits <= 16) {
          ASSERT_EQ(parts.high, 0);
        } else {
          ASSERT_GE(parts.low, codes.isUnsigned ? 0 : -32896);
          ASSERT_LE(parts.low, codes.isUnsigned ? 65535 : 32639);
        }
      }
}

TEST(DigitsRules, SignedPartsAreTwoBalancedDigits) {
  std::mt19937 random(2);
  for (int i = 0; i < 20000; ++i) {
    int64_t code = int64_t(random()) % 2139062143 * (i % 2 ? 1 : -1), rest = code, digits[4];
    for (int64_t &digit : digits) {
      digit = static_cast<int8_t>(rest & 0xff);
      rest = (rest - digit) / 256;
    }
    ASSERT_EQ(rest, 0);
    CodeParts parts = splitCode(code, 32, /*isUnsigned=*/false);
    ASSERT_EQ(parts.low, digits[1] * 256 + digits[0]);
    ASSERT_EQ(parts.high, digits[3] * 256 + digits[2]);
  }
}

//===----------------------------------------------------------------------===//
// N6: the result
//===----------------------------------------------------------------------===//

TEST(DigitsRules, EveryOperationRoundsOnce) {
  // 2^24 + 1 ties to 2^24; the sum of a large and a small part rounds at the end.
  EXPECT_EQ(combineSums(0, (1 << 24) + 1, 1.0f, 0, 0.0f), 16777216.0f);
  EXPECT_EQ(combineSums((1 << 24) + 3, 0, 1.0f, -16, 0.0f), 16777220.0f);
  EXPECT_EQ(combineSums(1 << 8, 1, 1.0f, 0, 0.0f), 16777216.0f);
  EXPECT_EQ(combineSums(1 << 8, 1, 1.0f, 0, 1.0f), 16777218.0f);
}

TEST(DigitsRules, StepThatIsNoPowerOfTwo) {
  const float delta = 2e-4f; // 0x3951b717
  EXPECT_EQ(bitsOf(delta), 0x3951b717u);
  volatile float product = 3.0f * delta, sum = product + 1.0f; // two roundings
  EXPECT_EQ(bitsOf(combineSums(0, 3, delta, 0, 1.0f)), bitsOf(sum));
  // The step is delta * 2^e, also where that is denormal.
  EXPECT_EQ(bitsOf(combineSums(0, 1, delta, -124, 0.0f)), bitsOf(std::ldexp(delta, -124)));
  EXPECT_EQ(bitsOf(combineSums(1, 0, delta, -124, 0.0f)),
            bitsOf(65536.0f * std::ldexp(delta, -124)));
}

TEST(DigitsRules, FusedAdditionIsTheSameForPowersOfTwo) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 20000; ++i) {
    int64_t high = int64_t(random()) >> 30, low = int64_t(random()) >> 28;
    float sigma = std::ldexp(1.0f, int(random() % 40) - 30),
          bias = float(int64_t(random())) * 1e-12f;
    float fused = std::fma(float(high), 65536.0f * sigma, std::fma(float(low), sigma, bias));
    ASSERT_EQ(bitsOf(combineSums(high, low, sigma, 0, bias)), bitsOf(fused));
  }
}

TEST(DigitsRules, OnePartNeedsNoSecondStep) {
  // 65536 * sigma would be infinite, and its product with an upper sum of 0 no number.
  EXPECT_EQ(combineSum(127, 1.0f, 120, 0.0f), std::ldexp(127.0f, 120));
  EXPECT_TRUE(std::isnan(combineSums(0, 127, 1.0f, 120, 0.0f)));
}

TEST(DigitsRules, ResultIsNeverNegativeZero) {
  EXPECT_EQ(bitsOf(combineSum(-1, 1e-45f, -124, -0.0f)), 0u);
  EXPECT_EQ(bitsOf(combineSums(0, 0, 1.0f, 0, -0.0f)), 0u);
  EXPECT_EQ(bitsOf(combineSums(0, -1, 1e-45f, -124, -0.0f)), 0u); // sigma underflows to 0
  EXPECT_EQ(bitsOf(combineSums(-1, 0, 1e-45f, -124, -0.0f)), 0u);
  EXPECT_EQ(bitsOf(combineSums(0, -1, 1.0f, 0, 1.0f)), 0u);
}

} // namespace
