//===- Power.cpp - Powers, in double precision -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Functions.h"

#include <limits>

namespace fpw {

static constexpr double kInfinity = std::numeric_limits<double>::infinity();

static constexpr double kRound = 0x1.8p52; // what is added to it loses its fraction
static constexpr int64_t kRoundBits = 0x4338000000000000;

/// log2(x) for x > 0.
static Lanes log2Double(Lanes x) {
  Lanes bits = x.toBits();
  Lanes k = shiftRightSigned(bits - 0x3fe5555555555555, 52);
  Lanes f = (bits - (k << 52)).fromBits() - 1.0;
  Lanes p = horner(f, {0x1.a1f465a32583fp-4, -0x1.a7312c5704c02p-4, 0x1.1da8b233db326p-4,
                       -0x1.3ee05f5c48655p-4, 0x1.775589e0018ecp-4, -0x1.9b763527d3d62p-4,
                       0x1.c6f30671e1e05p-4, -0x1.ffebcfaea8dc9p-4, 0x1.2492e11cc0b8cp-3,
                       -0x1.5555895b81942p-3, 0x1.999997970287ap-3, -0x1.ffffffa054404p-3,
                       0x1.55555556674f3p-2});
  Lanes log = f + (f * f) * (f * p - 0.5);
  return log * 0x1.71547652b82fep0 + ((k + kRoundBits).fromBits() - kRound);
}

/// 2^w as f32.
static Lanes exp2ToFloat(Lanes w) {
  w = select(w > 130.0, w.makeConstant(130.0), w);
  w = select(w < -152.0, w.makeConstant(-152.0), w);
  Lanes shifted = w + kRound;
  Lanes t = w - (shifted - kRound);
  Lanes n = shifted.toBits() - kRoundBits;
  Lanes y = 1.0 + t * horner(t, {0x1.00f12b5af664bp-16, 0x1.445e8345f13b6p-13,
                                 0x1.5d8723b52bbb1p-10, 0x1.3b29f0e0974dp-7, 0x1.c6b08df454641p-5,
                                 0x1.ebfbe07ad6cdfp-3, 0x1.62e42fef7b652p-1});
  return (y.toBits() + (n << 52)).fromBits().truncateToFloat();
}

Lanes expandPow(Lanes x, Lanes y) {
  Lanes a = abs(x), wideA = a.extendToDouble(), wideY = y.extendToDouble();
  Lanes log = select(wideA < kInfinity, log2Double(wideA), wideA.makeConstant(kInfinity));
  log = select(a == 0.0f, wideA.makeConstant(-kInfinity), log);
  // 1 to an infinite power is 1.
  Lanes w = select(a == 1.0f, wideA.makeConstant(0.0), wideY * log);
  Lanes magnitude = exp2ToFloat(w);

  Lanes isLarge = abs(y) >= 0x1p24f; // an even integer
  Lanes shifted = wideY + kRound;
  Lanes isInteger = isLarge | ((shifted - kRound) == wideY);
  Lanes isOdd = (isInteger & (abs(y) < 0x1p24f)) & ((shifted.toBits() & 1) != 0);
  Lanes result = select(isOdd, copySign(magnitude, x), magnitude);

  Lanes nan = x.makeConstant(std::numeric_limits<float>::quiet_NaN());
  result = select(((x < 0.0f) & (wideA < kInfinity)) & (isInteger ^ 1), nan, result);
  result = select((x != x) | (y != y), nan, result);
  return select((x == 1.0f) | (y == 0.0f), x.makeConstant(1.0f), result);
}

} // namespace fpw
