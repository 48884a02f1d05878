//===- NNNormalizationOps.td - Normalisation -*- tablegen -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_DIALECT_NN_IR_NNNORMALIZATIONOPS
#define FPW_DIALECT_NN_IR_NNNORMALIZATIONOPS

include "fpw/Dialect/NN/IR/NNDialect.td"

def NN_BatchNormalizationOp : NN_PureOp<"batch_normalization", [AttrSizedOperandSegments]> {
  let summary = "normalises along one axis";
  let description = [{
    With the statistics of training, per index of the axis:

        y = (x - mean) / sqrt(variance + eps) * gamma + beta

    A missing `gamma` is 1, a missing `beta` is 0 (nnabla's `no_scale` and
    `no_bias`). With `batch_stat`, the mean and the (biased) variance of the
    input itself are used instead of the operands.

    Constraints:
    * (C1) `axes` names one axis of the input, from 0 to rank - 1, with a static size.
    * (C2) beta, gamma, mean and variance have one element per index of the axis.
    * (C3) `eps` is not negative.

    ```mlir
    %y = nn.batch_normalization %x beta %b gamma %g mean %m variance %v axes [1]
        : (tensor<?x4x8x8xf32>, tensor<1x4x1x1xf32>, tensor<1x4x1x1xf32>, tensor<1x4x1x1xf32>, tensor<1x4x1x1xf32>)
        -> tensor<?x4x8x8xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$input, Optional<NN_Tensor>:$beta, Optional<NN_Tensor>:$gamma,
                       NN_Tensor:$mean, NN_Tensor:$variance, DenseI64ArrayAttr:$axes,
                       NN_FloatDefault<"0.9f">:$decay_rate, NN_FloatDefault<"1e-5f">:$eps,
                       UnitAttr:$batch_stat);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = [{
    $input (`beta` $beta^)? (`gamma` $gamma^)? `mean` $mean `variance` $variance `axes` $axes
    (`decay_rate` $decay_rate^)? (`eps` $eps^)? (`batch_stat` $batch_stat^)?
    attr-dict `:` functional-type(operands, results)
  }];
}

#endif // FPW_DIALECT_NN_IR_NNNORMALIZATIONOPS
