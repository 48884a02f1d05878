//===- NNActivationOps.cpp - Activations with an axis or a trained slope -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ShapeInference.h"

using namespace mlir;

#define GET_OP_CLASSES
#include "fpw/Dialect/NN/IR/NNActivationOps.cpp.inc"

namespace fpw::nn {

/// The result has the input's shape.
static LogicalResult inferSoftmax(OptionalLocation loc, Value input, int64_t axis, Types &types) {
  RankedTensorType type = tensorTypeOf(input);
  if (failed(normalizeAxis(loc, "axis", axis, type.getRank())))
    return failure();
  types.push_back(type);
  return success();
}

LogicalResult SoftmaxOp::inferReturnTypes(MLIRContext *, OptionalLocation loc, Adaptor adaptor,
                                          Types &types) {
  return inferSoftmax(loc, adaptor.getInput(), adaptor.getAxis(), types);
}

LogicalResult LogSoftmaxOp::inferReturnTypes(MLIRContext *, OptionalLocation loc, Adaptor adaptor,
                                             Types &types) {
  return inferSoftmax(loc, adaptor.getInput(), adaptor.getAxis(), types);
}

LogicalResult PReLUOp::inferReturnTypes(MLIRContext *, OptionalLocation loc, Adaptor adaptor,
                                        Types &types) {
  RankedTensorType input = tensorTypeOf(adaptor.getInput());
  RankedTensorType slope = tensorTypeOf(adaptor.getSlope());
  FailureOr<int64_t> axis = normalizeAxis(loc, "base_axis", adaptor.getBaseAxis(), input.getRank());
  if (failed(axis))
    return failure();
  bool isScalar = slope.hasStaticShape() && slope.getNumElements() == 1;
  bool isPerIndex = slope.getRank() == 1 && !slope.isDynamicDim(0) &&
                    slope.getDimSize(0) == input.getDimSize(*axis);
  if (!isScalar && !isPerIndex)
    return emitOptionalError(loc, "expected one slope or one per index of dimension ", *axis,
                             " of ", input, " but got ", slope, " (C2)");
  types.push_back(input);
  return success();
}

/// The result is twice as long along the axis.
static LogicalResult inferDoubled(OptionalLocation loc, Value input, int64_t axis, Types &types) {
  RankedTensorType type = tensorTypeOf(input);
  FailureOr<int64_t> dim = normalizeAxis(loc, "axis", axis, type.getRank());
  if (failed(dim))
    return failure();
  if (type.isDynamicDim(*dim))
    return emitOptionalError(loc, "expected a static dimension ", *dim, " but got ", type, " (C1)");
  SmallVector<int64_t> shape(type.getShape());
  if (llvm::MulOverflow<int64_t>(shape[*dim], 2, shape[*dim]))
    return emitOptionalError(loc, "expected result sizes to fit 64 bits (C1)");
  return inferTensor(type.getContext(), loc, shape, types);
}

LogicalResult CReLUOp::inferReturnTypes(MLIRContext *, OptionalLocation loc, Adaptor adaptor,
                                        Types &types) {
  return inferDoubled(loc, adaptor.getInput(), adaptor.getAxis(), types);
}

LogicalResult CELUOp::inferReturnTypes(MLIRContext *, OptionalLocation loc, Adaptor adaptor,
                                       Types &types) {
  return inferDoubled(loc, adaptor.getInput(), adaptor.getAxis(), types);
}

} // namespace fpw::nn
