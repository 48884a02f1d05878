//===- TilePlan.h - How the loops of an op become vector code -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_CODEGEN_CPU_TILEPLAN_H
#define FPW_CODEGEN_CPU_TILEPLAN_H

#include "fpw/Codegen/CPU/VectorUnit.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include <optional>

namespace fpw::cpu {

/// How an operand's elements lie in memory as one loop advances.
enum class Access { Uniform, Contiguous, Strided };

/// The access of an operand with the given indexing map along a loop, if the operand's last
/// dimension is contiguous.
Access classifyAccess(mlir::AffineMap map, unsigned loop);

/// Which elements of an op are computed together. The plan is written into the IR by the pass that
/// chooses it and obeyed by those that follow.
struct TilePlan {
  /// The loop whose elements share a vector; none: one element at a time.
  std::optional<unsigned> vectorLoop;
  /// For each loop the number of elements that stay in registers together.
  SmallVector<int64_t> sizes;

  void writeTo(mlir::linalg::GenericOp op) const;
  static std::optional<TilePlan> readFrom(mlir::linalg::GenericOp op);
  static void erase(mlir::linalg::GenericOp op);
};

/// Whether a loop of the op is a reduction.
bool isReduction(mlir::linalg::GenericOp op, unsigned loop);

/// Whether the op's body is arithmetic on elements, which vectors can do as well.
bool isVectorizable(mlir::linalg::GenericOp op);

/// The op that combines a new element with the op's only result so far, if the op is such a
/// reduction.
Operation *getCombiner(mlir::linalg::GenericOp op);

/// Whether the bits of the op's result depend on the order in which a reduction combines elements.
bool dependsOnOrder(mlir::linalg::GenericOp op);

/// The loop that N7 of docs/Numerics.md wants to run along lanes: the last dimension of a tensor
/// whose elements are added or multiplied, or of one that makes few sums of products. Others are
/// combined in sequence.
std::optional<unsigned> getLaneLoop(mlir::linalg::GenericOp op);

/// The operand of an addition in the op's body that is a product whose only use is the sum of a
/// reduction: the two round once (N7).
std::optional<unsigned> getFusedProduct(mlir::linalg::GenericOp op, mlir::arith::AddFOp add);

/// The lanes of a reduction along vectors, however wide a register is: docs/Numerics.md, N7.
inline constexpr int64_t kReductionLanes = 16;

/// Chooses a plan. `mayRepack` says which operands can get another layout.
TilePlan planTiles(mlir::linalg::GenericOp op, VectorUnit unit,
                   function_ref<bool(mlir::OpOperand &)> mayRepack);

} // namespace fpw::cpu

#endif // FPW_CODEGEN_CPU_TILEPLAN_H
