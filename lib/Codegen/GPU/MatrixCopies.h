//===- MatrixCopies.h - Brings tiles of matrices to shared memory -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_CODEGEN_GPU_MATRIXCOPIES_H
#define FPW_LIB_CODEGEN_GPU_MATRIXCOPIES_H

#include "KernelMath.h"
#include "MatrixTile.h"

namespace fpw::gpu {

/// One of the two factors of a tile in shared memory: rows of `depth` bytes, in which 16-byte chunk
/// c of row r is at place c ^ swizzle(r), so that ldmatrix reads eight rows from different banks.
struct MatrixFactor {
  int64_t rows;   ///< of all planes
  int64_t width;  ///< bytes of one copy: 4, 8 or 16
  int64_t offset; ///< of the first row in a stage
};

/// What the place of a chunk is exclusive-or'ed with: rows of 64 bytes repeat their banks every two
/// rows, those of 128 every row. (Hopper's matrix unit calls the two its 64- and 128-byte swizzle.)
inline Value emitSwizzle(KernelMath &math, Value row, int64_t depth) {
  return depth == 64 ? math.remainder(math.divide(row, 2), 4) : math.remainder(row, 8);
}

/// The copies that one thread makes in each stage: the same rows and the same place in the row in
/// all stages.
class FactorCopies {
public:
  /// Where the elements of a row are: the address of its first, and whether the row exists (null:
  /// it does).
  struct Row {
    Value address, exists;
  };
  using LocateRow = llvm::function_ref<Row(Value row)>;

  FactorCopies(KernelMath &math, const MatrixTile &tile, const MatrixFactor &factor, Value thread,
               LocateRow locate);

  /// The thread's first byte within the depth of a stage.
  Value getFirstByte() const { return firstByte; }
  /// Emits the copies of a stage at this place in shared memory. The offset (i64) of k is the same
  /// for all rows; where `inside` (null: always) is false, zeros are written.
  void emit(KernelMath &math, Value shared, Value stage, Value offset, Value inside) const;

private:
  MatrixFactor factor;
  int64_t rowsPerPass, passes;
  Value firstByte;
  SmallVector<Row> sources;
  SmallVector<Value> targets; ///< offsets in a stage
  Value hasLastPass;          ///< null: the thread has a row in the last pass
};

} // namespace fpw::gpu

#endif // FPW_LIB_CODEGEN_GPU_MATRIXCOPIES_H
