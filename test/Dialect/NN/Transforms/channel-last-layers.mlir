// RUN: fpw-opt %s --nn-channel-last --split-input-file | FileCheck %s

// The layers that become channel_last, and what happens to their weights.

// One and three spatial dimensions; no batch and two batch dimensions; all other attributes stay.

// CHECK-LABEL: func.func @ranks
// CHECK-SAME:    %[[X1:[^:]*]]: tensor<?x2x5xf32>, %[[X3:[^:]*]]: tensor<2x3x4x5xf32>, %[[X2:[^:]*]]: tensor<7x?x2x5xf32>
// CHECK-DAG:     %[[T1:.*]] = nn.transpose %[[X1]] axes [0, 2, 1]
// CHECK-DAG:     nn.convolution %[[T1]], %{{.*}}, %{{.*}} pad [1] stride [2] dilation [2] channel_last {note = "kept"} : (tensor<?x5x2xf32>, tensor<4x2x2xf32>, tensor<4xf32>) -> tensor<?x3x4xf32>
// CHECK-DAG:     %[[T3:.*]] = nn.transpose %[[X3]] axes [1, 2, 3, 0]
// CHECK-DAG:     nn.convolution %[[T3]], %{{.*}} base_axis 0 channel_last : (tensor<3x4x5x2xf32>, tensor<4x1x2x3x2xf32>) -> tensor<3x3x3x4xf32>
// CHECK-DAG:     %[[T2:.*]] = nn.transpose %[[X2]] axes [0, 1, 3, 2]
// CHECK-DAG:     nn.convolution %[[T2]], %{{.*}} base_axis 2 channel_last : (tensor<7x?x5x2xf32>, tensor<4x2x2xf32>) -> tensor<7x?x4x4xf32>
func.func @ranks(%x1: tensor<?x2x5xf32>, %x3: tensor<2x3x4x5xf32>, %x2: tensor<7x?x2x5xf32>) -> (tensor<?x4x3xf32>, tensor<4x3x3x3xf32>, tensor<7x?x4x4xf32>) {
  %w1 = nn.parameter "w1" = dense<1.0> : tensor<4x2x2xf32>
  %b = nn.parameter "b" = dense<1.0> : tensor<4xf32>
  %w3 = nn.parameter "w3" = dense<1.0> : tensor<4x2x1x2x3xf32>
  %0 = nn.convolution %x1, %w1, %b pad [1] stride [2] dilation [2] {note = "kept"} : (tensor<?x2x5xf32>, tensor<4x2x2xf32>, tensor<4xf32>) -> tensor<?x4x3xf32>
  %1 = nn.convolution %x3, %w3 base_axis 0 : (tensor<2x3x4x5xf32>, tensor<4x2x1x2x3xf32>) -> tensor<4x3x3x3xf32>
  %2 = nn.convolution %x2, %w1 base_axis 2 : (tensor<7x?x2x5xf32>, tensor<4x2x2xf32>) -> tensor<7x?x4x4xf32>
  return %0, %1, %2 : tensor<?x4x3xf32>, tensor<4x3x3x3xf32>, tensor<7x?x4x4xf32>
}

// -----

// In groups, (outputs, channels / group, kernel) -> (outputs, kernel, channels / group).

// CHECK-LABEL: func.func @groups
// CHECK:         nn.parameter "w" = dense_resource<[[W:.*]]> : tensor<2x3x2xsi8>
// CHECK:         nn.fixed_point_quantized_convolution %{{.*}} group 2 channel_last weight_format <bits = 8, signed, delta = [1.000000e+00, 2.000000e+00]> : (tensor<?x5x4xf32>, tensor<2x3x2xsi8>) -> tensor<?x3x2xf32>
// CHECK:         [[W]]: "0x{{[0-9A-F]*}}0104020503060B0E0C0F0D10"
func.func @groups(%x: tensor<?x4x5xf32>) -> tensor<?x2x3xf32> {
  %w = nn.parameter "w" = dense<[[[1, 2, 3], [4, 5, 6]], [[11, 12, 13], [14, 15, 16]]]> : tensor<2x2x3xsi8>
  %0 = nn.fixed_point_quantized_convolution %x, %w group 2 weight_format <bits = 8, signed, delta = [1.0, 2.0]>
      : (tensor<?x4x5xf32>, tensor<2x2x3xsi8>) -> tensor<?x2x3xf32>
  return %0 : tensor<?x2x3xf32>
}

// -----

// (channels, outputs / group, kernel) -> (channels, kernel, outputs / group); the output padding stays with
// its dimension.

// CHECK-LABEL: func.func @deconvolution
// CHECK:         nn.deconvolution %{{.*}} stride [2, 3] group 2 channel_last output_padding [0, 2] : (tensor<?x4x5x4xf32>, tensor<4x1x2x3xf32>) -> tensor<?x7x16x6xf32>
func.func @deconvolution(%x: tensor<?x4x4x5xf32>) -> tensor<?x6x7x16xf32> {
  %w = nn.parameter "w" = dense<1.0> : tensor<4x3x1x2xf32>
  %0 = nn.deconvolution %x, %w stride [2, 3] group 2 output_padding [0, 2] : (tensor<?x4x4x5xf32>, tensor<4x3x1x2xf32>) -> tensor<?x6x7x16xf32>
  return %0 : tensor<?x6x7x16xf32>
}

// -----

// One parameter for two layers: one copy of its data. A use in the old order keeps the old parameter.

