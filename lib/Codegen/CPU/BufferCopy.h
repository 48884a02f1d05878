//===- BufferCopy.h - Copies between buffers as linalg ops -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_CODEGEN_CPU_BUFFERCOPY_H
#define FPW_LIB_CODEGEN_CPU_BUFFERCOPY_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace fpw::cpu {

/// Whether the op moves elements from one buffer to another, and computes nothing.
inline bool isBufferCopy(mlir::linalg::GenericOp op) {
  return op.hasPureBufferSemantics() && op.getNumReductionLoops() == 0 &&
         op.getNumDpsInputs() == 1 && op.getNumDpsInits() == 1 &&
         mlir::isa<mlir::MemRefType>(op.getDpsInputs()[0].getType()) &&
         op.getBody()->getTerminator()->getOperand(0) == op.getBody()->getArgument(0);
}

} // namespace fpw::cpu

#endif // FPW_LIB_CODEGEN_CPU_BUFFERCOPY_H
