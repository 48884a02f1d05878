//===- AMXKernel.h - Inner products on the matrix unit of x86 -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_CODEGEN_CPU_AMXKERNEL_H
#define FPW_LIB_CODEGEN_CPU_AMXKERNEL_H

#include "AMXPlan.h"
#include "mlir/IR/PatternMatch.h"

namespace fpw::cpu {

/// The attribute of an `amx.tile_load` whose bytes should not stay in the L1 cache.
inline constexpr StringLiteral kStreamAttr = "fpw.stream";

/// The attribute of an `scf.if` whose body reads nothing that is not there if the condition fails.
inline constexpr StringLiteral kReadableAttr = "fpw.readable";

/// The work of a kernel: for each row, plane and output, the sum of products of bytes over all
/// blocks of the reduction. A row of a plane is `pitch` bytes from the next; a block is 64 bytes of
/// each. A tile may read, and never use, up to 15 rows behind the last one: the memory must be
/// there.
struct AMXProduct {
  struct Weights {
    Value tiles; ///< 1-D memref: [groups][outputs / 32][blocks][2][16][64]
    bool isUnsigned = false;
  };

  Value planes; ///< 1-D memref of the bytes
  bool unsignedPlanes = false;
  SmallVector<Weights> weights; ///< each has sums of its own
  AMXGeometry geometry;
};

/// Emits code that finishes up to 16 outputs of one row. `rows` are the values of the geometry's
/// row loops, then those of its group loops, `output` is the first output of the group, `active` is
/// how many of the 16 exist, `sums` has a /// vector of 16 x i32 for each tensor of weights and
/// each plane.
using AMXEpilogue = llvm::function_ref<void(OpBuilder &builder, ArrayRef<Value> rows, Value output,
                                            int64_t active, ArrayRef<Value> sums)>;

/// Emits the kernel before the insertion point, as an `scf.forall` over chunks of the work.
void emitAMXKernel(RewriterBase &rewriter, Location loc, const AMXProduct &product,
                   const AMXPlan &plan, AMXEpilogue epilogue);

} // namespace fpw::cpu

#endif // FPW_LIB_CODEGEN_CPU_AMXKERNEL_H
