// RUN: fpw-opt %s --split-input-file --verify-diagnostics

func.func @c1_no_kernel(%x: tensor<?x4x8x8xf32>) {
  // expected-error@+2 {{expected a kernel for 1 to 3 static dimensions, with others before them or the channel behind, but got 'tensor<?x4x8x8xf32>' (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.max_pooling %x kernel [] : (tensor<?x4x8x8xf32>) -> tensor<?x4x8x8xf32>
  return
}

// -----

func.func @c1_long_kernel(%x: tensor<?x4x8x8xf32>) {
  // expected-error@+2 {{expected a kernel for 1 to 3 static dimensions, with others before them or the channel behind, but got 'tensor<?x4x8x8xf32>' (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.max_pooling %x kernel [1, 1, 1, 1] : (tensor<?x4x8x8xf32>) -> tensor<?x4x8x8xf32>
  return
}

// -----

func.func @c1_rank(%x: tensor<8x8xf32>) {
  // expected-error@+2 {{expected a kernel for 1 to 3 static dimensions, with others before them or the channel behind, but got 'tensor<8x8xf32>' (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.sum_pooling %x kernel [2, 2] : (tensor<8x8xf32>) -> tensor<4x4xf32>
  return
}

// -----

func.func @c1_rank_0(%x: tensor<f32>) {
  // expected-error@+2 {{(C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.sum_pooling %x kernel [2, 2] channel_last : (tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @c1_dynamic(%x: tensor<1x4x?xf32>) {
  // expected-error@+2 {{expected a kernel for 1 to 3 static dimensions, with others before them or the channel behind, but got 'tensor<1x4x?xf32>' (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.average_pooling %x kernel [2] : (tensor<1x4x?xf32>) -> tensor<1x4x?xf32>
  return
}

// -----

// The batch cannot be a spatial dimension.

func.func @c1_dynamic_first(%x: tensor<?x4x2xf32>) {
  // expected-error@+2 {{expected a kernel for 1 to 3 static dimensions, with others before them or the channel behind, but got 'tensor<?x4x2xf32>' (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.average_pooling %x kernel [2, 2] channel_last : (tensor<?x4x2xf32>) -> tensor<?x2x2xf32>
  return
}

// -----

func.func @c1_empty(%x: tensor<1x4x0xf32>) {
  // expected-error@+2 {{expected a kernel for 1 to 3 static dimensions, with others before them or the channel behind, but got 'tensor<1x4x0xf32>' (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.max_pooling %x kernel [2] pad [1] : (tensor<1x4x0xf32>) -> tensor<1x4x1xf32>
  return
}

// -----

func.func @c1_kernel_of_zero(%x: tensor<?x4x8x8xf32>) {
  // expected-error@+2 {{expected kernel of 1 to 2147483647 but got 0 (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.max_pooling %x kernel [2, 0] : (tensor<?x4x8x8xf32>) -> tensor<?x4x4x8xf32>
  return
}

// -----

func.func @c1_huge_kernel(%x: tensor<?x4x8x8xf32>) {
  // expected-error@+2 {{expected kernel of 1 to 2147483647 but got 9223372036854775807 (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.max_pooling %x kernel [2, 9223372036854775807] : (tensor<?x4x8x8xf32>) -> tensor<?x4x4x8xf32>
  return
}

// -----

func.func @c2_number_of_strides(%x: tensor<?x4x8x8xf32>) {
  // expected-error@+2 {{expected stride to have 2 values but got 1 (C2)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.max_pooling %x kernel [2, 2] stride [2] : (tensor<?x4x8x8xf32>) -> tensor<?x4x4x4xf32>
  return
}

// -----

func.func @c2_negative_stride(%x: tensor<?x4x8x8xf32>) {
  // expected-error@+2 {{expected stride of 1 to 2147483647 but got -1 (C2)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.max_pooling %x kernel [2, 2] stride [2, -1] : (tensor<?x4x8x8xf32>) -> tensor<?x4x4x4xf32>
  return
}

// -----

