//===- ToLinalg.cpp - From networks to linalg on tensors -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Conversion/Passes.h"
#include "fpw/Dialect/NN/Transforms/Passes.h"
#include "fpw/Pipelines/Pipelines.h"
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
  ConvertNNToLinalgOptions conversion;
  conversion.arithmetic = options.arithmetic;
  pm.addPass(createConvertNNToLinalg(conversion));
  addCleanup(pm);
}

} // namespace fpw
