//===- Passes.h - Passes that make code for NVIDIA GPUs -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_CODEGEN_GPU_PASSES_H
#define FPW_CODEGEN_GPU_PASSES_H

#include "fpw/Codegen/GPU/Target.h"
#include "mlir/Pass/Pass.h"

namespace mlir::func {
class FuncOp;
} // namespace mlir::func

namespace fpw::gpu {

/// The attribute of an integer contraction that names its kernel.
inline constexpr StringLiteral kKernelAttr = "fpw.kernel";

/// A kernel of one thread for each result.
inline constexpr StringLiteral kNaiveKernel = "naive";

/// A kernel of tiles for the matrix units (mma.sync).
inline constexpr StringLiteral kMMAKernel = "mma";

/// The same for those of Hopper, which four warps use together (wgmma).
inline constexpr StringLiteral kWGMMAKernel = "wgmma";

/// The module attribute with the bytes of the block of parameters on the device.
inline constexpr StringLiteral kParameterBytesAttr = "fpw.parameter_bytes";

/// What the name of the function begins with that copies a network's parameters to the device.
inline constexpr StringLiteral kUploadPrefix = "fpw_upload_";

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "fpw/Codegen/GPU/Passes.h.inc"

} // namespace fpw::gpu

#endif // FPW_CODEGEN_GPU_PASSES_H
