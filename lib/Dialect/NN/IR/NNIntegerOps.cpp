//===- NNIntegerOps.cpp - Integers at the edges of a network -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ShapeInference.h"

using namespace mlir;

#define GET_OP_CLASSES
#include "fpw/Dialect/NN/IR/NNIntegerOps.cpp.inc"

namespace fpw::nn {

LogicalResult ToFloatOp::inferReturnTypes(MLIRContext *context, OptionalLocation loc,
                                          Adaptor adaptor, Types &types) {
  return inferTensor(context, loc, tensorTypeOf(adaptor.getInput()).getShape(), types);
}

LogicalResult FromFloatOp::inferReturnTypes(MLIRContext *, OptionalLocation loc, Adaptor adaptor,
                                            Types &types) {
  Type element = adaptor.getElement();
  if (!element.isSignlessInteger(8) && !element.isSignlessInteger(32) &&
      !element.isSignlessInteger(64))
    return emitOptionalError(loc, "expected element type i8, i32 or i64 but got ", element,
                             " (C1)");
  types.push_back(RankedTensorType::get(tensorTypeOf(adaptor.getInput()).getShape(), element));
  return success();
}

LogicalResult EmbedOp::inferReturnTypes(MLIRContext *context, OptionalLocation loc, Adaptor adaptor,
                                        Types &types) {
  RankedTensorType weight = tensorTypeOf(adaptor.getWeight());
  if (!weight.hasStaticShape() || weight.getRank() == 0 || !isImageSize(weight.getDimSize(0)))
    return emitOptionalError(loc, "expected a static table of 1 to 16777216 rows but got ", weight,
                             " (C1)");
  SmallVector<int64_t> shape(tensorTypeOf(adaptor.getInput()).getShape());
  llvm::append_range(shape, weight.getShape().drop_front());
  return inferTensor(context, loc, shape, types);
}

} // namespace fpw::nn
