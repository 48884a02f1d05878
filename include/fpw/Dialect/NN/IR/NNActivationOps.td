//===- NNActivationOps.td - Activations with an axis or a trained slope -*- tablegen -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_DIALECT_NN_IR_NNACTIVATIONOPS
#define FPW_DIALECT_NN_IR_NNACTIVATIONOPS

// Activations that act on each element alone stand in the table of NNElementwiseOps.td.

include "fpw/Dialect/NN/IR/NNDialect.td"

class NN_SoftmaxLikeOp<string mnemonic> : NN_PureOp<mnemonic> {
  let arguments = (ins NN_Tensor:$input, NN_IntDefault<"-1">:$axis);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$input (`axis` $axis^)? attr-dict `:` functional-type(operands, results)";
}

def NN_SoftmaxOp : NN_SoftmaxLikeOp<"softmax"> {
  let summary = "exponentials that add up to one along an axis";
  let description = [{
    With `m` the maximum along the axis:

        y = exp(x - m) / sum exp(x - m)

    Constraints:
    * (C1) `axis` is in `[-rank, rank)`.

    ```mlir
    %y = nn.softmax %x axis 1 : (tensor<?x10xf32>) -> tensor<?x10xf32>
    ```
  }];
}

def NN_LogSoftmaxOp : NN_SoftmaxLikeOp<"log_softmax"> {
  let summary = "the logarithm of softmax";
  let description = [{
    With `m` the maximum along the axis:

        y = x - m - log(sum exp(x - m))

    Constraints:
    * (C1) `axis` is in `[-rank, rank)`.

    ```mlir
    %y = nn.log_softmax %x : (tensor<?x10xf32>) -> tensor<?x10xf32>
    ```
  }];
}

def NN_PReLUOp : NN_PureOp<"prelu"> {
  let summary = "a rectifier with a trained slope below 0";
  let description = [{
        y = x >= 0 ? x : slope * x

    with one slope, or one per index of dimension `base_axis`.

    Constraints:
    * (C1) `base_axis` is in `[-rank, rank)`.
    * (C2) the slope has one element, or rank 1 and the size of dimension `base_axis`.

    ```mlir
    %y = nn.prelu %x, %slope base_axis 1 : (tensor<?x5x3xf32>, tensor<5xf32>) -> tensor<?x5x3xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$input, NN_Tensor:$slope, NN_IntDefault<"1">:$base_axis);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$input `,` $slope (`base_axis` $base_axis^)? attr-dict `:` functional-type(operands, results)";
}

class NN_AxisActivationOp<string mnemonic, dag attributes, string syntax> : NN_PureOp<mnemonic> {
  let arguments = !con((ins NN_Tensor:$input), attributes);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$input" # syntax # " attr-dict `:` functional-type(operands, results)";
}

def NN_CReLUOp : NN_AxisActivationOp<"crelu", (ins NN_IntDefault<"1">:$axis), " (`axis` $axis^)?"> {
  let summary = "ReLU of x and of -x, one after the other";
  let description = [{
        y = concatenate(relu(x), relu(-x)) along axis

    Constraints:
    * (C1) `axis` is in `[-rank, rank)`, and its dimension is static.

    ```mlir
    %y = nn.crelu %x axis 1 : (tensor<?x5x3xf32>) -> tensor<?x10x3xf32>
    ```
  }];
}

def NN_CELUOp : NN_AxisActivationOp<"celu", (ins NN_FloatDefault<"1.0f">:$alpha, NN_IntDefault<"1">:$axis),
                           " (`alpha` $alpha^)? (`axis` $axis^)?"> {
  let summary = "ELU of x and of -x, one after the other";
  let description = [{
        y = concatenate(elu(x), elu(-x)) along axis

    with the `alpha` of `nn.elu`.

    Constraints:
    * (C1) `axis` is in `[-rank, rank)`, and its dimension is static.

    ```mlir
    %y = nn.celu %x axis 1 : (tensor<?x5x3xf32>) -> tensor<?x10x3xf32>
    ```
  }];
}

#endif // FPW_DIALECT_NN_IR_NNACTIVATIONOPS
