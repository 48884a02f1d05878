//===- Functions.cpp - Exponentials, logarithms and what is made of them -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Functions.h"

#include <limits>

namespace fpw {

static constexpr float kInfinity = std::numeric_limits<float>::infinity();
static constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

// log(2) = high + low, where the product of high with an integer of eight bits is exact.
static constexpr float kLog2High = 0x1.62e4p-1f;
static constexpr float kLog2Low = 0x1.7f7d1cp-20f;

/// 2^n, for normal numbers.
static Lanes powerOfTwo(Lanes n) { return ((n + 127) << 23).fromBits(); }

/// x cut to [low, high]; a NaN stays.
static Lanes clamp(Lanes x, float low, float high) {
  x = select(x > high, x.makeConstant(high), x);
  return select(x < low, x.makeConstant(low), x);
}

//===----------------------------------------------------------------------===//
// exp, expm1
//===----------------------------------------------------------------------===//

namespace {
/// exp(x) = 2^n * (1 + p), with 1 + p between about 0.7 and 1.42.
struct Exponential {
  Lanes n, p;
};
} // namespace

static Exponential expand(Lanes x) {
  const float round = 0x1.8p23f; // what is added to it loses its fraction
  Lanes shifted = x * 0x1.715476p0f + round;
  Lanes n = shifted - round;
  Lanes r = (x - n * kLog2High) - n * kLog2Low;
  Lanes q = horner(r, {0x1.6d66dp-10f, 0x1.1227cap-7f, 0x1.5554d2p-5f, 0x1.5554bp-3f, 0x1p-1f});
  return {shifted.toBits() - 0x4b400000, r + (r * r) * q};
}

/// exp(x) where it is a normal number.
static Lanes expNormal(Lanes x) {
  Exponential e = expand(x);
  return (1.0f + e.p) * powerOfTwo(e.n);
}

Lanes expandExp(Lanes x) {
  Exponential e = expand(clamp(x, -104.0f, 89.0f));
  // Two factors, since 2^n may be no normal number.
  Lanes half = shiftRightSigned(e.n, 1);
  return ((1.0f + e.p) * powerOfTwo(half)) * powerOfTwo(e.n - half);
}

Lanes expandExpM1(Lanes x) {
  Exponential e = expand(clamp(x, -25.0f, 89.0f));
  Lanes halfPower = powerOfTwo(e.n - 1);
  Lanes y = 2.0f * (e.p * halfPower + (halfPower - 0.5f));
  return copySign(select(e.n == 0, e.p, y), x);
}

//===----------------------------------------------------------------------===//
// log, log1p
//===----------------------------------------------------------------------===//

namespace {
/// x = 2^k * (1 + f), with 1 + f between 2/3 and 4/3.
struct Scaled {
  Lanes k, f;
};
} // namespace

static Scaled scale(Lanes x) {
  Lanes bits = x.toBits();
  Lanes k = shiftRightSigned(bits - 0x3f2aaaab, 23);
  return {k, (bits - (k << 23)).fromBits() - 1.0f};
}

/// log(2^k * (1 + f)) + rest, with a small rest.
static Lanes logOf(Lanes k, Lanes f, Lanes rest) {
  Lanes p = horner(f, {-0x1.0e2ca6p-3f, 0x1.1df25ep-3f, -0x1.f03b2cp-4f, 0x1.1ef1fap-3f,
                       -0x1.55b7fp-3f, 0x1.99ce38p-3f, -0x1.fffe5ep-3f, 0x1.55550cp-2f});
  Lanes tail = (f * f) * (f * p - 0.5f);
  return k * kLog2High + (f + (tail + (k * kLog2Low + rest)));
}

/// The logarithm y of u, or what it is where there is none.
static Lanes logOrSpecial(Lanes u, Lanes y) {
  Lanes positive = select(u < kInfinity, y, u.makeConstant(kInfinity));
  Lanes other = select(u == 0.0f, u.makeConstant(-kInfinity), u.makeConstant(kNaN));
  return select(u > 0.0f, positive, other);
}

Lanes expandLog(Lanes x) {
  Lanes isDenormal = x < 0x1p-126f;
  Scaled s = scale(select(isDenormal, x * 0x1p25f, x));
  Lanes k = select(isDenormal, s.k - 25, s.k);
  return logOrSpecial(x, logOf(k.toFloat(), s.f, x.makeConstant(0.0f)));
}

Lanes expandLog1p(Lanes x) {
  Lanes u = 1.0f + x;
  Lanes back = u - 1.0f;
  Lanes lost = (1.0f - (u - back)) + (x - back); // u + lost = 1 + x
  Scaled s = scale(u);
  Lanes isNear = s.k == 0;
  Lanes f = select(isNear, x, s.f);
  Lanes shrink = select(s.k > 64, s.k.makeConstant(-64), -s.k);
  Lanes rest = (lost * powerOfTwo(shrink)) * (1.0f - f);
  Lanes y = logOf(s.k.toFloat(), f, select(isNear, x.makeConstant(0.0f), rest));
  return copySign(logOrSpecial(u, y), x);
}

//===----------------------------------------------------------------------===//
// tanh, erf, atan
//===----------------------------------------------------------------------===//

Lanes expandTanh(Lanes x) {
  Lanes t = abs(x), z = x * x;
  Lanes p = horner(
      z, {-0x1.769d24p-8f, 0x1.52530ap-6f, -0x1.b84398p-5f, 0x1.110762p-3f, -0x1.555534p-2f});
  Lanes small = t + t * (z * p);
  Lanes capped = select(t > 10.0f, t.makeConstant(10.0f), t);
  Lanes large = 1.0f - 2.0f / (expNormal(capped + capped) + 1.0f);
  return copySign(select(t < 0.625f, small, large), x);
}

Lanes expandErf(Lanes x) {
  Lanes t = abs(x);
  Lanes small =
      t + t * horner(t * t, {0x1.4c339cp-14f, -0x1.a50ae8p-11f, 0x1.542e0ep-8f, -0x1.b7fe9p-6f,
                             0x1.ce2d5p-4f, -0x1.81274p-2f, 0x1.06eba8p-3f});
  Lanes capped = select(t > 4.0f, t.makeConstant(4.0f), t);
  Lanes large =
      1.0f - expNormal(capped * horner(capped, {-0x1.da5852p-17f, 0x1.71790ap-12f, -0x1.ed73dcp-9f,
                                                0x1.89a2dep-6f, -0x1.b46cf2p-4f, -0x1.45194p-1f,
                                                -0x1.20f24cp0f}));
  return copySign(select(t < 1.0f, small, large), x);
}

Lanes expandAtan(Lanes x) {
  Lanes t = abs(x);
  Lanes isInverse = t > 1.0f;
  Lanes a = select(isInverse, 1.0f / t, t), z = a * a;
  Lanes p =
      horner(z, {-0x1.de541ep-10f, 0x1.6a2ebp-7f, -0x1.018194p-5f, 0x1.dcdfb4p-5f, -0x1.58ce56p-4f,
                 0x1.c0cd8ap-4f, -0x1.24267ap-3f, 0x1.99926ap-3f, -0x1.55554p-2f});
  Lanes y = a + a * (z * p);
  Lanes complement = 0x1.921fb6p0f - (y + 0x1.777a5cp-25f); // pi / 2 - y
  return copySign(select(isInverse, complement, y), x);
}

} // namespace fpw
