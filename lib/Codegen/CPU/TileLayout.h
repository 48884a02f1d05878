//===- TileLayout.h - Weights in the order of matrix tiles -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tile of weights holds 64 consecutive channels of 16 outputs: 16 rows of 64 bytes, in each row 4
// channels of each output. Packed weights have the shape
//
//   [groups...][outputs / 32][outer reduction loops][channels / 64][2][16][64]
//
// and zeros where there is no output or channel.
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_CODEGEN_CPU_TILELAYOUT_H
#define FPW_LIB_CODEGEN_CPU_TILELAYOUT_H

#include "fpw/Support/LLVM.h"
#include "mlir/IR/AffineMap.h"
#include "mlir/IR/Operation.h"
#include <optional>

namespace fpw::cpu {

/// The attribute of a contraction that names the kernel to emit; this layout is that of "amx" and
/// "stream".
inline constexpr StringLiteral kKernelAttr = "fpw.kernel";
inline constexpr StringLiteral kMatrixUnitKernel = "amx";
inline constexpr StringLiteral kStreamKernel = "stream";

/// Whether the attribute names the kernel of the matrix unit.
bool usesMatrixUnit(mlir::Operation *op);
/// Whether the attribute names a kernel that reads tiles.
bool readsTiles(mlir::Operation *op);

/// The loops of a contraction that index its packed weights.
struct TileLoops {
  SmallVector<unsigned> groups; ///< other loops over outputs, from the outside in
  unsigned output;
  SmallVector<unsigned> outerReduction; ///< from the outside in
  unsigned channel;
};

/// Takes the loop over outputs out of the loops of a contraction over groups and outputs: that
/// along which its sums lie together, as far as any does.
unsigned takeOutputLoop(SmallVectorImpl<unsigned> &loops, mlir::AffineMap sums);

/// The indexing map of packed weights on `numLoops` loops.
mlir::AffineMap getTileMap(unsigned numLoops, const TileLoops &loops, mlir::MLIRContext *context);

/// The loops, if the map is one of packed weights.
std::optional<TileLoops> matchTileMap(mlir::AffineMap map);

} // namespace fpw::cpu

#endif // FPW_LIB_CODEGEN_CPU_TILELAYOUT_H
