// Layers in every layout and format, each a network. onnxruntime agrees, and its weights are those of FPW.

// REQUIRES: onnxruntime

// RUN: %packaged-python %S/Inputs/compare.py %t %s | FileCheck %s
// RUN: %packaged-python %S/Inputs/compare.py %t %s --weights=float | FileCheck %s
// CHECK-NOT:      differs
// CHECK-COUNT-20: agrees

// Weights and biases of every width.

func.func @four_bits(%x: tensor<?x4xf32>) -> tensor<?x3xf32> {
  %w = nn.parameter "w" = dense<[[1, -2, 7], [-7, 0, 3], [4, 5, -6], [6, -1, 2]]> : tensor<4x3xsi8>
  %b = nn.parameter "b" = dense<[-1, 2, 3]> : tensor<3xsi8>
  %y = nn.fixed_point_quantized_affine %x, %w, %b weight_format <bits = 4, signed, delta = 2.500000e-01> bias_format <bits = 3, signed, delta = 1.0>
      : (tensor<?x4xf32>, tensor<4x3xsi8>, tensor<3xsi8>) -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}

// -----
func.func @unsigned(%x: tensor<?x2xf32>) -> tensor<?x3xf32> {
  %w = nn.parameter "w" = dense<[[1, 15, 7], [0, 8, 3]]> : tensor<2x3xui8>
  %b = nn.parameter "b" = dense<[255, 2, 128]> : tensor<3xui8>
  %y = nn.fixed_point_quantized_affine %x, %w, %b weight_format <bits = 4, unsigned, delta = 1.000000e-01> bias_format <bits = 8, unsigned, delta = 0.3>
      : (tensor<?x2xf32>, tensor<2x3xui8>, tensor<3xui8>) -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}

// -----
func.func @sixteen_bits(%x: tensor<?x2xf32>) -> tensor<?x3xf32> {
  %w = nn.parameter "w" = dense<[[32767, -32767, 7], [0, -256, 3]]> : tensor<2x3xsi16>
  %b = nn.parameter "b" = dense<[65535, 2, 300]> : tensor<3xui16>
  %y = nn.fixed_point_quantized_affine %x, %w, %b weight_format <bits = 16, signed, delta = 3.000000e-05> bias_format <bits = 16, unsigned, delta = 1.0e-4>
      : (tensor<?x2xf32>, tensor<2x3xsi16>, tensor<3xui16>) -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}

// -----
func.func @splat(%x: tensor<?x4xf32>) -> tensor<?x3xf32> {
  %w = nn.parameter "w" = dense<-5> : tensor<4x3xsi16>
  %b = nn.parameter "b" = dense<0.5> : tensor<3xf32>
  %y = nn.fixed_point_quantized_affine %x, %w, %b weight_format <bits = 9, signed, delta = 2.500000e-01>
      : (tensor<?x4xf32>, tensor<4x3xsi16>, tensor<3xf32>) -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}

// Rows and columns of an affine layer.

// -----
func.func @affine_sizes(%x: tensor<?x2x2xf32>) -> tensor<?x3x2xf32> {
  %w = nn.parameter "w" = dense<[[[1, 2], [-2, 3], [7, 4]], [[0, 5], [1, 1], [2, 6]], [[3, 0], [3, 3], [3, 3]], [[1, 2], [4, 5], [6, 7]]]> : tensor<4x3x2xsi8>
  %y = nn.fixed_point_quantized_affine %x, %w weight_format <bits = 4, signed, delta = [1.0, 2.0, 0.5, 0.25, 4.0, 0.125]>
      : (tensor<?x2x2xf32>, tensor<4x3x2xsi8>) -> tensor<?x3x2xf32>
  return %y : tensor<?x3x2xf32>
}

// -----
func.func @affine_base_axis(%x: tensor<?x3x4xf32>) -> tensor<?x3x2xf32> {
  %w = nn.parameter "w" = dense<[[1.0, 2.0], [3.0, -4.0], [0.5, 0.25], [-1.0, 1.5]]> : tensor<4x2xf32>
  %b = nn.parameter "b" = dense<[0.5, -1.5]> : tensor<2xf32>
  %y = nn.affine %x, %w, %b base_axis -1 : (tensor<?x3x4xf32>, tensor<4x2xf32>, tensor<2xf32>) -> tensor<?x3x2xf32>
  return %y : tensor<?x3x2xf32>
}

// -----
func.func @affine_no_batch(%x: tensor<2x2xf32>) -> tensor<3xf32> {
  %w = nn.parameter "w" = dense<[[1.0, 2.0, 1.0], [3.0, -4.0, 2.0], [0.5, 0.25, 3.0], [-1.0, 1.5, 4.0]]> : tensor<4x3xf32>
  %y = nn.affine %x, %w base_axis 0 : (tensor<2x2xf32>, tensor<4x3xf32>) -> tensor<3xf32>
  return %y : tensor<3xf32>
}

