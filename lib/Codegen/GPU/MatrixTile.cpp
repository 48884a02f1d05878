//===- MatrixTile.cpp - How a block computes a tile of a product of matrices -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MatrixTile.h"
#include "mlir/IR/BuiltinAttributes.h"

using namespace mlir;

namespace fpw::gpu {

void MatrixTile::writeTo(Operation *op) const {
  op->setAttr(kAttr, DenseI64ArrayAttr::get(op->getContext(),
                                            {rows, columns, depth, warpRows, warpColumns, stages}));
}

std::optional<MatrixTile> MatrixTile::readFrom(Operation *op) {
  auto sizes = op->getAttrOfType<DenseI64ArrayAttr>(kAttr);
  if (!sizes || sizes.size() != 6)
    return std::nullopt;
  return MatrixTile{sizes[0], sizes[1], sizes[2], sizes[3], sizes[4], sizes[5]};
}

bool MatrixTile::isPossible(bool usesWarpgroups) const {
  constexpr int64_t kMostWarps = 32, kMostSide = 256, kMostStages = 16;
  auto isWithin = [](int64_t value, int64_t most) { return value >= 1 && value <= most; };
  if (!isWithin(warpRows, kMostWarps) || !isWithin(warpColumns, kMostWarps / warpRows) ||
      !isWithin(rows, kMostSide) || !isWithin(columns, kMostSide) ||
      !isWithin(stages, kMostStages) || stages < 2 || (depth != 64 && depth != 128))
    return false;
  if (usesWarpgroups)
    return warpColumns == 1 && warpRows % 4 == 0 && rows == 16 * warpRows && columns % 16 == 0;
  return rows % (16 * warpRows) == 0 && columns % (16 * warpColumns) == 0;
}

namespace {
/// A row of the table: the tile for at least so many columns.
struct Choice {
  int64_t planes, minColumns;
  MatrixTile tile;
};
} // namespace

/// Tiles of many rows. Accumulators take planes * rows * columns / threads registers of a thread,
/// at most 96 of its 255; shared memory is at most 96 KB, so that sm_86 and sm_89 have it, too.
static constexpr Choice kTall[] = {
    {1, 65, {128, 128, 64, 2, 4, 4}}, {1, 33, {128, 64, 64, 4, 2, 4}},
    {1, 0, {128, 32, 64, 4, 1, 4}},   {2, 65, {64, 128, 64, 2, 4, 4}},
    {2, 33, {64, 64, 64, 4, 2, 4}},   {2, 0, {64, 32, 64, 4, 1, 4}},
    {3, 65, {64, 128, 64, 2, 4, 4}},  {3, 33, {64, 64, 64, 4, 2, 4}},
    {3, 0, {64, 32, 64, 4, 1, 4}},    {4, 65, {64, 64, 64, 2, 4, 4}},
    {4, 33, {64, 64, 64, 4, 2, 4}},   {4, 0, {64, 32, 64, 4, 1, 4}},
};

/// Up to 16 rows, where reading the weight takes the time: blocks of few columns, so that every
/// multiprocessor has some, with seven stages of 4 KB on the way, which covers the latency of
/// memory.
static constexpr Choice kFlat[] = {
    {1, 0, {16, 32, 128, 1, 2, 8}},
    {2, 0, {16, 32, 128, 1, 2, 8}},
    {3, 0, {16, 32, 128, 1, 2, 8}},
    {4, 0, {16, 32, 128, 1, 2, 8}},
};

/// Tiles of wgmma: two groups of four warps, each with 64 rows and all columns. Accumulators take
/// up to 192 registers, and shared memory up to 216 KB: one block for each multiprocessor.
static constexpr Choice kWarpgroup[] = {
    {1, 129, {128, 256, 128, 8, 1, 4}}, {1, 65, {128, 128, 128, 8, 1, 4}},
    {1, 33, {128, 64, 128, 8, 1, 4}},   {2, 65, {128, 128, 128, 8, 1, 4}},
    {2, 33, {128, 64, 128, 8, 1, 4}},   {3, 65, {128, 128, 128, 8, 1, 3}},
    {3, 33, {128, 64, 128, 8, 1, 3}},   {4, 33, {128, 64, 128, 8, 1, 3}},
};

std::optional<MatrixTile> chooseWarpgroupTile(const MatrixShape &shape) {
  constexpr int64_t kFewestRows = 64; // of which one instruction has no fewer
  if ((shape.rows && *shape.rows < kFewestRows) || shape.isNarrow())
    return std::nullopt;
  for (const Choice &choice : kWarpgroup)
    if (choice.planes == shape.planes && shape.columns >= choice.minColumns)
      return choice.tile;
  return std::nullopt;
}

MatrixTile chooseMatrixTile(const MatrixShape &shape) {
  bool isFlat = shape.rows && *shape.rows <= 16 && !shape.isNarrow();
  // Of many small copies, more threads make fewer each, for smaller tiles of warps.
  constexpr int64_t kMostNarrowColumns = 64, kNarrowWarpColumns = 2;
  int64_t columns = shape.isNarrow() ? std::min(shape.columns, kMostNarrowColumns) : shape.columns;
  for (const Choice &choice : isFlat ? ArrayRef(kFlat) : ArrayRef(kTall)) {
    if (choice.planes != shape.planes || columns < choice.minColumns)
      continue;
    MatrixTile tile = choice.tile;
    if (shape.isNarrow())
      tile.warpColumns = kNarrowWarpColumns;
    return tile;
  }
  llvm_unreachable("codes have one to four digits");
}

} // namespace fpw::gpu
