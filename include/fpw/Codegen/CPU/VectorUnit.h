//===- VectorUnit.h - What the vector registers of a machine hold -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_CODEGEN_CPU_VECTORUNIT_H
#define FPW_CODEGEN_CPU_VECTORUNIT_H

#include "fpw/Support/LLVM.h"

namespace fpw::cpu {

/// How a machine adds products of narrow integers within lanes of 32 bits.
enum class DotUnit {
  Plain,     ///< One product after the other.
  Multiply,  ///< Pairs of words are multiplied and added (SSE2, AVX2, AVX-512BW).
  Accumulate ///< The same onto a sum, and also quadruples of bytes (VNNI).
};

/// What the vector registers of a machine hold.
struct VectorUnit {
  int64_t lanes;     ///< f32 values per register
  int64_t registers; ///< registers for values

  /// The unit of a machine with registers of 128, 256 or 512 bits.
  static VectorUnit fromBits(unsigned bits) { return {bits / 32, bits == 512 ? 32 : 16}; }

  /// The same for bits that a user gave; other numbers are an error at the op.
  static mlir::FailureOr<VectorUnit> fromOption(mlir::Operation *op, unsigned bits);
};

} // namespace fpw::cpu

#endif // FPW_CODEGEN_CPU_VECTORUNIT_H