// Convolutions: one step per channel, groups, other dimensions, channels last.

// -----
func.func @convolution(%x: tensor<?x2x5x4xf32>) -> tensor<?x4x3x2xf32> {
  %w = nn.parameter "w" = dense<[[[[1, -2], [3, 4]]], [[[5, -6], [7, 1]]], [[[2, 3], [-4, 5]]], [[[0, 1], [2, -3]]]]> : tensor<4x1x2x2xsi8>
  %b = nn.parameter "b" = dense<[1, 2, 3, -4]> : tensor<4xsi8>
  %y = nn.fixed_point_quantized_convolution %x, %w, %b pad [1, 0] stride [2, 1] dilation [1, 2] group 2
      weight_format <bits = 4, signed, delta = [1.0, 0.5, 0.3, 2.0]> bias_format <bits = 8, signed, delta = 0.0625>
      : (tensor<?x2x5x4xf32>, tensor<4x1x2x2xsi8>, tensor<4xsi8>) -> tensor<?x4x3x2xf32>
  return %y : tensor<?x4x3x2xf32>
}

// -----
func.func @convolution_last(%x: tensor<?x4x3x2xf32>) -> tensor<?x3x2x2xf32> {
  %w = nn.parameter "w" = dense<[[[[1, -2], [3, 4]], [[5, 6], [7, 8]]], [[[5, -6], [7, 1]], [[1, 2], [3, 4]]]]> : tensor<2x2x2x2xsi8>
  %y = nn.fixed_point_quantized_convolution %x, %w channel_last weight_format <bits = 5, signed, delta = [1.0, 0.5]>
      : (tensor<?x4x3x2xf32>, tensor<2x2x2x2xsi8>) -> tensor<?x3x2x2xf32>
  return %y : tensor<?x3x2x2xf32>
}

// -----
func.func @convolution_1d(%x: tensor<?x2x7xf32>) -> tensor<?x2x3xf32> {
  %w = nn.parameter "w" = dense<[[[1.0, 2.0, 3.0], [0.5, 0.25, 1.0]], [[3.0, -2.0, 3.0], [0.5, 1.25, 1.0]]]> : tensor<2x2x3xf32>
  %y = nn.convolution %x, %w stride [2] : (tensor<?x2x7xf32>, tensor<2x2x3xf32>) -> tensor<?x2x3xf32>
  return %y : tensor<?x2x3xf32>
}

// -----
func.func @convolution_3d(%x: tensor<?x1x3x3x3xf32>) -> tensor<?x1x2x2x2xf32> {
  %w = nn.parameter "w" = dense<[[[[[1.0, 2.0], [3.0, 4.0]], [[-1.0, 2.0], [0.5, 4.0]]]]]> : tensor<1x1x2x2x2xf32>
  %y = nn.convolution %x, %w : (tensor<?x1x3x3x3xf32>, tensor<1x1x2x2x2xf32>) -> tensor<?x1x2x2x2xf32>
  return %y : tensor<?x1x2x2x2xf32>
}

// -----
func.func @convolution_batches(%x: tensor<?x2x1x4xf32>) -> tensor<?x2x2x3xf32> {
  %w = nn.parameter "w" = dense<[[[1.0, 2.0]], [[3.0, -1.0]]]> : tensor<2x1x2xf32>
  %y = nn.convolution %x, %w base_axis 2 : (tensor<?x2x1x4xf32>, tensor<2x1x2xf32>) -> tensor<?x2x2x3xf32>
  return %y : tensor<?x2x2x3xf32>
}

// -----
func.func @convolution_no_batch_last(%x: tensor<4x2xf32>) -> tensor<3x1xf32> {
  %w = nn.parameter "w" = dense<[[[1.0, 2.0], [0.5, 4.0]]]> : tensor<1x2x2xf32>
  %y = nn.convolution %x, %w base_axis 0 channel_last : (tensor<4x2xf32>, tensor<1x2x2xf32>) -> tensor<3x1xf32>
  return %y : tensor<3x1xf32>
}

// Transposed convolutions. In groups, no dimension of the weight alone numbers the output channels.

