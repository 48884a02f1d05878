//===- FloatControl.h - How the processor rounds -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_RUNTIME_FLOATCONTROL_H
#define FPW_LIB_RUNTIME_FLOATCONTROL_H

#include <cstdint>

#ifdef __x86_64__
#include <xmmintrin.h>
#endif

/// While it lives, the thread rounds to nearest even and keeps denormals, as docs/Numerics.md wants
/// it (N0), whatever the program has chosen for itself.
class FloatControl {
public:
  FloatControl() : before(get()) { set(kDefault); }
  ~FloatControl() { set(before); }
  FloatControl(const FloatControl &) = delete;

private:
#if defined(__x86_64__)
  using Word = uint32_t;
  static constexpr Word kDefault = 0x1f80; // all exceptions masked
  static Word get() { return _mm_getcsr(); }
  static void set(Word word) { _mm_setcsr(word); }
#elif defined(__aarch64__)
  using Word = uint64_t;
  static constexpr Word kDefault = 0;
  static Word get() {
    Word word;
    __asm__ volatile("mrs %0, fpcr" : "=r"(word));
    return word;
  }
  static void set(Word word) { __asm__ volatile("msr fpcr, %0" : : "r"(word)); }
#else
  using Word = uint32_t;
  static constexpr Word kDefault = 0;
  static Word get() { return 0; }
  static void set(Word) {}
#endif

  Word before;
};

#endif // FPW_LIB_RUNTIME_FLOATCONTROL_H
