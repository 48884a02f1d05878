//===- MatrixUnit.h - What warps do with a stage of two matrices in shared memory -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_CODEGEN_GPU_MATRIXUNIT_H
#define FPW_LIB_CODEGEN_GPU_MATRIXUNIT_H

#include "KernelMath.h"
#include "MatrixTile.h"
#include <memory>

namespace fpw::gpu {

/// The sizes and types of what is multiplied.
struct MatrixFactors {
  MatrixTile tile;
  int64_t planes;
  bool unsignedImage, unsignedWeight;
};

/// The accumulators of a thread and how the products of a stage are added to them. In both kinds of
/// units, lane l of a warp has rows l / 4 and l / 4 + 8 of each tile of 16 rows, and columns
/// 2 * (l mod 4) and the next of each tile of 8 columns.
class MatrixUnit {
public:
  /// mma.sync m16n8k32 of each warp on fragments that ldmatrix reads.
  static std::unique_ptr<MatrixUnit> createForWarps(KernelMath &math, const MatrixFactors &factors,
                                                    Value thread);
  /// wgmma m64nNk32 of each four warps, which reads shared memory itself. The warps of the tile
  /// are all along its rows, and each has one tile of 16.
  static std::unique_ptr<MatrixUnit>
  createForWarpgroups(KernelMath &math, const MatrixFactors &factors, Value thread);
  virtual ~MatrixUnit() = default;

  using EmitCopies = llvm::function_ref<void()>;

  /// What makes writes to shared memory visible to the unit, before the barrier.
  virtual void emitFence(KernelMath &math) const {}
  /// Adds the products of the stage at this offset, and emits copies to another stage where they
  /// cost least.
  virtual SmallVector<Value> emitStage(KernelMath &math, Value shared, Value stage,
                                       ValueRange accumulators, EmitCopies emitCopies) const = 0;

  int64_t countAccumulators() const {
    return factors.planes * factors.tile.getRowTiles() * factors.tile.getColumnTiles() * 4;
  }
  /// \name The element of the block's tile that an accumulator holds
  /// @{
  int64_t getNumber(int64_t plane, int64_t rowTile, int64_t columnTile, int64_t half,
                    int64_t odd) const {
    int64_t rowTiles = factors.tile.getRowTiles(), columnTiles = factors.tile.getColumnTiles();
    return ((plane * rowTiles + rowTile) * columnTiles + columnTile) * 4 + half * 2 + odd;
  }
  Value getRow(KernelMath &math, int64_t rowTile, int64_t half) const {
    return math.add(laneRow, rowTile * 16 + half * 8);
  }
  Value getColumn(KernelMath &math, int64_t columnTile, int64_t odd) const {
    return math.add(laneColumn, columnTile * 8 + odd);
  }
  /// @}

protected:
  MatrixUnit(KernelMath &math, const MatrixFactors &factors, Value thread);

  MatrixFactors factors;
  Value lane, firstRow, firstColumn; ///< of the warp
  Value laneRow, laneColumn;
};

/// The results of an op that returns a struct of words.
SmallVector<Value> unpackWords(KernelMath &math, Value words);
mlir::LLVM::LLVMStructType getWordsType(OpBuilder &builder, int64_t count);

} // namespace fpw::gpu

#endif // FPW_LIB_CODEGEN_GPU_MATRIXUNIT_H
