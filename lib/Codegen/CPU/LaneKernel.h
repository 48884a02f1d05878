//===- LaneKernel.h - Contractions whose factors share lanes ----*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_CODEGEN_CPU_LANEKERNEL_H
#define FPW_LIB_CODEGEN_CPU_LANEKERNEL_H

#include "LaneFormat.h"
#include "fpw/Dialect/NN/IR/NN.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace fpw::cpu {

/// Pads an image of elements with the code 0.
Value padRows(mlir::RewriterBase &rewriter, mlir::Location loc, Value image,
              ArrayRef<mlir::OpFoldResult> low, ArrayRef<mlir::OpFoldResult> high,
              const LaneFormat &format);

/// The ops of a combining body that make one i32 sum of two digits' sums: `upper * 256 + lower`.
struct PairOfSums {
  Operation *scaled, *sum;

  /// The pair of a digit and the next one.
  static std::optional<PairOfSums> match(mlir::linalg::GenericOp combine, int64_t lower);
};

/// A contraction of digit planes, `sums[d, ...] += planes[d, ...] * weight[...]`. Either its
/// factors lie together along a run of the image's rows, or each channel has sums of its own.
struct LaneKernel {
  mlir::linalg::GenericOp op;
  nn::ParameterOp weight;
  int64_t rowDims;                ///< trailing dimensions of the planes that make a row
  unsigned plane, channel;        ///< loops
  std::optional<unsigned> window; ///< a loop over neighbouring pixels that extends the run
  SmallVector<int64_t> offsets;   ///< where windows begin, per dimension of the planes; none: at 0

  /// `rowDims` dimensions of the planes make a row.
  static std::optional<LaneKernel> match(mlir::linalg::GenericOp op, int64_t rowDims);

  /// Whether channels are added up.
  bool sumsChannels();

  /// Whether windows have several pixels of a row.
  bool hasWindowInRow();

  /// The factors that lie together.
  int64_t getRun();

  /// The bits that a signed integer needs for the codes of the weight.
  unsigned getCodeBits();

  /// The sums for each element, of an image `[leading...][element][row]`.
  SmallVector<Value> emit(mlir::RewriterBase &rewriter, Value image, const LaneFormat &format);

private:
  mlir::AffineMap getImageMap();
  mlir::AffineMap getWeightMap();
  mlir::AffineExpr getPlaceInRow();
  int64_t getCoefficient(unsigned loop);
  int64_t getLastPlaceInRow(const LaneFormat &format);
  bool isWeightUnsigned();
  bool isInRun(unsigned loop) { return sumsChannels() && (loop == channel || loop == window); }
  Value emitWeight(mlir::RewriterBase &rewriter, const LaneFormat &format, int64_t sum);
  Value emitInitialSums(mlir::RewriterBase &rewriter, const LaneFormat &format);
};

} // namespace fpw::cpu

#endif // FPW_LIB_CODEGEN_CPU_LANEKERNEL_H
