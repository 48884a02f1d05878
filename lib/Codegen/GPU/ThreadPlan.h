//===- ThreadPlan.h - Which threads compute what -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_CODEGEN_GPU_THREADPLAN_H
#define FPW_LIB_CODEGEN_GPU_THREADPLAN_H

#include "fpw/Support/LLVM.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include <optional>

namespace fpw::gpu {

inline constexpr int64_t kBlockThreads = 256, kWarpThreads = 32;

/// Which threads compute a result of an op.
struct ThreadPlan {
  /// The parallel loops from the outermost to the one along which neighbouring threads lie.
  SmallVector<unsigned> order;
  /// The number of threads that share a result: 1, or a part of a warp.
  int64_t threads = 1;
  /// The reduction that runs along them by N7 of docs/Numerics.md; none: they take elements of all
  /// reductions, whose order shows in no bit.
  std::optional<unsigned> laneLoop;
  /// How many groups of threads share a result and meet in an atomic operation.
  int64_t groups = 1;
};

ThreadPlan planThreads(mlir::linalg::GenericOp op);

} // namespace fpw::gpu

#endif // FPW_LIB_CODEGEN_GPU_THREADPLAN_H
