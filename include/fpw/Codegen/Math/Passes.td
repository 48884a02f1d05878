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

    With `expand-fma`, for machines without such an instruction, `math.fma` becomes arithmetic on f64 that
    gives the same bits: the product is exact there, and the sum, rounded to an odd last bit unless it is
    exact, has enough digits to round to f32 as if it had all.

    Functions of other types stay.

    Example: test/Codegen/Math/expand-math.mlir
  }];
  let options = [
    Option<"expandFma", "expand-fma", "bool", /*default=*/"false",
           "Whether to expand fused multiply-adds, too">
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

def FPWWidenFloats : Pass<"fpw-widen-floats", "::mlir::func::FuncOp"> {
  let summary = "computes in f64 what was written in f32";
  let description = [{
    Turns a network of linalg ops on f32 tensors into the same network in f64: the reference that
    `fpw run --check` compares with. Parameters and arguments stay f32 and are widened where they are
    read; so does each number in an attribute keep its f32 value. A result becomes two f32 tensors, the
    nearest f32 and the rest, whose sum has 48 bits; where the first is not finite, the second is of no
    meaning.

    Ops that look at bits cannot be widened and are an error: the pass is for `arithmetic=float`.

    Example: test/Codegen/Math/widen-floats.mlir
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

def FPWCallMathLibrary : Pass<"fpw-call-math-library", "::mlir::ModuleOp"> {
  let summary = "calls the C library for functions of f64";
  let description = [{
    Replaces `math.exp` and the like on f64, for which there is no arithmetic here (`fpw-expand-math`), by
    calls of the C library, element by element. Only references compute in f64; f32 stays.

    Example: test/Codegen/Math/call-math-library.mlir
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::func::FuncDialect",
                           "::mlir::vector::VectorDialect"];
}

#endif // FPW_CODEGEN_MATH_PASSES
