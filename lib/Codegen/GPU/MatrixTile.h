//===- MatrixTile.h - How a block computes a tile of a product of matrices -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_CODEGEN_GPU_MATRIXTILE_H
#define FPW_LIB_CODEGEN_GPU_MATRIXTILE_H

#include "fpw/Support/LLVM.h"
#include "mlir/IR/Operation.h"
#include <optional>

namespace fpw::gpu {

/// The tile that a block of threads computes, for all digit planes, and how its warps share it.
struct MatrixTile {
  int64_t rows;                  ///< of each plane
  int64_t columns;               ///< of the result
  int64_t depth;                 ///< bytes of k in one stage of shared memory: 64 or 128
  int64_t warpRows, warpColumns; ///< warps along the rows and the columns
  int64_t stages;                ///< stages that are copied at the same time

  int64_t getThreads() const { return warpRows * warpColumns * 32; }
  /// Tiles of 16 rows and of 8 columns that belong to a warp.
  int64_t getRowTiles() const { return rows / warpRows / 16; }
  int64_t getColumnTiles() const { return columns / warpColumns / 8; }
  int64_t getStageBytes(int64_t planes) const { return (planes * rows + columns) * depth; }
  int64_t getSharedBytes(int64_t planes) const { return stages * getStageBytes(planes); }

  /// The array attribute of an op, in the order of the fields.
  static constexpr StringLiteral kAttr = "fpw.tile";
  void writeTo(mlir::Operation *op) const;
  static std::optional<MatrixTile> readFrom(mlir::Operation *op);

  /// Whether the warps' tiles of 16 rows and pairs of 8 columns, or with wgmma 16 rows of each warp
  /// and all columns, make up the block's.
  bool isPossible(bool usesWarpgroups) const;
};

/// The sizes that the choice of a tile depends on.
struct MatrixShape {
  int64_t planes;
  std::optional<int64_t> rows; ///< none: depends on the batch
  int64_t columns, depth;
  int64_t channels; ///< bytes that lie together in the image

  /// Whether copies are of four bytes: a thread then makes many, each with an address of its own.
  bool isNarrow() const { return channels % 8 != 0; }
};

/// The tile for such a product with mma.sync.
MatrixTile chooseMatrixTile(const MatrixShape &shape);
/// The tile with wgmma, where that gains something.
std::optional<MatrixTile> chooseWarpgroupTile(const MatrixShape &shape);

} // namespace fpw::gpu

#endif // FPW_LIB_CODEGEN_GPU_MATRIXTILE_H
