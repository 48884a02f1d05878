//===- LayerOps.h - Methods that layers and their twins share -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_DIALECT_NN_IR_LAYEROPS_H
#define FPW_LIB_DIALECT_NN_IR_LAYEROPS_H

#include "LayerInference.h"

// The functions below read the attributes of a layer, be it the op or the adaptor that stands for
// it during inference, the float layer or its fixed-point twin.

namespace fpw::nn {

template <typename Layer> mlir::RankedTensorType biasType(Layer layer) {
  return layer.getBias() ? tensorTypeOf(layer.getBias()) : mlir::RankedTensorType();
}

template <typename Layer> AffineShape affineShape(Layer layer) {
  return {tensorTypeOf(layer.getInput()), tensorTypeOf(layer.getWeight()), biasType(layer),
          int64_t(layer.getBaseAxis())};
}

template <typename Layer>
ConvolutionShape windowShape(ConvolutionShape::Kind kind, Layer layer, int64_t group,
                             bool channelLast, llvm::ArrayRef<int64_t> outputPadding = {}) {
  return {kind,
          tensorTypeOf(layer.getInput()),
          tensorTypeOf(layer.getWeight()),
          biasType(layer),
          int64_t(layer.getBaseAxis()),
          layer.getPad(),
          layer.getStride(),
          layer.getDilation(),
          outputPadding,
          group,
          channelLast};
}

template <typename Layer> ConvolutionShape convolutionShape(Layer layer) {
  return windowShape(ConvolutionShape::Plain, layer, layer.getGroup(), layer.getChannelLast());
}

template <typename Layer> ConvolutionShape deconvolutionShape(Layer layer) {
  return windowShape(ConvolutionShape::Transposed, layer, layer.getGroup(), layer.getChannelLast(),
                     layer.getOutputPadding());
}

template <typename Layer> ConvolutionShape depthwiseConvolutionShape(Layer layer) {
  return windowShape(ConvolutionShape::Depthwise, layer, layer.getMultiplier(),
                     layer.getChannelLast());
}

template <typename Layer> ConvolutionShape depthwiseDeconvolutionShape(Layer layer) {
  return windowShape(ConvolutionShape::DepthwiseTransposed, layer, layer.getDivisor(),
                     layer.getChannelLast());
}

} // namespace fpw::nn

/// Defines what a layer infers from its shape.
#define FPW_DEFINE_LAYER(Op, shape)                                                                \
  mlir::LogicalResult fpw::nn::Op::inferReturnTypes(                                               \
      mlir::MLIRContext *, std::optional<mlir::Location> location, Adaptor adaptor,                \
      mlir::SmallVectorImpl<mlir::Type> &types) {                                                  \
    return shape(adaptor).infer(location, types);                                                  \
  }                                                                                                \
  fpw::nn::ChannelMap fpw::nn::Op::getChannelMap() { return shape(*this).channelMap(); }

#endif // FPW_LIB_DIALECT_NN_IR_LAYEROPS_H
