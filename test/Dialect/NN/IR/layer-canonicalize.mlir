// RUN: fpw-opt %s --canonicalize | FileCheck %s

// Layers, pooling and reductions do not fold, not even where they look trivial: a sum with a zero turns -0.0
// into +0.0.

// CHECK-LABEL: func.func @layers
// CHECK:         nn.affine
// CHECK:         nn.convolution
// CHECK:         nn.max_pooling
// CHECK:         nn.sum_pooling
// CHECK:         nn.sum
// CHECK:         nn.softmax
func.func @layers(%x: tensor<?x1x4xf32>) -> (tensor<?x1xf32>, tensor<?x1x4xf32>, tensor<?x1x4xf32>, tensor<?x1x4xf32>, tensor<?x1x4xf32>, tensor<?x1x4xf32>) {
  %w = nn.parameter "w" = dense<0.0> : tensor<4x1xf32>
  %k = nn.parameter "k" = dense<1.0> : tensor<1x1x1xf32>
  %0 = nn.affine %x, %w : (tensor<?x1x4xf32>, tensor<4x1xf32>) -> tensor<?x1xf32>
  %1 = nn.convolution %x, %k : (tensor<?x1x4xf32>, tensor<1x1x1xf32>) -> tensor<?x1x4xf32>
  %2 = nn.max_pooling %x kernel [1] : (tensor<?x1x4xf32>) -> tensor<?x1x4xf32>
  %3 = nn.sum_pooling %x kernel [1] : (tensor<?x1x4xf32>) -> tensor<?x1x4xf32>
  %4 = nn.sum %x axes [1] keep_dims : (tensor<?x1x4xf32>) -> tensor<?x1x4xf32>
  %5 = nn.softmax %x axis 1 : (tensor<?x1x4xf32>) -> tensor<?x1x4xf32>
  return %0, %1, %2, %3, %4, %5 : tensor<?x1xf32>, tensor<?x1x4xf32>, tensor<?x1x4xf32>, tensor<?x1x4xf32>, tensor<?x1x4xf32>, tensor<?x1x4xf32>
}
