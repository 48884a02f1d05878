// RUN: fpw-opt %s --split-input-file --verify-diagnostics

func.func @convolution_c1(%x: tensor<2x?x8x8xf32>, %w: tensor<4x3x3xf32>) {
  // expected-error@+2 {{expected static sizes of 1 to 16777216 after the batch but got 'tensor<2x?x8x8xf32>' (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.depthwise_convolution %x, %w : (tensor<2x?x8x8xf32>, tensor<4x3x3xf32>) -> tensor<2x4x6x6xf32>
  return
}

// -----

func.func @convolution_c2(%x: tensor<2x4x8x8xf32>, %w: tensor<4x3x3xf32>) {
  // expected-error@+2 {{expected dilation of 1 to 2147483647 but got -2 (C2)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.depthwise_convolution %x, %w dilation [-2, 1] : (tensor<2x4x8x8xf32>, tensor<4x3x3xf32>) -> tensor<2x4x6x6xf32>
  return
}

// -----

func.func @convolution_c3(%x: tensor<2x4x8x8xf32>, %w: tensor<0x3x3xf32>) {
  // expected-error@+2 {{expected a positive multiplier but got 0 (C3)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.depthwise_convolution %x, %w multiplier 0 : (tensor<2x4x8x8xf32>, tensor<0x3x3xf32>) -> tensor<2x0x6x6xf32>
  return
}

// -----

// 4 * 2^62 does not wrap to 0.

func.func @convolution_c3_overflow(%x: tensor<2x4x8x8xf32>, %w: tensor<0x3x3xf32>) {
  // expected-error@+2 {{expected a positive multiplier but got 4611686018427387904 (C3)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.depthwise_convolution %x, %w multiplier 4611686018427387904 : (tensor<2x4x8x8xf32>, tensor<0x3x3xf32>) -> tensor<2x0x6x6xf32>
  return
}

// -----

func.func @convolution_c4(%x: tensor<2x4x8x8xf32>, %w: tensor<4x3x3xf32>) {
  // expected-error@+2 {{expected the weight's first size to be 8 but got 'tensor<4x3x3xf32>' (C4)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.depthwise_convolution %x, %w multiplier 2 : (tensor<2x4x8x8xf32>, tensor<4x3x3xf32>) -> tensor<2x8x6x6xf32>
  return
}

// -----

func.func @convolution_c4_rank(%x: tensor<2x4x8x8xf32>, %w: tensor<4x1x3x3xf32>) {
  // expected-error@+2 {{expected a static weight of rank 3 but got 'tensor<4x1x3x3xf32>' (C4)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.depthwise_convolution %x, %w : (tensor<2x4x8x8xf32>, tensor<4x1x3x3xf32>) -> tensor<2x4x6x6xf32>
  return
}

// -----

func.func @convolution_c5(%x: tensor<2x4x2x8xf32>, %w: tensor<4x3x3xf32>) {
  // expected-error@+2 {{to fit into the padded 'tensor<2x4x2x8xf32>' in spatial dimension 0 (C5)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.depthwise_convolution %x, %w : (tensor<2x4x2x8xf32>, tensor<4x3x3xf32>) -> tensor<2x4x0x6xf32>
  return
}

// -----

func.func @convolution_c6(%x: tensor<2x4x8x8xf32>, %w: tensor<8x3x3xf32>, %b: tensor<4xf32>) {
  // expected-error@+2 {{expected a bias of 8 values but got 'tensor<4xf32>' (C6)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.depthwise_convolution %x, %w, %b multiplier 2 : (tensor<2x4x8x8xf32>, tensor<8x3x3xf32>, tensor<4xf32>) -> tensor<2x8x6x6xf32>
  return
}

// -----

func.func @deconvolution_c3_zero(%x: tensor<2x4x8x8xf32>, %w: tensor<4x3x3xf32>) {
  // expected-error@+2 {{expected a positive divisor that divides the channels but got 0 (C3)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.depthwise_deconvolution %x, %w divisor 0 : (tensor<2x4x8x8xf32>, tensor<4x3x3xf32>) -> tensor<2x4x10x10xf32>
  return
}

// -----

func.func @deconvolution_c3(%x: tensor<2x4x8x8xf32>, %w: tensor<4x3x3xf32>) {
  // expected-error@+2 {{expected a positive divisor that divides the channels but got 3 (C3)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.depthwise_deconvolution %x, %w divisor 3 : (tensor<2x4x8x8xf32>, tensor<4x3x3xf32>) -> tensor<2x1x10x10xf32>
  return
}

// -----

func.func @deconvolution_c4(%x: tensor<2x4x8x8xf32>, %w: tensor<2x3x3xf32>) {
  // expected-error@+2 {{expected the weight's first size to be 4 but got 'tensor<2x3x3xf32>' (C4)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.depthwise_deconvolution %x, %w divisor 2 : (tensor<2x4x8x8xf32>, tensor<2x3x3xf32>) -> tensor<2x2x10x10xf32>
  return
}

// -----

func.func @deconvolution_c5(%x: tensor<2x4x1x1xf32>, %w: tensor<4x1x1xf32>) {
  // expected-error@+2 {{(C5)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.depthwise_deconvolution %x, %w pad [1, 0] : (tensor<2x4x1x1xf32>, tensor<4x1x1xf32>) -> tensor<2x4x0x1xf32>
  return
}

// -----

func.func @deconvolution_c6(%x: tensor<2x4x8x8xf32>, %w: tensor<4x3x3xf32>, %b: tensor<4xf32>) {
  // expected-error@+2 {{expected a bias of 2 values but got 'tensor<4xf32>' (C6)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.depthwise_deconvolution %x, %w, %b divisor 2 : (tensor<2x4x8x8xf32>, tensor<4x3x3xf32>, tensor<4xf32>) -> tensor<2x2x10x10xf32>
  return
}
