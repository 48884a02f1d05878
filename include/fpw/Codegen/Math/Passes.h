//===- Passes.h - Passes that give functions one bit pattern -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_CODEGEN_MATH_PASSES_H
#define FPW_CODEGEN_MATH_PASSES_H

#include "mlir/Pass/Pass.h"

namespace mlir {
class RewritePatternSet;
namespace func {
class FuncOp;
} // namespace func
} // namespace mlir

namespace fpw {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "fpw/Codegen/Math/Passes.h.inc"

/// The patterns of `fpw-expand-math`.
void populateExpandMathPatterns(mlir::RewritePatternSet &patterns);
/// What `expand-fma` adds to them.
void populateExpandFmaPatterns(mlir::RewritePatternSet &patterns);

} // namespace fpw

#endif // FPW_CODEGEN_MATH_PASSES_H
