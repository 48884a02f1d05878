//===- NNElementwiseOps.cpp - Element-wise ops -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ShapeInference.h"

#include "fpw/Dialect/NN/IR/ScalarExpr.h"

using namespace mlir;

namespace fpw::nn {

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

/// The operands' shapes, broadcast. Each row of the table calls it.
static LogicalResult inferElementwise(OptionalLocation loc, ValueRange operands, Types &types) {
  RankedTensorType first = tensorTypeOf(operands.front());
  SmallVector<int64_t> shape(first.getShape());
  for (Value operand : operands.drop_front()) {
    RankedTensorType type = tensorTypeOf(operand);
    if (type.getRank() != first.getRank())
      return emitOptionalError(loc, "expected operands of one rank but got ", first, " and ", type,
                               " (C1)");
    for (auto [size, other] : llvm::zip_equal(shape, type.getShape())) {
      std::optional<int64_t> both = broadcastSize(size, other);
      if (!both)
        return emitOptionalError(loc, "expected sizes to agree or to be 1 but got ", first, " and ",
                                 type, " (C2)");
      size = *both;
    }
  }
  return inferTensor(first.getContext(), loc, shape, types);
}

} // namespace fpw::nn

#define GET_OP_CLASSES
#include "fpw/Dialect/NN/IR/NNElementwiseOps.cpp.inc"

namespace fpw::nn {

//===----------------------------------------------------------------------===//
// Folders: only where every bit of the result stays the same
//===----------------------------------------------------------------------===//

/// identity(x) -> x
OpFoldResult IdentityOp::fold(FoldAdaptor) { return getX(); }

/// dropout(x) -> x
OpFoldResult DropoutOp::fold(FoldAdaptor) { return getX(); }

/// f(f(x)) -> f(x)
template <typename Op> static OpFoldResult foldIdempotent(Op op) {
  return op.getX().template getDefiningOp<Op>() ? op.getX() : OpFoldResult();
}

OpFoldResult ReLUOp::fold(FoldAdaptor) { return foldIdempotent(*this); }
OpFoldResult AbsOp::fold(FoldAdaptor) { return foldIdempotent(*this); }

/// x * 1 -> x
OpFoldResult MulScalarOp::fold(FoldAdaptor) {
  return getVal().isExactlyValue(1.0) ? getX() : OpFoldResult();
}

/// x ^ 1 -> x
OpFoldResult PowScalarOp::fold(FoldAdaptor) {
  return getVal().isExactlyValue(1.0) ? getX() : OpFoldResult();
}

} // namespace fpw::nn
