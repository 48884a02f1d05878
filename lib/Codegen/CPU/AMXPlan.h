//===- AMXPlan.h - How an inner product is cut into matrix tiles -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_CODEGEN_CPU_AMXPLAN_H
#define FPW_LIB_CODEGEN_CPU_AMXPLAN_H

#include "fpw/Support/LLVM.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/OpDefinition.h"
#include <optional>

namespace fpw::cpu {

/// A tile of the matrix unit has up to 16 rows of 64 bytes.
inline constexpr int64_t kAMXRows = 16, kAMXBytes = 64;
/// Outputs of one tile of sums, and of one block of the packed weights.
inline constexpr int64_t kAMXLanes = 16, kAMXOutputs = 32;

/// A loop whose iterations lie `pitch` bytes apart in memory.
struct StridedLoop {
  mlir::OpFoldResult extent;
  int64_t pitch;

  /// The number of iterations, if it is known.
  std::optional<int64_t> getSize() const;
};

/// The sizes of an inner product and where its left operand lies.
struct AMXGeometry {
  SmallVector<StridedLoop> rows;      ///< from the outside in; all but the first of known size
  SmallVector<StridedLoop> reduction; ///< over blocks of 64 bytes, all of known size
  int64_t planes = 1, planePitch = 0;
  int64_t weights = 1;             ///< tensors of weights that meet the same rows
  int64_t outputs = 0;             ///< of a group
  SmallVector<StridedLoop> groups; ///< over groups of outputs, all of known size

  int64_t countBlocks() const;
  /// The blocks of outputs of a group, and of all groups.
  int64_t countBlocksOfGroup() const;
  int64_t countOutputBlocks() const;
};

/// Row loops that run as one, because their rows are equally far apart.
struct RowLoop {
  SmallVector<unsigned> members; ///< positions in AMXGeometry::rows
  StridedLoop loop;
};

/// The rows of a geometry with as few loops as possible.
SmallVector<RowLoop> mergeRowLoops(OpBuilder &builder, Location loc, const AMXGeometry &geometry);

/// The operand that passes by so fast that it should not push the other one out of the L1 cache.
enum class AMXStream { None, Rows, Weights };

/// The choices that a kernel is emitted by.
struct AMXPlan {
  int64_t tileRows = kAMXRows; ///< rows of a tile
  int64_t runLoops = 1; ///< how many of the innermost merged loops a run of rows goes through
  int64_t rowTiles = 1; ///< tiles of rows in a block, of each plane
  int64_t group = 2;    ///< tiles of rows that share a loop over the reduction
  int64_t panel = 0;    ///< blocks of rows that meet all outputs before the next; 0: all blocks
  /// How many rows a step of the loops of the next block finishes at least; 0: a block is finished
  /// at once.
  int64_t drain = 1;
  AMXStream stream = AMXStream::None;

  mlir::DictionaryAttr toAttribute(mlir::MLIRContext *context) const;
  static AMXPlan fromAttribute(mlir::DictionaryAttr attribute, AMXPlan usual);
};

/// Chooses a plan by an estimate of the cycles.
AMXPlan planAMX(const AMXGeometry &geometry, ArrayRef<RowLoop> rows);

} // namespace fpw::cpu

#endif // FPW_LIB_CODEGEN_CPU_AMXPLAN_H
