//===- FloatReference.cpp - What float functions and sums compute, by definition -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FloatReference.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/bit.h"
#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>

namespace fpw::test::reference {

static constexpr float kInfinity = std::numeric_limits<float>::infinity();
static constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

//===----------------------------------------------------------------------===//
// Bits and polynomials
//===----------------------------------------------------------------------===//

static uint32_t toBits(float x) { return llvm::bit_cast<uint32_t>(x); }
static float fromBits(uint32_t bits) { return llvm::bit_cast<float>(bits); }
static uint64_t toBits(double x) { return llvm::bit_cast<uint64_t>(x); }
static double fromBits(uint64_t bits) { return llvm::bit_cast<double>(bits); }

static float abs(float x) { return fromBits(toBits(x) & 0x7fffffffu); }
static float copySign(float magnitude, float sign) {
  return fromBits((toBits(magnitude) & 0x7fffffffu) | (toBits(sign) & 0x80000000u));
}

/// 2^n, for normal numbers.
static float powerOfTwo(int32_t n) { return fromBits(uint32_t(n + 127) << 23); }

/// Coefficients from the highest power down.
template <typename Float> static Float horner(Float x, std::initializer_list<Float> coefficients) {
  Float y = *coefficients.begin();
  for (Float c : llvm::ArrayRef<Float>(coefficients).drop_front())
    y = y * x + c;
  return y;
}

// log(2) = high + low, where the product of high with an integer of eight bits is exact.
static constexpr float kLog2High = 0x1.62e4p-1f;
static constexpr float kLog2Low = 0x1.7f7d1cp-20f;

//===----------------------------------------------------------------------===//
// exp, expm1
//===----------------------------------------------------------------------===//

namespace {
/// exp(x) = 2^n * (1 + p), with 1 + p between about 0.7 and 1.42.
struct Exponential {
  int32_t n;
  float p;
};
} // namespace

static Exponential expand(float x) {
  const float round = 0x1.8p23f; // what is added to it loses its fraction
  float shifted = x * 0x1.715476p0f + round;
  float n = shifted - round;
  float r = (x - n * kLog2High) - n * kLog2Low;
  float q = horner(r, {0x1.6d66dp-10f, 0x1.1227cap-7f, 0x1.5554d2p-5f, 0x1.5554bp-3f, 0x1p-1f});
  return {int32_t(toBits(shifted) - toBits(round)), r + (r * r) * q};
}

/// exp(x) where it is a normal number.
static float expNormal(float x) {
  Exponential e = expand(x);
  return (1.0f + e.p) * powerOfTwo(e.n);
}

static float clamp(float x, float low, float high) {
  x = x > high ? high : x;
  return x < low ? low : x;
}

float exp(float x) {
  Exponential e = expand(clamp(x, -104.0f, 89.0f));
  int32_t half = e.n >> 1;
  return ((1.0f + e.p) * powerOfTwo(half)) * powerOfTwo(e.n - half);
}

float expm1(float x) {
  Exponential e = expand(clamp(x, -25.0f, 89.0f));
  float halfPower = powerOfTwo(e.n - 1);
  float y = 2.0f * (e.p * halfPower + (halfPower - 0.5f));
  return copySign(e.n == 0 ? e.p : y, x);
}

//===----------------------------------------------------------------------===//
// log, log1p
//===----------------------------------------------------------------------===//

namespace {
/// x = 2^k * (1 + f), with 1 + f between 2/3 and 4/3.
struct Scaled {
  int32_t k;
  float f;
};
} // namespace

static Scaled scale(float x) {
  int32_t k = int32_t(toBits(x) - 0x3f2aaaabu) >> 23;
  return {k, fromBits(toBits(x) - (uint32_t(k) << 23)) - 1.0f};
}

/// log(2^k * (1 + f)) + rest, with a small rest.
static float logOf(float k, float f, float rest) {
  float p = horner(f, {-0x1.0e2ca6p-3f, 0x1.1df25ep-3f, -0x1.f03b2cp-4f, 0x1.1ef1fap-3f,
                       -0x1.55b7fp-3f, 0x1.99ce38p-3f, -0x1.fffe5ep-3f, 0x1.55550cp-2f});
  float tail = (f * f) * (f * p - 0.5f);
  return k * kLog2High + (f + (tail + (k * kLog2Low + rest)));
}

/// The logarithm y of u, or what it is where there is none.
static float logOrSpecial(float u, float y) {
  if (u > 0.0f)
    return u < kInfinity ? y : kInfinity;
  return u == 0.0f ? -kInfinity : kNaN;
}

float log(float x) {
  bool isDenormal = x < 0x1p-126f;
  Scaled s = scale(isDenormal ? x * 0x1p25f : x);
  int32_t k = isDenormal ? s.k - 25 : s.k;
  return logOrSpecial(x, logOf(float(k), s.f, 0.0f));
}

float log1p(float x) {
  float u = 1.0f + x;
  float back = u - 1.0f;
  float lost = (1.0f - (u - back)) + (x - back); // u + lost = 1 + x
  Scaled s = scale(u);
  bool isNear = s.k == 0;
  float f = isNear ? x : s.f;
  float rest = (lost * powerOfTwo(std::max(-s.k, -64))) * (1.0f - f);
  float y = logOf(float(s.k), f, isNear ? 0.0f : rest);
  return copySign(logOrSpecial(u, y), x);
}

//===----------------------------------------------------------------------===//
// tanh, erf, atan
//===----------------------------------------------------------------------===//

float tanh(float x) {
  float t = abs(x), z = x * x;
  float p = horner(
      z, {-0x1.769d24p-8f, 0x1.52530ap-6f, -0x1.b84398p-5f, 0x1.110762p-3f, -0x1.555534p-2f});
  float small = t + t * (z * p);
  float capped = t > 10.0f ? 10.0f : t;
  float large = 1.0f - 2.0f / (expNormal(capped + capped) + 1.0f);
  return copySign(t < 0.625f ? small : large, x);
}

float erf(float x) {
  float t = abs(x);
  float small =
      t + t * horner(t * t, {0x1.4c339cp-14f, -0x1.a50ae8p-11f, 0x1.542e0ep-8f, -0x1.b7fe9p-6f,
                             0x1.ce2d5p-4f, -0x1.81274p-2f, 0x1.06eba8p-3f});
  float capped = t > 4.0f ? 4.0f : t;
  float large =
      1.0f - expNormal(capped * horner(capped, {-0x1.da5852p-17f, 0x1.71790ap-12f, -0x1.ed73dcp-9f,
                                                0x1.89a2dep-6f, -0x1.b46cf2p-4f, -0x1.45194p-1f,
                                                -0x1.20f24cp0f}));
  return copySign(t < 1.0f ? small : large, x);
}

float atan(float x) {
  float t = abs(x);
  bool isInverse = t > 1.0f;
  float a = isInverse ? 1.0f / t : t, z = a * a;
  float p =
      horner(z, {-0x1.de541ep-10f, 0x1.6a2ebp-7f, -0x1.018194p-5f, 0x1.dcdfb4p-5f, -0x1.58ce56p-4f,
                 0x1.c0cd8ap-4f, -0x1.24267ap-3f, 0x1.99926ap-3f, -0x1.55554p-2f});
  float y = a + a * (z * p);
  float complement = 0x1.921fb6p0f - (y + 0x1.777a5cp-25f); // pi / 2 - y
  return copySign(isInverse ? complement : y, x);
}

//===----------------------------------------------------------------------===//
// sin, cos
//===----------------------------------------------------------------------===//

namespace {
/// |x| = quadrant * pi / 2 + r, |r| up to pi / 4; the quadrant modulo 4.
struct Angle {
  uint32_t quadrant;
  float r;
};
} // namespace

/// 2 / pi as words after the binary point, and a word before it.
static const uint32_t kTwoOverPi[] = {0x00000000, 0xa2f9836e, 0x4e441529, 0xfc2757d1,
                                      0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab};

/// For pi / 4 <= x: x = m * 2^(exponent - 150), so that x * 2 / pi modulo 4, times 2^62, is m times
/// 96 bits of 2 / pi, modulo 2^96 and without the last 32.
static uint64_t multiplyByTwoOverPi(float x) {
  uint32_t exponent = toBits(x) >> 23, first = exponent - 120;
  uint32_t word = std::min(first >> 5, 4u), shift = first & 31;
  uint32_t window[3];
  for (int i = 0; i < 3; ++i)
    window[i] = (kTwoOverPi[word + i] << shift) | ((kTwoOverPi[word + i + 1] >> 1) >> (31 - shift));
  uint32_t m = (toBits(x) & 0x7fffffu) | 0x800000u;
  return (uint64_t(m * window[0]) << 32) + uint64_t(m) * window[1] +
         ((uint64_t(m) * window[2]) >> 32);
}

static Angle reduceLarge(float x) {
  uint64_t turns = multiplyByTwoOverPi(x);
  uint32_t quadrant = uint32_t(turns >> 62) + (uint32_t(turns >> 61) & 1);
  int64_t fraction = int64_t(turns << 2); // of a quadrant, from the nearest one, times 2^64
  uint64_t magnitude = fraction < 0 ? -uint64_t(fraction) : uint64_t(fraction);
  // t = high + low in quadrants; r = t * pi / 2 with the leading product exact.
  float high = float(int32_t(magnitude >> 40)) * 0x1p-24f;
  float low = float(int32_t(magnitude >> 16) & 0xffffff) * 0x1p-48f +
              float(int32_t(magnitude) & 0xffff) * 0x1p-64f;
  float t = high + low;
  float head = fromBits(toBits(t) & 0xfffff000u);
  float tail = (high - head) + low;
  float r = head * 0x1.92p0f + (head * 0x1.fb5444p-12f + tail * 0x1.921fb6p0f);
  return {quadrant, fraction < 0 ? -r : r};
}

/// sin(|x| + shift * pi / 2).
static float sinOf(float x, uint32_t shift) {
  x = abs(x);
  Angle angle = x <= 0x1.921fb6p-1f ? Angle{0, x} : reduceLarge(x);
  float r = angle.r, z = r * r;
  float sine = r + r * (z * horner(z, {-0x1.9954b4p-13f, 0x1.11077ap-7f, -0x1.555546p-3f}));
  float cosine =
      (1.0f - 0.5f * z) + (z * z) * horner(z, {0x1.99e0e8p-16f, -0x1.6c0c1ap-10f, 0x1.55554ap-5f});
  uint32_t quadrant = angle.quadrant + shift;
  float y = quadrant & 1 ? cosine : sine;
  y = quadrant & 2 ? -y : y;
  return x < kInfinity ? y : kNaN;
}

float sin(float x) {
  float y = sinOf(x, 0);
  return toBits(x) >> 31 ? -y : y;
}

float cos(float x) { return sinOf(x, 1); }

//===----------------------------------------------------------------------===//
// pow, in double precision
//===----------------------------------------------------------------------===//

static const double kRoundDouble = 0x1.8p52;

/// log2(x) for x > 0.
static double log2Double(double x) {
  int64_t k = int64_t(toBits(x) - 0x3fe5555555555555u) >> 52;
  double f = fromBits(toBits(x) - (uint64_t(k) << 52)) - 1.0;
  double p = horner(f, {0x1.a1f465a32583fp-4, -0x1.a7312c5704c02p-4, 0x1.1da8b233db326p-4,
                        -0x1.3ee05f5c48655p-4, 0x1.775589e0018ecp-4, -0x1.9b763527d3d62p-4,
                        0x1.c6f30671e1e05p-4, -0x1.ffebcfaea8dc9p-4, 0x1.2492e11cc0b8cp-3,
                        -0x1.5555895b81942p-3, 0x1.999997970287ap-3, -0x1.ffffffa054404p-3,
                        0x1.55555556674f3p-2});
  double log = f + (f * f) * (f * p - 0.5);
  return log * 0x1.71547652b82fep0 + double(k);
}

/// 2^w as a float.
static float exp2ToFloat(double w) {
  w = w > 130.0 ? 130.0 : w;
  w = w < -152.0 ? -152.0 : w;
  double shifted = w + kRoundDouble;
  double t = w - (shifted - kRoundDouble);
  uint64_t n = toBits(shifted) - toBits(kRoundDouble);
  double y = 1.0 + t * horner(t, {0x1.00f12b5af664bp-16, 0x1.445e8345f13b6p-13,
                                  0x1.5d8723b52bbb1p-10, 0x1.3b29f0e0974dp-7, 0x1.c6b08df454641p-5,
                                  0x1.ebfbe07ad6cdfp-3, 0x1.62e42fef7b652p-1});
  return static_cast<float>(fromBits(toBits(y) + (n << 52)));
}

float pow(float x, float y) {
  float a = abs(x), b = abs(y);
  double log = a == 0.0f ? -kInfinity : a == kInfinity ? kInfinity : log2Double(a);
  float magnitude = exp2ToFloat(a == 1.0f ? 0.0 : double(y) * log);

  double shifted = double(y) + kRoundDouble;
  bool isLarge = b >= 0x1p24f; // an even integer
  bool isInteger = isLarge || shifted - kRoundDouble == double(y);
  bool isOdd = !isLarge && isInteger && (toBits(shifted) & 1);
  float result = isOdd ? copySign(magnitude, x) : magnitude;
  if (x < 0.0f && a < kInfinity && !isInteger)
    result = kNaN;
  if (x != x || y != y)
    result = kNaN;
  return x == 1.0f || y == 0.0f ? 1.0f : result;
}

//===----------------------------------------------------------------------===//
// Lanes
//===----------------------------------------------------------------------===//

namespace {
/// Sixteen partial results, of which each takes the elements of its place.
struct Lanes {
  float values[16];

