//===- ProcessorFeatures.cpp - What the processor can do -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Runtime/Runtime.h"
#include <cstring>

#ifdef __x86_64__
#include <cpuid.h>

namespace {

enum Register { EAX, EBX, ECX, EDX };
/// Bits of the control register that say which registers the system keeps for each thread.
enum State : uint64_t { SSE = 0, AVX = 0x6, AVX512 = 0xe6, AMX = 0x60000 };

struct Feature {
  const char *name;
  uint32_t leaf, subleaf;
  Register place;
  unsigned bit;
  State state;
};

constexpr Feature kFeatures[] = {
#define FPW_X86_FEATURE(NAME, LEAF, SUBLEAF, REGISTER, BIT, STATE)                                 \
  {NAME, LEAF, SUBLEAF, REGISTER, BIT, STATE},
#include "fpw/Runtime/X86Features.def"
};

uint64_t getKeptState() {
  uint32_t registers[4];
  constexpr uint32_t kHasXGETBV = 1u << 27;
  if (!__get_cpuid(1, &registers[0], &registers[1], &registers[2], &registers[3]) ||
      !(registers[ECX] & kHasXGETBV))
    return 0;
  uint32_t low, high;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low | uint64_t(high) << 32;
}

bool isPresent(const Feature &feature) {
  uint32_t registers[4];
  return __get_cpuid_count(feature.leaf, feature.subleaf, &registers[0], &registers[1],
                           &registers[2], &registers[3]) &&
         (registers[feature.place] >> feature.bit & 1) &&
         (getKeptState() & feature.state) == feature.state &&
         (feature.state != AMX || fpw_request_amx());
}

bool isPresent(const char *name, size_t size) {
  for (const Feature &feature : kFeatures)
    if (std::strlen(feature.name) == size && std::memcmp(feature.name, name, size) == 0)
      return isPresent(feature);
  return false;
}

} // namespace
#else
static bool isPresent(const char *, size_t) { return false; }
#endif

extern "C" size_t fpw_find_missing_feature(const char *features, const char **missing) {
  while (*features) {
    size_t size = std::strcspn(features, ",");
    if (size > 0 && !isPresent(features, size)) {
      *missing = features;
      return size;
    }
    features += size + (features[size] == ',');
  }
  return 0;
}
