//===- NNLayerOps.td - Inner products of inputs and weights -*- tablegen -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_DIALECT_NN_IR_NNLAYEROPS
#define FPW_DIALECT_NN_IR_NNLAYEROPS

include "fpw/Dialect/NN/IR/NNLayerClasses.td"

def NN_AffineOp : NN_FloatLayerOp<"affine", "Affine", NN_Affine.attributes, NN_Affine.syntax> {
  let summary = "a fully connected layer";
  let description = [{
    Flattens `input` to rows (the leading `base_axis` dimensions) and columns
    (the rest), and `weight` to `columns x outputs`:

        y[r, o] = sum_c x[r, c] * w[c, o] + b[o]

    The result has the leading dimensions of the input and the trailing ones of
    the weight. A negative `base_axis` counts from the end.

    Constraints:
    * (C1) `base_axis` is in `[-rank, rank)`; the dimensions from it on are static.
    * (C2) the weight is static and has rank 2 or more, and its first size is the number of columns.
    * (C3) the bias has the weight's trailing shape.

    ```mlir
    %y = nn.affine %x, %w, %b : (tensor<?x8xf32>, tensor<8x10xf32>, tensor<10xf32>) -> tensor<?x10xf32>
    ```
  }];
}

def NN_ConvolutionOp : NN_FloatLayerOp<"convolution", "Convolution",
    NN_Convolution.attributes, NN_Convolution.syntax> {
  let summary = "a convolution of one, two or three spatial dimensions";
  let description = [{
    The input is `batch..., channel, spatial...`, where `base_axis` counts the
    batch dimensions; with `channel_last` it is `batch..., spatial..., channel`.
    The weight is `(outputs, channels / group, kernel...)`, with `channel_last`
    `(outputs, kernel..., channels / group)`. Outside the image x is 0:

        y[n, o, p...] = sum_{c, k...} x[n, g(o) + c, p*stride - pad + k*dilation ...] * w[o, c, k...] + b[o]

    where `g(o)` is the first input channel of the group that `o` is in.
    Output size: `(size + 2*pad - dilation*(kernel-1) - 1) / stride + 1`.
    Empty lists stand for pad 0, stride 1, dilation 1.

    Constraints:
    * (C1) there are 1 to 3 spatial dimensions; `base_axis` is at least 0; all but the batch dimensions are static and not empty.
    * (C2) `pad`, `stride`, `dilation` are empty or have one value per spatial dimension; pads are not negative, strides and dilations positive.
    * (C3) `group` is positive and divides the input channels and the outputs.
    * (C4) the weight is static and has rank 2 + spatial, `channels / group` channels, and a kernel that is not empty.
    * (C5) the dilated kernel fits into the padded input.
    * (C6) the bias has one value per output channel.

    ```mlir
    %y = nn.convolution %x, %w pad [1, 1] stride [2, 2]
        : (tensor<?x3x8x8xf32>, tensor<16x3x3x3xf32>) -> tensor<?x16x4x4xf32>
    ```
  }];
}

def NN_DeconvolutionOp : NN_FloatLayerOp<"deconvolution", "Deconvolution",
    NN_Deconvolution.attributes, NN_Deconvolution.syntax> {
  let summary = "a transposed convolution";
  let description = [{
    The transpose of a convolution. The weight is `(channels, outputs / group,
    kernel...)`, with `channel_last` `(channels, kernel..., outputs / group)`.
    Starting from zero,

        y[n, g(c) + o, p*stride - pad + k*dilation ...] += x[n, c, p...] * w[c, o, k...]

    and then `+ b[o]`, where `g(c)` is the first output channel of the group that
    `c` is in; what falls outside the output is dropped. Output size:
    `stride*(size-1) + dilation*(kernel-1) + 1 - 2*pad + output_padding`.

    Constraints:
    * (C1) ... (C3) as for `nn.convolution`; (C3) `group` divides the input channels.
    * (C4) as for `nn.convolution`, but the weight's first size is the number of input channels.
    * (C5) the output size is positive.
    * (C6) the bias has one value per output channel, `outputs / group * group`.
    * (C7) `output_padding` is empty (zeros) or has one value per spatial dimension, not negative and below the stride.

    ```mlir
    %y = nn.deconvolution %x, %w pad [1, 1] stride [2, 2]
        : (tensor<?x8x4x4xf32>, tensor<8x3x4x4xf32>) -> tensor<?x3x8x8xf32>
    ```
  }];
}

def NN_DepthwiseConvolutionOp : NN_FloatLayerOp<"depthwise_convolution", "DepthwiseConvolution",
    NN_DepthwiseConvolution.attributes, NN_DepthwiseConvolution.syntax> {
  let summary = "a convolution of each channel with its own kernels";
  let description = [{
    The weight is `(channels * multiplier, kernel...)`, whatever the layout of
    the images. Output channel `o = c * multiplier + j` sees only input channel
    `c`:

        y[n, o, p...] = sum_{k...} x[n, o / multiplier, p*stride - pad + k*dilation ...] * w[o, k...] + b[o]

    Constraints:
    * (C1), (C2), (C5), (C6) as for `nn.convolution`.
    * (C3) `multiplier` is positive.
    * (C4) as for `nn.convolution`, but the weight has rank 1 + spatial, and its first size is `channels * multiplier`.

    ```mlir
    %y = nn.depthwise_convolution %x, %w pad [1, 1] multiplier 2
        : (tensor<?x4x8x8xf32>, tensor<8x3x3xf32>) -> tensor<?x8x8x8xf32>
    ```
  }];
}

def NN_DepthwiseDeconvolutionOp : NN_FloatLayerOp<"depthwise_deconvolution", "DepthwiseDeconvolution",
    NN_DepthwiseDeconvolution.attributes, NN_DepthwiseDeconvolution.syntax> {
  let summary = "a transposed convolution of each channel with its own kernel";
  let description = [{
    The weight is `(channels, kernel...)`, whatever the layout of the images.
    Each `divisor` consecutive input channels add up in one output channel.
    Starting from zero,

        y[n, c / divisor, p*stride - pad + k*dilation ...] += x[n, c, p...] * w[c, k...]

    and then `+ b[o]`.

    Constraints:
    * (C1), (C2), (C5), (C6) as for `nn.deconvolution`.
    * (C3) `divisor` is positive and divides the input channels.
    * (C4) as for `nn.convolution`, but the weight has rank 1 + spatial, and its first size is the number of input channels.

    ```mlir
    %y = nn.depthwise_deconvolution %x, %w stride [2, 2]
        : (tensor<?x4x5x5xf32>, tensor<4x3x3xf32>) -> tensor<?x4x11x11xf32>
    ```
  }];
}

#endif // FPW_DIALECT_NN_IR_NNLAYEROPS
