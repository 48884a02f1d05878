// RUN: fpw-opt %s --split-input-file --verify-diagnostics

// The quantiser.

func.func @quantize_c1_activation(%x: tensor<?x2xf32>) {
  // expected-error@+1 {{expected one step, or one per output channel of a layer, but got 2 (C1)}}
  %0 = nn.fixed_point_quantize %x {format = #nn.fixed_point<bits = 8, signed, delta = [0.5, 0.25]>} : (tensor<?x2xf32>) -> tensor<?x2xf32>
  %1 = nn.relu %0 : (tensor<?x2xf32>) -> tensor<?x2xf32>
  return
}

// -----

func.func @quantize_c1_other_user() {
  %w = nn.parameter "W" = dense<1.0> : tensor<4x2xf32>
  // expected-error@+1 {{expected one step, or one per output channel of a layer, but got 2 (C1)}}
  %0 = nn.fixed_point_quantize %w {format = #nn.fixed_point<bits = 8, signed, delta = [0.5, 0.25]>} : (tensor<4x2xf32>) -> tensor<4x2xf32>
  %1 = nn.relu %0 : (tensor<4x2xf32>) -> tensor<4x2xf32>
  return
}

// -----

func.func @quantize_c1_as_input(%v: tensor<2x2xf32>) {
  %w = nn.parameter "W" = dense<1.0> : tensor<2x2xf32>
  // expected-error@+1 {{expected one step, or one per output channel of a layer, but got 2 (C1)}}
  %0 = nn.fixed_point_quantize %w {format = #nn.fixed_point<bits = 8, signed, delta = [0.5, 0.25]>} : (tensor<2x2xf32>) -> tensor<2x2xf32>
  %1 = nn.affine %0, %v : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  return
}

// -----

func.func @quantize_c1_number_of_steps(%x: tensor<?x4xf32>) {
  %w = nn.parameter "W" = dense<1.0> : tensor<4x3xf32>
  // expected-error@+1 {{expected one step, or one per output channel of a layer, but got 2 (C1)}}
  %0 = nn.fixed_point_quantize %w {format = #nn.fixed_point<bits = 8, signed, delta = [0.5, 0.25]>} : (tensor<4x3xf32>) -> tensor<4x3xf32>
  %1 = nn.affine %x, %0 : (tensor<?x4xf32>, tensor<4x3xf32>) -> tensor<?x3xf32>
  return
}

// -----

// A layer that is wrong itself has no channels to compare with.

func.func @quantize_of_invalid_layer(%x: tensor<?x4x5xf32>) {
  %w = nn.parameter "W" = dense<1.0> : tensor<4x3xf32>
  %0 = nn.fixed_point_quantize %w {format = #nn.fixed_point<bits = 8, signed, delta = [0.5, 0.25]>} : (tensor<4x3xf32>) -> tensor<4x3xf32>
  // expected-error@+2 {{but got 0 (C3)}}
  // expected-error@+1 {{failed to infer returned types}}
  %1 = nn.depthwise_deconvolution %x, %0 divisor 0 : (tensor<?x4x5xf32>, tensor<4x3xf32>) -> tensor<?x4x7xf32>
  return
}

// -----

func.func @quantize_of_layer_without_weight() {
  %w = nn.parameter "W" = dense<1.0> : tensor<4x3xf32>
  %0 = nn.fixed_point_quantize %w {format = #nn.fixed_point<bits = 8, signed, delta = [0.5, 0.25]>} : (tensor<4x3xf32>) -> tensor<4x3xf32>
  // expected-error@+1 {{expected 2 or more operands, but found 1}}
  %1 = "nn.affine"(%0) : (tensor<4x3xf32>) -> tensor<4x7xf32>
  return
}

// -----

func.func @quantize_without_format(%x: tensor<?x2xf32>) {
  // expected-error@+1 {{requires attribute 'format'}}
  %0 = nn.fixed_point_quantize %x : (tensor<?x2xf32>) -> tensor<?x2xf32>
  return
}

// -----

func.func @quantize_type(%x: tensor<?x2xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{are incompatible with return type(s)}}
  %0 = nn.fixed_point_quantize %x {format = #nn.fixed_point<bits = 8, signed, delta = 0.5>} : (tensor<?x2xf32>) -> tensor<?x3xf32>
  return
}

// -----

// The layers keep the constraints of the float layers.

func.func @c2(%x: tensor<?x4xf32>, %w: tensor<3x2xsi8>) {
  // expected-error@+2 {{expected a weight of 4 inputs and at least one output dimension but got 'tensor<3x2xsi8>' (C2)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.fixed_point_quantized_affine %x, %w weight_format <bits = 8, signed, delta = 1.0> : (tensor<?x4xf32>, tensor<3x2xsi8>) -> tensor<?x2xf32>
  return
}

// -----

func.func @c6(%x: tensor<?x4x5xf32>, %w: tensor<2x4x3xsi8>, %b: tensor<3xsi8>) {
  // expected-error@+2 {{expected a bias of 2 values but got 'tensor<3xsi8>' (C6)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.fixed_point_quantized_convolution %x, %w, %b weight_format <bits = 8, signed, delta = 1.0> bias_format <bits = 8, signed, delta = 1.0>
      : (tensor<?x4x5xf32>, tensor<2x4x3xsi8>, tensor<3xsi8>) -> tensor<?x2x3xf32>
  return
}

// -----

func.func @c8_sign(%x: tensor<?x4xf32>, %w: tensor<4x2xsi8>) {
  // expected-error@+1 {{expected a weight of 'ui8' but got 'tensor<4x2xsi8>' (C8)}}
  %0 = nn.fixed_point_quantized_affine %x, %w weight_format <bits = 8, unsigned, delta = 1.0> : (tensor<?x4xf32>, tensor<4x2xsi8>) -> tensor<?x2xf32>
  return
}

// -----

func.func @c8_width(%x: tensor<?x4x5xf32>, %w: tensor<2x4x3xsi8>) {
  // expected-error@+1 {{expected a weight of 'si16' but got 'tensor<2x4x3xsi8>' (C8)}}
  %0 = nn.fixed_point_quantized_convolution %x, %w weight_format <bits = 9, signed, delta = 1.0> : (tensor<?x4x5xf32>, tensor<2x4x3xsi8>) -> tensor<?x2x3xf32>
  return
}

// -----

func.func @c9_affine(%x: tensor<?x4xf32>, %w: tensor<4x2x3xsi8>) {
  // expected-error@+1 {{expected one step or 6, one per output channel, but got 2 (C9)}}
  %0 = nn.fixed_point_quantized_affine %x, %w weight_format <bits = 8, signed, delta = [1.0, 2.0]> : (tensor<?x4xf32>, tensor<4x2x3xsi8>) -> tensor<?x2x3xf32>
  return
}

// -----

// The first size of this weight is the number of input channels; there are 6 output channels.

func.func @c9_deconvolution(%x: tensor<?x4x5xf32>, %w: tensor<4x3x3xsi8>) {
  // expected-error@+1 {{expected one step or 6, one per output channel, but got 4 (C9)}}
  %0 = nn.fixed_point_quantized_deconvolution %x, %w group 2 weight_format <bits = 8, signed, delta = [1.0, 2.0, 3.0, 4.0]>
      : (tensor<?x4x5xf32>, tensor<4x3x3xsi8>) -> tensor<?x6x7xf32>
  return
}

// -----

func.func @c9_depthwise_deconvolution(%x: tensor<?x4x5xf32>, %w: tensor<4x3xsi8>) {
  // expected-error@+1 {{expected one step or 2, one per output channel, but got 4 (C9)}}
  %0 = nn.fixed_point_quantized_depthwise_deconvolution %x, %w divisor 2 weight_format <bits = 8, signed, delta = [1.0, 2.0, 3.0, 4.0]>
      : (tensor<?x4x5xf32>, tensor<4x3xsi8>) -> tensor<?x2x7xf32>
  return
}

// -----

func.func @c10_codes_without_format(%x: tensor<?x4xf32>, %w: tensor<4x2xsi8>, %b: tensor<2xsi8>) {
  // expected-error@+1 {{expected a bias of f32 without bias_format but got 'tensor<2xsi8>' (C10)}}
  %0 = nn.fixed_point_quantized_affine %x, %w, %b weight_format <bits = 8, signed, delta = 1.0> : (tensor<?x4xf32>, tensor<4x2xsi8>, tensor<2xsi8>) -> tensor<?x2xf32>
  return
}

// -----

func.func @c10_floats_with_format(%x: tensor<?x4xf32>, %w: tensor<4x2xsi8>, %b: tensor<2xf32>) {
  // expected-error@+1 {{expected a bias of 'si8' but got 'tensor<2xf32>' (C10)}}
  %0 = nn.fixed_point_quantized_affine %x, %w, %b weight_format <bits = 8, signed, delta = 1.0> bias_format <bits = 8, signed, delta = 1.0>
      : (tensor<?x4xf32>, tensor<4x2xsi8>, tensor<2xf32>) -> tensor<?x2xf32>
  return
}

// -----

func.func @c10_format_without_bias(%x: tensor<?x4xf32>, %w: tensor<4x2xsi8>) {
  // expected-error@+1 {{expected bias_format to have a bias and one step (C10)}}
  %0 = nn.fixed_point_quantized_affine %x, %w weight_format <bits = 8, signed, delta = 1.0> bias_format <bits = 8, signed, delta = 1.0>
      : (tensor<?x4xf32>, tensor<4x2xsi8>) -> tensor<?x2xf32>
  return
}

// -----

func.func @c10_bias_per_channel(%x: tensor<?x4xf32>, %w: tensor<4x2xsi8>, %b: tensor<2xsi8>) {
  // expected-error@+1 {{expected bias_format to have a bias and one step (C10)}}
  %0 = nn.fixed_point_quantized_affine %x, %w, %b weight_format <bits = 8, signed, delta = 1.0> bias_format <bits = 8, signed, delta = [1.0, 2.0]>
      : (tensor<?x4xf32>, tensor<4x2xsi8>, tensor<2xsi8>) -> tensor<?x2xf32>
  return
}

// -----

func.func @c11_weight(%x: tensor<?x4xf32>, %w: tensor<4x2xsi16>) {
  // expected-error@+1 {{expected a weight format of at most 16 bits but got 17 (C11)}}
  %0 = nn.fixed_point_quantized_affine %x, %w weight_format <bits = 17, signed, delta = 1.0> : (tensor<?x4xf32>, tensor<4x2xsi16>) -> tensor<?x2xf32>
  return
}

// -----

func.func @c11_bias(%x: tensor<?x4xf32>, %w: tensor<4x2xsi8>, %b: tensor<2xsi16>) {
  // expected-error@+1 {{expected a bias format of at most 16 bits but got 24 (C11)}}
  %0 = nn.fixed_point_quantized_affine %x, %w, %b weight_format <bits = 8, signed, delta = 1.0> bias_format <bits = 24, signed, delta = 1.0>
      : (tensor<?x4xf32>, tensor<4x2xsi8>, tensor<2xsi16>) -> tensor<?x2xf32>
  return
}

// -----

func.func @c12_zero(%x: tensor<?x4xf32>, %w: tensor<4x2xsi8>) {
  // expected-error@+1 {{expected a positive and finite activation_maximum but got 0.000000e+00 (C12)}}
  %0 = nn.fixed_point_quantized_affine %x, %w weight_format <bits = 8, signed, delta = 1.0> activation_maximum 0.0
      : (tensor<?x4xf32>, tensor<4x2xsi8>) -> tensor<?x2xf32>
  return
}

// -----

func.func @c12_negative(%x: tensor<?x4xf32>, %w: tensor<4x2xsi8>) {
  // expected-error@+1 {{but got -1.000000e+00 (C12)}}
  %0 = nn.fixed_point_quantized_affine %x, %w weight_format <bits = 8, signed, delta = 1.0> activation_maximum -1.0
      : (tensor<?x4xf32>, tensor<4x2xsi8>) -> tensor<?x2xf32>
  return
}

// -----

func.func @c12_not_a_number(%x: tensor<?x4xf32>, %w: tensor<4x2xsi8>) {
  // expected-error@+1 {{but got nan (C12)}}
  %0 = nn.fixed_point_quantized_affine %x, %w weight_format <bits = 8, signed, delta = 1.0> activation_maximum 0x7fc00000
      : (tensor<?x4xf32>, tensor<4x2xsi8>) -> tensor<?x2xf32>
  return
}

// -----

func.func @float_weight(%x: tensor<?x4xf32>, %w: tensor<4x2xf32>) {
  // expected-error@+1 {{operand #1 must be ranked tensor of at most 2^40 elements of 8-bit signed integer or}}
  %0 = nn.fixed_point_quantized_affine %x, %w weight_format <bits = 8, signed, delta = 1.0> : (tensor<?x4xf32>, tensor<4x2xf32>) -> tensor<?x2xf32>
  return
}

// -----

// What the formats are compared with is checked before them.

func.func @c1_before_c9(%x: tensor<?x4x5xf32>, %w: tensor<2x4x3xsi8>) {
  // expected-error@+2 {{but got 2147483647 (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.fixed_point_quantized_convolution %x, %w base_axis 2147483647 weight_format <bits = 8, signed, delta = [1.0, 2.0]>
      : (tensor<?x4x5xf32>, tensor<2x4x3xsi8>) -> tensor<?x2x3xf32>
  return
}

// -----

func.func @c3_before_c9(%x: tensor<?x4x5xf32>, %w: tensor<4x3xsi8>) {
  // expected-error@+2 {{but got 0 (C3)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.fixed_point_quantized_depthwise_deconvolution %x, %w divisor 0 weight_format <bits = 8, signed, delta = [1.0, 2.0]>
      : (tensor<?x4x5xf32>, tensor<4x3xsi8>) -> tensor<?x2x3xf32>
  return
}
