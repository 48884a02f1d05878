//===- InitAll.h - Every dialect, pass and pipeline -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The one place that registers; the tools and the plugin share it.

#ifndef FPW_INITALL_H
#define FPW_INITALL_H

#include "fpw/Codegen/CPU/Passes.h"
#include "fpw/Codegen/GPU/Passes.h"
#include "fpw/Codegen/Math/Passes.h"
#include "fpw/Conversion/Passes.h"
#include "fpw/Dialect/NN/IR/NN.h"
#include "fpw/Dialect/NN/Transforms/Passes.h"
#include "fpw/Pipelines/Pipelines.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Bufferization/Pipelines/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Dialect/Tosa/Transforms/Passes.h"
#include "mlir/Transforms/Passes.h"

namespace fpw {

inline void registerAllDialects(mlir::DialectRegistry &registry) {
  registerPipelineDialects(registry);
  registry.insert<mlir::quant::QuantDialect, mlir::tosa::TosaDialect>();
}

/// The conversions of MLIR that lead from TOSA to linalg.
inline void registerTosaConversions() {
  mlir::tosa::registerTosaPasses();
  mlir::registerTosaToArithPass();
  mlir::registerTosaToLinalg();
  mlir::registerTosaToLinalgNamed();
  mlir::registerTosaToTensorPass();
}

/// The conversions of MLIR that lead from linalg to the LLVM dialect.
inline void registerUpstreamConversions() {
  mlir::registerArithToLLVMConversionPass();
  mlir::registerConvertBufferizationToMemRefPass();
  mlir::registerConvertControlFlowToLLVMPass();
  mlir::registerConvertFuncToLLVMPass();
  mlir::registerConvertIndexToLLVMPass();
  mlir::registerConvertMathToLLVMPass();
  mlir::registerConvertVectorToLLVMPass();
  mlir::registerFinalizeMemRefToLLVMConversionPass();
  mlir::registerLowerAffinePass();
  mlir::registerReconcileUnrealizedCastsPass();
  mlir::registerSCFToControlFlowPass();
}

inline void registerAllPasses() {
  mlir::bufferization::registerBufferizationPasses();
  mlir::bufferization::registerBufferizationPipelines();
  mlir::memref::registerMemRefPasses();
  mlir::registerLinalgPasses();
  mlir::registerTransformsPasses();
  registerTosaConversions();
  registerUpstreamConversions();
  nn::registerNNPasses();
  registerConversionPasses();
  cpu::registerFPWCPUPasses();
  gpu::registerFPWGPUPasses();
  registerFPWMathPasses();
  registerPipelines();
}

} // namespace fpw

#endif // FPW_INITALL_H
