// RUN: fpw-opt %s --split-input-file --verify-diagnostics

// (C1), (C2) and (C6) are checked by the code that checks them for convolutions.

func.func @c1(%x: tensor<2x3xf32>, %w: tensor<3x4x3xf32>) {
  // expected-error@+2 {{but got 1 (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.deconvolution %x, %w : (tensor<2x3xf32>, tensor<3x4x3xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @c2(%x: tensor<2x4x8x8xf32>, %w: tensor<4x3x1x1xf32>) {
  // expected-error@+2 {{expected stride to have 2 values but got 1 (C2)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.deconvolution %x, %w stride [2] : (tensor<2x4x8x8xf32>, tensor<4x3x1x1xf32>) -> tensor<2x3x8x8xf32>
  return
}

// -----

func.func @c3(%x: tensor<2x4x8x8xf32>, %w: tensor<4x3x1x1xf32>) {
  // expected-error@+2 {{expected a positive group that divides the channels but got 3 (C3)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.deconvolution %x, %w group 3 : (tensor<2x4x8x8xf32>, tensor<4x3x1x1xf32>) -> tensor<2x9x8x8xf32>
  return
}

// -----

func.func @c4(%x: tensor<2x4x8x8xf32>, %w: tensor<3x4x1x1xf32>) {
  // expected-error@+2 {{expected the weight's first size to be 4 but got 'tensor<3x4x1x1xf32>' (C4)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.deconvolution %x, %w : (tensor<2x4x8x8xf32>, tensor<3x4x1x1xf32>) -> tensor<2x4x8x8xf32>
  return
}

// -----

func.func @c5(%x: tensor<2x4x1x1xf32>, %w: tensor<4x3x2x2xf32>) {
  // expected-error@+2 {{in spatial dimension 0 (C5)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.deconvolution %x, %w pad [1, 1] : (tensor<2x4x1x1xf32>, tensor<4x3x2x2xf32>) -> tensor<2x3x0x0xf32>
  return
}

// -----

func.func @c5_size_beyond_memory(%x: tensor<1x1x16777216xf32>, %w: tensor<1x1x16777216xf32>) {
  // expected-error@+2 {{expected a result of at most 2^40 elements but got shape [1, 1, 72057591856889857]}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.deconvolution %x, %w stride [2147483647] dilation [2147483647] output_padding [2147483646]
      : (tensor<1x1x16777216xf32>, tensor<1x1x16777216xf32>) -> tensor<1x1x?xf32>
  return
}

// -----

func.func @c6(%x: tensor<2x4x8x8xf32>, %w: tensor<4x3x1x1xf32>, %b: tensor<3xf32>) {
  // expected-error@+2 {{expected a bias of 6 values but got 'tensor<3xf32>' (C6)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.deconvolution %x, %w, %b group 2 : (tensor<2x4x8x8xf32>, tensor<4x3x1x1xf32>, tensor<3xf32>) -> tensor<2x6x8x8xf32>
  return
}

// -----

func.func @c7_below_stride(%x: tensor<2x4x8x8xf32>, %w: tensor<4x3x1x1xf32>) {
  // expected-error@+2 {{expected output_padding below the stride 2 but got 2 (C7)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.deconvolution %x, %w stride [2, 2] output_padding [1, 2] : (tensor<2x4x8x8xf32>, tensor<4x3x1x1xf32>) -> tensor<2x3x16x17xf32>
  return
}

// -----

func.func @c7_below_default_stride(%x: tensor<2x4x8x8xf32>, %w: tensor<4x3x1x1xf32>) {
  // expected-error@+2 {{expected output_padding below the stride 1 but got 1 (C7)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.deconvolution %x, %w output_padding [1, 0] : (tensor<2x4x8x8xf32>, tensor<4x3x1x1xf32>) -> tensor<2x3x9x8xf32>
  return
}

// -----

func.func @c7_count(%x: tensor<2x4x8x8xf32>, %w: tensor<4x3x1x1xf32>) {
  // expected-error@+2 {{expected output_padding to have 2 values but got 1 (C7)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.deconvolution %x, %w output_padding [0] : (tensor<2x4x8x8xf32>, tensor<4x3x1x1xf32>) -> tensor<2x3x8x8xf32>
  return
}

// -----

func.func @c7_negative(%x: tensor<2x4x8x8xf32>, %w: tensor<4x3x1x1xf32>) {
  // expected-error@+2 {{expected output_padding of 0 to 2147483647 but got -1 (C7)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.deconvolution %x, %w output_padding [-1, 0] : (tensor<2x4x8x8xf32>, tensor<4x3x1x1xf32>) -> tensor<2x3x7x8xf32>
  return
}