// CHECK-LABEL: func.func @shared
// CHECK-DAG:     nn.parameter "w" = dense<{{.*}}> : tensor<2x2x3xf32>
// CHECK-DAG:     nn.parameter "w" = dense_resource<[[W:.*]]> : tensor<2x3x2xf32>
// CHECK-DAG:     nn.parameter "w" = dense_resource<[[W]]> : tensor<2x3x2xf32>
// CHECK-DAG:     nn.convolution %{{.*}} channel_last : {{.*}} -> tensor<?x5x2xf32>
// CHECK-DAG:     nn.convolution %{{.*}} channel_last : {{.*}} -> tensor<?x3x2xf32>
// CHECK-DAG:     nn.relu %{{.*}} : (tensor<2x2x3xf32>)
// CHECK:         {-#
// CHECK-COUNT-1: "0x
// CHECK-NOT:     "0x
func.func @shared(%x: tensor<?x2x7xf32>) -> (tensor<?x2x3xf32>, tensor<2x2x3xf32>) {
  %w = nn.parameter "w" = dense<[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]> : tensor<2x2x3xf32>
  %0 = nn.convolution %x, %w : (tensor<?x2x7xf32>, tensor<2x2x3xf32>) -> tensor<?x2x5xf32>
  %1 = nn.convolution %0, %w : (tensor<?x2x5xf32>, tensor<2x2x3xf32>) -> tensor<?x2x3xf32>
  %2 = nn.relu %w : (tensor<2x2x3xf32>) -> tensor<2x2x3xf32>
  return %1, %2 : tensor<?x2x3xf32>, tensor<2x2x3xf32>
}

// -----

// Two users of one layer, one of which needs the old order.

// CHECK-LABEL: func.func @two_users
// CHECK:         %[[C:.*]] = nn.convolution {{.*}} channel_last
// CHECK-DAG:     nn.convolution %[[C]], %{{.*}} channel_last
// CHECK-DAG:     %[[T:.*]] = nn.transpose %[[C]] axes [0, 3, 1, 2]
// CHECK-DAG:     nn.slice %[[T]]
func.func @two_users(%x: tensor<?x2x4x4xf32>) -> (tensor<?x2x4x4xf32>, tensor<?x1x4x4xf32>) {
  %w = nn.parameter "w" = dense<1.0> : tensor<2x2x1x1xf32>
  %0 = nn.convolution %x, %w : (tensor<?x2x4x4xf32>, tensor<2x2x1x1xf32>) -> tensor<?x2x4x4xf32>
  %1 = nn.convolution %0, %w : (tensor<?x2x4x4xf32>, tensor<2x2x1x1xf32>) -> tensor<?x2x4x4xf32>
  %2 = nn.slice %0 start [0, 0, 0, 0] stop [9223372036854775807, 1, 4, 4] step [1, 1, 1, 1] : (tensor<?x2x4x4xf32>) -> tensor<?x1x4x4xf32>
  return %1, %2 : tensor<?x2x4x4xf32>, tensor<?x1x4x4xf32>
}

// -----

// A computed weight is transposed when it runs; computed codes keep their layer as it is. A quantiser with
// one step per channel stays next to its layer.

// CHECK-LABEL: func.func @computed
// CHECK-SAME:    %[[X:[^:]*]]: tensor<?x2x5xf32>, %[[W:[^:]*]]: tensor<4x2x3xf32>, %[[K:[^:]*]]: tensor<4x2x3xsi8>
// CHECK-DAG:     nn.fixed_point_quantized_convolution %[[X]], %[[K]] weight_format
// CHECK-DAG:     %[[T:.*]] = nn.transpose %[[W]] axes [0, 2, 1]
// CHECK-DAG:     nn.convolution %{{.*}}, %[[T]] channel_last
// CHECK-DAG:     %[[Q:.*]] = nn.fixed_point_quantize %{{.*}} {format = #nn.fixed_point<bits = 20, signed, delta = [1.000000e+00, 2.000000e+00]>} : (tensor<2x1x2xf32>) -> tensor<2x1x2xf32>
// CHECK-DAG:     nn.convolution %{{.*}}, %[[Q]] channel_last
func.func @computed(%x: tensor<?x2x5xf32>, %w: tensor<4x2x3xf32>, %k: tensor<4x2x3xsi8>) -> (tensor<?x4x3xf32>, tensor<?x4x3xf32>, tensor<?x2x5xf32>) {
  %p = nn.parameter "p" = dense<1.0> : tensor<2x2x1xf32>
  %q = nn.fixed_point_quantize %p {format = #nn.fixed_point<bits = 20, signed, delta = [1.0, 2.0]>} : (tensor<2x2x1xf32>) -> tensor<2x2x1xf32>
  %0 = nn.convolution %x, %w : (tensor<?x2x5xf32>, tensor<4x2x3xf32>) -> tensor<?x4x3xf32>
  %1 = nn.fixed_point_quantized_convolution %x, %k weight_format <bits = 8, signed, delta = 1.0> : (tensor<?x2x5xf32>, tensor<4x2x3xsi8>) -> tensor<?x4x3xf32>
  %2 = nn.convolution %x, %q : (tensor<?x2x5xf32>, tensor<2x2x1xf32>) -> tensor<?x2x5xf32>
  return %0, %1, %2 : tensor<?x4x3xf32>, tensor<?x4x3xf32>, tensor<?x2x5xf32>
}
