//===- GPU.cpp - From linalg on tensors to kernels and their host code -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Bufferization.h"
#include "fpw/Codegen/CPU/Passes.h"
#include "fpw/Codegen/GPU/Passes.h"
#include "fpw/Codegen/Math/Passes.h"
#include "fpw/Pipelines/Pipelines.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/GPU/Transforms/Passes.h"
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

/// Decides on tensors: kernels, what is fused, where pads are.
static void addTensorPasses(OpPassManager &pm, const GPUOptions &options) {
  pm.addNestedPass<func::FuncOp>(cpu::createFPWCPUMarkInterface());
  addCleanup(pm);
  pm.addPass(memref::createResolveShapedTypeResultDimsPass());
  pm.addPass(createLinalgGeneralizeNamedOpsPass());
  pm.addNestedPass<func::FuncOp>(gpu::createFPWGPUPadChannels());
  gpu::FPWGPUSelectKernelsOptions kernels;
  llvm::append_range(kernels.architectures, options.architectures);
  pm.addNestedPass<func::FuncOp>(gpu::createFPWGPUSelectKernels(kernels));
  pm.addNestedPass<func::FuncOp>(gpu::createFPWGPUPackWeights());
  pm.addNestedPass<func::FuncOp>(cpu::createFPWCPUFuseElementwise());
  addCleanup(pm);
  pm.addNestedPass<func::FuncOp>(cpu::createFPWCPUDecomposePads());
  pm.addPass(memref::createResolveShapedTypeResultDimsPass());
  addCleanup(pm);
}

/// Values become memory of the device.
static void addDeviceMemory(OpPassManager &pm) {
  addBufferization(pm);
  pm.addNestedPass<func::FuncOp>(cpu::createFPWCPUResultsToArguments());
  pm.addNestedPass<func::FuncOp>(gpu::createFPWGPUStageInterface());
  pm.addPass(gpu::createFPWGPUPlaceParameters());
}

/// Loops become kernels.
static void addKernels(OpPassManager &pm) {
  pm.addNestedPass<func::FuncOp>(gpu::createFPWGPUEmitMMA());
  pm.addNestedPass<func::FuncOp>(gpu::createFPWGPUEmitSplit());
  pm.addNestedPass<func::FuncOp>(gpu::createFPWGPUMapLoops());
  addCleanup(pm);
  pm.addPass(createFPWExpandMath());
  pm.addPass(createLoopInvariantCodeMotionPass());
  pm.addPass(cpu::createFPWCPUPlanArena());
  addCleanup(pm);
  pm.addPass(createGpuLaunchSinkIndexComputationsPass());
  pm.addPass(createGpuKernelOutliningPass());
  pm.addPass(gpu::createFPWGPUMergeKernels());
}

/// Kernels become code of the device.
static void addBinary(OpPassManager &pm, const GPUOptions &options) {
  OpPassManager &kernels = pm.nest<mlir::gpu::GPUModuleOp>();
  kernels.addPass(memref::createExpandStridedMetadataPass());
  kernels.addPass(createLowerAffinePass());
  kernels.addPass(createSCFToControlFlowPass());
  kernels.addPass(gpu::createFPWGPULowerMath());
  kernels.addPass(createConvertGpuOpsToNVVMOps());
  kernels.addPass(createConvertNVVMToLLVMPass()); // wgmma is inline assembly
  addCleanup(kernels);
  kernels.addPass(createReconcileUnrealizedCastsPass());
  gpu::FPWGPUEmitBinaryOptions binary;
  llvm::append_range(binary.architectures, options.architectures);
  binary.format = options.format;
  pm.addPass(gpu::createFPWGPUEmitBinary(binary));
}

/// The host's side becomes calls of the runtime.
static void addHost(OpPassManager &pm, const GPUOptions &options) {
  pm.addNestedPass<func::FuncOp>(createGpuAsyncRegionPass());
  if (options.profile)
    pm.addPass(gpu::createFPWGPUProfileLayers());
  pm.addPass(cpu::createFPWCPUEmitEntryPoints());
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createSCFToControlFlowPass());
  pm.addPass(createGpuToLLVMConversionPass());
  pm.addPass(createConvertToLLVMPass());
  addCleanup(pm);
  pm.addPass(createReconcileUnrealizedCastsPass());
}

void buildGPUPipeline(OpPassManager &pm, const GPUOptions &options) {
  addTensorPasses(pm, options);
  addDeviceMemory(pm);
  addKernels(pm);
  addBinary(pm, options);
  addHost(pm, options);
}

} // namespace fpw
