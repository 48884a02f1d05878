//===- Passes.h - Passes that make native code for the CPU -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_CODEGEN_CPU_PASSES_H
#define FPW_CODEGEN_CPU_PASSES_H

#include "fpw/Codegen/CPU/VectorUnit.h"
#include "mlir/Pass/Pass.h"

namespace mlir::func {
class FuncOp;
} // namespace mlir::func

namespace fpw::cpu {

/// The module attribute that maps the symbols of external parameters to their data.
inline constexpr StringLiteral kParametersAttr = "fpw.parameters";

/// The attribute of a network whose results are arguments: the number of its inputs, which come
/// first.
inline constexpr StringLiteral kInputsAttr = "fpw.inputs";

/// The module attribute with the names of the layers whose times are taken, in the order of slots.
inline constexpr StringLiteral kProfiledLayersAttr = "fpw.profiled_layers";

/// The attribute of a network whose last arguments are an arena and the number of workers: the
/// function that computes the places in the arena, and last its size.
inline constexpr StringLiteral kArenaAttr = "fpw.arena";

/// The runtime's function that tells the workers of a parallel loop apart.
inline constexpr StringLiteral kGetWorker = "fpw_get_worker";

/// What the names of functions for host programs begin with: those that run a network, and those
/// that say how much memory it takes.
inline constexpr StringLiteral kEntryPrefix = "fpw_entry_", kArenaPrefix = "fpw_arena_";

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "fpw/Codegen/CPU/Passes.h.inc"

} // namespace fpw::cpu

#endif // FPW_CODEGEN_CPU_PASSES_H
