//===- NNReductionOps.cpp - Reductions -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ShapeInference.h"

#include "llvm/ADT/SmallBitVector.h"

using namespace mlir;

#define GET_OP_CLASSES
#include "fpw/Dialect/NN/IR/NNReductionOps.cpp.inc"

namespace fpw::nn {

template <typename Reduction>
static LogicalResult inferReduction(OptionalLocation loc, Reduction reduction, Types &types) {
  RankedTensorType input = tensorTypeOf(reduction.getInput());
  llvm::SmallBitVector reduced(input.getRank(), reduction.getAxes().empty());
  for (int64_t axis : reduction.getAxes()) {
    FailureOr<int64_t> dim = normalizeAxis(loc, "axes", axis, input.getRank());
    if (failed(dim))
      return failure();
    if (reduced.test(*dim))
      return emitOptionalError(loc, "expected axes to differ but got ", axis, " twice (C1)");
    reduced.set(*dim);
  }
  SmallVector<int64_t> shape;
  for (auto [dim, size] : llvm::enumerate(input.getShape())) {
    if (!reduced.test(dim))
      shape.push_back(size);
    else if (reduction.getKeepDims())
      shape.push_back(1);
  }
  return inferTensor(input.getContext(), loc, shape, types);
}

#define FPW_DEFINE_REDUCTION(Op)                                                                   \
  LogicalResult Op::inferReturnTypes(MLIRContext *, OptionalLocation location, Adaptor adaptor,    \
                                     Types &types) {                                               \
    return inferReduction(location, adaptor, types);                                               \
  }
FPW_DEFINE_REDUCTION(SumOp)
FPW_DEFINE_REDUCTION(MeanOp)
FPW_DEFINE_REDUCTION(MaxOp)
FPW_DEFINE_REDUCTION(MinOp)
FPW_DEFINE_REDUCTION(ProdOp)
#undef FPW_DEFINE_REDUCTION

} // namespace fpw::nn
