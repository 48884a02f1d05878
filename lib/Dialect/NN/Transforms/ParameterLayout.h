//===- ParameterLayout.h - Permutes parameters at compile time -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_DIALECT_NN_TRANSFORMS_PARAMETERLAYOUT_H
#define FPW_LIB_DIALECT_NN_TRANSFORMS_PARAMETERLAYOUT_H

#include "fpw/Dialect/NN/IR/NN.h"

namespace fpw::nn {

/// Gives parameters with their elements in another order. Parameters that several ops ask for in
/// the same order share one copy of the data.
class ParameterLayouts {
public:
  /// The parameter seen as a tensor of `shape` (its own, or one that splits its dimensions), with
  /// the dimensions in the order `permutation`, as a new parameter of type `resultShape`.
  ParameterOp permute(mlir::RewriterBase &rewriter, ParameterOp parameter,
                      llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> permutation,
                      llvm::ArrayRef<int64_t> resultShape);

  /// The transpose.
  ParameterOp permute(mlir::RewriterBase &rewriter, ParameterOp parameter,
                      llvm::ArrayRef<int64_t> permutation);

private:
  struct Layout {
    mlir::ElementsAttr value;
    llvm::SmallVector<int64_t> shape, permutation;
    mlir::ElementsAttr result;
  };
  mlir::ElementsAttr permuteOnce(ParameterOp parameter, llvm::ArrayRef<int64_t> shape,
                                 llvm::ArrayRef<int64_t> permutation, mlir::RankedTensorType type);

  llvm::SmallVector<Layout> known;
};

} // namespace fpw::nn

#endif // FPW_LIB_DIALECT_NN_TRANSFORMS_PARAMETERLAYOUT_H
