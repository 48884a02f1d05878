// RUN: fpw-opt %s --verify-roundtrip | FileCheck %s
// RUN: fpw-opt %s --mlir-print-op-generic | fpw-opt | FileCheck %s
// RUN: fpw-opt %s --emit-bytecode | fpw-opt | FileCheck %s

// A quantiser has up to 24 bits, and one step per channel only on the weight of a layer.

// CHECK-LABEL: func.func @quantize
// CHECK:         nn.fixed_point_quantize %{{.*}} {format = #nn.fixed_point<bits = 24, signed, delta = 1.401300e-45>} : (tensor<?x4xf32>) -> tensor<?x4xf32>
// CHECK:         nn.fixed_point_quantize %W {format = #nn.fixed_point<bits = 8, signed, delta = [5.000000e-01, 2.500000e-01]>}
func.func @quantize(%x: tensor<?x4xf32>) {
  %0 = nn.fixed_point_quantize %x {format = #nn.fixed_point<bits = 24, signed, delta = 1.4e-45>} : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %w = nn.parameter "W" = dense<1.0> : tensor<4x2xf32>
  %1 = nn.fixed_point_quantize %w {format = #nn.fixed_point<bits = 8, signed, delta = [0.5, 0.25]>} : (tensor<4x2xf32>) -> tensor<4x2xf32>
  %2 = nn.affine %x, %1 : (tensor<?x4xf32>, tensor<4x2xf32>) -> tensor<?x2xf32>
  %3 = nn.affine %0, %1 : (tensor<?x4xf32>, tensor<4x2xf32>) -> tensor<?x2xf32>
  return
}

// Codes are stored in 8 or 16 bits, as many as the format needs.

// CHECK-LABEL: func.func @affine
// CHECK-NEXT:    nn.fixed_point_quantized_affine %{{.*}}, %{{.*}} weight_format <bits = 2, signed, delta = 1.000000e+00> : {{.*}}, tensor<4x2xsi8>)
// CHECK-NEXT:    nn.fixed_point_quantized_affine %{{.*}}, %{{.*}}, %{{.*}} base_axis -1 weight_format <bits = 1, unsigned, delta = 1.000000e+00> : {{.*}}, tensor<4x2xui8>, tensor<2xf32>)
// CHECK-NEXT:    weight_format <bits = 9, signed, delta = 1.000000e+00> bias_format <bits = 16, unsigned, delta = 2.000000e-04> : {{.*}}, tensor<4x2xsi16>, tensor<2xui16>)
func.func @affine(%x: tensor<?x4xf32>, %s8: tensor<4x2xsi8>, %u8: tensor<4x2xui8>, %s16: tensor<4x2xsi16>, %b: tensor<2xf32>, %u16: tensor<2xui16>) {
  %0 = nn.fixed_point_quantized_affine %x, %s8 weight_format <bits = 2, signed, delta = 1.0> : (tensor<?x4xf32>, tensor<4x2xsi8>) -> tensor<?x2xf32>
  %1 = nn.fixed_point_quantized_affine %x, %u8, %b base_axis -1 weight_format <bits = 1, unsigned, delta = 1.0>
      : (tensor<?x4xf32>, tensor<4x2xui8>, tensor<2xf32>) -> tensor<?x2xf32>
  %2 = nn.fixed_point_quantized_affine %x, %s16, %u16 weight_format <bits = 9, signed, delta = 1.0> bias_format <bits = 16, unsigned, delta = 2.0e-4>
      : (tensor<?x4xf32>, tensor<4x2xsi16>, tensor<2xui16>) -> tensor<?x2xf32>
  return
}

// What is known of the input follows the formats.

// CHECK-LABEL: func.func @input
// CHECK-NEXT:    weight_format <bits = 8, signed, delta = 1.000000e+00> activation_maximum 3.500000e+00 :
// CHECK-NEXT:    weight_format <bits = 8, signed, delta = 1.000000e+00> non_negative activation_maximum 1.401300e-45 :
func.func @input(%x: tensor<?x4xf32>, %w: tensor<4x2xsi8>) {
  %0 = nn.fixed_point_quantized_affine %x, %w weight_format <bits = 8, signed, delta = 1.0> activation_maximum 3.5
      : (tensor<?x4xf32>, tensor<4x2xsi8>) -> tensor<?x2xf32>
  %1 = nn.fixed_point_quantized_affine %x, %w weight_format <bits = 8, signed, delta = 1.0> non_negative activation_maximum 1.4e-45
      : (tensor<?x4xf32>, tensor<4x2xsi8>) -> tensor<?x2xf32>
  return
}

// The attributes of the float layer come first, the formats last. One step per output channel: 6 for a
// deconvolution with 3 channels in each of 2 groups, 2 for 4 channels that add up in pairs.

// CHECK-LABEL: func.func @windows
// CHECK-NEXT:    nn.fixed_point_quantized_convolution %{{.*}}, %{{.*}} base_axis 2 pad [1] stride [2] dilation [3] group 2 channel_last weight_format <bits = 8, signed, delta = [1.000000e+00, 2.000000e+00]> :
// CHECK-NEXT:    nn.fixed_point_quantized_deconvolution %{{.*}}, %{{.*}} stride [2] group 2 output_padding [1] weight_format <bits = 8, signed, delta = [1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00, 5.000000e+00, 6.000000e+00]> :
// CHECK-NEXT:    nn.fixed_point_quantized_depthwise_convolution %{{.*}}, %{{.*}} multiplier 2 weight_format <bits = 16, signed, delta = 2.500000e-01> :
// CHECK-NEXT:    nn.fixed_point_quantized_depthwise_deconvolution %{{.*}}, %{{.*}} divisor 2 weight_format <bits = 8, unsigned, delta = [1.000000e+00, 2.000000e+00]> :
func.func @windows(%x: tensor<?x5x9x4xf32>, %y: tensor<?x4x5xf32>, %wc: tensor<2x3x2xsi8>, %wd: tensor<4x3x3xsi8>, %ww: tensor<8x3xsi16>, %wu: tensor<4x3xui8>) {
  %0 = nn.fixed_point_quantized_convolution %x, %wc base_axis 2 pad [1] stride [2] dilation [3] group 2 channel_last
      weight_format <bits = 8, signed, delta = [1.0, 2.0]> : (tensor<?x5x9x4xf32>, tensor<2x3x2xsi8>) -> tensor<?x5x3x2xf32>
  %1 = nn.fixed_point_quantized_deconvolution %y, %wd stride [2] group 2 output_padding [1]
      weight_format <bits = 8, signed, delta = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]> : (tensor<?x4x5xf32>, tensor<4x3x3xsi8>) -> tensor<?x6x12xf32>
  %2 = nn.fixed_point_quantized_depthwise_convolution %y, %ww multiplier 2 weight_format <bits = 16, signed, delta = 2.500000e-01>
      : (tensor<?x4x5xf32>, tensor<8x3xsi16>) -> tensor<?x8x3xf32>
  %3 = nn.fixed_point_quantized_depthwise_deconvolution %y, %wu divisor 2 weight_format <bits = 8, unsigned, delta = [1.0, 2.0]>
      : (tensor<?x4x5xf32>, tensor<4x3xui8>) -> tensor<?x2x7xf32>
  return
}
