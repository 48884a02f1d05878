// RUN: fpw-opt %s --nn-factor-steps | FileCheck %s

// One step multiplies as a number; the codes of the bias have a step of their own.

// CHECK-LABEL: func.func @affine
// CHECK:         %[[W:.*]] = nn.parameter "w" = dense_resource<w> : tensor<1x2xf32>
// CHECK:         %[[SUMS:.*]] = nn.affine %{{.*}}, %[[W]] : (tensor<?x1xf32>, tensor<1x2xf32>)
// CHECK:         %[[SCALED:.*]] = nn.mul_scalar %[[SUMS]] val 2.000000e-04
// CHECK:         %[[B:.*]] = nn.parameter "b" = dense<2.550000e+02> : tensor<2xf32>
// CHECK:         %[[BIAS:.*]] = nn.mul_scalar %[[B]] val 5.000000e-01
// CHECK:         %[[ROW:.*]] = nn.reshape %[[BIAS]] shape [1, 2]
// CHECK:         nn.add2 %[[SCALED]], %[[ROW]]
func.func @affine(%x: tensor<?x1xf32>) -> tensor<?x2xf32> {
  %w = nn.parameter "w" = dense<[[3, -4]]> : tensor<1x2xsi8>
  %b = nn.parameter "b" = dense<255> : tensor<2xui8>
  %y = nn.fixed_point_quantized_affine %x, %w, %b
      weight_format <bits = 4, signed, delta = 2.000000e-04> bias_format <bits = 8, unsigned, delta = 5.000000e-01>
      : (tensor<?x1xf32>, tensor<1x2xsi8>, tensor<2xui8>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// Steps per channel are a parameter. The attributes of the layer stay.

// CHECK-LABEL: func.func @convolution
// CHECK:         nn.convolution %{{.*}}, %{{.*}} pad [1] channel_last : (tensor<?x8x3xf32>, tensor<2x3x3xf32>)
// CHECK:         nn.parameter "w/step" = dense<{{\[\[}}[5.000000e-01, 2.500000e-01]]]> : tensor<1x1x2xf32>
// CHECK:         nn.mul2
// CHECK:         nn.reshape %arg1 shape [1, 1, 2]
// CHECK:         nn.add2
func.func @convolution(%x: tensor<?x8x3xf32>, %b: tensor<2xf32>) -> tensor<?x8x2xf32> {
  %w = nn.parameter "w" = dense<300> : tensor<2x3x3xsi16>
  %y = nn.fixed_point_quantized_convolution %x, %w, %b pad [1] channel_last
      weight_format <bits = 16, signed, delta = [5.000000e-01, 2.500000e-01]>
      : (tensor<?x8x3xf32>, tensor<2x3x3xsi16>, tensor<2xf32>) -> tensor<?x8x2xf32>
  return %y : tensor<?x8x2xf32>
}

// The codes 3 and -4 as f32.

// CHECK:         w: "0x4000000000004040000080C0"
