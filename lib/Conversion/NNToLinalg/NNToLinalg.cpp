//===- NNToLinalg.cpp - The pass from nn to linalg --------------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Conversion/NNToLinalg.h"
#include "Patterns.h"
#include "fpw/Conversion/Passes.h"
#include "fpw/Dialect/NN/IR/NN.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/DialectConversion.h"

namespace fpw {
#define GEN_PASS_DEF_CONVERTNNTOLINALG
#include "fpw/Conversion/Passes.h.inc"
} // namespace fpw

using namespace mlir;
using namespace fpw;

void fpw::populateNNToLinalgPatterns(RewritePatternSet &patterns) {
  populateLayerPatterns(patterns);
  populateFixedPointPatterns(patterns);
  populatePoolingPatterns(patterns);
  populateNormalizationPatterns(patterns);
  populateActivationPatterns(patterns);
  populateElementwisePatterns(patterns);
  populateReductionPatterns(patterns);
  populateShapePatterns(patterns);
  populateInterpolatePatterns(patterns);
  populateIntegerPatterns(patterns);
}

namespace {
struct ConvertNNToLinalgPass : fpw::impl::ConvertNNToLinalgBase<ConvertNNToLinalgPass> {
  using ConvertNNToLinalgBase::ConvertNNToLinalgBase;

  void runOnOperation() override {
    if (activationBits % 8 != 0 || activationBits < 8 || activationBits > 32) {
      emitError(getOperation()->getLoc(), "expected activation-bits of 8, 16, 24 or 32 but got ")
          << activationBits.getValue();
      return signalPassFailure();
    }
    ConversionTarget target(getContext());
    target.markUnknownOpDynamicallyLegal([](Operation *) { return true; });
    target.addIllegalDialect<nn::NNDialect>();
    target.addLegalOp<nn::ParameterOp>();
    RewritePatternSet patterns(&getContext());
    populateNNToLinalgPatterns(patterns);
    if (arithmetic == Arithmetic::Digits)
      populateDigitsPatterns(patterns, activationBits);
    ConversionConfig config;
    config.allowPatternRollback = false;
    if (failed(applyPartialConversion(getOperation(), target, std::move(patterns), config)))
      signalPassFailure();
  }
};
} // namespace
