//===- DotLoop.h - Products that are added within a lane --------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Processors multiply two words, or four bytes, of a 32-bit lane at once and add the products. The
// innermost reduction of two or four steps over neighbouring elements is such a lane:
//
//   sum += ext(x[..., p]) * ext(w[..., p])     for p in 0 ... size - 1
//
// with signed words, or unsigned bytes x and signed bytes w. Words of x may also be the halves of
// integers of 32 bits, trunc(x[...] >> 16 * p).
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_CODEGEN_CPU_DOTLOOP_H
#define FPW_LIB_CODEGEN_CPU_DOTLOOP_H

#include "fpw/Codegen/CPU/TilePlan.h"

namespace fpw::cpu {

/// The innermost reduction of an op, which becomes one operation on lanes of 32 bits.
struct DotLoop {
  unsigned loop;
  int64_t size; ///< elements per lane: 2 words or 4 bytes
  /// For each result the operands that are multiplied; of bytes, the unsigned one first.
  SmallVector<std::pair<unsigned, unsigned>> factors;
};

/// Finds the loop whose products lanes can add.
std::optional<DotLoop> matchDotLoop(mlir::linalg::GenericOp op);

/// Whether the elements of each lane stand in the last dimension of an operand, on their own.
bool hasLaneDimension(mlir::AffineMap map, const DotLoop &dot);

/// `classifyAccess` for lanes instead of elements.
Access classifyLaneAccess(mlir::AffineMap map, unsigned loop, const DotLoop &dot);

/// `sum` plus the products of the `size` elements of each lane, words or bytes. All are vectors of
/// i32. This is a vector.contract, which `fpw-cpu-lower-dots` turns into instructions.
Value emitDot(OpBuilder &builder, mlir::Location loc, int64_t size, Value x, Value w, Value sum);

} // namespace fpw::cpu

#endif // FPW_LIB_CODEGEN_CPU_DOTLOOP_H
