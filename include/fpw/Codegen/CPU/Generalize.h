//===- Generalize.h - One form for what loops over memory -------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_CODEGEN_CPU_GENERALIZE_H
#define FPW_CODEGEN_CPU_GENERALIZE_H

#include "fpw/Support/LLVM.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/PatternMatch.h"

namespace fpw::cpu {

/// Makes linalg.generic of all named ops and copies of a function, which leaves one form to lower.
LogicalResult generalizeLoops(mlir::RewriterBase &rewriter, mlir::func::FuncOp function);

} // namespace fpw::cpu

#endif // FPW_CODEGEN_CPU_GENERALIZE_H
