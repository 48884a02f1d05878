//===- FixedPointWeightPass.cpp - The pass over the conversion --*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Dialect/NN/Transforms/FixedPointWeight.h"
#include "fpw/Dialect/NN/Transforms/Passes.h"
#include "mlir/IR/BuiltinOps.h"

namespace fpw::nn {
#define GEN_PASS_DEF_FIXEDPOINTWEIGHTPASS
#include "fpw/Dialect/NN/Transforms/Passes.h.inc"
} // namespace fpw::nn

using namespace mlir;
using namespace fpw;
using namespace fpw::nn;

namespace {
struct FixedPointWeightPass : fpw::nn::impl::FixedPointWeightPassBase<FixedPointWeightPass> {
  using FixedPointWeightPassBase::FixedPointWeightPassBase;

  void runOnOperation() override {
    if (failed(convertToFixedPointWeights(getOperation(), getOptions())))
      signalPassFailure();
  }

private:
  FixedPointWeightOptions getOptions() {
    FixedPointWeightOptions options;
    if (seedDefaults)
      options = FixedPointWeightOptions::getSeedDefaults();
    if (!functions.empty())
      options.functions.assign(functions.begin(), functions.end());
    options.exclude.assign(exclude.begin(), exclude.end());
    setNumbers(options.weight, quantizeW, signW, bitsW, deltaW);
    setNumbers(options.bias, quantizeB, signB, bitsB, deltaB);
    options.rounding = floor ? StepRounding::Floor : StepRounding::Ceil;
    options.perChannel = perChannel;
    options.name = scope;
    options.materialize = materialize;
    options.clipLimit = clipLimit;
    options.dropFloat = dropFloat;
    return options;
  }

  static void setNumbers(FixedPointWeightOptions::Numbers &numbers, bool quantize, bool isSigned,
                         unsigned bits, Option<double> &delta) {
    numbers.quantize = quantize;
    numbers.isSigned = isSigned;
    numbers.bits = bits;
    // A step of 0 is the default; spelled out it is an error like any other step that is not
    // positive.
    if (delta.hasValue() || delta != 0.0)
      numbers.delta = static_cast<float>(delta);
  }
};
} // namespace
