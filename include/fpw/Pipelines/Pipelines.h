//===- Pipelines.h - The pipelines of named passes -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_PIPELINES_PIPELINES_H
#define FPW_PIPELINES_PIPELINES_H

#include "fpw/Codegen/CPU/VectorUnit.h"
#include "fpw/Codegen/GPU/Target.h"
#include "fpw/Conversion/NNToLinalg.h"
#include "mlir/Pass/PassOptions.h"

namespace fpw {

/// Options of `fpw-to-linalg`: from networks to linalg on tensors.
struct ToLinalgOptions : mlir::PassPipelineOptions<ToLinalgOptions> {
  Option<Arithmetic> arithmetic{
      *this, "arithmetic", llvm::cl::desc("How layers multiply and add"),
      llvm::cl::init(Arithmetic::Float),
      llvm::cl::values(
          clEnumValN(Arithmetic::Float, "float", "f32 products of x and k * delta"),
          clEnumValN(Arithmetic::Digits, "digits", "integer products of digits of x and codes k"))};
  Option<unsigned> activationBits{
      *this, "activation-bits",
      llvm::cl::desc("Bits of an activation's code with arithmetic=digits: 8, 16, 24 or 32"),
      llvm::cl::init(24)};
  Option<bool> channelLast{*this, "channel-last",
                           llvm::cl::desc("Put channels last, where vectors want them"),
                           llvm::cl::init(true)};
};

/// Options of `fpw-cpu`: from linalg on tensors to the LLVM dialect.
struct CPUOptions : mlir::PassPipelineOptions<CPUOptions> {
  Option<unsigned> vectorBits{*this, "vector-bits",
                              llvm::cl::desc("Bits of a vector register: 128, 256 or 512"),
                              llvm::cl::init(512)};
  Option<bool> fma{*this, "fma", llvm::cl::desc("Use fused multiply-adds of the target"),
                   llvm::cl::init(true)};
  Option<bool> amx{*this, "amx", llvm::cl::desc("Use the matrix unit AMX for integers"),
                   llvm::cl::init(false)};
  Option<cpu::DotUnit> dotUnit{
      *this, "dot-unit", llvm::cl::desc("How products are added within lanes of 32 bits"),
      llvm::cl::init(cpu::DotUnit::Plain),
      llvm::cl::values(
          clEnumValN(cpu::DotUnit::Plain, "plain", "one after the other"),
          clEnumValN(cpu::DotUnit::Multiply, "multiply", "pairs of words (SSE2, AVX2, AVX-512BW)"),
          clEnumValN(cpu::DotUnit::Accumulate, "accumulate", "words or bytes onto a sum (VNNI)"))};
  Option<int64_t> maxSamples{
      *this, "max-samples",
      llvm::cl::desc("Samples that go through the network together; 0: the whole batch"),
      llvm::cl::init(24)};
  Option<bool> packWeights{*this, "pack-weights",
                           llvm::cl::desc("Lay weights out in the order in which they are read"),
                           llvm::cl::init(true)};
  Option<int64_t> grain{*this, "grain",
                        llvm::cl::desc("Element operations that are worth a thread"),
                        llvm::cl::init(65536)};
  Option<bool> profile{*this, "profile", llvm::cl::desc("Take the time of each layer"),
                       llvm::cl::init(false)};
};

/// Options of `fpw-gpu`: from linalg on tensors to kernels for GPUs and their host code.
struct GPUOptions : mlir::PassPipelineOptions<GPUOptions> {
  ListOption<std::string> architectures{
      *this, "arch",
      llvm::cl::desc("GPUs that the code is for: sm_80 (default), sm_86, sm_89, sm_90, sm_90a, "
                     "sm_100")};
  Option<gpu::BinaryFormat> format{
      *this, "format", llvm::cl::desc("What gpu.binary holds"),
      llvm::cl::init(gpu::BinaryFormat::Auto),
      llvm::cl::values(
          clEnumValN(gpu::BinaryFormat::Auto, "auto",
                     "a fat binary where ptxas is found, else PTX"),
          clEnumValN(gpu::BinaryFormat::PTX, "isa", "PTX"),
          clEnumValN(gpu::BinaryFormat::Fatbin, "fatbin", "machine code and PTX"),
          clEnumValN(gpu::BinaryFormat::Bitcode, "offloading", "LLVM's bitcode, for emulators"))};
  Option<bool> profile{*this, "profile", llvm::cl::desc("Take the time of each layer"),
                       llvm::cl::init(false)};
};

void buildToLinalgPipeline(mlir::OpPassManager &pm, const ToLinalgOptions &options);
/// `fpw-to-float64`: from networks to linalg on tensors of f64, as a reference.
void buildToFloat64Pipeline(mlir::OpPassManager &pm);
void buildCPUPipeline(mlir::OpPassManager &pm, const CPUOptions &options);
void buildGPUPipeline(mlir::OpPassManager &pm, const GPUOptions &options);

/// Adds the dialects that the pipelines pass through, and what bufferisation knows about their ops.
void registerPipelineDialects(DialectRegistry &registry);

/// Makes the pipelines known by their names.
void registerPipelines();

} // namespace fpw

#endif // FPW_PIPELINES_PIPELINES_H
