//===- NNShapeOps.td - Ops that move elements -*- tablegen -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_DIALECT_NN_IR_NNSHAPEOPS
#define FPW_DIALECT_NN_IR_NNSHAPEOPS

include "fpw/Dialect/NN/IR/NNDialect.td"

/// One tensor in, one tensor out, attributes with the given text between operand and type.
class NN_ShapeOp<string mnemonic, dag attributes, string syntax> : NN_PureOp<mnemonic> {
  let arguments = !con((ins NN_Tensor:$input), attributes);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$input" # syntax # " attr-dict `:` functional-type(operands, results)";
}

def NN_ReshapeOp : NN_ShapeOp<"reshape", (ins DenseI64ArrayAttr:$shape), " `shape` $shape"> {
  let summary = "another shape for the same elements";
  let description = [{
    The elements in row-major order get the sizes `shape`. One size may be -1:
    it follows from the number of elements, and stays dynamic where that is
    unknown.

    Constraints:
    * (C1) sizes are not negative, except at most one -1.
    * (C2) the number of elements stays the same.
    * (C3) an input with a dynamic size needs a -1.

    ```mlir
    %y = nn.reshape %x shape [-1, 12] : (tensor<?x3x4xf32>) -> tensor<?x12xf32>
    ```
  }];
  let hasFolder = 1;
}

def NN_TransposeOp : NN_ShapeOp<"transpose", (ins DenseI64ArrayAttr:$axes), " `axes` $axes"> {
  let summary = "another order of the dimensions";
  let description = [{
    Dimension `i` of the result is dimension `axes[i]` of the input.

    Constraints:
    * (C1) `axes` is a permutation of 0 ... rank - 1.

    ```mlir
    %y = nn.transpose %x axes [0, 2, 3, 1] : (tensor<?x3x4x5xf32>) -> tensor<?x4x5x3xf32>
    ```
  }];
  let hasFolder = 1;
}

def NN_SliceOp : NN_ShapeOp<"slice",
    (ins DenseI64ArrayAttr:$start, DenseI64ArrayAttr:$stop, DenseI64ArrayAttr:$step),
    " `start` $start `stop` $stop `step` $step"> {
  let summary = "every step-th element of a range";
  let description = [{
    As Python's `x[start:stop:step]` for each dimension: negative bounds count
    from the end, bounds beyond the end are cut, a step may be negative. The
    bound that Python leaves out is 9223372036854775807 at the end and
    -9223372036854775808 at the beginning.

    Constraints:
    * (C1) `start`, `stop` and `step` have one value per dimension, and no step is 0.
    * (C2) a dynamic dimension is taken whole: `start` 0, `stop` 9223372036854775807, `step` 1.

    ```mlir
    %y = nn.slice %x start [0, 1] stop [9223372036854775807, 6] step [1, 2] : (tensor<?x8xf32>) -> tensor<?x3xf32>
    ```
  }];
  let hasFolder = 1;
}

def NN_TakeOp : NN_ShapeOp<"take",
    (ins NN_IntDefault<"0">:$axis, DenseI64ArrayAttr:$indices), " (`axis` $axis^)? `indices` $indices"> {
  let summary = "elements of one dimension, in any order";
  let description = [{
    Index `i` of dimension `axis` of the result is index `indices[i]` of the input.

    Constraints:
    * (C1) `axis` is in `[-rank, rank)`, and its dimension is static.
    * (C2) there are 1 to 2^24 indices, each at least 0 and below the size of the dimension.

    ```mlir
    %y = nn.take %x axis 1 indices [2, 0, 0] : (tensor<?x3x4xf32>) -> tensor<?x3x4xf32>
    ```
  }];
}

def NN_PadOp : NN_ShapeOp<"pad",
    (ins DenseI64ArrayAttr:$pad_width, NN_StringDefault<"constant">:$mode,
         NN_FloatDefault<"0.0f">:$constant_value),
    " `pad_width` $pad_width (`mode` $mode^)? (`constant_value` $constant_value^)?"> {
  let summary = "more elements at the edges";
  let description = [{
    `pad_width` holds a pair (before, after) for each of the last dimensions.
    The new elements are `constant_value`, or with mode `"reflect"` the elements
    as far from the edge element on its other side, with mode `"repeat"` the
    edge element.

    Constraints:
    * (C1) `pad_width` has an even number of values, none negative, and no more pairs than the input has dimensions.
    * (C2) padded dimensions are static; to reflect, they are larger than their pads; to repeat, they are not
      empty; with both modes, the result has at most 2^24 indices.
    * (C3) `mode` is `"constant"`, `"reflect"` or `"repeat"`.

    ```mlir
    %y = nn.pad %x pad_width [1, 2, 0, 1] constant_value 5.000000e-01 : (tensor<?x3x4xf32>) -> tensor<?x6x5xf32>
    ```
  }];
  let hasFolder = 1;
}

def NN_BroadcastOp : NN_ShapeOp<"broadcast", (ins DenseI64ArrayAttr:$shape), " `shape` $shape"> {
  let summary = "repeats along dimensions of size 1";
  let description = [{
    Dimensions of size 1 repeat up to the sizes of `shape`; a size of -1 keeps the
    input's size.

    Constraints:
    * (C1) `shape` has the input's rank.
    * (C2) each size is -1, or the input's size, or the input's size is 1.

    ```mlir
    %y = nn.broadcast %x shape [-1, 3, 4] : (tensor<?x1x4xf32>) -> tensor<?x3x4xf32>
    ```
  }];
  let hasFolder = 1;
}

