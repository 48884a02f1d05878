// Pooling in other layouts, and where windows reach beyond the image. onnxruntime agrees.

// REQUIRES: onnxruntime

// RUN: %packaged-python %S/Inputs/compare.py %t %s | FileCheck %s
// CHECK-NOT:      differs
// CHECK-COUNT-11: agrees

func.func @average_overhang(%x: tensor<?x2x5x4xf32>) -> tensor<?x2x4x3xf32> {
  %y = nn.average_pooling %x kernel [3, 4] stride [2, 3] pad [2, 3] ignore_border false including_pad true
      : (tensor<?x2x5x4xf32>) -> tensor<?x2x4x3xf32>
  return %y : tensor<?x2x4x3xf32>
}

// -----
func.func @average_overhang_excluded(%x: tensor<?x2x5x4xf32>) -> tensor<?x2x4x3xf32> {
  %y = nn.average_pooling %x kernel [3, 4] stride [2, 3] pad [2, 3] ignore_border false including_pad false
      : (tensor<?x2x5x4xf32>) -> tensor<?x2x4x3xf32>
  return %y : tensor<?x2x4x3xf32>
}

// -----
func.func @sum_overhang(%x: tensor<?x2x5x4xf32>) -> tensor<?x2x4x3xf32> {
  %y = nn.sum_pooling %x kernel [3, 4] stride [2, 3] pad [2, 3] ignore_border false
      : (tensor<?x2x5x4xf32>) -> tensor<?x2x4x3xf32>
  return %y : tensor<?x2x4x3xf32>
}

// -----
func.func @max_overhang(%x: tensor<?x2x5x4xf32>) -> tensor<?x2x4x3xf32> {
  %y = nn.max_pooling %x kernel [3, 4] stride [2, 3] pad [2, 3] ignore_border false
      : (tensor<?x2x5x4xf32>) -> tensor<?x2x4x3xf32>
  return %y : tensor<?x2x4x3xf32>
}

// -----
func.func @stride_beyond_kernel(%x: tensor<?x7x1xf32>) -> tensor<?x3x1xf32> {
  %y = nn.max_pooling %x kernel [1, 1] stride [3, 3] ignore_border false : (tensor<?x7x1xf32>) -> tensor<?x3x1xf32>
  return %y : tensor<?x3x1xf32>
}

// -----
func.func @one_dimension(%x: tensor<?x6x2xf32>) -> tensor<?x3x2xf32> {
  %y = nn.average_pooling %x kernel [2] channel_last : (tensor<?x6x2xf32>) -> tensor<?x3x2xf32>
  return %y : tensor<?x3x2xf32>
}

// -----
func.func @three_dimensions(%x: tensor<?x2x2x4x4x4xf32>) -> tensor<?x2x2x2x2x2xf32> {
  %y = nn.max_pooling %x kernel [2, 2, 2] : (tensor<?x2x2x4x4x4xf32>) -> tensor<?x2x2x2x2x2xf32>
  return %y : tensor<?x2x2x2x2x2xf32>
}

// -----
func.func @channel_last(%x: tensor<?x5x5x3xf32>) -> tensor<?x2x2x3xf32> {
  %y = nn.max_pooling %x kernel [2, 2] channel_last : (tensor<?x5x5x3xf32>) -> tensor<?x2x2x3xf32>
  return %y : tensor<?x2x2x3xf32>
}

// -----
func.func @no_batch_last(%x: tensor<4x4x3xf32>) -> tensor<2x2x3xf32> {
  %y = nn.sum_pooling %x kernel [2, 2] channel_last : (tensor<4x4x3xf32>) -> tensor<2x2x3xf32>
  return %y : tensor<2x2x3xf32>
}

// -----
func.func @global_last(%x: tensor<?x4x4x3xf32>) -> tensor<?x1x1x3xf32> {
  %y = nn.global_average_pooling %x channel_last : (tensor<?x4x4x3xf32>) -> tensor<?x1x1x3xf32>
  return %y : tensor<?x1x1x3xf32>
}

// -----
func.func @unpooling_last(%x: tensor<?x2x3x3xf32>) -> tensor<?x4x9x3xf32> {
  %y = nn.unpooling %x kernel [2, 3] channel_last : (tensor<?x2x3x3xf32>) -> tensor<?x4x9x3xf32>
  return %y : tensor<?x4x9x3xf32>
}
