//===- MatrixKernel.h - Kernels that multiply matrices of bytes in the matrix units -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_CODEGEN_GPU_MATRIXKERNEL_H
#define FPW_LIB_CODEGEN_GPU_MATRIXKERNEL_H

#include "ByteProduct.h"
#include "MatrixTile.h"

namespace fpw::gpu {

/// A product of matrices on buffers, and the op that consumes its sums.
struct MatrixJob {
  ByteProduct product;
  MatrixTile tile;
  bool usesWarpgroups = false; ///< wgmma in the place of mma.sync
  /// The loop over digit planes, whose sums one block computes together; none: it is among the
  /// rows.
  std::optional<unsigned> planeLoop;
  int64_t planes = 1;
  /// The op that takes each element of the sums once; null: sums are added to their buffer.
  mlir::linalg::GenericOp epilogue;
  /// The plane of the sums that each operand of the epilogue reads; -1: not the sums.
  SmallVector<int64_t> operandPlanes;
  /// The loop of the product for each loop of the epilogue.
  SmallVector<unsigned> epilogueLoops;
};

/// Whether copies of 4, 8 or 16 bytes can bring the operands to shared memory.
bool canCopyOperands(const ByteProduct &product);

/// Emits a launch at the insertion point. Erases nothing.
void emitMatrixKernel(mlir::RewriterBase &rewriter, MatrixJob job);

} // namespace fpw::gpu

#endif // FPW_LIB_CODEGEN_GPU_MATRIXKERNEL_H
