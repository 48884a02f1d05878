//===- StreamKernel.h - Inner products of few rows with streamed weights -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Of few rows, the time is that of reading the weights. This kernel reads them once, from the first
// byte to the last, and multiplies all digits of up to four rows by each vector of them. Codes of
// at most four bits come packed, two or four in a byte. The packed weights have the shape
//
//   [outputs / 32][channels / 64][2][16 / F][64]       for F codes in a byte
//
// where F = 1 is the layout of the matrix unit. Field f of row i of a tile is row i * F + f there,
// and each field holds its code plus an offset, so that it is not negative.
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_CODEGEN_CPU_STREAMKERNEL_H
#define FPW_LIB_CODEGEN_CPU_STREAMKERNEL_H

#include "AMXKernel.h"
#include "fpw/Codegen/CPU/TilePlan.h"

namespace fpw::cpu {

/// The attribute of a contraction that says how weights are streamed.
inline constexpr StringLiteral kStreamsAttr = "fpw.streams";

/// The most rows that share a pass over the weights.
inline constexpr int64_t kStreamRows = 4;

/// How a kernel reads its weights.
struct StreamPlan {
  int64_t bits = 8;                         ///< of a code: 2, 4 or 8
  int64_t offset = 0;                       ///< what is added to packed codes
  mlir::FlatSymbolRefAttr packed = nullptr; ///< the packed codes, if they have less than 8 bits

  mlir::DictionaryAttr toAttribute(mlir::MLIRContext *context) const;
  static std::optional<StreamPlan> readFrom(mlir::Operation *contract);
};

/// The bytes of packed codes.
int64_t countStreamBytes(const AMXGeometry &geometry, int64_t bits);

/// Whether the rows and the reduction of a product are single loops, and there is one tensor of
/// weights without groups, as streaming wants it.
bool canStream(const AMXGeometry &geometry, ArrayRef<RowLoop> rows);

/// Emits the kernel for any number of rows, up to four at a time, as `scf.forall` loops over chunks
/// of the outputs. The weights of `product` are what the plan says. The epilogue gets vectors of as
/// many outputs as a register holds.
void emitStreamKernel(RewriterBase &rewriter, Location loc, const AMXProduct &product,
                      const StreamPlan &plan, VectorUnit unit, DotUnit dots, AMXEpilogue epilogue);

} // namespace fpw::cpu

#endif // FPW_LIB_CODEGEN_CPU_STREAMKERNEL_H
