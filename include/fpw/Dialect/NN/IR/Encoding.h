//===- Encoding.h - From quantised parameters to codes ----------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_DIALECT_NN_IR_ENCODING_H
#define FPW_DIALECT_NN_IR_ENCODING_H

#include "fpw/Dialect/NN/IR/NN.h"
#include "fpw/Support/FixedPoint.h"

namespace fpw::nn {

/// The values of a float parameter; one value if it is a splat.
ArrayRef<float> getFloatValues(ParameterOp parameter);

/// Calls `visit(values, channel)` for all parts of a weight that lie together and belong to one
/// output channel, in order.
template <typename Visit>
void forEachRun(ArrayRef<float> values, const ChannelMap &channels, Visit visit) {
  int64_t count = values.size(), row = channels.groupSize * channels.stride;
  assert((row > 0 || count == 0) && "an empty map");
  for (int64_t begin = 0; begin < count; begin += row) {
    int64_t first = begin / channels.groupStride * channels.groupSize;
    for (int64_t column = 0; column < channels.groupSize; ++column)
      visit(values.slice(begin + column * channels.stride, channels.stride), first + column);
  }
}

/// A float layer whose weight is `nn.fixed_point_quantize` of a parameter becomes its fixed-point
/// twin, whose weight is a parameter of codes; so does the bias, if it is quantised. The codes of
/// SOURCE are called SCOPE/SOURCE_q, and are shared by all that use them in the same format. Fails
/// on formats above 16 bits and on weights that are not finite, which no code stands for.
llvm::FailureOr<LayerOpInterface> materializeCodes(mlir::RewriterBase &rewriter,
                                                   LayerOpInterface layer, StringRef scope);

/// The pattern that materialises codes wherever they can be.
void populateMaterializeCodesPatterns(mlir::RewritePatternSet &patterns, StringRef scope);

} // namespace fpw::nn

#endif // FPW_DIALECT_NN_IR_ENCODING_H
