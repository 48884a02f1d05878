//===- ExpandMath.cpp - Turns functions into arithmetic with one bit pattern -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Codegen/Math/Passes.h"

#include "Functions.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

namespace fpw {
#define GEN_PASS_DEF_FPWEXPANDMATH
#include "fpw/Codegen/Math/Passes.h.inc"
} // namespace fpw

using namespace mlir;
using namespace fpw;

/// A number or a vector: constants of these types can be made.
static bool isExpandable(Type type) {
  return getElementTypeOrSelf(type).isF32() && isa<FloatType, VectorType>(type);
}

namespace {
template <typename Op, typename Function> struct Expand : OpRewritePattern<Op> {
  Expand(MLIRContext *context, Function function)
      : OpRewritePattern<Op>(context), function(function) {}

  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    if (!isExpandable(op.getType()))
      return rewriter.notifyMatchFailure(op, "not an f32 or a vector of f32");
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    rewriter.replaceOp(op, expand(builder, op->getOperands()).getValue());
    return success();
  }

private:
  Lanes expand(ImplicitLocOpBuilder &builder, ValueRange operands) const {
    if constexpr (std::is_same_v<Function, Lanes (*)(Lanes)>)
      return function(Lanes(builder, operands[0]));
    else if constexpr (std::is_same_v<Function, Lanes (*)(Lanes, Lanes)>)
      return function(Lanes(builder, operands[0]), Lanes(builder, operands[1]));
    else
      return function(Lanes(builder, operands[0]), Lanes(builder, operands[1]),
                      Lanes(builder, operands[2]));
  }

  Function function;
};

struct ExpandMath : fpw::impl::FPWExpandMathBase<ExpandMath> {
  using FPWExpandMathBase::FPWExpandMathBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateExpandMathPatterns(patterns);
    if (expandFma)
      populateExpandFmaPatterns(patterns);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};
} // namespace

template <typename Op, typename Function>
static void add(RewritePatternSet &patterns, Function function) {
  patterns.add<Expand<Op, Function>>(patterns.getContext(), function);
}

void fpw::populateExpandMathPatterns(RewritePatternSet &patterns) {
  add<mlir::math::ExpOp>(patterns, expandExp);
  add<mlir::math::ExpM1Op>(patterns, expandExpM1);
  add<mlir::math::LogOp>(patterns, expandLog);
  add<mlir::math::Log1pOp>(patterns, expandLog1p);
  add<mlir::math::TanhOp>(patterns, expandTanh);
  add<mlir::math::ErfOp>(patterns, expandErf);
  add<mlir::math::AtanOp>(patterns, expandAtan);
  add<mlir::math::SinOp>(patterns, expandSin);
  add<mlir::math::CosOp>(patterns, expandCos);
  add<mlir::math::PowFOp>(patterns, expandPow);
}

void fpw::populateExpandFmaPatterns(RewritePatternSet &patterns) {
  add<mlir::math::FmaOp>(patterns, fpw::expandFma);
}
