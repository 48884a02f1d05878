// RUN: fpw-opt %s --split-input-file --verify-diagnostics

func.func @concatenate_c1_none() {
  // expected-error@+2 {{expected at least one input (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = "nn.concatenate"() : () -> tensor<4xf32>
  return
}

// -----

func.func @concatenate_c1_axis(%a: tensor<?x2x4xf32>, %b: tensor<?x3x4xf32>) {
  // expected-error@+2 {{expected axis in [-3, 3) but got 3 (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.concatenate %a, %b axis 3 : (tensor<?x2x4xf32>, tensor<?x3x4xf32>) -> tensor<?x5x4xf32>
  return
}

// -----

func.func @concatenate_c1_rank(%a: tensor<?x2x4xf32>, %b: tensor<?x3x4xf32>, %c: tensor<3x4xf32>) {
  // expected-error@+2 {{expected inputs of one rank but got 'tensor<?x2x4xf32>' and 'tensor<3x4xf32>' (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.concatenate %a, %c axis 1 : (tensor<?x2x4xf32>, tensor<3x4xf32>) -> tensor<?x5x4xf32>
  return
}

// -----

func.func @concatenate_c1_rank_0(%a: tensor<f32>) {
  // expected-error@+2 {{expected axis in [0, 0) but got -1 (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.concatenate %a : (tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @concatenate_c2(%a: tensor<?x2x4xf32>, %b: tensor<?x3x4xf32>) {
  // expected-error@+2 {{expected sizes to agree except along axis 2, where they are static, but got 'tensor<?x2x4xf32>' and 'tensor<?x3x4xf32>' (C2)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.concatenate %a, %b : (tensor<?x2x4xf32>, tensor<?x3x4xf32>) -> tensor<?x2x8xf32>
  return
}

// -----

func.func @concatenate_c2_dynamic(%a: tensor<?x2x4xf32>, %b: tensor<?x3x4xf32>) {
  // expected-error@+2 {{but got 'tensor<?x2x4xf32>' and 'tensor<?x2x4xf32>' (C2)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.concatenate %a axis 0 : (tensor<?x2x4xf32>) -> tensor<?x2x4xf32>
  return
}

// -----

// Sizes that agree with a dynamic one agree with each other.

func.func @concatenate_c2_through_dynamic(%a: tensor<?x1xf32>, %b: tensor<2x1xf32>, %c: tensor<3x1xf32>) {
  // expected-error@+2 {{but got 'tensor<?x1xf32>' and 'tensor<3x1xf32>' (C2)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.concatenate %a, %b, %c : (tensor<?x1xf32>, tensor<2x1xf32>, tensor<3x1xf32>) -> tensor<?x3xf32>
  return
}

// -----

func.func @concatenate_too_large(%a: tensor<1099511627776xf32>) {
  // expected-error@+2 {{expected a result of at most 2^40 elements but got shape [2199023255552]}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.concatenate %a, %a : (tensor<1099511627776xf32>, tensor<1099511627776xf32>) -> tensor<?xf32>
  return
}

// -----

func.func @stack_c1_none() {
  // expected-error@+2 {{expected at least one input (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = "nn.stack"() : () -> tensor<4xf32>
  return
}

// -----

func.func @stack_c1_axis(%a: tensor<4xf32>) {
  // expected-error@+2 {{expected axis in [-2, 2) but got 2 (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.stack %a axis 2 : (tensor<4xf32>) -> tensor<4x1xf32>
  return
}

// -----

func.func @stack_c1_rank(%a: tensor<2x4xf32>, %b: tensor<2xf32>) {
  // expected-error@+2 {{expected inputs of one shape but got 'tensor<2x4xf32>' and 'tensor<2xf32>' (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.stack %a, %b : (tensor<2x4xf32>, tensor<2xf32>) -> tensor<2x2x4xf32>
  return
}

// -----

// Sizes that agree with a dynamic one agree with each other.

func.func @stack_c1_through_dynamic(%a: tensor<?xf32>, %b: tensor<2xf32>, %c: tensor<3xf32>) {
  // expected-error@+2 {{expected inputs of one shape but got 'tensor<?xf32>' and 'tensor<3xf32>' (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.stack %a, %b, %c : (tensor<?xf32>, tensor<2xf32>, tensor<3xf32>) -> tensor<3x?xf32>
  return
}

// -----

func.func @stack_c1_shapes(%a: tensor<?x2x4xf32>, %b: tensor<?x3x4xf32>) {
  // expected-error@+2 {{expected inputs of one shape but got 'tensor<?x2x4xf32>' and 'tensor<?x3x4xf32>' (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.stack %a, %b : (tensor<?x2x4xf32>, tensor<?x3x4xf32>) -> tensor<2x?x2x4xf32>
  return
}

// -----

func.func @split_c1_axis(%a: tensor<?x2x4xf32>, %b: tensor<?x3x4xf32>) {
  // expected-error@+2 {{expected axis in [-3, 3) but got -4 (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.split %a axis -4 : (tensor<?x2x4xf32>) -> tensor<?x4xf32>
  return
}

// -----

func.func @split_c1_dynamic(%a: tensor<?x2x4xf32>, %b: tensor<?x3x4xf32>) {
  // expected-error@+2 {{expected a static dimension of at most 65536 but got 'tensor<?x2x4xf32>' (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.split %a : (tensor<?x2x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @split_c1_long(%a: tensor<65537x1xf32>) {
  // expected-error@+2 {{expected a static dimension of at most 65536 but got 'tensor<65537x1xf32>' (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.split %a : (tensor<65537x1xf32>) -> tensor<1xf32>
  return
}

// -----

func.func @split_results(%a: tensor<?x2x4xf32>, %b: tensor<?x3x4xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{are incompatible with return type(s)}}
  %0 = nn.split %a axis 1 : (tensor<?x2x4xf32>) -> tensor<?x4xf32>
  return
}

// -----

func.func @batch_matmul_c1_rank(%a: tensor<4xf32>) {
  // expected-error@+2 {{expected batches of static matrices of one rank but got 'tensor<4xf32>' and 'tensor<4xf32>' (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.batch_matmul %a, %a : (tensor<4xf32>, tensor<4xf32>) -> tensor<f32>
  return
}

// -----

func.func @batch_matmul_c1_dynamic(%a: tensor<2x?xf32>, %b: tensor<4x2xf32>) {
  // expected-error@+2 {{but got 'tensor<2x?xf32>' and 'tensor<4x2xf32>' (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.batch_matmul %a, %b : (tensor<2x?xf32>, tensor<4x2xf32>) -> tensor<2x2xf32>
  return
}

// -----

func.func @batch_matmul_c2(%a: tensor<?x2x4xf32>, %b: tensor<?x3x4xf32>) {
  // expected-error@+2 {{expected inner sizes to agree but got 4 and 3 (C2)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.batch_matmul %a, %b : (tensor<?x2x4xf32>, tensor<?x3x4xf32>) -> tensor<?x2x4xf32>
  return
}

// -----

func.func @batch_matmul_c3(%a: tensor<2x3x4xf32>, %b: tensor<5x4x3xf32>) {
  // expected-error@+2 {{expected leading sizes to agree or to be 1 but got 'tensor<2x3x4xf32>' and 'tensor<5x4x3xf32>' (C3)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.batch_matmul %a, %b : (tensor<2x3x4xf32>, tensor<5x4x3xf32>) -> tensor<2x3x3xf32>
  return
}
