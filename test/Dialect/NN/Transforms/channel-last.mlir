// RUN: fpw-opt %s --nn-channel-last --split-input-file | FileCheck %s

// Between two convolutions, the transposes cancel; the affine layer takes over the order of the last.

// CHECK-LABEL: func.func @lenet
// CHECK-SAME:    %[[X:.*]]: tensor<?x1x12x12xf32>
// A single channel moves for free.
// CHECK:         %[[XT:.*]] = nn.reshape %[[X]] shape [-1, 12, 12, 1]
// CHECK:         %[[C1:.*]] = nn.convolution %[[XT]], %{{.*}} channel_last : (tensor<?x12x12x1xf32>, tensor<2x3x3x1xf32>)
// CHECK:         %[[P1:.*]] = nn.max_pooling %[[C1]] kernel [2, 2] channel_last
// CHECK:         %[[R1:.*]] = nn.relu %[[P1]]
// CHECK:         %[[C2:.*]] = nn.convolution %[[R1]], %{{.*}} channel_last : (tensor<?x5x5x2xf32>, tensor<3x3x3x2xf32>)
// CHECK-NOT:     nn.transpose
// CHECK:         nn.affine %[[C2]]
func.func @lenet(%x: tensor<?x1x12x12xf32>) -> tensor<?x4xf32> {
  %w1 = nn.parameter "conv1/W" = dense<1.0> : tensor<2x1x3x3xf32>
  %w2 = nn.parameter "conv2/W" = dense<1.0> : tensor<3x2x3x3xf32>
  %fc = nn.parameter "fc/W" = dense<1.0> : tensor<27x4xf32>
  %0 = nn.convolution %x, %w1 : (tensor<?x1x12x12xf32>, tensor<2x1x3x3xf32>) -> tensor<?x2x10x10xf32>
  %1 = nn.max_pooling %0 kernel [2, 2] : (tensor<?x2x10x10xf32>) -> tensor<?x2x5x5xf32>
  %2 = nn.relu %1 : (tensor<?x2x5x5xf32>) -> tensor<?x2x5x5xf32>
  %3 = nn.convolution %2, %w2 : (tensor<?x2x5x5xf32>, tensor<3x2x3x3xf32>) -> tensor<?x3x3x3xf32>
  %4 = nn.affine %3, %fc : (tensor<?x3x3x3xf32>, tensor<27x4xf32>) -> tensor<?x4xf32>
  return %4 : tensor<?x4xf32>
}

// -----

// The rows of an affine weight go from (channel, position) to (position, channel).

// CHECK-LABEL: func.func @affine_rows
// CHECK:         nn.parameter "fc/W" = dense_resource<[[FC:.*]]> : tensor<4x1xf32>
// CHECK:         [[FC]]: "0x{{[0-9A-F]*}}0000803F000040400000004000008040"
func.func @affine_rows(%x: tensor<?x1x2x1xf32>) -> tensor<?x1xf32> {
  %w = nn.parameter "conv/W" = dense<1.0> : tensor<2x1x1x1xf32>
  %fc = nn.parameter "fc/W" = dense<[[1.0], [2.0], [3.0], [4.0]]> : tensor<4x1xf32>
  %0 = nn.convolution %x, %w : (tensor<?x1x2x1xf32>, tensor<2x1x1x1xf32>) -> tensor<?x2x2x1xf32>
  %1 = nn.affine %0, %fc : (tensor<?x2x2x1xf32>, tensor<4x1xf32>) -> tensor<?x1xf32>
  return %1 : tensor<?x1xf32>
}

// -----

// Normalisation renames its axis; a broadcast parameter is permuted; both arms of a residual meet.

// CHECK-LABEL: func.func @residual
// CHECK:         nn.transpose %{{.*}} axes [0, 2, 3, 1]
// CHECK:         %[[C:.*]] = nn.convolution
// CHECK:         %[[B:.*]] = nn.batch_normalization %[[C]] {{.*}} axes [3]
// CHECK:         %[[M:.*]] = nn.mul2 %[[B]], %{{.*}} : (tensor<?x4x4x2xf32>, tensor<1x1x1x2xf32>)
// CHECK:         %[[A:.*]] = nn.add2 %[[M]], %[[C]]
// CHECK:         nn.transpose %[[A]] axes [0, 3, 1, 2]
// CHECK-NEXT:    return
func.func @residual(%x: tensor<?x2x4x4xf32>) -> tensor<?x2x4x4xf32> {
  %w = nn.parameter "w" = dense<1.0> : tensor<2x2x1x1xf32>
  %s = nn.parameter "s" = dense<2.0> : tensor<1x2x1x1xf32>
  %m = nn.parameter "m" = dense<0.0> : tensor<1x2x1x1xf32>
  %v = nn.parameter "v" = dense<1.0> : tensor<1x2x1x1xf32>
  %0 = nn.convolution %x, %w : (tensor<?x2x4x4xf32>, tensor<2x2x1x1xf32>) -> tensor<?x2x4x4xf32>
  %1 = nn.batch_normalization %0 mean %m variance %v axes [1]
      : (tensor<?x2x4x4xf32>, tensor<1x2x1x1xf32>, tensor<1x2x1x1xf32>) -> tensor<?x2x4x4xf32>
  %2 = nn.mul2 %1, %s : (tensor<?x2x4x4xf32>, tensor<1x2x1x1xf32>) -> tensor<?x2x4x4xf32>
  %3 = nn.add2 %2, %0 : (tensor<?x2x4x4xf32>, tensor<?x2x4x4xf32>) -> tensor<?x2x4x4xf32>
  return %3 : tensor<?x2x4x4xf32>
}

// -----

// Codes are permuted like float weights; depthwise weights stay.

// CHECK-LABEL: func.func @codes
// CHECK:         nn.parameter "w" = {{.*}} : tensor<4x2x2x1xsi8>
// CHECK:         nn.fixed_point_quantized_deconvolution {{.*}} channel_last
// CHECK:         nn.depthwise_convolution {{.*}} channel_last : (tensor<?x5x5x1xf32>, tensor<1x3x3xf32>)
func.func @codes(%x: tensor<?x4x4x4xf32>) -> tensor<?x1x3x3xf32> {
  %w = nn.parameter "w" = dense<3> : tensor<4x1x2x2xsi8>
  %d = nn.parameter "d" = dense<1.0> : tensor<1x3x3xf32>
  %0 = nn.fixed_point_quantized_deconvolution %x, %w weight_format <bits = 8, signed, delta = 5.000000e-01>
      : (tensor<?x4x4x4xf32>, tensor<4x1x2x2xsi8>) -> tensor<?x1x5x5xf32>
  %1 = nn.depthwise_convolution %0, %d : (tensor<?x1x5x5xf32>, tensor<1x3x3xf32>) -> tensor<?x1x3x3xf32>
  return %1 : tensor<?x1x3x3xf32>
}
