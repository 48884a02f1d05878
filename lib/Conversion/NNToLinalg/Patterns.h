//===- Patterns.h - The families of lowerings -------------------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_CONVERSION_NNTOLINALG_PATTERNS_H
#define FPW_LIB_CONVERSION_NNTOLINALG_PATTERNS_H

#include "TensorBuilder.h"
#include "fpw/Dialect/NN/IR/NN.h"
#include "mlir/Transforms/DialectConversion.h"

namespace fpw {

void populateLayerPatterns(RewritePatternSet &patterns);
void populateFixedPointPatterns(RewritePatternSet &patterns);
void populatePoolingPatterns(RewritePatternSet &patterns);
void populateNormalizationPatterns(RewritePatternSet &patterns);
void populateActivationPatterns(RewritePatternSet &patterns);
void populateElementwisePatterns(RewritePatternSet &patterns);
void populateReductionPatterns(RewritePatternSet &patterns);
void populateShapePatterns(RewritePatternSet &patterns);
void populateInterpolatePatterns(RewritePatternSet &patterns);
void populateIntegerPatterns(RewritePatternSet &patterns);

/// Lowers an op to the tensor that a function builds, or to nothing if the op cannot be lowered and
/// the function has said why.
template <typename Op> class Lowering : public mlir::OpConversionPattern<Op> {
public:
  using Function = Value (*)(Op op, typename Op::Adaptor operands, TensorBuilder &t);

  Lowering(mlir::MLIRContext *context, Function build)
      : mlir::OpConversionPattern<Op>(context), build(build) {}

  LogicalResult matchAndRewrite(Op op, typename Op::Adaptor operands,
                                mlir::ConversionPatternRewriter &rewriter) const override {
    TensorBuilder t(rewriter, op.getLoc());
    Value result = build(op, operands, t);
    if (!result)
      return failure();
    rewriter.replaceOp(op, t.cast(result, op.getType()));
    return success();
  }

private:
  Function build;
};

template <typename Op>
void addLowering(RewritePatternSet &patterns, typename Lowering<Op>::Function build) {
  patterns.add<Lowering<Op>>(patterns.getContext(), build);
}

/// An axis that may count from the end.
inline int64_t normalizeAxis(int64_t axis, int64_t rank) { return axis < 0 ? axis + rank : axis; }

} // namespace fpw

#endif // FPW_LIB_CONVERSION_NNTOLINALG_PATTERNS_H