// -----
func.func @deconvolution(%x: tensor<?x2x3xf32>) -> tensor<?x3x8xf32> {
  %w = nn.parameter "w" = dense<[[[1, -2, 1], [3, 4, 1], [5, 6, -7]], [[1, 2, 3], [-3, 2, 1], [4, 4, 4]]]> : tensor<2x3x3xsi8>
  %y = nn.fixed_point_quantized_deconvolution %x, %w stride [2] output_padding [1]
      weight_format <bits = 6, signed, delta = [1.0, 0.5, 0.3]> : (tensor<?x2x3xf32>, tensor<2x3x3xsi8>) -> tensor<?x3x8xf32>
  return %y : tensor<?x3x8xf32>
}

// -----
func.func @deconvolution_groups(%x: tensor<?x4x3xf32>) -> tensor<?x4x5xf32> {
  %w = nn.parameter "w" = dense<[[[1, -2], [3, 4]], [[5, 6], [-7, 0]], [[1, 2], [3, -3]], [[2, 1], [4, 4]]]> : tensor<4x2x2xsi8>
  %y = nn.fixed_point_quantized_deconvolution %x, %w dilation [2] group 2
      weight_format <bits = 6, signed, delta = [1.0, 0.5, 0.3, 2.0]> : (tensor<?x4x3xf32>, tensor<4x2x2xsi8>) -> tensor<?x4x5xf32>
  return %y : tensor<?x4x5xf32>
}

// -----
func.func @deconvolution_groups_last(%x: tensor<?x3x4xf32>) -> tensor<?x4x4xf32> {
  %w = nn.parameter "w" = dense<[[[1, -2], [3, 4]], [[5, 6], [-7, 0]], [[1, 2], [3, -3]], [[2, 1], [4, 4]]]> : tensor<4x2x2xsi8>
  %y = nn.fixed_point_quantized_deconvolution %x, %w group 2 channel_last
      weight_format <bits = 6, signed, delta = [1.0, 0.5, 0.3, 2.0]> : (tensor<?x3x4xf32>, tensor<4x2x2xsi8>) -> tensor<?x4x4xf32>
  return %y : tensor<?x4x4xf32>
}

// Depthwise layers.

// -----
func.func @depthwise_last(%x: tensor<?x4x2xf32>) -> tensor<?x3x4xf32> {
  %w = nn.parameter "w" = dense<[[1, -2], [3, 4], [5, 6], [-7, 0]]> : tensor<4x2xsi8>
  %b = nn.parameter "b" = dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %y = nn.fixed_point_quantized_depthwise_convolution %x, %w, %b multiplier 2 channel_last
      weight_format <bits = 8, signed, delta = [1.0, 0.5, 0.3, 2.0]>
      : (tensor<?x4x2xf32>, tensor<4x2xsi8>, tensor<4xf32>) -> tensor<?x3x4xf32>
  return %y : tensor<?x3x4xf32>
}

// -----
func.func @depthwise_transposed(%x: tensor<?x4x3xf32>) -> tensor<?x2x6xf32> {
  %w = nn.parameter "w" = dense<[[1, -2], [3, 4], [5, 6], [-7, 0]]> : tensor<4x2xsi8>
  %y = nn.fixed_point_quantized_depthwise_deconvolution %x, %w stride [2] divisor 2
      weight_format <bits = 8, signed, delta = [1.0, 0.3]> : (tensor<?x4x3xf32>, tensor<4x2xsi8>) -> tensor<?x2x6xf32>
  return %y : tensor<?x2x6xf32>
}

// One tensor of codes, read twice in different ways; an output that is an input, and one given twice.

// -----
func.func @shared(%x: tensor<?x2xf32>) -> (tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>) {
  %w = nn.parameter "w" = dense<[[1, -2], [3, 4]]> : tensor<2x2xsi8>
  %0 = nn.fixed_point_quantized_affine %x, %w weight_format <bits = 4, signed, delta = 1.0> : (tensor<?x2xf32>, tensor<2x2xsi8>) -> tensor<?x2xf32>
  %1 = nn.fixed_point_quantized_affine %0, %w weight_format <bits = 5, signed, delta = 0.5> : (tensor<?x2xf32>, tensor<2x2xsi8>) -> tensor<?x2xf32>
  return %x, %1, %1 : tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>
}

// A weight that is computed, and a quantiser that stays on its parameter.

// -----
func.func @computed(%x: tensor<?x2xf32>) -> tensor<?x4xf32> {
  %w = nn.parameter "w" = dense<[[1.0, -2.03], [3.1, 4.0]]> : tensor<2x2xf32>
  %0 = nn.fixed_point_quantize %w {format = #nn.fixed_point<bits = 20, signed, delta = 6.250000e-02>} : (tensor<2x2xf32>) -> tensor<2x2xf32>
  %1 = nn.concatenate %0, %w axis 1 : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x4xf32>
  %y = nn.affine %x, %1 : (tensor<?x2xf32>, tensor<2x4xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}