func.func @c2_negative_pad(%x: tensor<?x4x8x8xf32>) {
  // expected-error@+2 {{expected pad of 0 to 2147483647 but got -9223372036854775808 (C2)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.max_pooling %x kernel [2, 2] pad [0, -9223372036854775808] : (tensor<?x4x8x8xf32>) -> tensor<?x4x4x4xf32>
  return
}

// -----

func.func @c2_pad_not_below_kernel(%x: tensor<?x4x8x8xf32>) {
  // expected-error@+2 {{expected a pad below the kernel 2 but got 2 (C2)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.max_pooling %x kernel [3, 2] pad [2, 2] : (tensor<?x4x8x8xf32>) -> tensor<?x4x4x6xf32>
  return
}

// -----

func.func @c3(%x: tensor<?x4x8x8xf32>) {
  // expected-error@+2 {{expected the kernel to fit into the padded 'tensor<?x4x8x8xf32>' in spatial dimension 1 (C3)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.max_pooling %x kernel [10, 11] pad [1, 1] : (tensor<?x4x8x8xf32>) -> tensor<?x4x1x1xf32>
  return
}

// -----

// A negative size is not rounded towards zero.

func.func @c3_rounding(%x: tensor<?x4x8x8xf32>) {
  // expected-error@+2 {{in spatial dimension 0 (C3)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.max_pooling %x kernel [9, 8] stride [2, 1] : (tensor<?x4x8x8xf32>) -> tensor<?x4x1x1xf32>
  return
}

// -----

func.func @global_c1_rank(%x: tensor<2x4xf32>) {
  // expected-error@+2 {{expected a batch, a channel and static spatial dimensions but got 'tensor<2x4xf32>' (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.global_average_pooling %x : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @global_c1_rank_0(%x: tensor<f32>) {
  // expected-error@+2 {{(C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.global_average_pooling %x channel_last : (tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @global_c1_dynamic(%x: tensor<2x4x?xf32>) {
  // expected-error@+2 {{expected a batch, a channel and static spatial dimensions but got 'tensor<2x4x?xf32>' (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.global_average_pooling %x : (tensor<2x4x?xf32>) -> tensor<2x4x1xf32>
  return
}

// -----

// The mean of nothing.

func.func @global_c1_empty(%x: tensor<2x0x4xf32>) {
  // expected-error@+2 {{(C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.global_average_pooling %x channel_last : (tensor<2x0x4xf32>) -> tensor<2x1x4xf32>
  return
}

// -----

func.func @unpooling_c1_no_kernel(%x: tensor<?x4x8x8xf32>) {
  // expected-error@+2 {{expected a kernel of 1 or more sizes for static dimensions of 'tensor<?x4x8x8xf32>' but got [] (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.unpooling %x kernel [] : (tensor<?x4x8x8xf32>) -> tensor<?x4x8x8xf32>
  return
}

// -----

func.func @unpooling_c1_long_kernel(%x: tensor<2x4xf32>) {
  // expected-error@+2 {{but got [2, 2] (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.unpooling %x kernel [2, 2] channel_last : (tensor<2x4xf32>) -> tensor<4x4xf32>
  return
}

// -----

func.func @unpooling_c1_dynamic(%x: tensor<?x4xf32>) {
  // expected-error@+2 {{but got [2, 2] (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.unpooling %x kernel [2, 2] : (tensor<?x4xf32>) -> tensor<?x8xf32>
  return
}

// -----

func.func @unpooling_c1_kernel_of_zero(%x: tensor<?x4xf32>) {
  // expected-error@+2 {{expected kernel of 1 to 2147483647 but got 0 (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.unpooling %x kernel [0] : (tensor<?x4xf32>) -> tensor<?x0xf32>
  return
}

// -----

func.func @unpooling_c1_overflow(%x: tensor<549755813888xf32>) {
  // expected-error@+2 {{expected result sizes to fit 64 bits (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.unpooling %x kernel [2147483647] : (tensor<549755813888xf32>) -> tensor<?xf32>
  return
}

// -----

func.func @unpooling_too_large(%x: tensor<4096xf32>) {
  // expected-error@+2 {{expected a result of at most 2^40 elements but got shape [8796093018112]}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.unpooling %x kernel [2147483647] : (tensor<4096xf32>) -> tensor<?xf32>
  return
}
