//===- Product.h - Sums of products of images and weights -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_CONVERSION_NNTOLINALG_PRODUCT_H
#define FPW_LIB_CONVERSION_NNTOLINALG_PRODUCT_H

#include "TensorBuilder.h"
#include "fpw/Dialect/NN/IR/NN.h"

namespace fpw {

/// Makes the results of a layer, or of a part of it, of its sums. `sizes` are those of the results
/// and `channelDims` those of them that number the channels. Null sums are those of no products at
/// all.
using Finish = llvm::function_ref<Value(Value sums, ArrayRef<OpFoldResult> sizes,
                                        ArrayRef<int64_t> channelDims)>;

/// What a layer multiplies, and how. In float arithmetic the factors are its operands. Digits are
/// integers, and their image has one more dimension, of digits, before all others.
struct Factors {
  Value image, weight;
  Value bias; ///< What sums start from; null for zero.
  Type sum;   ///< The type of a sum.
  TensorBuilder::Body multiplyAdd;

  /// The dimensions of the image before those of the layer's input: one for digits, none for
  /// floats.
  int64_t extraRank = 0;
  Finish finish = nullptr; ///< Null if sums are results. Results lack the extra dimensions.
};

/// The results of a layer, in the layer's own layout. Null if the layer cannot be
/// lowered; it then has a diagnostic.
Value multiply(TensorBuilder &t, nn::LayerOpInterface layer, const Factors &factors);

/// The same for the transposed convolutions.
Value multiplyTransposed(TensorBuilder &t, nn::LayerOpInterface layer, const Factors &factors);

} // namespace fpw

#endif // FPW_LIB_CONVERSION_NNTOLINALG_PRODUCT_H
