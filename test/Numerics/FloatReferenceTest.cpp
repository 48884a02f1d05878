//===- FloatReferenceTest.cpp - How far the functions of N7 are from the truth -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FloatReference.h"

#include "llvm/ADT/bit.h"
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>

using namespace fpw::test;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

uint32_t bitsOf(float value) { return llvm::bit_cast<uint32_t>(value); }
float fromBits(uint32_t bits) { return llvm::bit_cast<float>(bits); }

/// The distance of y from the true value in units of the last place that the true value has.
double getError(float y, double truth) {
  auto rounded = static_cast<float>(truth);
  if (std::isnan(truth) || std::isnan(y))
    return std::isnan(truth) && std::isnan(y) ? 0.0 : kInfinity;
  if (std::isinf(rounded) || std::isinf(y) || truth == 0.0) {
    // Rounding may differ right at the limit of the finite numbers.
    bool atLimit = std::fabs(rounded) >= 3.4028234e38f && std::fabs(y) >= 3.4028234e38f;
    return bitsOf(y) == bitsOf(rounded) ? 0.0 : atLimit ? 1.0 : kInfinity;
  }
  int exponent;
  std::frexp(truth, &exponent);
  return std::fabs(y - truth) / std::ldexp(1.0, std::max(exponent - 24, -149));
}

struct Function {
  const char *name;
  float (*function)(float);
  double (*truth)(double);
  double limit; ///< What docs/Numerics.md states, from all 2^32 arguments.
};

const Function kFunctions[] = {
    {"exp", reference::exp, std::exp, 1.02},   {"expm1", reference::expm1, std::expm1, 1.7},
    {"log", reference::log, std::log, 1.0},    {"log1p", reference::log1p, std::log1p, 1.1},
    {"tanh", reference::tanh, std::tanh, 1.4}, {"sin", reference::sin, std::sin, 1.6},
    {"cos", reference::cos, std::cos, 1.6},    {"atan", reference::atan, std::atan, 1.6},
    {"erf", reference::erf, std::erf, 1.3},
};

TEST(FloatReference, FunctionsAreAccurate) {
  for (const Function &f : kFunctions) {
    double worst = 0.0;
    float at = 0.0f;
    for (uint64_t bits = 0; bits < uint64_t(1) << 32; bits += 4099) {
      float x = fromBits(bits);
      double error = getError(f.function(x), f.truth(x));
      if (error > worst) {
        worst = error;
        at = x;
      }
    }
    EXPECT_LT(worst, f.limit) << f.name << "(" << at << ") = " << f.function(at);
    EXPECT_GT(worst, 0.4) << f.name;
  }
}

TEST(FloatReference, PowersAreAccurate) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> wide(-40.0f, 40.0f), one(0.99f, 1.01f),
      steep(-8000.0f, 8000.0f);
  auto check = [](float x, float y) {
    EXPECT_LT(getError(reference::pow(x, y), std::pow(double(x), double(y))), 0.51)
        << x << " ^ " << y << " = " << reference::pow(x, y);
  };
  for (int i = 0; i < 100000; ++i) {
    check(fromBits(random()), fromBits(random()));
    check(fromBits(random() & 0x7fffffff), wide(random));
    check(fromBits(random()), float(int(random() % 41) - 20));
    check(one(random), steep(random));
  }
  const float values[] = {0.0f,  0.5f,   1.0f,   1.5f,      2.0f, 3.0f,    16777215.0f,
                          1e30f, 1e-30f, 1e-45f, kInfinity, kNaN, 4097.0f, 16777216.0f};
  for (float x : values)
    for (float y : values)
      for (float signedX : {x, -x})
        for (float signedY : {y, -y})
          check(signedX, signedY);
}

TEST(FloatReference, SmallNumbersStay) {
  for (float x : {0.0f, 1e-45f, 3e-39f, 1e-30f, 1e-10f})
    for (float signedX : {x, -x}) {
      EXPECT_EQ(bitsOf(reference::expm1(signedX)), bitsOf(signedX));
      EXPECT_EQ(bitsOf(reference::log1p(signedX)), bitsOf(signedX));
      EXPECT_EQ(bitsOf(reference::tanh(signedX)), bitsOf(signedX));
      EXPECT_EQ(bitsOf(reference::sin(signedX)), bitsOf(signedX));
      EXPECT_EQ(bitsOf(reference::atan(signedX)), bitsOf(signedX));
    }
}

TEST(FloatReference, LanesFoldInHalves) {
  auto sum = [](llvm::ArrayRef<float> values) {
    return reference::sumInLanes(values, values.size());
  };
  EXPECT_EQ(bitsOf(sum({})), 0u);
  EXPECT_EQ(bitsOf(sum({-0.0f})), 0u);
  EXPECT_EQ(reference::multiplyInLanes({2.0f, 3.0f, -1.0f}, 3), -6.0f);
  // Element 0 meets element 16 in its lane before it meets element 8.
  std::vector<float> values(17, 0.0f);
  values[0] = 1e8f;
  values[8] = 1.0f;
  values[16] = -1e8f;
  EXPECT_EQ(sum(values), 1.0f);
  // Lane 4 joins lane 0 after lane 8 has.
  values = {1e8f, 0.0f, 0.0f, 0.0f, 1.0f, 0.0f, 0.0f, 0.0f, -1e8f};
  EXPECT_EQ(sum(values), 1.0f);
  std::swap(values[4], values[8]);
  EXPECT_EQ(sum(values), 0.0f);
  // Rows share lanes by the index along the last dimension: element 3 is the first of the second
  // row.
  EXPECT_EQ(reference::sumInLanes({1e8f, 1.0f, 0.0f, -1e8f, 0.0f, 0.0f}, 3), 1.0f);
  EXPECT_EQ(reference::sumInLanes({1e8f, 1.0f, 0.0f, -1e8f, 0.0f, 0.0f}, 6), 0.0f);
}

} // namespace
