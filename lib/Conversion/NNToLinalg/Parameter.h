//===- Parameter.h - Weights computed beforehand ----------------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lowerings that need a weight in another form compute it here: at compile time where the weight is
// a parameter, by ops where it is not.
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_CONVERSION_NNTOLINALG_PARAMETER_H
#define FPW_LIB_CONVERSION_NNTOLINALG_PARAMETER_H

#include "TensorBuilder.h"
#include "fpw/Dialect/NN/IR/NN.h"

namespace fpw {

/// The same elements in another shape.
Value reshapeWeight(TensorBuilder &t, Value weight, ArrayRef<int64_t> shape);

/// A tensor of `sizes` whose element at a position is that of `weight` at `map(position)`, where
/// `map` is linear.
Value rearrange(TensorBuilder &t, Value weight, ArrayRef<int64_t> sizes, AffineMap map);

/// The numbers that the codes of a tensor stand for. `channels` says whose step a code has.
Value decode(TensorBuilder &t, Value codes, nn::FixedPointAttr format,
             const nn::ChannelMap &channels);

/// The same codes in a type without a sign, as arith ops want them.
Value toSignless(TensorBuilder &t, Value codes);

/// The bytes of codes, the lowest first, each in a type that says whether it has a sign: only the
/// highest byte of codes with a sign has.
SmallVector<Value> splitBytes(TensorBuilder &t, Value codes);

/// The largest sum of magnitudes of the codes of one output channel. Codes that are not known have
/// the largest magnitude that their type can hold.
int64_t sumMagnitudes(Value codes, const nn::ChannelMap &channels);

/// gamma / sqrt(variance + eps), in operations of f32 that round one by one; gamma may be null,
/// for 1. Null if one of the tensors is not known at compile time.
Value computeScale(TensorBuilder &t, Value variance, Value gamma, float eps);

/// The values of a parameter, rounded to a format.
Value quantize(TensorBuilder &t, nn::ParameterOp parameter, nn::FixedPointAttr format,
               const nn::ChannelMap &channels);

} // namespace fpw

#endif // FPW_LIB_CONVERSION_NNTOLINALG_PARAMETER_H
