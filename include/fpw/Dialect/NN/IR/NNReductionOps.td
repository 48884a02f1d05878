//===- NNReductionOps.td - Reductions -*- tablegen -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_DIALECT_NN_IR_NNREDUCTIONOPS
#define FPW_DIALECT_NN_IR_NNREDUCTIONOPS

include "fpw/Dialect/NN/IR/NNDialect.td"

/// `what` names the reduction in the text.
class NN_ReductionOp<string mnemonic, string what> : NN_PureOp<mnemonic> {
  let summary = "the " # what # " over some axes";
  let description = "\n    The " # what # [{ over `axes`, which disappear, or with `keep_dims` become 1.
    An empty list stands for all axes.

    Constraints:
    * (C1) axes are in `[-rank, rank)` and differ.

    ```mlir
    %y = nn.}] # mnemonic # [{ %x axes [1, 2] keep_dims : (tensor<?x3x4xf32>) -> tensor<?x1x1xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$input, NN_Sizes:$axes, UnitAttr:$keep_dims);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$input (`axes` $axes^)? (`keep_dims` $keep_dims^)? attr-dict `:` functional-type(operands, results)";
}

def NN_SumOp : NN_ReductionOp<"sum", "sum">;
def NN_MeanOp : NN_ReductionOp<"mean", "mean">;
def NN_MaxOp : NN_ReductionOp<"max", "maximum">;
def NN_MinOp : NN_ReductionOp<"min", "minimum">;
def NN_ProdOp : NN_ReductionOp<"prod", "product">;

#endif // FPW_DIALECT_NN_IR_NNREDUCTIONOPS
