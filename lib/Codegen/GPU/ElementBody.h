//===- ElementBody.h - The body of an op on one element -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_CODEGEN_GPU_ELEMENTBODY_H
#define FPW_LIB_CODEGEN_GPU_ELEMENTBODY_H

#include "fpw/Support/LLVM.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace fpw::gpu {

/// Emits the body of an op on buffers for one element at a time.
class ElementBody {
public:
  /// `toLoops` gives the op's loops in those of the kernel.
  ElementBody(mlir::linalg::GenericOp op, mlir::AffineMap toLoops);

  /// The element of an operand at a position of the kernel's loops.
  Value load(OpBuilder &builder, unsigned operand, ArrayRef<mlir::OpFoldResult> position);
  void store(OpBuilder &builder, unsigned result, Value element,
             ArrayRef<mlir::OpFoldResult> position);

  /// The results of the body. `known` gives operands that are not loaded.
  SmallVector<Value> compute(OpBuilder &builder, ArrayRef<mlir::OpFoldResult> position,
                             const DenseMap<unsigned, Value> &known);

  mlir::linalg::GenericOp getOp() { return op; }

private:
  SmallVector<Value> getIndices(OpBuilder &builder, unsigned operand,
                                ArrayRef<mlir::OpFoldResult> position);
  Value fuseMultiplyAdd(OpBuilder &builder, Operation &inner, ValueRange operands);

  mlir::linalg::GenericOp op;
  mlir::AffineMap toLoops;
  SmallVector<mlir::AffineMap> maps;
  bool fuses; ///< whether products and sums round once
};

} // namespace fpw::gpu

#endif // FPW_LIB_CODEGEN_GPU_ELEMENTBODY_H
