//===- NNFixedPointOps.cpp - Fixed-point ops -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LayerOps.h"

#include "mlir/IR/Verifier.h"

using namespace mlir;

#define GET_OP_CLASSES
#include "fpw/Dialect/NN/IR/NNFixedPointOps.cpp.inc"

FPW_DEFINE_LAYER(FixedPointQuantizedAffineOp, affineShape)
FPW_DEFINE_LAYER(FixedPointQuantizedConvolutionOp, convolutionShape)
FPW_DEFINE_LAYER(FixedPointQuantizedDeconvolutionOp, deconvolutionShape)
FPW_DEFINE_LAYER(FixedPointQuantizedDepthwiseConvolutionOp, depthwiseConvolutionShape)
FPW_DEFINE_LAYER(FixedPointQuantizedDepthwiseDeconvolutionOp, depthwiseDeconvolutionShape)

namespace fpw::nn {

/// (C8) or (C10), (C11): the codes of a tensor have the type that the format asks for.
static LogicalResult verifyCodes(Operation *op, StringRef what, RankedTensorType type,
                                 FixedPointAttr format, StringRef constraint) {
  if (format.getBits() > 16)
    return op->emitOpError("expected a ")
           << what << " format of at most 16 bits but got " << format.getBits() << " (C11)";
  if (type.getElementType() != format.getStorageType())
    return op->emitOpError("expected a ") << what << " of " << format.getStorageType()
                                          << " but got " << type << " (" << constraint << ")";
  return success();
}

/// (C12)
static LogicalResult verifyMaximum(Operation *op, FloatAttr maximum) {
  APFloat value = maximum ? maximum.getValue() : APFloat(1.0f);
  if (value.isFiniteNonZero() && !value.isNegative())
    return success();
  return op->emitOpError("expected a positive and finite activation_maximum but got ")
         << maximum.getValueAsDouble() << " (C12)";
}

/// The constraints that a fixed-point twin adds to its float layer.
template <typename Op> static LogicalResult verifyFixedPointLayer(Op op) {
  auto layer = cast<LayerOpInterface>(op.getOperation());
  if (failed(verifyMaximum(op, op.getActivationMaximumAttr())))
    return failure();
  FixedPointAttr format = layer.getWeightFormatOrNull();
  if (failed(verifyCodes(op, "weight", layer.getWeight().getType(), format, "C8")))
    return failure();
  int64_t channels = layer.getChannelMap().numChannels;
  if (format.isPerChannel() && int64_t(format.getDeltas().size()) != channels)
    return op->emitOpError("expected one step or ")
           << channels << ", one per output channel, but got " << format.getDeltas().size()
           << " (C9)";
  FixedPointAttr biasFormat = layer.getBiasFormatOrNull();
  if (!biasFormat) {
    if (layer.getBias() && !layer.getBias().getType().getElementType().isF32())
      return op->emitOpError("expected a bias of f32 without bias_format but got ")
             << layer.getBias().getType() << " (C10)";
    return success();
  }
  if (!layer.getBias() || biasFormat.isPerChannel())
    return op->emitOpError("expected bias_format to have a bias and one step (C10)");
  return verifyCodes(op, "bias", layer.getBias().getType(), biasFormat, "C10");
}

LogicalResult FixedPointQuantizedAffineOp::verifyRegions() { return verifyFixedPointLayer(*this); }
LogicalResult FixedPointQuantizedConvolutionOp::verifyRegions() {
  return verifyFixedPointLayer(*this);
}
LogicalResult FixedPointQuantizedDeconvolutionOp::verifyRegions() {
  return verifyFixedPointLayer(*this);
}
LogicalResult FixedPointQuantizedDepthwiseConvolutionOp::verifyRegions() {
  return verifyFixedPointLayer(*this);
}
LogicalResult FixedPointQuantizedDepthwiseDeconvolutionOp::verifyRegions() {
  return verifyFixedPointLayer(*this);
}

//===----------------------------------------------------------------------===//
// FixedPointQuantizeOp
//===----------------------------------------------------------------------===//

LogicalResult FixedPointQuantizeOp::inferReturnTypes(MLIRContext *, std::optional<Location>,
                                                     Adaptor adaptor,
                                                     SmallVectorImpl<Type> &types) {
  types.push_back(adaptor.getInput().getType());
  return success();
}

LogicalResult FixedPointQuantizeOp::verify() {
  if (!getFormat().isPerChannel())
    return success();
  int64_t steps = getFormat().getDeltas().size();
  bool isParameter = getInput().getDefiningOp<ParameterOp>() != nullptr;
  for (Operation *user : getResult().getUsers()) {
    auto layer = dyn_cast<LayerOpInterface>(user);
    // Users are verified after their operands, and only a valid layer knows its channels.
    if (layer && failed(mlir::verify(user, /*verifyRecursively=*/false)))
      return failure();
    if (!isParameter || !layer || layer.getWeight() != getResult() ||
        layer.getChannelMap().numChannels != steps)
      return emitOpError("expected one step, or one per output channel of a layer, but got ")
             << steps << " (C1)";
  }
  return success();
}

} // namespace fpw::nn
