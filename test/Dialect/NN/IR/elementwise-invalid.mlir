// RUN: fpw-opt %s --split-input-file --verify-diagnostics

// nnabla does not align shapes at their end.

func.func @c1(%a: tensor<?x3x4xf32>, %b: tensor<3x4xf32>) {
  // expected-error@+2 {{expected operands of one rank but got 'tensor<?x3x4xf32>' and 'tensor<3x4xf32>' (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.add2 %a, %b : (tensor<?x3x4xf32>, tensor<3x4xf32>) -> tensor<?x3x4xf32>
  return
}

// -----

func.func @c2(%a: tensor<?x3x4xf32>, %b: tensor<?x3x2xf32>) {
  // expected-error@+2 {{expected sizes to agree or to be 1 but got 'tensor<?x3x4xf32>' and 'tensor<?x3x2xf32>' (C2)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.maximum2 %a, %b : (tensor<?x3x4xf32>, tensor<?x3x2xf32>) -> tensor<?x3x4xf32>
  return
}

// -----

func.func @c2_empty(%a: tensor<?x3x4xf32>, %b: tensor<?x0x4xf32>) {
  // expected-error@+2 {{expected sizes to agree or to be 1 but got 'tensor<?x3x4xf32>' and 'tensor<?x0x4xf32>' (C2)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.sub2 %a, %b : (tensor<?x3x4xf32>, tensor<?x0x4xf32>) -> tensor<?x0x4xf32>
  return
}

// -----

func.func @too_large(%a: tensor<1048576x1xf32>, %b: tensor<1x1048577xf32>) {
  // expected-error@+2 {{expected a result of at most 2^40 elements but got shape [1048576, 1048577]}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.mul2 %a, %b : (tensor<1048576x1xf32>, tensor<1x1048577xf32>) -> tensor<?x?xf32>
  return
}

// -----

func.func @result(%a: tensor<?x4xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{are incompatible with return type(s)}}
  %0 = nn.relu %a : (tensor<?x4xf32>) -> tensor<?x5xf32>
  return
}

// -----

func.func @element_type_of_result(%a: tensor<?x4xf32>) {
  // expected-error@+1 {{result #0 must be ranked tensor of at most 2^40 elements of 32-bit float values}}
  %0 = nn.relu %a : (tensor<?x4xf32>) -> tensor<?x4xf64>
  return
}

// -----

func.func @kind_of_number(%a: tensor<?x4xf32>) {
  // expected-error@+1 {{attribute 'alpha' failed to satisfy constraint: 32-bit float attribute}}
  %0 = "nn.elu"(%a) <{alpha = 1.0 : f64}> : (tensor<?x4xf32>) -> tensor<?x4xf32>
  return
}
