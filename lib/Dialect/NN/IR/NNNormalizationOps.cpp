//===- NNNormalizationOps.cpp - Normalisation -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ShapeInference.h"

using namespace mlir;

#define GET_OP_CLASSES
#include "fpw/Dialect/NN/IR/NNNormalizationOps.cpp.inc"

namespace fpw::nn {

LogicalResult BatchNormalizationOp::inferReturnTypes(MLIRContext *context, OptionalLocation loc,
                                                     Adaptor adaptor, Types &types) {
  RankedTensorType input = tensorTypeOf(adaptor.getInput());
  ArrayRef<int64_t> axes = adaptor.getAxes();
  if (axes.size() != 1 || axes[0] < 0 || axes[0] >= input.getRank() || input.isDynamicDim(axes[0]))
    return emitOptionalError(loc, "expected one axis with a static size of ", input, " but got [",
                             axes, "] (C1)");
  int64_t channels = input.getDimSize(axes[0]);
  for (Value operand :
       {adaptor.getBeta(), adaptor.getGamma(), adaptor.getMean(), adaptor.getVariance()}) {
    if (!operand)
      continue;
    RankedTensorType type = tensorTypeOf(operand);
    if (!type.hasStaticShape() || type.getNumElements() != channels)
      return emitOptionalError(loc, "expected ", channels, " elements, one per index of the axis, ",
                               "but got ", type, " (C2)");
  }
  if (!(adaptor.getEps().convertToFloat() >= 0))
    return emitOptionalError(loc, "expected an eps of 0 or more but got ",
                             adaptor.getEps().convertToFloat(), " (C3)");
  return inferTensor(context, loc, input.getShape(), types);
}

} // namespace fpw::nn
