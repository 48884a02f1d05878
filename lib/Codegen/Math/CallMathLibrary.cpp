//===- CallMathLibrary.cpp - Calls the C library for functions of f64 -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Codegen/Math/Passes.h"

#include "mlir/Conversion/MathToLibm/MathToLibm.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Transforms/DialectConversion.h"

namespace fpw {
#define GEN_PASS_DEF_FPWCALLMATHLIBRARY
#include "fpw/Codegen/Math/Passes.h.inc"
} // namespace fpw

using namespace mlir;

namespace {
struct CallMathLibrary : fpw::impl::FPWCallMathLibraryBase<CallMathLibrary> {
  void runOnOperation() override {
    ConversionTarget target(getContext());
    target.markUnknownOpDynamicallyLegal([](Operation *) { return true; });
    target
        .addDynamicallyLegalOp<math::ExpOp, math::ExpM1Op, math::LogOp, math::Log1pOp, math::TanhOp,
                               math::SinOp, math::CosOp, math::AtanOp, math::ErfOp, math::PowFOp>(
            [](Operation *op) { return !getElementTypeOrSelf(op->getResult(0)).isF64(); });
    RewritePatternSet patterns(&getContext());
    populateMathToLibmConversionPatterns(patterns);
    if (failed(applyPartialConversion(getOperation(), target, std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
