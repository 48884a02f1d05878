// RUN: fpw-opt %s --verify-roundtrip | FileCheck %s

// CHECK-LABEL: func.func @casts
// CHECK:         nn.to_float %{{.*}} : (tensor<?x8xi64>) -> tensor<?x8xf32>
// CHECK:         nn.from_float %{{.*}} as i8 : (tensor<?x8xf32>) -> tensor<?x8xi8>
func.func @casts(%x: tensor<?x8xi64>) -> tensor<?x8xi8> {
  %0 = nn.to_float %x : (tensor<?x8xi64>) -> tensor<?x8xf32>
  %1 = nn.from_float %0 as i8 : (tensor<?x8xf32>) -> tensor<?x8xi8>
  return %1 : tensor<?x8xi8>
}

// The result has the dimensions of the indices, and then those of a row.

// CHECK-LABEL: func.func @embed
// CHECK:         nn.embed {{.*}} -> tensor<?x8x4x2xf32>
func.func @embed(%x: tensor<?x8xf32>, %w: tensor<3x4x2xf32>) {
  %0 = nn.embed %x, %w : (tensor<?x8xf32>, tensor<3x4x2xf32>) -> tensor<?x8x4x2xf32>
  return
}

// CHECK-LABEL: func.func @scalar
// CHECK:         nn.embed {{.*}} -> tensor<f32>
func.func @scalar(%x: tensor<f32>, %w: tensor<3xf32>) {
  %0 = nn.embed %x, %w : (tensor<f32>, tensor<3xf32>) -> tensor<f32>
  return
}
