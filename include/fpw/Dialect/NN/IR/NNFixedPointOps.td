//===- NNFixedPointOps.td - Fixed-point ops -*- tablegen -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_DIALECT_NN_IR_NNFIXEDPOINTOPS
#define FPW_DIALECT_NN_IR_NNFIXEDPOINTOPS

include "fpw/Dialect/NN/IR/NNLayerClasses.td"

def NN_FixedPointQuantizeOp : NN_PureOp<"fixed_point_quantize"> {
  let summary = "rounds to fixed-point numbers";
  let description = [{
    nnabla's quantiser, bit for bit. With `max = f32((2^m - 1) * delta)`, where
    `m` is `bits`, less one when signed, and `min = -max`, or 0 when unsigned:

        y = max                              if x > max
            min                              if x < min
            sign(x) * f32(k) * delta         else, with k = floor(f64(f32(|x| / delta)) + 0.5)

    Ties round away from zero; the division is an f32 division. A negative x
    that rounds to 0 gives -0.0. A NaN gives a NaN (nnabla leaves it undefined).

    Constraints:
    * (C1) the format has one step, or one per output channel if the operand is a parameter and each user
      a layer with so many output channels, which has the result as its weight.

    ```mlir
    %y = nn.fixed_point_quantize %x {format = #nn.fixed_point<bits = 8, signed, delta = 6.250000e-02>} : (tensor<?x10xf32>) -> tensor<?x10xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$input, NN_FixedPointAttr:$format);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
  let hasVerifier = 1;
}

// The fixed-point twins. Their constraints continue those of the float layer, whose numbers they keep.

// Joined by !strconcat: after `#`, TableGen takes the name of a defvar for a string.
defvar NN_FixedPointConstraints = [{
    The weight holds integer codes of `weight_format`: code `k` stands for
    `k * delta`, with the step of its output channel. The bias holds codes of
    `bias_format`, or f32 values when there is none. `non_negative` says that the
    input is proved to have no negative element, which `nn-mark-non-negative`
    does; integer arithmetic then gains a bit. `activation_maximum` fixes the step
    of the input's codes beforehand, for elements up to this magnitude; without it,
    integer arithmetic looks for the largest element. Float arithmetic ignores both.

    Constraints, besides those of the float layer:
    * (C8) the weight's element type is the storage type of `weight_format`.
    * (C9) `weight_format` has one step, or one per output channel.
    * (C10) the bias's element type is the storage type of `bias_format`, or f32 without one; `bias_format` has one step and needs a bias.
    * (C11) both formats have at most 16 bits.
    * (C12) `activation_maximum` is positive and finite.
}];

def NN_FixedPointQuantizedAffineOp : NN_FixedPointLayerOp<"affine", "Affine",
    NN_Affine.attributes, NN_Affine.syntax> {
  let summary = "a fully connected layer with fixed-point weights";
  let description = !strconcat("\n    `nn.affine` with a weight that is held as codes.\n", NN_FixedPointConstraints, [{
    ```mlir
    %y = nn.fixed_point_quantized_affine %x, %w weight_format <bits = 8, signed, delta = 6.250000e-02>
        : (tensor<?x8xf32>, tensor<8x10xsi8>) -> tensor<?x10xf32>
    ```
  }]);
}

def NN_FixedPointQuantizedConvolutionOp : NN_FixedPointLayerOp<"convolution", "Convolution",
    NN_Convolution.attributes, NN_Convolution.syntax> {
  let summary = "a convolution with fixed-point weights";
  let description = !strconcat("\n    `nn.convolution` with a weight that is held as codes.\n", NN_FixedPointConstraints, [{
    ```mlir
    %y = nn.fixed_point_quantized_convolution %x, %w, %b pad [1, 1]
        weight_format <bits = 4, signed, delta = 2.500000e-01> bias_format <bits = 8, signed, delta = 6.250000e-02>
        : (tensor<?x3x8x8xf32>, tensor<2x3x3x3xsi8>, tensor<2xsi8>) -> tensor<?x2x8x8xf32>
    ```
  }]);
}

def NN_FixedPointQuantizedDeconvolutionOp : NN_FixedPointLayerOp<"deconvolution", "Deconvolution",
    NN_Deconvolution.attributes, NN_Deconvolution.syntax> {
  let summary = "a transposed convolution with fixed-point weights";
  let description = !strconcat("\n    `nn.deconvolution` with a weight that is held as codes.\n", NN_FixedPointConstraints, [{
    ```mlir
    %y = nn.fixed_point_quantized_deconvolution %x, %w stride [2, 2]
        weight_format <bits = 16, signed, delta = 3.051758e-05>
        : (tensor<?x8x4x4xf32>, tensor<8x3x2x2xsi16>) -> tensor<?x3x8x8xf32>
    ```
  }]);
}

def NN_FixedPointQuantizedDepthwiseConvolutionOp : NN_FixedPointLayerOp<"depthwise_convolution",
    "DepthwiseConvolution", NN_DepthwiseConvolution.attributes, NN_DepthwiseConvolution.syntax> {
  let summary = "a depthwise convolution with fixed-point weights";
  let description = !strconcat("\n    `nn.depthwise_convolution` with a weight that is held as codes.\n", NN_FixedPointConstraints, [{
    ```mlir
    %y = nn.fixed_point_quantized_depthwise_convolution %x, %w
        weight_format <bits = 8, unsigned, delta = [2.500000e-01, 5.000000e-01]>
        : (tensor<?x2x8x8xf32>, tensor<2x3x3xui8>) -> tensor<?x2x6x6xf32>
    ```
  }]);
}

def NN_FixedPointQuantizedDepthwiseDeconvolutionOp : NN_FixedPointLayerOp<"depthwise_deconvolution",
    "DepthwiseDeconvolution", NN_DepthwiseDeconvolution.attributes, NN_DepthwiseDeconvolution.syntax> {
  let summary = "a transposed depthwise convolution with fixed-point weights";
  let description = !strconcat("\n    `nn.depthwise_deconvolution` with a weight that is held as codes.\n", NN_FixedPointConstraints, [{
    ```mlir
    %y = nn.fixed_point_quantized_depthwise_deconvolution %x, %w stride [2, 2]
        weight_format <bits = 8, signed, delta = 7.812500e-03>
        : (tensor<?x4x5x5xf32>, tensor<4x3x3xsi8>) -> tensor<?x4x11x11xf32>
    ```
  }]);
}

#endif // FPW_DIALECT_NN_IR_NNFIXEDPOINTOPS
