// RUN: fpw-opt %s --nn-to-quant --verify-diagnostics

func.func @groups(%x: tensor<?x4x5xf32>) -> tensor<?x4x5xf32> {
  %w = nn.parameter "w" = dense<1> : tensor<4x2x1xsi8>
  // expected-error @below {{expected a weight with its outputs in one dimension, as types with a step per channel need}}
  %y = nn.fixed_point_quantized_deconvolution %x, %w group 2 weight_format <bits = 8, signed, delta = [1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : (tensor<?x4x5xf32>, tensor<4x2x1xsi8>) -> tensor<?x4x5xf32>
  return %y : tensor<?x4x5xf32>
}