def NN_InterpolateOp : NN_ShapeOp<"interpolate",
    (ins DenseI64ArrayAttr:$output_size, NN_StringDefault<"linear">:$mode,
         NN_BoolDefault<"true">:$align_corners, UnitAttr:$half_pixel, UnitAttr:$half_pixel_for_nn,
         UnitAttr:$channel_last),
    " `output_size` $output_size (`mode` $mode^)? (`align_corners` $align_corners^)?"
    " (`half_pixel` $half_pixel^)? (`half_pixel_for_nn` $half_pixel_for_nn^)? (`channel_last` $channel_last^)?"> {
  let summary = "resizes an image";
  let description = [{
    `output_size` has one size per spatial dimension; these are the last
    dimensions, or with `channel_last` those before the channel. A dimension of
    size `s` gets size `t`. The scale is `s / t`, with `align_corners`
    `(s - 1) / (t - 1)`, and 0 if `t` is 1. Output `p` reads at position

        scale * p                               without half_pixel
        max(scale * (p + 0.5) - 0.5, 0)         with half_pixel
        s / t * (p + 0.5)                       with half_pixel_for_nn (mode "nearest" only)

    in f32. Mode `"nearest"` takes the element at the position rounded down, but
    at most the last one. Mode `"linear"` weighs that element and the next, in
    one dimension after the other, the last one first.

    Constraints:
    * (C1) `output_size` has 1 to 3 positive values, no more than the input has dimensions besides a last channel; resized dimensions are static and not empty.
    * (C2) `mode` is `"nearest"` or `"linear"`.

    ```mlir
    %y = nn.interpolate %x output_size [8, 8] mode "nearest" align_corners false
        : (tensor<?x3x4x4xf32>) -> tensor<?x3x8x8xf32>
    ```
  }];
}

def NN_ConcatenateOp : NN_PureOp<"concatenate"> {
  let summary = "one tensor after the other";
  let description = [{
    Joins the inputs along `axis`.

    Constraints:
    * (C1) there is at least one input; all have the same rank; `axis` is in `[-rank, rank)`.
    * (C2) the sizes along the axis are static, and all other sizes agree.

    ```mlir
    %y = nn.concatenate %a, %b axis 1 : (tensor<?x2x4xf32>, tensor<?x3x4xf32>) -> tensor<?x5x4xf32>
    ```
  }];
  let arguments = (ins Variadic<NN_Tensor>:$inputs, NN_IntDefault<"-1">:$axis);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$inputs (`axis` $axis^)? attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def NN_StackOp : NN_PureOp<"stack"> {
  let summary = "joins tensors along a new dimension";
  let description = [{
    The result has a new dimension `axis`, with one index per input.

    Constraints:
    * (C1) there is at least one input; all have the same shape; `axis` is in `[-rank-1, rank]`.

    ```mlir
    %y = nn.stack %a, %b axis 1 : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x2x4xf32>
    ```
  }];
  let arguments = (ins Variadic<NN_Tensor>:$inputs, NN_IntDefault<"0">:$axis);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$inputs (`axis` $axis^)? attr-dict `:` functional-type(operands, results)";
}

def NN_SplitOp : NN_PureOp<"split"> {
  let summary = "one tensor per index of a dimension";
  let description = [{
    The inverse of `nn.stack`: as many results as the dimension `axis` is long;
    the dimension disappears.

    Constraints:
    * (C1) `axis` is in `[-rank, rank)`, and its dimension is static and at most 65536.

    ```mlir
    %a, %b = nn.split %x axis 1 : (tensor<?x2x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>)
    ```
  }];
  let arguments = (ins NN_Tensor:$input, NN_IntDefault<"0">:$axis);
  let results = (outs Variadic<NN_Tensor>:$outputs);
  let assemblyFormat = "$input (`axis` $axis^)? attr-dict `:` functional-type(operands, results)";
}

def NN_BatchMatmulOp : NN_PureOp<"batch_matmul"> {
  let summary = "matrix products of two batches";
  let description = [{
    The last two dimensions are matrices, transposed first where asked for; the
    leading dimensions broadcast.

        y[..., i, j] = sum_k a[..., i, k] * b[..., k, j]

    Constraints:
    * (C1) both inputs have the same rank, 2 or more; the last two dimensions are static.
    * (C2) the inner sizes agree.
    * (C3) leading sizes agree or one of them is 1.

    ```mlir
    %y = nn.batch_matmul %a, %b transpose_b : (tensor<?x3x4xf32>, tensor<?x5x4xf32>) -> tensor<?x3x5xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$a, NN_Tensor:$b, UnitAttr:$transpose_a, UnitAttr:$transpose_b);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$a `,` $b (`transpose_a` $transpose_a^)? (`transpose_b` $transpose_b^)? "
                       "attr-dict `:` functional-type(operands, results)";
}

#endif // FPW_DIALECT_NN_IR_NNSHAPEOPS
