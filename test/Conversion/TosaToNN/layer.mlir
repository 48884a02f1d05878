// Layers with constant weights become nn; others stay, and say why.

// RUN: fpw-opt --convert-tosa-to-nn --split-input-file --verify-diagnostics %s | FileCheck %s

// CHECK-LABEL: @convolution(
// CHECK-DAG:   %[[W:.*]] = nn.parameter "stem/W" = dense_resource<{{.*}}> : tensor<2x1x2x3xf32>
// CHECK-DAG:   %[[B:.*]] = nn.parameter "conv2d/b" = dense_resource<{{.*}}> : tensor<2xf32>
// CHECK:       nn.convolution %{{.*}}, %[[W]], %[[B]] pad [0, 1] stride [1, 1] dilation [1, 1] channel_last
// CHECK-NOT:   tosa.conv2d
func.func @convolution(%x: tensor<?x4x5x3xf32>) -> tensor<?x4x6x2xf32> {
  %w = "tosa.const"() <{values = dense<[[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]], [[[0.5, 0.25, 1.0], [-1.0, -2.0, -3.0]]]]> : tensor<2x1x2x3xf32>}> : () -> tensor<2x1x2x3xf32> loc("stem/W")
  %b = "tosa.const"() <{values = dense<[1.0, 2.0]> : tensor<2xf32>}> : () -> tensor<2xf32>
  %z = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %y = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 1, 1>, stride = array<i64: 1, 1>}
      : (tensor<?x4x5x3xf32>, tensor<2x1x2x3xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<?x4x6x2xf32>
  return %y : tensor<?x4x6x2xf32>
}

// -----
// Where the paddings of two sides differ, what is more becomes a pad of its own.

// CHECK-LABEL: @uneven_padding(
// CHECK:       nn.pad %{{.*}} pad_width [0, 1, 0, 0, 0, 0] : (tensor<?x4x4x1xf32>) -> tensor<?x5x4x1xf32>
// CHECK:       nn.convolution %{{.*}} pad [0, 1]
func.func @uneven_padding(%x: tensor<?x4x4x1xf32>) -> tensor<?x4x5x1xf32> {
  %w = "tosa.const"() <{values = dense<0.5> : tensor<1x2x2x1xf32>}> : () -> tensor<1x2x2x1xf32>
  %z = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %y = tosa.conv2d %x, %w, %z, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 1, 1, 1>, stride = array<i64: 1, 1>}
      : (tensor<?x4x4x1xf32>, tensor<1x2x2x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<?x4x5x1xf32>
  return %y : tensor<?x4x5x1xf32>
}

// -----
// CHECK-LABEL: @depthwise(
// CHECK:       nn.parameter "depthwise_conv2d/W" = dense_resource<{{.*}}> : tensor<4x1x2xf32>
// CHECK:       nn.depthwise_convolution %{{.*}} multiplier 2 channel_last
func.func @depthwise(%x: tensor<?x3x3x2xf32>) -> tensor<?x3x2x4xf32> {
  %w = "tosa.const"() <{values = dense<[[[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]]]> : tensor<1x2x2x2xf32>}> : () -> tensor<1x2x2x2xf32>
  %z = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %y = tosa.depthwise_conv2d %x, %w, %z, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
      : (tensor<?x3x3x2xf32>, tensor<1x2x2x2xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<?x3x2x4xf32>
  return %y : tensor<?x3x2x4xf32>
}

// -----
// CHECK-LABEL: @transposed(
// CHECK:       nn.deconvolution %{{.*}} pad [1, 0] stride [2, 1] channel_last output_padding [1, 0]
func.func @transposed(%x: tensor<?x3x3x2xf32>) -> tensor<?x6x4x1xf32> {
  %w = "tosa.const"() <{values = dense<[[[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]], [[1.0, 1.0], [1.0, 1.0]]]]> : tensor<1x3x2x2xf32>}> : () -> tensor<1x3x2x2xf32>
  %z = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %y = tosa.transpose_conv2d %x, %w, %z, %z, %z {acc_type = f32, out_pad = array<i64: -1, 0, 0, 0>, stride = array<i64: 2, 1>}
      : (tensor<?x3x3x2xf32>, tensor<1x3x2x2xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<?x6x4x1xf32>
  return %y : tensor<?x6x4x1xf32>
}

// -----
// CHECK-LABEL: @matmul(
// CHECK:       nn.affine %{{.*}} base_axis 2 : (tensor<1x?x2xf32>, tensor<2x3xf32>) -> tensor<1x?x3xf32>
func.func @matmul(%x: tensor<1x?x2xf32>) -> tensor<1x?x3xf32> {
  %w = "tosa.const"() <{values = dense<[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]> : tensor<1x2x3xf32>}> : () -> tensor<1x2x3xf32>
  %z = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %y = tosa.matmul %x, %w, %z, %z : (tensor<1x?x2xf32>, tensor<1x2x3xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x?x3xf32>
  return %y : tensor<1x?x3xf32>
}

// -----
// CHECK-LABEL: @stays(
// CHECK:       tosa.matmul
// CHECK:       tosa.conv2d
func.func @stays(%x: tensor<1x2x2xf32>, %i: tensor<1x4x4x1xi8>) -> (tensor<1x2x2xf32>, tensor<1x4x4x1xi32>) {
  %z = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  // expected-remark @below {{stays in TOSA: expected a second operand that is one constant matrix of f32}}
  %y = tosa.matmul %x, %x, %z, %z : (tensor<1x2x2xf32>, tensor<1x2x2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x2xf32>
  %w = "tosa.const"() <{values = dense<1> : tensor<1x1x1x1xi8>}> : () -> tensor<1x1x1x1xi8>
  %b = "tosa.const"() <{values = dense<1> : tensor<1xi32>}> : () -> tensor<1xi32>
  %zi = "tosa.const"() <{values = dense<3> : tensor<1xi8>}> : () -> tensor<1xi8>
  // expected-remark @below {{stays in TOSA: expected f32 images of static sizes}}
  %q = tosa.conv2d %i, %w, %b, %zi, %zi {acc_type = i32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
      : (tensor<1x4x4x1xi8>, tensor<1x1x1x1xi8>, tensor<1xi32>, tensor<1xi8>, tensor<1xi8>) -> tensor<1x4x4x1xi32>
  return %y, %q : tensor<1x2x2xf32>, tensor<1x4x4x1xi32>
}
