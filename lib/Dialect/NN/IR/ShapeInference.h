//===- ShapeInference.h - How nn ops compute their types -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_DIALECT_NN_IR_SHAPEINFERENCE_H
#define FPW_LIB_DIALECT_NN_IR_SHAPEINFERENCE_H

#include "fpw/Dialect/NN/IR/NN.h"

namespace fpw::nn {

using OptionalLocation = std::optional<mlir::Location>;
using Types = mlir::SmallVectorImpl<mlir::Type>;

inline mlir::RankedTensorType tensorTypeOf(mlir::Value value) {
  return llvm::cast<mlir::RankedTensorType>(value.getType());
}

/// Appends the f32 tensor of this shape, or fails where it does not fit memory.
mlir::LogicalResult inferTensor(mlir::MLIRContext *context, OptionalLocation loc,
                                llvm::ArrayRef<int64_t> shape, Types &types);

/// Turns an axis in [-rank, rank) into one in [0, rank), or reports constraint (C1).
mlir::FailureOr<int64_t> normalizeAxis(OptionalLocation loc, llvm::StringRef name, int64_t axis,
                                       int64_t rank);

/// The size that two broadcasting sizes give, or nothing if they disagree. A dynamic size is taken
/// for the other one, unless that is 1.
std::optional<int64_t> broadcastSize(int64_t a, int64_t b);

/// Fails, citing the constraint, unless `values` is empty or has `count` values from `least` on.
mlir::LogicalResult checkSizes(OptionalLocation loc, llvm::StringRef name,
                               llvm::ArrayRef<int64_t> values, int64_t count, int64_t least,
                               llvm::StringRef constraint);

/// The largest size of an image. Lowerings may hold tables with one entry per index of a dimension.
constexpr int64_t kLargestImage = 1 << 24;

/// Whether a spatial or channel dimension may have this size; a dynamic one is none.
inline bool isImageSize(int64_t size) { return size >= 1 && size <= kLargestImage; }

/// The number of windows along one dimension; nothing if the kernel does not fit.
std::optional<int64_t> windowCount(int64_t size, int64_t padding, int64_t extent, int64_t stride);

} // namespace fpw::nn

#endif // FPW_LIB_DIALECT_NN_IR_SHAPEINFERENCE_H
