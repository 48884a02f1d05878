//===- KernelEmitter.h - Kernels of one thread or a few for each result -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_CODEGEN_GPU_KERNELEMITTER_H
#define FPW_LIB_CODEGEN_GPU_KERNELEMITTER_H

#include "ThreadPlan.h"

namespace fpw::gpu {

/// Emits a gpu.launch that does what an op on buffers does, before the insertion point.
void emitKernel(RewriterBase &rewriter, mlir::linalg::GenericOp op);

} // namespace fpw::gpu

#endif // FPW_LIB_CODEGEN_GPU_KERNELEMITTER_H
