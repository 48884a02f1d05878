//===- NNFixedPointFolds.cpp - Folds of fixed-point ops ---------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Dialect/NN/IR/Encoding.h"

using namespace mlir;
using namespace fpw;
using namespace fpw::nn;

/// quantize(constant), by the arithmetic that the lowering follows.
static DenseElementsAttr foldConstant(DenseFPElementsAttr constant, FixedPointAttr format) {
  FixedPoint fixedPoint(format.getBits(), format.getIsSigned(), format.getDeltas().front());
  auto quantize = [&](const APFloat &value) -> APInt {
    return APFloat(fixedPoint.quantize(value.convertToFloat())).bitcastToAPInt();
  };
  return constant.mapValues(Float32Type::get(constant.getContext()), quantize);
}

/// quantize(quantize(x)) -> quantize(x). Not so for signed numbers, as the second turns -0.0 into
/// +0.0, nor for very wide ones, where the largest number may round up.
static bool isIdempotent(FixedPointAttr format) {
  return !format.getIsSigned() && format.getBits() <= 22;
}

OpFoldResult FixedPointQuantizeOp::fold(FoldAdaptor adaptor) {
  FixedPointAttr format = getFormat();
  if (format.isPerChannel())
    return {};
  auto inner = getInput().getDefiningOp<FixedPointQuantizeOp>();
  if (inner && inner.getFormat() == format && isIdempotent(format) && inner.getType() == getType())
    return inner.getResult();
  auto constant = dyn_cast_or_null<DenseFPElementsAttr>(adaptor.getInput());
  if (!constant || constant.getType() != getType())
    return {};
  return foldConstant(constant, format);
}

void NNDialect::getCanonicalizationPatterns(RewritePatternSet &patterns) const {
  populateMaterializeCodesPatterns(patterns, /*scope=*/"");
}
