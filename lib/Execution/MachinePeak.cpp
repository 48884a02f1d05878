//===- MachinePeak.cpp - What the arithmetic of this machine can do at best -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Execution/MachinePeak.h"

#include <algorithm>
#include <chrono>
#include <random>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

using namespace fpw;

#if defined(__x86_64__)

//===----------------------------------------------------------------------===//
// Loops over registers
//===----------------------------------------------------------------------===//

// Each does `count` rounds of independent multiply-adds, enough of them to hide their latency. The
// empty asm statements keep the compiler from moving products out of loops, and from removing sums.

namespace {

constexpr int kAccumulators = 12;

__attribute__((target("avx512f"))) void runFMA512(int64_t count) {
  __m512 sums[kAccumulators] = {}, a = _mm512_set1_ps(1.0f), b = _mm512_set1_ps(0.5f);
  for (int64_t i = 0; i < count; ++i) {
    asm volatile("" : "+v"(a), "+v"(b));
#pragma clang loop unroll(full)
    for (int j = 0; j < kAccumulators; ++j)
      sums[j] = _mm512_fmadd_ps(a, b, sums[j]);
  }
  for (const __m512 &sum : sums)
    asm volatile("" ::"v"(sum));
}

__attribute__((target("avx2,fma"))) void runFMA256(int64_t count) {
  __m256 sums[kAccumulators] = {}, a = _mm256_set1_ps(1.0f), b = _mm256_set1_ps(0.5f);
  for (int64_t i = 0; i < count; ++i) {
    asm volatile("" : "+x"(a), "+x"(b));
#pragma clang loop unroll(full)
    for (int j = 0; j < kAccumulators; ++j)
      sums[j] = _mm256_fmadd_ps(a, b, sums[j]);
  }
  for (const __m256 &sum : sums)
    asm volatile("" ::"x"(sum));
}

__attribute__((target("avx512f,avx512bw,avx512vnni"))) void runVNNI512(int64_t count) {
  __m512i sums[kAccumulators] = {}, a = _mm512_set1_epi8(1), b = _mm512_set1_epi8(3);
  for (int64_t i = 0; i < count; ++i) {
    asm volatile("" : "+v"(a), "+v"(b));
#pragma clang loop unroll(full)
    for (int j = 0; j < kAccumulators; ++j)
      sums[j] = _mm512_dpbusd_epi32(sums[j], a, b);
  }
  for (const __m512i &sum : sums)
    asm volatile("" ::"v"(sum));
}

__attribute__((target("avx2"))) void runMultiplyAdd256(int64_t count) {
  __m256i sums[kAccumulators] = {}, a = _mm256_set1_epi16(1), b = _mm256_set1_epi16(3);
  for (int64_t i = 0; i < count; ++i) {
    asm volatile("" : "+x"(a), "+x"(b));
#pragma clang loop unroll(full)
    for (int j = 0; j < kAccumulators; ++j) {
      __m256i factor = a;
      asm volatile("" : "+x"(factor));
      sums[j] = _mm256_add_epi32(sums[j], _mm256_madd_epi16(factor, b));
    }
  }
  for (const __m256i &sum : sums)
    asm volatile("" ::"x"(sum));
}

/// Four sums, two tiles of rows and two of weights, as the kernels have them.
__attribute__((target("amx-tile,amx-int8"))) void runAMX(int64_t count) {
  struct alignas(64) {
    uint8_t palette = 1, startRow = 0, reserved[14] = {};
    uint16_t columns[16] = {};
    uint8_t rows[16] = {};
  } configuration;
  std::fill_n(configuration.columns, 8, 64);
  std::fill_n(configuration.rows, 8, 16);
  alignas(64) int8_t data[16 * 64]; // zeros would raise the clock
  std::minstd_rand random;
  for (int8_t &element : data)
    element = static_cast<int8_t>(random());
  _tile_loadconfig(&configuration);
  _tile_loadd(4, data, 64);
  _tile_loadd(5, data, 64);
  _tile_loadd(6, data, 64);
  _tile_loadd(7, data, 64);
  for (int64_t i = 0; i < count; ++i) {
    _tile_dpbssd(0, 4, 6);
    _tile_dpbssd(1, 4, 7);
    _tile_dpbssd(2, 5, 6);
    _tile_dpbssd(3, 5, 7);
  }
  _tile_release();
}

//===----------------------------------------------------------------------===//
// Rates
//===----------------------------------------------------------------------===//

/// The best rate of several runs of a few milliseconds.
MachinePeak measure(const char *instruction, void (*run)(int64_t), double operationsPerRound) {
  using Clock = std::chrono::steady_clock;
  constexpr int64_t kRounds = 1 << 16;
  double best = 0;
  auto start = Clock::now();
  for (int i = 0; i < 8 || Clock::now() - start < std::chrono::milliseconds(50); ++i) {
    auto before = Clock::now();
    run(kRounds);
    std::chrono::duration<double> seconds = Clock::now() - before;
    best = std::max(best, kRounds * operationsPerRound / seconds.count());
  }
  return {instruction, best};
}

} // namespace

MachinePeak fpw::measureIntegerPeak(const cpu::TargetInfo &target) {
  if (target.has("amx-int8"))
    return measure("AMX int8", runAMX, 4 * 2.0 * 16 * 16 * 64);
  if (target.has("avx512vnni"))
    return measure("AVX-512 VNNI", runVNNI512, kAccumulators * 2.0 * 64);
  if (target.has("avx2"))
    return measure("AVX2 int16", runMultiplyAdd256, kAccumulators * 2.0 * 16);
  return {};
}

MachinePeak fpw::measureFloatPeak(const cpu::TargetInfo &target) {
  if (target.getVectorBits() == 512)
    return measure("AVX-512 f32", runFMA512, kAccumulators * 2.0 * 16);
  if (target.getVectorBits() == 256)
    return measure("AVX2 f32", runFMA256, kAccumulators * 2.0 * 8);
  return {};
}

#else

MachinePeak fpw::measureIntegerPeak(const cpu::TargetInfo &) { return {}; }
MachinePeak fpw::measureFloatPeak(const cpu::TargetInfo &) { return {}; }

#endif
