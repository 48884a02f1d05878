//===- CPU.cpp - From linalg on tensors to the LLVM dialect -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Bufferization.h"
#include "fpw/Codegen/CPU/Passes.h"
#include "fpw/Codegen/Math/Passes.h"
#include "fpw/Pipelines/Pipelines.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Bufferization/Pipelines/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace fpw {

static void addCleanup(OpPassManager &pm) {
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

/// Integer contractions become kernels, with operands in the layout that these read.
static void addKernelPasses(OpPassManager &pm, const CPUOptions &options) {
  if (options.amx)
    pm.addNestedPass<func::FuncOp>(cpu::createFPWCPUFoldWindows());
  cpu::FPWCPUSelectKernelsOptions kernels;
  kernels.amx = options.amx;
  kernels.dotUnit = options.dotUnit;
  pm.addNestedPass<func::FuncOp>(cpu::createFPWCPUSelectKernels(kernels));
  pm.addNestedPass<func::FuncOp>(cpu::createFPWCPUInterleaveDigits());
  pm.addNestedPass<func::FuncOp>(cpu::createFPWCPUPackTiles());
  pm.addNestedPass<func::FuncOp>(cpu::createFPWCPUGroupDigits());
}

/// Decides on tensors: kernels, groups of samples, tiles, the layout of weights, where pads are.
static void addTensorPasses(OpPassManager &pm, const CPUOptions &options) {
  pm.addNestedPass<func::FuncOp>(cpu::createFPWCPUMarkInterface());
  addCleanup(pm);
  pm.addPass(memref::createResolveShapedTypeResultDimsPass());
  pm.addPass(createLinalgGeneralizeNamedOpsPass());
  addKernelPasses(pm, options);
  pm.addNestedPass<func::FuncOp>(cpu::createFPWCPUFuseElementwise());
  addCleanup(pm);
  cpu::FPWCPUSplitBatchOptions batch;
  batch.maxSamples = options.maxSamples;
  pm.addNestedPass<func::FuncOp>(cpu::createFPWCPUSplitBatch(batch));
  pm.addNestedPass<func::FuncOp>(cpu::createFPWCPUBandLayers());
  pm.addNestedPass<func::FuncOp>(cpu::createFPWCPUSplitMaxima());
  pm.addNestedPass<func::FuncOp>(cpu::createFPWCPUFuseUnits());
  addCleanup(pm);
  cpu::FPWCPUSelectTilesOptions tiles;
  tiles.vectorBits = options.vectorBits;
  pm.addNestedPass<func::FuncOp>(cpu::createFPWCPUSelectTiles(tiles));
  if (options.packWeights)
    pm.addNestedPass<func::FuncOp>(cpu::createFPWCPUPackWeights());
  pm.addNestedPass<func::FuncOp>(cpu::createFPWCPUDecomposePads());
  pm.addPass(memref::createResolveShapedTypeResultDimsPass());
  addCleanup(pm);
}

/// Loops and vectors on memory, functions for threads.
static void addLoops(OpPassManager &pm, const CPUOptions &options) {
  pm.addNestedPass<func::FuncOp>(cpu::createFPWCPUPadPitch());
  pm.addPass(cpu::createFPWCPUSelectStreams());
  cpu::FPWCPUEmitAMXOptions kernels;
  kernels.vectorBits = options.vectorBits;
  kernels.dotUnit = options.dotUnit;
  pm.addNestedPass<func::FuncOp>(cpu::createFPWCPUEmitAMX(kernels));
  pm.addNestedPass<func::FuncOp>(cpu::createFPWCPUMergeCopies());
  cpu::FPWCPUInterleaveCopiesOptions interleave;
  interleave.vectorBits = options.vectorBits;
  pm.addNestedPass<func::FuncOp>(cpu::createFPWCPUInterleaveCopies(interleave));
  cpu::FPWCPUVectorizeOptions vectorize;
  vectorize.vectorBits = options.vectorBits;
  pm.addNestedPass<func::FuncOp>(cpu::createFPWCPUVectorize(vectorize));
  addCleanup(pm);
  FPWExpandMathOptions math;
  math.expandFma = !options.fma;
  pm.addPass(createFPWExpandMath(math));
  pm.addPass(createLoopInvariantCodeMotionPass());
  pm.addNestedPass<func::FuncOp>(cpu::createFPWCPUHoistReads());
  pm.addNestedPass<func::FuncOp>(cpu::createFPWCPUResultsToArguments());
  pm.addPass(cpu::createFPWCPUPlanArena());
  bufferization::buildBufferDeallocationPipeline(
      pm, bufferization::BufferDeallocationPipelineOptions());
  pm.addPass(createConvertBufferizationToMemRefPass());
  if (options.profile)
    pm.addPass(cpu::createFPWCPUProfileLayers());
  cpu::FPWCPUOutlineParallelLoopsOptions outline;
  outline.grain = options.grain;
  pm.addPass(cpu::createFPWCPUOutlineParallelLoops(outline));
  pm.addPass(cpu::createFPWCPUIsolateTiles());
  pm.addNestedPass<func::FuncOp>(cpu::createFPWCPUHoistScratch());
  addCleanup(pm);
}

static void addLLVM(OpPassManager &pm, const CPUOptions &options) {
  pm.addNestedPass<func::FuncOp>(cpu::createFPWCPUStreamTiles());
  cpu::FPWCPULowerDotsOptions dots;
  dots.dotUnit = options.dotUnit;
  pm.addNestedPass<func::FuncOp>(cpu::createFPWCPULowerDots(dots));
  if (options.vectorBits == 512 && options.dotUnit != cpu::DotUnit::Plain)
    pm.addNestedPass<func::FuncOp>(cpu::createFPWCPULowerSplits());
  addCleanup(pm);
  pm.addPass(cpu::createFPWCPUEmitEntryPoints());
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createFPWCallMathLibrary());
  // Tiles live in loops, but not in branches: their ops have to go before the loops do.
  ConvertVectorToLLVMPassOptions vectors;
  vectors.amx = options.amx;
  pm.addPass(createConvertVectorToLLVMPass(vectors));
  pm.addPass(createSCFToControlFlowPass());
  pm.addPass(createConvertMathToLLVMPass());
  FinalizeMemRefToLLVMConversionPassOptions memory;
  memory.useAlignedAlloc = true;
  memory.useGenericFunctions = true; // the runtime's
  pm.addPass(createFinalizeMemRefToLLVMConversionPass(memory));
  pm.addPass(createConvertFuncToLLVMPass());
  pm.addPass(createConvertToLLVMPass()); // tiles as arguments of branches, and what else is left
  addCleanup(pm);
  pm.addPass(createReconcileUnrealizedCastsPass());
}

void buildCPUPipeline(OpPassManager &pm, const CPUOptions &options) {
  addTensorPasses(pm, options);
  addBufferization(pm);
  addLoops(pm, options);
  addLLVM(pm, options);
}

} // namespace fpw
