// RUN: fpw-opt %s --split-input-file --verify-diagnostics

func.func @c1_no_axis(%x: tensor<?x4x8xf32>, %p: tensor<4xf32>, %q: tensor<3xf32>) {
  // expected-error@+2 {{expected one axis with a static size of 'tensor<?x4x8xf32>' but got [] (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.batch_normalization %x mean %p variance %p axes [] : (tensor<?x4x8xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<?x4x8xf32>
  return
}

// -----

func.func @c1_two_axes(%x: tensor<?x4x8xf32>, %p: tensor<4xf32>, %q: tensor<3xf32>) {
  // expected-error@+2 {{but got [1, 2] (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.batch_normalization %x mean %p variance %p axes [1, 2] : (tensor<?x4x8xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<?x4x8xf32>
  return
}

// -----

func.func @c1_negative(%x: tensor<?x4x8xf32>, %p: tensor<4xf32>, %q: tensor<3xf32>) {
  // expected-error@+2 {{but got [-2] (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.batch_normalization %x mean %p variance %p axes [-2] : (tensor<?x4x8xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<?x4x8xf32>
  return
}

// -----

func.func @c1_large(%x: tensor<?x4x8xf32>, %p: tensor<4xf32>, %q: tensor<3xf32>) {
  // expected-error@+2 {{but got [9223372036854775807] (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.batch_normalization %x mean %p variance %p axes [9223372036854775807] : (tensor<?x4x8xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<?x4x8xf32>
  return
}

// -----

func.func @c1_dynamic(%x: tensor<?x4x8xf32>, %p: tensor<4xf32>, %q: tensor<3xf32>) {
  // expected-error@+2 {{but got [0] (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.batch_normalization %x mean %p variance %p axes [0] : (tensor<?x4x8xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<?x4x8xf32>
  return
}

// -----

func.func @c1_rank_0(%x: tensor<f32>, %p: tensor<4xf32>, %q: tensor<3xf32>) {
  // expected-error@+2 {{but got [0] (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.batch_normalization %x mean %p variance %p axes [0] : (tensor<f32>, tensor<4xf32>, tensor<4xf32>) -> tensor<f32>
  return
}

// -----

func.func @c2_mean(%x: tensor<?x4x8xf32>, %p: tensor<4xf32>, %q: tensor<3xf32>) {
  // expected-error@+2 {{expected 4 elements, one per index of the axis, but got 'tensor<3xf32>' (C2)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.batch_normalization %x mean %q variance %p axes [1] : (tensor<?x4x8xf32>, tensor<3xf32>, tensor<4xf32>) -> tensor<?x4x8xf32>
  return
}

// -----

func.func @c2_beta(%x: tensor<?x4x8xf32>, %p: tensor<4xf32>, %q: tensor<3xf32>) {
  // expected-error@+2 {{expected 4 elements, one per index of the axis, but got 'tensor<3xf32>' (C2)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.batch_normalization %x beta %q mean %p variance %p axes [1] : (tensor<?x4x8xf32>, tensor<3xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<?x4x8xf32>
  return
}

// -----

func.func @c2_dynamic(%x: tensor<?x4x8xf32>, %p: tensor<?xf32>) {
  // expected-error@+2 {{but got 'tensor<?xf32>' (C2)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.batch_normalization %x mean %p variance %p axes [1] : (tensor<?x4x8xf32>, tensor<?xf32>, tensor<?xf32>) -> tensor<?x4x8xf32>
  return
}

// -----

func.func @c3_negative(%x: tensor<?x4x8xf32>, %p: tensor<4xf32>, %q: tensor<3xf32>) {
  // expected-error@+2 {{expected an eps of 0 or more but got -1.000000e+00 (C3)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.batch_normalization %x mean %p variance %p axes [1] eps -1.0 : (tensor<?x4x8xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<?x4x8xf32>
  return
}

// -----

func.func @c3_nan(%x: tensor<?x4x8xf32>, %p: tensor<4xf32>, %q: tensor<3xf32>) {
  // expected-error@+2 {{expected an eps of 0 or more but got nan (C3)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.batch_normalization %x mean %p variance %p axes [1] eps 0x7FC00000 : (tensor<?x4x8xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<?x4x8xf32>
  return
}

// -----

func.func @missing_variance(%x: tensor<?x4x8xf32>, %p: tensor<4xf32>, %q: tensor<3xf32>) {
  // expected-error@+1 {{expected}}
  %0 = "nn.batch_normalization"(%x, %p) <{axes = array<i64: 1>, operandSegmentSizes = array<i32: 1, 0, 0, 1, 0>}> : (tensor<?x4x8xf32>, tensor<4xf32>) -> tensor<?x4x8xf32>
  return
}
