//===- CUDAToolkit.h - NVIDIA's programs that make machine code -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_CODEGEN_GPU_CUDATOOLKIT_H
#define FPW_LIB_CODEGEN_GPU_CUDATOOLKIT_H

#include "fpw/Codegen/GPU/Target.h"
#include "llvm/Support/Error.h"

namespace fpw::gpu {

/// The text of a module for one architecture.
struct PTXModule {
  Architecture architecture;
  std::string text;
};

/// NVIDIA's assembler and the program that puts its results together, if they are installed: among
/// the programs (PATH), in one of CUDA_ROOT, CUDA_HOME and CUDA_PATH, or without these in
/// /usr/local/cuda.
class CUDAToolkit {
public:
  static std::optional<CUDAToolkit> find();

  /// A fat binary: the machine code of some modules and the text of one.
  Expected<std::string> makeFatbin(ArrayRef<PTXModule> modules, const PTXModule &text) const;

private:
  std::string ptxas, fatbinary;
};

} // namespace fpw::gpu

#endif // FPW_LIB_CODEGEN_GPU_CUDATOOLKIT_H
