// RUN: fpw-opt %s --split-input-file --verify-diagnostics

func.func @c1_no_spatial(%x: tensor<2x3xf32>, %w: tensor<4x3xf32>) {
  // expected-error@+2 {{expected base_axis to leave a channel and 1 to 3 spatial dimensions of 'tensor<2x3xf32>' but got 1 (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.convolution %x, %w : (tensor<2x3xf32>, tensor<4x3xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @c1_four_spatial(%x: tensor<2x3x8x8x8x8xf32>, %w: tensor<4x3x1x1x1x1xf32>) {
  // expected-error@+2 {{but got 1 (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.convolution %x, %w : (tensor<2x3x8x8x8x8xf32>, tensor<4x3x1x1x1x1xf32>) -> tensor<2x4x8x8x8x8xf32>
  return
}

// -----

func.func @c1_negative_base_axis(%x: tensor<2x3x8x8xf32>, %w: tensor<4x3x1x1xf32>) {
  // expected-error@+2 {{but got -3 (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.convolution %x, %w base_axis -3 : (tensor<2x3x8x8xf32>, tensor<4x3x1x1xf32>) -> tensor<2x4x8x8xf32>
  return
}

// -----

func.func @c1_largest_base_axis(%x: tensor<2x3x8x8xf32>, %w: tensor<4x3x1x1xf32>) {
  // expected-error@+2 {{but got 9223372036854775807 (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.convolution %x, %w base_axis 9223372036854775807 : (tensor<2x3x8x8xf32>, tensor<4x3x1x1xf32>) -> tensor<2x4x8x8xf32>
  return
}

// -----

func.func @c1_dynamic_image(%x: tensor<?x3x?x8xf32>, %w: tensor<4x3x1x1xf32>) {
  // expected-error@+2 {{expected static sizes of 1 to 16777216 after the batch but got 'tensor<?x3x?x8xf32>' (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.convolution %x, %w : (tensor<?x3x?x8xf32>, tensor<4x3x1x1xf32>) -> tensor<?x4x?x8xf32>
  return
}

// -----

func.func @c1_empty_image(%x: tensor<?x3x0x8xf32>, %w: tensor<4x3x1x1xf32>) {
  // expected-error@+2 {{expected static sizes of 1 to 16777216 after the batch but got 'tensor<?x3x0x8xf32>' (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.convolution %x, %w pad [1, 1] : (tensor<?x3x0x8xf32>, tensor<4x3x1x1xf32>) -> tensor<?x4x2x10xf32>
  return
}

// -----

func.func @c1_long_image(%x: tensor<1x1x16777217xf32>, %w: tensor<1x1x1xf32>) {
  // expected-error@+2 {{expected static sizes of 1 to 16777216 after the batch}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.convolution %x, %w : (tensor<1x1x16777217xf32>, tensor<1x1x1xf32>) -> tensor<1x1x16777217xf32>
  return
}

// -----

func.func @c2_number_of_pads(%x: tensor<2x3x8x8xf32>, %w: tensor<4x3x1x1xf32>) {
  // expected-error@+2 {{expected pad to have 2 values but got 3 (C2)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.convolution %x, %w pad [0, 0, 0] : (tensor<2x3x8x8xf32>, tensor<4x3x1x1xf32>) -> tensor<2x4x8x8xf32>
  return
}

// -----

func.func @c2_negative_pad(%x: tensor<2x3x8x8xf32>, %w: tensor<4x3x1x1xf32>) {
  // expected-error@+2 {{expected pad of 0 to 2147483647 but got -1 (C2)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.convolution %x, %w pad [0, -1] : (tensor<2x3x8x8xf32>, tensor<4x3x1x1xf32>) -> tensor<2x4x8x8xf32>
  return
}

// -----

func.func @c2_no_stride(%x: tensor<2x3x8x8xf32>, %w: tensor<4x3x1x1xf32>) {
  // expected-error@+2 {{expected stride of 1 to 2147483647 but got 0 (C2)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.convolution %x, %w stride [1, 0] : (tensor<2x3x8x8xf32>, tensor<4x3x1x1xf32>) -> tensor<2x4x8x8xf32>
  return
}

// -----

func.func @c2_huge_dilation(%x: tensor<2x3x8x8xf32>, %w: tensor<4x3x3x3xf32>) {
  // expected-error@+2 {{expected dilation of 1 to 2147483647 but got 9223372036854775807 (C2)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.convolution %x, %w dilation [1, 9223372036854775807] : (tensor<2x3x8x8xf32>, tensor<4x3x3x3xf32>) -> tensor<2x4x8x8xf32>
  return
}

// -----

