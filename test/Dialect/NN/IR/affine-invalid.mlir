// RUN: fpw-opt %s --split-input-file --verify-diagnostics

func.func @c1_base_axis(%x: tensor<2x3xf32>, %w: tensor<3x4xf32>) {
  // expected-error@+2 {{expected base_axis in [-2, 2) but got 2 (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.affine %x, %w base_axis 2 : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @c1_smallest_base_axis(%x: tensor<2x3xf32>, %w: tensor<3x4xf32>) {
  // expected-error@+2 {{expected base_axis in [-2, 2) but got -9223372036854775808 (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.affine %x, %w base_axis -9223372036854775808 : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @c1_rank_0(%x: tensor<f32>, %w: tensor<1x4xf32>) {
  // expected-error@+2 {{expected base_axis in [0, 0) but got 0 (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.affine %x, %w base_axis 0 : (tensor<f32>, tensor<1x4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @c1_dynamic_columns(%x: tensor<2x?xf32>, %w: tensor<3x4xf32>) {
  // expected-error@+2 {{expected static dimensions from base_axis on but got 'tensor<2x?xf32>' (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.affine %x, %w : (tensor<2x?xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @c2_columns(%x: tensor<2x3x5xf32>, %w: tensor<14x4xf32>) {
  // expected-error@+2 {{expected a weight of 15 inputs and at least one output dimension but got 'tensor<14x4xf32>' (C2)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.affine %x, %w : (tensor<2x3x5xf32>, tensor<14x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @c2_rank(%x: tensor<2x3xf32>, %w: tensor<3xf32>) {
  // expected-error@+2 {{expected a weight of 3 inputs and at least one output dimension but got 'tensor<3xf32>' (C2)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.affine %x, %w : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @c2_dynamic_weight(%x: tensor<2x3xf32>, %w: tensor<3x?xf32>) {
  // expected-error@+2 {{expected a weight of 3 inputs and at least one output dimension but got 'tensor<3x?xf32>' (C2)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.affine %x, %w : (tensor<2x3xf32>, tensor<3x?xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @c3_bias(%x: tensor<2x3xf32>, %w: tensor<3x2x4xf32>, %b: tensor<8xf32>) {
  // expected-error@+2 {{expected a bias of shape [2, 4] but got 'tensor<8xf32>' (C3)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.affine %x, %w, %b : (tensor<2x3xf32>, tensor<3x2x4xf32>, tensor<8xf32>) -> tensor<2x2x4xf32>
  return
}

// -----

// The result has exactly the inferred type: no size forgotten, none asserted.

func.func @result(%x: tensor<2x3xf32>, %w: tensor<3x4xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{inferred type(s) 'tensor<2x4xf32>' are incompatible with return type(s) of operation 'tensor<2x5xf32>'}}
  %0 = nn.affine %x, %w : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x5xf32>
  return
}

// -----

func.func @forgotten_size(%x: tensor<?x3xf32>, %w: tensor<3x4xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{inferred type(s) 'tensor<?x4xf32>' are incompatible with return type(s) of operation 'tensor<?x?xf32>'}}
  %0 = nn.affine %x, %w : (tensor<?x3xf32>, tensor<3x4xf32>) -> tensor<?x?xf32>
  return
}

// -----

func.func @asserted_size(%x: tensor<?x3xf32>, %w: tensor<3x4xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{inferred type(s) 'tensor<?x4xf32>' are incompatible with return type(s) of operation 'tensor<2x4xf32>'}}
  %0 = nn.affine %x, %w : (tensor<?x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

// 2^32 * 2^32 does not wrap to 0.

func.func @too_large_operand(%x: tensor<4294967296x4294967296xf32>, %w: tensor<0x4xf32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of at most 2^40 elements of 32-bit float values}}
  %0 = nn.affine %x, %w base_axis 0 : (tensor<4294967296x4294967296xf32>, tensor<0x4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @too_large_result(%x: tensor<1099511627776x1xf32>, %w: tensor<1x2xf32>) {
  // expected-error@+2 {{expected a result of at most 2^40 elements but got shape [1099511627776, 2]}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.affine %x, %w : (tensor<1099511627776x1xf32>, tensor<1x2xf32>) -> tensor<?x2xf32>
  return
}

// -----

func.func @element_type(%x: tensor<2x3xf64>, %w: tensor<3x4xf32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of at most 2^40 elements of 32-bit float values, but got 'tensor<2x3xf64>'}}
  %0 = nn.affine %x, %w : (tensor<2x3xf64>, tensor<3x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @unranked(%x: tensor<*xf32>, %w: tensor<3x4xf32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor}}
  %0 = nn.affine %x, %w : (tensor<*xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @too_few_operands(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{expected 2 or more operands, but found 1}}
  %0 = "nn.affine"(%x) : (tensor<2x3xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @kind_of_base_axis(%x: tensor<2x3xf32>, %w: tensor<3x4xf32>) {
  // expected-error@+1 {{attribute 'base_axis' failed to satisfy constraint: 64-bit signless integer attribute}}
  %0 = "nn.affine"(%x, %w) <{base_axis = 1 : i32}> : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  return
}
