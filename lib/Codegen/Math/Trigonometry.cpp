//===- Trigonometry.cpp - Sine and cosine of every number -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Functions.h"

#include "llvm/ADT/SmallVector.h"
#include <limits>

namespace fpw {

/// 2 / pi as words after the binary point, and a word before it.
static constexpr int64_t kTwoOverPi[] = {0x00000000, 0xa2f9836e, 0x4e441529, 0xfc2757d1,
                                         0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab};

namespace {
/// |x| = quadrant * pi / 2 +- r, r up to pi / 4; the quadrant modulo 4, the sign in the top bit.
struct Angle {
  Lanes quadrant, r, sign;
};
} // namespace

/// The words of 2 / pi that x with this exponent meets: `count` words from the bit `first` on.
static llvm::SmallVector<Lanes> getWindow(Lanes first, int count) {
  Lanes word = shiftRightUnsigned(first, 5), shift = first & 31;
  llvm::SmallVector<Lanes> words;
  for (int i = 0; i <= count; ++i) {
    Lanes chosen = word.makeConstant(kTwoOverPi[i]);
    for (int start = 1; start <= 4; ++start)
      chosen = select(word == start, word.makeConstant(kTwoOverPi[start + i]), chosen);
    words.push_back(chosen);
  }
  llvm::SmallVector<Lanes> window;
  for (int i = 0; i < count; ++i)
    window.push_back((words[i] << shift) |
                     shiftRightUnsigned(shiftRightUnsigned(words[i + 1], 1), 31 - shift));
  return window;
}

/// For pi / 4 <= x: x = m * 2^(exponent - 150), so that x * 2 / pi modulo 4, times 2^62, is m times
/// 96 bits of 2 / pi, modulo 2^96 and without the last 32.
static Lanes multiplyByTwoOverPi(Lanes x) {
  Lanes bits = x.toBits();
  llvm::SmallVector<Lanes> window = getWindow(shiftRightUnsigned(bits, 23) - 120, 3);
  Lanes m = (bits & 0x7fffff) | 0x800000, wide = m.extendUnsigned();
  return ((m * window[0]).extendUnsigned() << 32) + wide * window[1].extendUnsigned() +
         shiftRightUnsigned(wide * window[2].extendUnsigned(), 32);
}

static Angle reduceLarge(Lanes x) {
  Lanes turns = multiplyByTwoOverPi(x);
  Lanes quadrant = shiftRightUnsigned(turns, 62) + (shiftRightUnsigned(turns, 61) & 1);
  Lanes fraction = turns << 2; // of a quadrant, from the nearest one, times 2^64
  Lanes negative = shiftRightSigned(fraction, 63);
  Lanes magnitude = (fraction ^ negative) - negative;
  // t = high + low in quadrants; r = t * pi / 2 with the leading product exact.
  Lanes high = shiftRightUnsigned(magnitude, 40).truncateToWord().toFloat() * 0x1p-24f;
  Lanes middle = shiftRightUnsigned(magnitude, 16).truncateToWord() & 0xffffff;
  Lanes last = magnitude.truncateToWord() & 0xffff;
  Lanes low = middle.toFloat() * 0x1p-48f + last.toFloat() * 0x1p-64f;
  Lanes t = high + low;
  Lanes head = (t.toBits() & 0xfffff000).fromBits();
  Lanes tail = (high - head) + low;
  Lanes r = head * 0x1.92p0f + (head * 0x1.fb5444p-12f + tail * 0x1.921fb6p0f);
  return {quadrant.truncateToWord(), r, negative.truncateToWord()};
}

static Angle reduce(Lanes x) {
  Angle large = reduceLarge(x);
  Lanes isSmall = x <= 0x1.921fb6p-1f, zero = large.quadrant.makeConstant(0);
  return {select(isSmall, zero, large.quadrant), select(isSmall, x, large.r),
          select(isSmall, zero, large.sign)};
}

/// sin(|x| + shift * pi / 2).
static Lanes sinOf(Lanes x, int shift) {
  x = abs(x);
  Angle angle = reduce(x);
  Lanes r = angle.r, z = r * r;
  Lanes sine = r + r * (z * horner(z, {-0x1.9954b4p-13f, 0x1.11077ap-7f, -0x1.555546p-3f}));
  Lanes cosine =
      (1.0f - 0.5f * z) + (z * z) * horner(z, {0x1.99e0e8p-16f, -0x1.6c0c1ap-10f, 0x1.55554ap-5f});
  Lanes quadrant = angle.quadrant + shift;
  Lanes y = select((quadrant & 1) != 0, cosine, flipSign(sine, angle.sign));
  y = flipSign(y, quadrant << 30);
  Lanes nan = x.makeConstant(std::numeric_limits<float>::quiet_NaN());
  return select(x < std::numeric_limits<float>::infinity(), y, nan);
}

Lanes expandSin(Lanes x) { return flipSign(sinOf(x, 0), x.toBits()); }

Lanes expandCos(Lanes x) { return sinOf(x, 1); }

} // namespace fpw
