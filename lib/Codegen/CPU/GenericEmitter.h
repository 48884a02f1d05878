//===- GenericEmitter.h - Vector code for a linalg.generic on buffers -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_CODEGEN_CPU_GENERICEMITTER_H
#define FPW_LIB_CODEGEN_CPU_GENERICEMITTER_H

#include "fpw/Codegen/CPU/TilePlan.h"

namespace fpw::cpu {

/// The attribute of an scf.forall that estimates the element operations of one iteration.
inline constexpr StringLiteral kCostAttr = "fpw.cost";

/// An op on buffers, with the element-wise ops before and after it that become part of its code.
struct FusionGroup {
  mlir::linalg::GenericOp op;
  /// For each result the op that computes its initial value, or null.
  SmallVector<mlir::linalg::GenericOp> prologues;
  mlir::linalg::GenericOp epilogue; ///< reads the results, or null
  bool keepsResults = true;         ///< whether anything but the epilogue reads the results
};

/// Emits loops and vectors that do what the group does, before `rewriter`'s insertion point.
void emitVectorCode(RewriterBase &rewriter, const FusionGroup &group, const TilePlan &plan,
                    VectorUnit unit);

} // namespace fpw::cpu

#endif // FPW_LIB_CODEGEN_CPU_GENERICEMITTER_H
