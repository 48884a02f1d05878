// RUN: fpw-opt %s --verify-roundtrip | FileCheck %s
// RUN: fpw-opt %s --mlir-print-op-generic | fpw-opt | FileCheck %s
// RUN: fpw-opt %s --emit-bytecode | fpw-opt | FileCheck %s

// No axes stand for all axes.

// CHECK-LABEL: func.func @reductions
// CHECK-NEXT:    nn.sum %{{.*}} : (tensor<?x3x4xf32>) -> tensor<f32>
// CHECK-NEXT:    nn.mean %{{.*}} keep_dims : (tensor<?x3x4xf32>) -> tensor<1x1x1xf32>
// CHECK-NEXT:    nn.max %{{.*}} axes [1] : (tensor<?x3x4xf32>) -> tensor<?x4xf32>
// CHECK-NEXT:    nn.min %{{.*}} axes [-1, 0] keep_dims : (tensor<?x3x4xf32>) -> tensor<1x3x1xf32>
// CHECK-NEXT:    nn.prod %{{.*}} : (tensor<f32>) -> tensor<f32>
func.func @reductions(%x: tensor<?x3x4xf32>, %s: tensor<f32>) {
  %0 = nn.sum %x axes [] : (tensor<?x3x4xf32>) -> tensor<f32>
  %1 = nn.mean %x keep_dims : (tensor<?x3x4xf32>) -> tensor<1x1x1xf32>
  %2 = nn.max %x axes [1] : (tensor<?x3x4xf32>) -> tensor<?x4xf32>
  %3 = nn.min %x axes [-1, 0] keep_dims : (tensor<?x3x4xf32>) -> tensor<1x3x1xf32>
  %4 = nn.prod %s : (tensor<f32>) -> tensor<f32>
  return
}
