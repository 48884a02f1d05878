//===- NNParameterOps.td - Trained tensors --------------------*- tablegen -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_DIALECT_NN_IR_NNPARAMETEROPS
#define FPW_DIALECT_NN_IR_NNPARAMETEROPS

include "fpw/Dialect/NN/IR/NNAttributes.td"
include "mlir/IR/OpAsmInterface.td"

def NN_ParameterOp : NN_Op<"parameter", [
    Pure, AllTypesMatch<["value", "result"]>,
    DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmResultNames"]>]> {
  let summary = "a named trained tensor";
  let description = [{
    The tensor `value`, under the name that it has in the source file. The name
    appears in reports, diagnostics and exports. `conversion` says where the
    codes of a converted parameter come from.

    A parameter is not a constant: it does not fold, so that its name survives.

    Constraints:
    * (C1) the elements are `f32`, or codes: `si8`, `ui8`, `si16`, `ui16`, or once lowered `i8`, `i16`.
    * (C2) the shape is static; the data is present, aligned to its elements, and as large as the type says.
    * (C3) the name is not empty.
    * (C4) a splat, one value for all elements, has at most 2^26 elements.

    ```mlir
    %w = nn.parameter "fc/affine/W" = dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
    ```
  }];
  let arguments = (ins
    StrAttr:$name,
    ElementsAttr:$value,
    OptionalAttr<NN_ConversionAttr>:$conversion
  );
  let results = (outs NN_TensorOf<[F32, SI8, UI8, SI16, UI16, I8, I16]>:$result);
  let assemblyFormat = "$name `=` $value attr-dict";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// The raw bytes in row-major order; a splat holds one element.
    ::llvm::ArrayRef<char> getRawData();
    bool isSplat();
  }];
}

#endif // FPW_DIALECT_NN_IR_NNPARAMETEROPS