  explicit Lanes(float initial) { std::fill(std::begin(values), std::end(values), initial); }
  float &operator[](size_t place) { return values[place % 16]; }

  float fold(llvm::function_ref<float(float, float)> combine) {
    for (int half = 8; half > 0; half /= 2)
      for (int l = 0; l < half; ++l)
        values[l] = combine(values[l], values[l + half]);
    return values[0];
  }
};
} // namespace

static float add(float a, float b) { return a + b; }
static float multiply(float a, float b) { return a * b; }

float sumInLanes(llvm::ArrayRef<float> values, size_t last) {
  Lanes lanes(0.0f);
  for (size_t i = 0; i < values.size(); ++i)
    lanes[i % last] = lanes[i % last] + values[i];
  return lanes.fold(add);
}

float multiplyInLanes(llvm::ArrayRef<float> values, size_t last) {
  Lanes lanes(1.0f);
  for (size_t i = 0; i < values.size(); ++i)
    lanes[i % last] = lanes[i % last] * values[i];
  return lanes.fold(multiply);
}

float sumProducts(llvm::ArrayRef<float> xs, llvm::ArrayRef<float> ws, float start, size_t channels,
                  size_t outputs) {
  float sum = start;
  if (outputs == 0 || outputs >= 8 || channels <= 2 * outputs) {
    for (size_t i = 0; i < xs.size(); ++i)
      sum = std::fma(xs[i], ws[i], sum);
    return sum;
  }
  Lanes lanes(0.0f);
  for (size_t i = 0; i < xs.size(); ++i) {
    float &lane = lanes[i % channels];
    lane = std::fma(xs[i], ws[i], lane);
  }
  return start + lanes.fold(add);
}

} // namespace fpw::test::reference
