// RUN: fpw-opt %s --split-input-file --verify-diagnostics

func.func @c1_range(%x: tensor<?x3x4xf32>) {
  // expected-error@+2 {{expected axes in [-3, 3) but got 3 (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.sum %x axes [3] : (tensor<?x3x4xf32>) -> tensor<?x3x4xf32>
  return
}

// -----

func.func @c1_smallest(%x: tensor<?x3x4xf32>) {
  // expected-error@+2 {{expected axes in [-3, 3) but got -9223372036854775808 (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.mean %x axes [-9223372036854775808] : (tensor<?x3x4xf32>) -> tensor<?x3x4xf32>
  return
}

// -----

func.func @c1_twice(%x: tensor<?x3x4xf32>) {
  // expected-error@+2 {{expected axes to differ but got -1 twice (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.max %x axes [2, -1] : (tensor<?x3x4xf32>) -> tensor<?x3xf32>
  return
}

// -----

func.func @c1_rank_0(%x: tensor<f32>) {
  // expected-error@+2 {{expected axes in [0, 0) but got 0 (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.prod %x axes [0] : (tensor<f32>) -> tensor<f32>
  return
}

// -----

// Without keep_dims, reduced dimensions disappear.

func.func @result(%x: tensor<?x3x4xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{are incompatible with return type(s)}}
  %0 = nn.min %x axes [1, 2] : (tensor<?x3x4xf32>) -> tensor<?x1x1xf32>
  return
}
