//===- LayerTwins.h - Float layers and their fixed-point twins --*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_DIALECT_NN_IR_LAYERTWINS_H
#define FPW_DIALECT_NN_IR_LAYERTWINS_H

#include "fpw/Dialect/NN/IR/NN.h"
#include "llvm/ADT/STLExtras.h"

namespace fpw::nn {

/// The layer with float weights, of one with fixed-point weights, and the other way round.
template <typename FixedPointOp> struct FloatTwin;
template <typename FloatOp> struct FixedPointTwin;

#define FPW_LAYER_TWINS(OP)                                                                        \
  template <> struct FloatTwin<FixedPointQuantized##OP> {                                          \
    using type = OP;                                                                               \
  };                                                                                               \
  template <> struct FixedPointTwin<OP> {                                                          \
    using type = FixedPointQuantized##OP;                                                          \
  };
FPW_LAYER_TWINS(AffineOp)
FPW_LAYER_TWINS(ConvolutionOp)
FPW_LAYER_TWINS(DeconvolutionOp)
FPW_LAYER_TWINS(DepthwiseConvolutionOp)
FPW_LAYER_TWINS(DepthwiseDeconvolutionOp)
#undef FPW_LAYER_TWINS

template <typename FixedPointOp> using FloatTwinOf = typename FloatTwin<FixedPointOp>::type;
template <typename FloatOp> using FixedPointTwinOf = typename FixedPointTwin<FloatOp>::type;

/// The attributes of a fixed-point layer that its float twin has as well.
template <typename FixedPointOp>
SmallVector<mlir::NamedAttribute> getFloatAttributes(FixedPointOp op) {
  SmallVector<mlir::NamedAttribute> attributes;
  for (mlir::NamedAttribute attribute : op->getAttrs())
    if (llvm::is_contained(FloatTwinOf<FixedPointOp>::getAttributeNames(),
                           attribute.getName().getValue()))
      attributes.push_back(attribute);
  return attributes;
}

} // namespace fpw::nn

#endif // FPW_DIALECT_NN_IR_LAYERTWINS_H
