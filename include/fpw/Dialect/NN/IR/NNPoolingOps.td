//===- NNPoolingOps.td - Pooling -*- tablegen -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_DIALECT_NN_IR_NNPOOLINGOPS
#define FPW_DIALECT_NN_IR_NNPOOLINGOPS

include "fpw/Dialect/NN/IR/NNDialect.td"

// Joined by !strconcat: after `#`, TableGen takes the name of a defvar for a string.
defvar NN_PoolingConstraints = [{
    `kernel` has one size per spatial dimension; these are the last dimensions,
    or with `channel_last` those before the channel. The window of output `p`
    begins at `p*stride - pad`. An empty `stride` stands for `kernel`, an empty
    `pad` for zeros. Output size: `(size + 2*pad - kernel) / stride + 1`, which
    counts the windows that fit into the padded image; without `ignore_border`
    `(size + pad - 1) / stride + 1`, which counts those that begin before the
    end of the image and may overhang its padding.

    Constraints:
    * (C1) `kernel` has 1 to 3 positive values, fewer than the input has dimensions; spatial dimensions are static and not empty.
    * (C2) `stride` and `pad` are empty or have one value per spatial dimension; strides are positive, pads not negative and below the kernel.
    * (C3) with `ignore_border`, the kernel fits into the padded image.
}];

class NN_PoolingOp<string mnemonic, dag attributes = (ins), string syntax = ""> : NN_PureOp<mnemonic> {
  let arguments = !con((ins NN_Tensor:$input, DenseI64ArrayAttr:$kernel, NN_Sizes:$stride,
                            NN_BoolDefault<"true">:$ignore_border, NN_Sizes:$pad, UnitAttr:$channel_last),
                       attributes);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$input `kernel` $kernel (`stride` $stride^)? (`pad` $pad^)? "
                       "(`ignore_border` $ignore_border^)? (`channel_last` $channel_last^)?" # syntax #
                       " attr-dict `:` functional-type(operands, results)";
}

def NN_MaxPoolingOp : NN_PoolingOp<"max_pooling"> {
  let summary = "the maximum of each window";
  let description = !strconcat([{
    The maximum over the elements of the window that lie in the image; padding
    never wins. A NaN in the window gives a NaN.
}], NN_PoolingConstraints, [{
    ```mlir
    %y = nn.max_pooling %x kernel [2, 2] : (tensor<?x4x8x8xf32>) -> tensor<?x4x4x4xf32>
    ```
  }]);
}

def NN_AveragePoolingOp : NN_PoolingOp<"average_pooling", (ins NN_BoolDefault<"true">:$including_pad),
                                       " (`including_pad` $including_pad^)?"> {
  let summary = "the mean of each window";
  let description = !strconcat([{
    The sum over the elements of the window that lie in the image, divided by
    the number of positions of the window in the padded image, or without
    `including_pad` in the image itself.
}], NN_PoolingConstraints, [{
    ```mlir
    %y = nn.average_pooling %x kernel [3, 3] stride [2, 2] pad [1, 1] including_pad false
        : (tensor<?x4x8x8xf32>) -> tensor<?x4x4x4xf32>
    ```
  }]);
}

def NN_SumPoolingOp : NN_PoolingOp<"sum_pooling"> {
  let summary = "the sum of each window";
  let description = !strconcat([{
    The sum over the elements of the window that lie in the image.
}], NN_PoolingConstraints, [{
    ```mlir
    %y = nn.sum_pooling %x kernel [2, 2] : (tensor<?x4x8x8xf32>) -> tensor<?x4x4x4xf32>
    ```
  }]);
}

def NN_GlobalAveragePoolingOp : NN_PureOp<"global_average_pooling"> {
  let summary = "the mean of each channel";
  let description = [{
    `(n, c, spatial...)` to `(n, c, 1...)`: the mean over all spatial dimensions.
    With `channel_last`, `(n, spatial..., c)` to `(n, 1..., c)`.

    Constraints:
    * (C1) the input has rank 3 or more; spatial dimensions are static and not empty.

    ```mlir
    %y = nn.global_average_pooling %x : (tensor<?x4x8x8xf32>) -> tensor<?x4x1x1xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$input, UnitAttr:$channel_last);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$input (`channel_last` $channel_last^)? attr-dict `:` functional-type(operands, results)";
}

def NN_UnpoolingOp : NN_PureOp<"unpooling"> {
  let summary = "repeats each element over a window";
  let description = [{
    The inverse shape of a pooling: each element fills a window of `kernel`
    elements. The spatial dimensions are the last ones, before the channel with
    `channel_last`.

        y[..., p...] = x[..., p / kernel ...]

    Constraints:
    * (C1) `kernel` has at least one value and no more than the input has dimensions, all positive; spatial dimensions are static.

    ```mlir
    %y = nn.unpooling %x kernel [2, 2] : (tensor<?x3x4x4xf32>) -> tensor<?x3x8x8xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$input, DenseI64ArrayAttr:$kernel, UnitAttr:$channel_last);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$input `kernel` $kernel (`channel_last` $channel_last^)? attr-dict `:` functional-type(operands, results)";
}

#endif // FPW_DIALECT_NN_IR_NNPOOLINGOPS
