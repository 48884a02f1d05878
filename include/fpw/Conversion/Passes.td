//===- Passes.td - Conversions between dialects ----------------*- tablegen -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_CONVERSION_PASSES
#define FPW_CONVERSION_PASSES

include "mlir/Pass/PassBase.td"

def ConvertNNToLinalg : Pass<"convert-nn-to-linalg"> {
  let summary = "lowers nn ops to linalg on tensors";
  let description = [{
    Every op of the `nn` dialect but `nn.parameter` becomes tensor and linalg ops. A layer is one
    contraction (multiply, add) over an explicitly padded input, on top of its bias; windows are
    strided accesses in its indexing maps and groups are loops of their own. A transposed convolution
    is a convolution per set of output phases, so that no multiplication with a structural zero remains.
    Element-wise ops take their bodies from the op's own formula.

    With `arithmetic=float`, fixed-point weights become f32 parameters that hold exactly `k * delta`.
    With `arithmetic=digits`, fixed-point layers multiply integers: activations become codes of
    `activation-bits` bits, whose digits are more images of an i8 contraction (docs/Numerics.md).

    Example: test/Conversion/NNToLinalg/layer.mlir

    ```mlir
    %y = nn.affine %x, %w : (tensor<?x8xf32>, tensor<8x10xf32>) -> tensor<?x10xf32>
    // ==>
    %zero = linalg.fill ins(%cst : f32) outs(%empty : tensor<?x10xf32>) -> tensor<?x10xf32>
    %y = linalg.generic {
        indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>,
                         affine_map<(d0, d1, d2) -> (d0, d1)>],
        iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%x, %w : tensor<?x8xf32>, tensor<8x10xf32>) outs(%zero : tensor<?x10xf32>) {
    ^bb0(%a: f32, %b: f32, %sum: f32):
      %0 = arith.mulf %a, %b : f32
      %1 = arith.addf %sum, %0 : f32
      linalg.yield %1 : f32
    } -> tensor<?x10xf32>
    ```
  }];
  let options = [
    Option<"arithmetic", "arithmetic", "::fpw::Arithmetic", "::fpw::Arithmetic::Float",
           "how layers multiply and add", [{::llvm::cl::values(
             clEnumValN(::fpw::Arithmetic::Float, "float", "f32 products of x and k * delta"),
             clEnumValN(::fpw::Arithmetic::Digits, "digits", "integer products of digits of x and codes k"))}]>,
    Option<"activationBits", "activation-bits", "unsigned", "24",
           "bits of an activation's code with arithmetic=digits: 8, 16, 24 or 32">
  ];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect",
                           "::mlir::tensor::TensorDialect"];
}

def ConvertTosaToNN : Pass<"convert-tosa-to-nn", "::mlir::func::FuncOp"> {
  let summary = "turns the layers of TOSA into nn, so that their weights can be converted";
  let description = [{
    `tosa.conv2d`, `conv3d`, `depthwise_conv2d`, `transpose_conv2d`, and `matmul` with one constant
    matrix become layers of nn, with channels last, if they compute in f32 with constant weights and biases.
    Weights get the names of their locations, or that of the op with a number.

    All other ops stay: upstream's passes lower them. A layer that stays gets a remark that says why.

    Example: test/Conversion/TosaToNN/layer.mlir @convolution
  }];
  let dependentDialects = ["::fpw::nn::NNDialect"];
}

def NNToQuant : Pass<"nn-to-quant", "::mlir::func::FuncOp"> {
  let summary = "gives fixed-point weights the quantised types of upstream";
  let description = [{
    The codes of a layer become the storage of a `!quant.uniform` type, without zero point, whose
    range is that of the format; the layer reads the numbers that they stand for. A step per output
    channel is a type per axis. `quant-to-nn` takes exactly this back.

    Error: a weight with a step per output channel whose outputs are not one of its dimensions (a
    deconvolution with groups), or a step that is no scale.

    ```mlir
    %w = nn.parameter "w" = dense_resource<w> : tensor<8x10xsi8>
    %y = nn.fixed_point_quantized_affine %x, %w weight_format <bits = 6, signed, delta = 5.000000e-01> : ...
    ```
    becomes
    ```mlir
    %w = nn.parameter "w" = dense_resource<w> : tensor<8x10xsi8>
    %0 = tensor.bitcast %w : tensor<8x10xsi8> to tensor<8x10xi8>
    %1 = quant.scast %0 : tensor<8x10xi8> to tensor<8x10x!quant.uniform<i8<-31:31>:f32, 5.000000e-01>>
    %2 = quant.dcast %1 : tensor<8x10x!quant.uniform<i8<-31:31>:f32, 5.000000e-01>> to tensor<8x10xf32>
    %y = nn.affine %x, %2 : (tensor<?x8xf32>, tensor<8x10xf32>) -> tensor<?x10xf32>
    ```

    Example: test/Conversion/NNQuant/round-trip.mlir @affine
  }];
  let dependentDialects = ["::mlir::quant::QuantDialect", "::mlir::tensor::TensorDialect"];
}

def QuantToNN : Pass<"quant-to-nn", "::mlir::func::FuncOp"> {
  let summary = "takes weights of upstream's quantised types as fixed-point numbers";
  let description = [{
    A float layer whose weight is `quant.dcast` of `quant.scast` of constant codes, or of a
    parameter's, becomes the fixed-point layer of these codes; its bias likewise. Types need zero
    points of 0, f32 as the expressed type, scales that are f32 numbers, codes of 1 to 16 bits, and
    one scale or one per output. A layer that stays float gets a remark that says why.

    ```mlir
    %1 = quant.scast %codes : tensor<8x10xi8> to tensor<8x10x!quant.uniform<i8<-31:31>:f32, 5.000000e-01>>
    %2 = quant.dcast %1 : tensor<8x10x!quant.uniform<i8<-31:31>:f32, 5.000000e-01>> to tensor<8x10xf32>
    %y = nn.affine %x, %2 : (tensor<?x8xf32>, tensor<8x10xf32>) -> tensor<?x10xf32>
    ```
    becomes
    ```mlir
    %w = nn.parameter "weight" = dense<...> : tensor<8x10xsi8>
    %y = nn.fixed_point_quantized_affine %x, %w weight_format <bits = 6, signed, delta = 5.000000e-01> : ...
    ```

    Example: test/Conversion/NNQuant/quant-to-nn.mlir @constant
  }];
  let dependentDialects = ["::fpw::nn::NNDialect"];
}

#endif // FPW_CONVERSION_PASSES
