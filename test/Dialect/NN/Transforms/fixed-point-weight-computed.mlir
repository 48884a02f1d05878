// RUN: fpw-opt %s --split-input-file --nn-fixed-point-weight --verify-diagnostics | FileCheck %s

// Defect 11: a weight may be computed. What is exact is computed now.

// CHECK-LABEL: func @exact
// CHECK-NOT:   nn.transpose
// CHECK-NOT:   nn.mul_scalar
// CHECK:       nn.parameter "fixed-point-weight/W/transpose_q" {{.*}} : tensor<3x2xsi8> {conversion = #nn.conversion<source = "W/transpose",
// CHECK:       nn.fixed_point_quantized_affine {{.*}} weight_format <bits = 8, signed, delta = 6.250000e-02>
// CHECK:       nn.parameter "fixed-point-weight/V/reshape/mul_scalar_q" = dense<96> : tensor<2x1xsi8>
// CHECK:       nn.fixed_point_quantized_affine {{.*}} weight_format <bits = 8, signed, delta = 1.562500e-02>
// CHECK-NOT:   tensor<2x3xf32>
func.func @exact(%x: tensor<?x3xf32>) -> tensor<?x1xf32> {
  %w = nn.parameter "W" = dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %t = nn.transpose %w axes [1, 0] : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %y = nn.affine %x, %t : (tensor<?x3xf32>, tensor<3x2xf32>) -> tensor<?x2xf32>
  %v = nn.parameter "V" = dense<3.0> : tensor<2xf32>
  %r = nn.reshape %v shape [2, 1] : (tensor<2xf32>) -> tensor<2x1xf32>
  %s = nn.mul_scalar %r val 5.000000e-01 : (tensor<2x1xf32>) -> tensor<2x1xf32>
  %z = nn.affine %y, %s : (tensor<?x2xf32>, tensor<2x1xf32>) -> tensor<?x1xf32>
  return %z : tensor<?x1xf32>
}

// -----

// A scale per output, as weight normalisation has it: g * W.

// CHECK-LABEL: func @broadcast
// CHECK-NOT:   nn.mul2
// CHECK:       nn.parameter "fixed-point-weight/W/mul2_q"
// CHECK:       "fixed-point-weight/W/mul2_q": "0x400000002040604040F8"
func.func @broadcast(%x: tensor<?x3xf32>) -> tensor<?x2xf32> {
  %w = nn.parameter "W" = dense<[[1.0, 1.0], [3.0, 1.0], [2.0, -0.125]]> : tensor<3x2xf32>
  %g = nn.parameter "g" = dense<[[0.5, 1.0]]> : tensor<1x2xf32>
  %v = nn.mul2 %w, %g : (tensor<3x2xf32>, tensor<1x2xf32>) -> tensor<3x2xf32>
  %y = nn.affine %x, %v : (tensor<?x3xf32>, tensor<3x2xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// What is not exact, or not known, stays float and says so.

// CHECK-LABEL: func @float
// CHECK:       nn.affine
// CHECK:       nn.affine
// CHECK:       nn.fixed_point_quantized_affine
func.func @float(%x: tensor<?x1xf32>, %v: tensor<1x1xf32>, %c: tensor<1xf32>) -> tensor<?x1xf32> {
  %w = nn.parameter "W" = dense<2.0> : tensor<1x1xf32>
  %t = nn.tanh %w : (tensor<1x1xf32>) -> tensor<1x1xf32>
  // expected-remark @below {{Affine stays float: its weight is computed by 'nn.tanh'}}
  %y = nn.affine %x, %t : (tensor<?x1xf32>, tensor<1x1xf32>) -> tensor<?x1xf32>
  // expected-remark @below {{Affine stays float: its weight is an input of the function}}
  %z = nn.affine %y, %v : (tensor<?x1xf32>, tensor<1x1xf32>) -> tensor<?x1xf32>
  // expected-remark @below {{Affine: the bias stays float: it is an input of the function}}
  %u = nn.affine %z, %w, %c : (tensor<?x1xf32>, tensor<1x1xf32>, tensor<1xf32>) -> tensor<?x1xf32>
  return %u : tensor<?x1xf32>
}
