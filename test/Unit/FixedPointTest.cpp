//===- FixedPointTest.cpp - Fixed-point arithmetic -------------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Support/FixedPoint.h"
#include "GoldenData.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/bit.h"
#include <gtest/gtest.h>

using namespace fpw;
using namespace fpw::test;

namespace {

uint32_t bitsOf(float value) { return llvm::bit_cast<uint32_t>(value); }
float fromBits(uint32_t bits) { return llvm::bit_cast<float>(bits); }
float floatOfHex(StringRef text) {
  uint32_t bits = 0;
  EXPECT_FALSE(text.getAsInteger(0, bits));
  return fromBits(bits);
}

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

struct Format {
  unsigned bits;
  bool isSigned;
};

/// Every pair of bits and sign up to a number of bits.
std::vector<Format> allFormats(unsigned maxBits) {
  std::vector<Format> formats;
  for (unsigned bits = 1; bits <= maxBits; ++bits)
    for (bool isSigned : {false, true})
      if (FixedPoint::hasValidBits(bits, isSigned))
        formats.push_back({bits, isSigned});
  return formats;
}

//===----------------------------------------------------------------------===//
// The quantiser
//===----------------------------------------------------------------------===//

TEST(FixedPoint, QuantizesAsGoldenData) {
  auto tensors = readNpz("quantize/quantize.npz");
  llvm::json::Value cases = readJSON("quantize/cases.json");
  size_t compared = 0;
  for (const llvm::json::Value &value : *cases.getAsObject()->getArray("cases")) {
    const llvm::json::Object &testCase = *value.getAsObject();
    FixedPoint format(*testCase.getInteger("n"), *testCase.getBoolean("sign"),
                      floatOfHex(*testCase.getString("delta_f32_hex")));
    EXPECT_EQ(format.getMaxCode(), *testCase.getInteger("max_code"));
    EXPECT_EQ(format.getMinCode(), *testCase.getInteger("min_code"));
    char id[8];
    std::snprintf(id, sizeof(id), "_%03d", int(*testCase.getInteger("id")));
    const FloatTensor &x = tensors.at(std::string("x") + id),
                      &y = tensors.at(std::string("y") + id);
    std::vector<float> result(x.data.size());
    quantize(x.data, format, result);
    for (auto [input, expected, actual] : llvm::zip_equal(x.data, y.data, result)) {
      EXPECT_EQ(bitsOf(actual), bitsOf(expected)) << "x = " << input << " in case " << id;
      ++compared;
    }
  }
  EXPECT_GT(compared, 50000u);
}

/// Codes and values are two views of one number, but for the sign of zero.
TEST(FixedPoint, CodesAgreeWithValues) {
  auto tensors = readNpz("quantize/quantize.npz");
  llvm::json::Value cases = readJSON("quantize/cases.json");
  for (const llvm::json::Value &value : *cases.getAsObject()->getArray("cases")) {
    const llvm::json::Object &testCase = *value.getAsObject();
    unsigned bits = *testCase.getInteger("n");
    if (bits > 16)
      continue;
    FixedPoint format(bits, *testCase.getBoolean("sign"),
                      floatOfHex(*testCase.getString("delta_f32_hex")));
    char name[8];
    std::snprintf(name, sizeof(name), "x_%03d", int(*testCase.getInteger("id")));
    for (float x : tensors.at(name).data) {
      int32_t code = format.encode(x);
      EXPECT_LE(code, format.getMaxCode());
      EXPECT_GE(code, format.getMinCode());
      EXPECT_EQ(bitsOf(format.decode(code)), bitsOf(format.quantize(x) + 0.0f)) << x;
    }
  }
}

TEST(FixedPoint, TiesRoundAwayFromZero) {
  FixedPoint format(8, true, 1.0f);
  EXPECT_EQ(format.encode(0.5f), 1);
  EXPECT_EQ(format.encode(1.5f), 2);
  EXPECT_EQ(format.encode(2.5f), 3);
  EXPECT_EQ(format.encode(-0.5f), -1);
  EXPECT_EQ(format.encode(-2.5f), -3);
  // The sum with one half is exact: in float it would round up to 1.
  EXPECT_EQ(format.encode(0.49999997f), 0);
  EXPECT_EQ(FixedPoint(24, false, 1.0f).encode(8388609.0f), 8388609);
}

TEST(FixedPoint, SaturatesSymmetrically) {
  FixedPoint format(8, true, 0.5f);
  EXPECT_EQ(format.encode(1000.0f), 127);
  EXPECT_EQ(format.encode(-1000.0f), -127);
  EXPECT_EQ(format.encode(kInfinity), 127);
  EXPECT_EQ(format.encode(-kInfinity), -127);
  EXPECT_EQ(format.quantize(kInfinity), 63.5f);
  EXPECT_EQ(format.quantize(-kInfinity), -63.5f);
  EXPECT_EQ(FixedPoint(8, false, 0.5f).encode(-kInfinity), 0);
  // The largest number of this format is beyond float.
  EXPECT_EQ(FixedPoint(24, false, 1e37f).quantize(kInfinity), kInfinity);
  EXPECT_EQ(FixedPoint(24, false, 1e37f).encode(kInfinity), 16777215);
}

TEST(FixedPoint, SignOfZero) {
  FixedPoint signedFormat(8, true, 1.0f), unsignedFormat(8, false, 1.0f);
  EXPECT_EQ(bitsOf(signedFormat.quantize(-0.25f)), 0x80000000u);
  EXPECT_EQ(bitsOf(signedFormat.quantize(-0.0f)), 0u);
  EXPECT_EQ(bitsOf(unsignedFormat.quantize(-0.25f)), 0u);
  EXPECT_EQ(bitsOf(unsignedFormat.quantize(-0.0f)), 0u);
}

TEST(FixedPoint, NaNGivesQuietNaN) {
  for (uint32_t nan : {0x7fc00000u, 0xffc00001u, 0x7f800001u})
    EXPECT_EQ(bitsOf(FixedPoint(8, true, 1.0f).quantize(fromBits(nan))), 0x7fc00000u);
}

TEST(FixedPoint, ValidFormats) {
  EXPECT_FALSE(FixedPoint::hasValidBits(0, false));
  EXPECT_TRUE(FixedPoint::hasValidBits(1, false));
  EXPECT_FALSE(FixedPoint::hasValidBits(1, true));
  EXPECT_TRUE(FixedPoint::hasValidBits(24, true));
  EXPECT_FALSE(FixedPoint::hasValidBits(25, false));
  EXPECT_TRUE(FixedPoint::isValidStep(0x1p-149f));
  for (float step : {0.0f, -1.0f, kInfinity, kNaN})
    EXPECT_FALSE(FixedPoint::isValidStep(step));
}

/// All halves of a step and their neighbours, for every format to 12 bits: monotone, idempotent,
/// symmetric, and never further away than half a step.
TEST(FixedPoint, Properties) {
  for (auto [bits, isSigned] : allFormats(12))
    for (float delta : {2e-4f, 0.0625f, 1.0f / 3.0f, 0x1p-149f}) {
      FixedPoint format(bits, isSigned, delta);
      float previousX = -kInfinity, previousY = -kInfinity;
      for (int half = -2 * format.getMaxCode() - 3; half <= 2 * format.getMaxCode() + 3; ++half) {
        float center = float(half * 0.5 * double(delta));
        for (float x :
             {std::nextafter(center, -kInfinity), center, std::nextafter(center, kInfinity)}) {
          float y = format.quantize(x);
          // Halves of the smallest step of all are no floats: the order of the x is then not
          // strict.
          ASSERT_TRUE(x < previousX || previousY <= y) << x;
          ASSERT_EQ(format.quantize(y), y) << x;
          if (isSigned) {
            ASSERT_EQ(format.quantize(-x), -y) << x;
          }
          if (std::fabs(x) <= format.getMaxValue() && (isSigned || x >= 0.0f)) {
            ASSERT_LE(std::fabs(double(x) - double(y)),
                      0.5 * double(delta) + 0x1p-22 * std::fabs(x))
                << x;
          }
          previousX = x;
          previousY = y;
        }
      }
    }
}

/// Every code is its own code, in every format.
TEST(FixedPoint, CodesRoundTrip) {
  for (auto [bits, isSigned] : allFormats(16))
    for (float delta : {2e-4f, 0x1p-7f, 1e30f, 0x1p-149f}) {
      FixedPoint format(bits, isSigned, delta);
      for (int32_t code = format.getMinCode(); code <= format.getMaxCode(); ++code)
        ASSERT_EQ(format.encode(format.decode(code)), code);
    }
}

//===----------------------------------------------------------------------===//
// The step
//===----------------------------------------------------------------------===//

TEST(PowerOfTwoStep, AsGoldenData) {
  llvm::json::Value rows = readJSON("quantize/delta.json");
  size_t compared = 0;
  for (const llvm::json::Value &value : *rows.getAsObject()->getArray("rows")) {
    const llvm::json::Object &row = *value.getAsObject();
    float absMax = floatOfHex(*row.getString("absmax_hex"));
    unsigned bits = *row.getInteger("n");
    bool isSigned = *row.getBoolean("sign");
    EXPECT_EQ(getPowerOfTwoStep(absMax, bits, isSigned, StepRounding::Ceil),
              std::ldexp(1.0f, *row.getInteger("ceil")));
    EXPECT_EQ(getPowerOfTwoStep(absMax, bits, isSigned, StepRounding::Floor),
              std::ldexp(1.0f, *row.getInteger("floor")));
    ++compared;
  }
  EXPECT_EQ(compared, 651u);
}

/// The definition, checked for magnitudes of every binade: ceil is the smallest step that clips
/// nothing, floor is the largest whose numbers do not go beyond the magnitude.
TEST(PowerOfTwoStep, Definition) {
  for (auto [bits, isSigned] : allFormats(FixedPoint::kMaxBits)) {
    double maxCode = FixedPoint::getMaxCode(bits, isSigned);
    for (uint32_t exponent = 0; exponent < 255; ++exponent)
      for (uint32_t fraction : {0u, 1u, 0x3fffffu, 0x7f0000u, 0x7fffffu}) {
        float absMax = fromBits(exponent << 23 | fraction);
        if (absMax == 0.0f)
          continue;
        double ceil = getPowerOfTwoStep(absMax, bits, isSigned, StepRounding::Ceil);
        double floor = getPowerOfTwoStep(absMax, bits, isSigned, StepRounding::Floor);
        ASSERT_GE(ceil, 0x1p-149);
        ASSERT_LE(ceil, 0x1p127);
        if (ceil != 0x1p127) {
          ASSERT_GE(maxCode * ceil, absMax);
        }
        if (ceil != 0x1p-149 && ceil != 0x1p127) {
          ASSERT_LT(maxCode * ceil / 2, absMax);
        }
        if (floor != 0x1p-149) {
          ASSERT_LE(maxCode * floor, absMax);
          ASSERT_GT(maxCode * floor * 2, absMax);
        }
      }
  }
}

TEST(PowerOfTwoStep, EdgeMagnitudes) {
  EXPECT_EQ(getPowerOfTwoStep(0.0f, 8, true, StepRounding::Ceil), 1.0f);
  EXPECT_EQ(getPowerOfTwoStep(0.0f, 8, true, StepRounding::Floor), 1.0f);
  EXPECT_EQ(getPowerOfTwoStep(0x1p-149f, 8, true, StepRounding::Floor), 0x1p-149f);
  EXPECT_EQ(getPowerOfTwoStep(0x1p-149f, 8, true, StepRounding::Ceil), 0x1p-149f);
  // One code only: the next power of two is beyond float.
  EXPECT_EQ(getPowerOfTwoStep(3e38f, 2, true, StepRounding::Ceil), 0x1p127f);
}

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

TEST(AbsMax, OrdersNaNAboveInfinity) {
  EXPECT_EQ(getAbsMax({}), 0.0f);
  EXPECT_EQ(getAbsMax({-0.0f, 0.0f}), 0.0f);
  EXPECT_EQ(getAbsMax({1.0f, -3.0f, 2.0f}), 3.0f);
  EXPECT_EQ(getAbsMax({1.0f, -kInfinity}), kInfinity);
  EXPECT_TRUE(std::isnan(getAbsMax({kInfinity, -kNaN, 1.0f})));
}

TEST(Encode, Statistics) {
  // 11 elements: one full set of lanes and a rest.
  std::vector<float> x = {0.25f, -0.25f, 1.0f, -1.0f, 7.0f,  -7.0f,
                          7.75f, -9.0f,  0.0f, 3.5f,  100.0f};
  std::vector<int8_t> codes(x.size());
  QuantizationStatistics statistics = encode<int8_t>(x, FixedPoint(4, true, 1.0f), codes);
  EXPECT_EQ(codes, (std::vector<int8_t>{0, 0, 1, -1, 7, -7, 7, -7, 0, 4, 7}));
  EXPECT_EQ(statistics.clipped, 3);
  EXPECT_EQ(statistics.negative, 0);
  EXPECT_EQ(statistics.error, 2 * 0.0625 + 0.5625 + 4.0 + 0.25 + 93.0 * 93.0);
  double energy = 0;
  for (double value : x)
    energy += value * value;
  EXPECT_EQ(statistics.energy, energy);
}

TEST(Encode, UnsignedStatistics) {
  std::vector<float> x = {-1.0f, -20.0f, 3.0f, 15.5f};
  std::vector<uint8_t> codes(x.size());
  QuantizationStatistics statistics = encode<uint8_t>(x, FixedPoint(4, false, 1.0f), codes);
  EXPECT_EQ(codes, (std::vector<uint8_t>{0, 0, 3, 15}));
  EXPECT_EQ(statistics.negative, 2);
  EXPECT_EQ(statistics.clipped, 2);
}

TEST(Encode, ColumnsHaveTheirOwnFormats) {
  std::vector<FixedPoint> formats;
  for (int column = 0; column < 13; ++column)
    formats.emplace_back(8, true, std::ldexp(1.0f, -column));
  std::vector<float> x(5 * formats.size());
  for (size_t i = 0; i < x.size(); ++i)
    x[i] = float(i) * 0.01f - 0.3f;
  std::vector<int16_t> codes(x.size());
  QuantizationStatistics sum, statistics = encodeColumns<int16_t>(x, formats, codes);
  for (size_t i = 0; i < x.size(); ++i) {
    int16_t code;
    sum += encode<int16_t>(x[i], formats[i % formats.size()], code);
    EXPECT_EQ(codes[i], code);
  }
  EXPECT_EQ(statistics.clipped, sum.clipped);
  EXPECT_NEAR(statistics.error, sum.error, 1e-12 * sum.error);
  EXPECT_NEAR(statistics.energy, sum.energy, 1e-12 * sum.energy);
}

} // namespace
