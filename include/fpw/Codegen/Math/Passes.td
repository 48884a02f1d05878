//===- Passes.td - Passes that give functions one bit pattern -*- tablegen -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_CODEGEN_MATH_PASSES
#define FPW_CODEGEN_MATH_PASSES

include "mlir/Pass/PassBase.td"

def FPWExpandMath : Pass<"fpw-expand-math"> {
  let summary = "turns functions into arithmetic with one bit pattern";
  let description = [{
    Replaces `math.exp`, `expm1`, `log`, `log1p`, `tanh`, `sin`, `cos`, `atan`, `erf` and `powf` on f32
    scalars and vectors of any shape by the arithmetic of docs/Numerics.md: additions, multiplications and
    divisions that round by themselves, integer ops and bit casts. No library function is called and no
    fused operation is needed, so that the result has the same bits on every machine, whatever the width
    of the vectors. The error is below 1.7 units in the last place, for sine and cosine on all numbers.

    Functions of other types stay.

    Example: test/Codegen/Math/expand-math.mlir
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

#endif // FPW_CODEGEN_MATH_PASSES
