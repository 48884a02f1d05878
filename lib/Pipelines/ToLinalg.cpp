//===- ToLinalg.cpp - From networks to linalg on tensors -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Codegen/Math/Passes.h"
#include "fpw/Conversion/Passes.h"
#include "fpw/Dialect/NN/Transforms/Passes.h"
#include "fpw/Pipelines/Pipelines.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace fpw {

static void addCleanup(OpPassManager &pm) {
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

void buildToLinalgPipeline(OpPassManager &pm, const ToLinalgOptions &options) {
  addCleanup(pm);
  if (options.channelLast)
    pm.addPass(nn::createChannelLastPass());
  if (options.arithmetic == Arithmetic::Digits)
    pm.addPass(nn::createMarkNonNegativePass());
  ConvertNNToLinalgOptions conversion;
  conversion.arithmetic = options.arithmetic;
  conversion.activationBits = options.activationBits;
  pm.addPass(createConvertNNToLinalg(conversion));
  addCleanup(pm);
}

void buildToFloat64Pipeline(OpPassManager &pm) {
  addCleanup(pm);
  pm.addPass(nn::createChannelLastPass());
  pm.addPass(nn::createFactorStepsPass());
  pm.addPass(createConvertNNToLinalg());
  addCleanup(pm);
  pm.addPass(createLinalgGeneralizeNamedOpsPass());
  pm.addNestedPass<func::FuncOp>(createFPWWidenFloats());
  addCleanup(pm);
}

} // namespace fpw
