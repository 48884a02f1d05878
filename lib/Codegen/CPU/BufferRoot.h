//===- BufferRoot.h - What a buffer is a view of -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_CODEGEN_CPU_BUFFERROOT_H
#define FPW_LIB_CODEGEN_CPU_BUFFERROOT_H

#include "fpw/Support/LLVM.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace fpw::cpu {

/// The allocation, argument or global that a buffer is a view of.
inline Value getRoot(Value buffer) {
  while (auto view = buffer.getDefiningOp<mlir::ViewLikeOpInterface>())
    buffer = view.getViewSource();
  return buffer;
}

/// Whether nothing but its views can share this root's memory.
inline bool isKnownRoot(Value root) {
  mlir::Operation *owner = root.getDefiningOp();
  return owner
             ? mlir::isa<mlir::memref::AllocOp, mlir::memref::AllocaOp, mlir::memref::GetGlobalOp>(
                   owner)
             : mlir::isa<mlir::func::FuncOp>(root.getParentBlock()->getParentOp());
}

/// Whether two buffers may share memory.
inline bool mayAlias(Value a, Value b) {
  Value rootA = getRoot(a), rootB = getRoot(b);
  return rootA == rootB || !isKnownRoot(rootA) || !isKnownRoot(rootB);
}

} // namespace fpw::cpu

#endif // FPW_LIB_CODEGEN_CPU_BUFFERROOT_H