func.func @c3_group_of_zero(%x: tensor<2x4x8x8xf32>, %w: tensor<4x4x1x1xf32>) {
  // expected-error@+2 {{expected a positive group that divides the channels but got 0 (C3)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.convolution %x, %w group 0 : (tensor<2x4x8x8xf32>, tensor<4x4x1x1xf32>) -> tensor<2x4x8x8xf32>
  return
}

// -----

func.func @c3_group_divides_inputs_only(%x: tensor<2x4x8x8xf32>, %w: tensor<3x2x1x1xf32>) {
  // expected-error@+2 {{expected a positive group that divides the channels but got 2 (C3)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.convolution %x, %w group 2 : (tensor<2x4x8x8xf32>, tensor<3x2x1x1xf32>) -> tensor<2x3x8x8xf32>
  return
}

// -----

func.func @c4_rank(%x: tensor<2x4x8x8xf32>, %w: tensor<3x4x1xf32>) {
  // expected-error@+2 {{expected a static weight of rank 4 but got 'tensor<3x4x1xf32>' (C4)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.convolution %x, %w : (tensor<2x4x8x8xf32>, tensor<3x4x1xf32>) -> tensor<2x3x8x8xf32>
  return
}

// -----

func.func @c4_channels(%x: tensor<2x4x8x8xf32>, %w: tensor<4x4x1x1xf32>) {
  // expected-error@+2 {{expected a weight of 2 channels per group but got 'tensor<4x4x1x1xf32>' (C4)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.convolution %x, %w group 2 : (tensor<2x4x8x8xf32>, tensor<4x4x1x1xf32>) -> tensor<2x4x8x8xf32>
  return
}

// -----

func.func @c4_channels_last(%x: tensor<2x8x8x4xf32>, %w: tensor<3x4x1x1xf32>) {
  // expected-error@+2 {{expected a weight of 4 channels per group but got 'tensor<3x4x1x1xf32>' (C4)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.convolution %x, %w channel_last : (tensor<2x8x8x4xf32>, tensor<3x4x1x1xf32>) -> tensor<2x8x8x3xf32>
  return
}

// -----

func.func @c4_empty_kernel(%x: tensor<2x4x8x8xf32>, %w: tensor<3x4x0x1xf32>) {
  // expected-error@+2 {{expected a kernel of positive sizes but got 'tensor<3x4x0x1xf32>' (C4)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.convolution %x, %w : (tensor<2x4x8x8xf32>, tensor<3x4x0x1xf32>) -> tensor<2x3x9x8xf32>
  return
}

// -----

// nnabla rounds a negative size towards zero and computes one position of this; we refuse it.

func.func @c5_truncating_division(%x: tensor<1x1x2xf32>, %w: tensor<1x1x3xf32>) {
  // expected-error@+2 {{to fit into the padded 'tensor<1x1x2xf32>' in spatial dimension 0 (C5)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.convolution %x, %w stride [2] : (tensor<1x1x2xf32>, tensor<1x1x3xf32>) -> tensor<1x1x1xf32>
  return
}

// -----

func.func @c5_dilated(%x: tensor<2x4x8x8xf32>, %w: tensor<3x4x1x3xf32>) {
  // expected-error@+2 {{to fit into the padded 'tensor<2x4x8x8xf32>' in spatial dimension 1 (C5)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.convolution %x, %w dilation [2147483647, 2147483647] : (tensor<2x4x8x8xf32>, tensor<3x4x1x3xf32>) -> tensor<2x3x8x8xf32>
  return
}

// -----

func.func @c6_bias(%x: tensor<2x4x8x8xf32>, %w: tensor<3x4x1x1xf32>, %b: tensor<4xf32>) {
  // expected-error@+2 {{expected a bias of 3 values but got 'tensor<4xf32>' (C6)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.convolution %x, %w, %b : (tensor<2x4x8x8xf32>, tensor<3x4x1x1xf32>, tensor<4xf32>) -> tensor<2x3x8x8xf32>
  return
}

// -----

func.func @c6_rank_of_bias(%x: tensor<2x4x8x8xf32>, %w: tensor<3x4x1x1xf32>, %b: tensor<1x3xf32>) {
  // expected-error@+2 {{expected a bias of 3 values but got 'tensor<1x3xf32>' (C6)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.convolution %x, %w, %b : (tensor<2x4x8x8xf32>, tensor<3x4x1x1xf32>, tensor<1x3xf32>) -> tensor<2x3x8x8xf32>
  return
}

// -----

func.func @unknown_attribute(%x: tensor<2x4x8x8xf32>, %w: tensor<3x4x1x1xf32>) {
  // expected-error@+1 {{unknown attribute 'nn.padding' of the nn dialect}}
  %0 = nn.convolution %x, %w {nn.padding = 1} : (tensor<2x4x8x8xf32>, tensor<3x4x1x1xf32>) -> tensor<2x3x8x8xf32>
  return
}
