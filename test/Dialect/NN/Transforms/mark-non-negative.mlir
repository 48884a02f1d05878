// RUN: fpw-opt %s --nn-mark-non-negative | FileCheck %s

// CHECK-LABEL: func.func @inputs_may_be_negative
// CHECK-NOT:     non_negative
func.func @inputs_may_be_negative(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %w = nn.parameter "w" = dense<1> : tensor<4x4xsi8>
  %0 = nn.fixed_point_quantized_affine %x, %w weight_format <bits = 8, signed, delta = 1.0>
      : (tensor<?x4xf32>, tensor<4x4xsi8>) -> tensor<?x4xf32>
  %1 = nn.leaky_relu %0 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %2 = nn.fixed_point_quantized_affine %1, %w weight_format <bits = 8, signed, delta = 1.0>
      : (tensor<?x4xf32>, tensor<4x4xsi8>) -> tensor<?x4xf32>
  return %2 : tensor<?x4xf32>
}

// A sum of two rectified tensors, pooled.

// CHECK-LABEL: func.func @residual
// CHECK:         nn.fixed_point_quantized_affine {{.*}} weight_format <{{.*}}> non_negative
func.func @residual(%x: tensor<?x1x2x2xf32>) -> tensor<?x3xf32> {
  %w = nn.parameter "w" = dense<1> : tensor<1x3xsi8>
  %0 = nn.relu %x : (tensor<?x1x2x2xf32>) -> tensor<?x1x2x2xf32>
  %1 = nn.sigmoid %x : (tensor<?x1x2x2xf32>) -> tensor<?x1x2x2xf32>
  %2 = nn.add2 %0, %1 : (tensor<?x1x2x2xf32>, tensor<?x1x2x2xf32>) -> tensor<?x1x2x2xf32>
  %3 = nn.average_pooling %2 kernel [2, 2] : (tensor<?x1x2x2xf32>) -> tensor<?x1x1x1xf32>
  %4 = nn.fixed_point_quantized_affine %3, %w weight_format <bits = 8, signed, delta = 1.0>
      : (tensor<?x1x1x1xf32>, tensor<1x3xsi8>) -> tensor<?x3xf32>
  return %4 : tensor<?x3xf32>
}

// One factor may be negative.

// CHECK-LABEL: func.func @product
// CHECK-NOT:     non_negative
func.func @product(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %w = nn.parameter "w" = dense<1> : tensor<4x4xsi8>
  %0 = nn.relu %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %1 = nn.mul_scalar %0 val -1.0 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %2 = nn.fixed_point_quantized_affine %1, %w weight_format <bits = 8, signed, delta = 1.0>
      : (tensor<?x4xf32>, tensor<4x4xsi8>) -> tensor<?x4xf32>
  return %2 : tensor<?x4xf32>
}
