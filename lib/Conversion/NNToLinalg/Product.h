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

/// Makes the results of a layer, or of a part of it, of its sums, one for each weight. `sizes` are
/// those of the results and `channelDims` those of them that number the channels. Without sums,
/// there were no products at all.
using Finish = llvm::function_ref<Value(ValueRange sums, ArrayRef<OpFoldResult> sizes,
                                        ArrayRef<int64_t> channelDims)>;

/// A tensor of weights, and what its products are added by.
struct Weight {
  Value value;
  Type sum; ///< the type of a sum
  TensorBuilder::Body multiplyAdd;
};

/// What a layer multiplies, and how. In float arithmetic the factors are its operands. Digits are
/// integers, and their image has one more dimension, of digits, before all others. The digits of
/// weights are several weights.
struct Factors {
  Value image;
  SmallVector<Weight> weights; ///< of one shape
  Value bias;                  ///< What sums start from; null for zero.

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
