//===- ByteProduct.h - Sums of products of bytes as products of matrices -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_CODEGEN_GPU_BYTEPRODUCT_H
#define FPW_LIB_CODEGEN_GPU_BYTEPRODUCT_H

#include "fpw/Support/LLVM.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include <optional>

namespace fpw::gpu {

/// A linalg.generic that adds products of bytes to i32, seen as products of matrices, one for each
/// group: result(row, column) += sum over k of image(row, k) * weight(column, k). Whatever a layer
/// is (affine, convolution, grouped, a phase of a deconvolution), an element of the image lies at a
/// sum of one term for each loop, so that a row and a k give its address.
struct ByteProduct {
  mlir::linalg::GenericOp op;
  bool unsignedImage = false, unsignedWeight = false;
  /// Loops from the outermost to the innermost, rows and columns in the order of the results, k
  /// with the image's neighbouring elements last.
  SmallVector<unsigned> groups, rows, columns, sums;
  /// coefficients[d][loop]: how far a step of a loop moves in dimension d of the image.
  SmallVector<SmallVector<int64_t>> coefficients;
  SmallVector<int64_t> offsets; ///< where dimension d of the image begins

  static std::optional<ByteProduct> match(mlir::linalg::GenericOp op);

  int64_t getSize(unsigned loop) const {
    return mlir::linalg::GenericOp(op).getStaticLoopRanges()[loop];
  }
  mlir::AffineMap getMap(unsigned operand) const {
    return mlir::linalg::GenericOp(op).getIndexingMapsArray()[operand];
  }
  /// The product of static sizes; nothing if one is dynamic.
  std::optional<int64_t> countStatic(ArrayRef<unsigned> loops) const;
  /// Channels that lie together in the image: the innermost loop of the sums.
  int64_t getChannels() const { return getSize(sums.back()); }
};

} // namespace fpw::gpu

#endif // FPW_LIB_CODEGEN_GPU_BYTEPRODUCT_H
