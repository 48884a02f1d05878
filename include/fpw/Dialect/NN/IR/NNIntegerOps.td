//===- NNIntegerOps.td - Integers at the edges of a network -*- tablegen -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_DIALECT_NN_IR_NNINTEGEROPS
#define FPW_DIALECT_NN_IR_NNINTEGEROPS

// A network may take and give integers and truth values. Between the two it holds them as f32, which has
// every integer up to 2^24.

include "fpw/Dialect/NN/IR/NNDialect.td"

/// i8 holds truth values: 0 is false, 1 is true.
def NN_IntegerTensor : NN_TensorOf<[I8, I32, I64]>;

def NN_ToFloatOp : NN_PureOp<"to_float"> {
  let summary = "integers as floats";
  let description = [{
    The nearest f32, ties to even; of truth values (i8) 1 unless they are 0.

    ```mlir
    %y = nn.to_float %ids : (tensor<?x8xi64>) -> tensor<?x8xf32>
    ```
  }];
  let arguments = (ins NN_IntegerTensor:$input);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
}

def NN_FromFloatOp : NN_PureOp<"from_float"> {
  let summary = "floats as integers";
  let description = [{
    Rounds towards zero. What is too large becomes an integer near the largest, what is too small one near
    the smallest, a NaN 0. Truth values (i8) are 1 unless x is 0.

    Constraints:
    * (C1) the element type is i8, i32 or i64.

    ```mlir
    %y = nn.from_float %x as i64 : (tensor<?x8xf32>) -> tensor<?x8xi64>
    ```
  }];
  let arguments = (ins NN_Tensor:$input, TypeAttr:$element);
  let results = (outs NN_IntegerTensor:$result);
  let assemblyFormat = "$input `as` $element attr-dict `:` functional-type(operands, results)";
}

def NN_EmbedOp : NN_PureOp<"embed"> {
  let summary = "rows of a table";
  let description = [{
        y[i..., j...] = weight[input[i...], j...]

    A negative index counts from the end. An index that is not there gives a row of NaNs.

    Constraints:
    * (C1) the weight is static, has rank 1 or more, and 1 to 2^24 rows.

    ```mlir
    %y = nn.embed %ids, %w : (tensor<?x8xf32>, tensor<100x16xf32>) -> tensor<?x8x16xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$input, NN_Tensor:$weight);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$input `,` $weight attr-dict `:` functional-type(operands, results)";
}

#endif // FPW_DIALECT_NN_IR_NNINTEGEROPS
