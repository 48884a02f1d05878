// RUN: fpw-opt %s --split-input-file --verify-diagnostics

func.func @c1_element_type() {
  // expected-error@+1 {{result #0 must be ranked tensor of at most 2^40 elements of 32-bit float or}}
  %0 = nn.parameter "a" = dense<1.0> : tensor<2xf64>
  return
}

// -----

func.func @c1_wide_codes() {
  // expected-error@+1 {{result #0 must be ranked tensor}}
  %0 = nn.parameter "a" = dense<1> : tensor<2xsi32>
  return
}

// -----

func.func @c1_vector() {
  // expected-error@+1 {{result #0 must be ranked tensor}}
  %0 = nn.parameter "a" = dense<1.0> : vector<2xf32>
  return
}

// -----

func.func @c1_too_large() {
  // expected-error@+1 {{result #0 must be ranked tensor of at most 2^40 elements}}
  %0 = nn.parameter "a" = dense<1.0> : tensor<4611686018427387904x4xf32>
  return
}

// -----

func.func @c2_missing() {
  // expected-error@+1 {{expected parameter 'a' to have data but its value is dense_resource<none> : tensor<2xf32> (C2)}}
  %0 = nn.parameter "a" = dense_resource<none> : tensor<2xf32>
  return
}

// -----

func.func @c2_wrong_size() {
  // expected-error@+1 {{expected parameter 'a' to have 12 bytes but got 8 (C2)}}
  %0 = nn.parameter "a" = dense_resource<two> : tensor<3xf32>
  return
}

{-# dialect_resources: { builtin: { two: "0x040000000000803F00000040" } } #-}

// -----

// One element is not taken for all.

func.func @c2_one_for_all() {
  // expected-error@+1 {{expected parameter 'a' to have 8 bytes but got 4 (C2)}}
  %0 = nn.parameter "a" = dense_resource<one> : tensor<2xf32>
  return
}

{-# dialect_resources: { builtin: { one: "0x040000000000803F" } } #-}

// -----

func.func @c2_alignment() {
  // expected-error@+1 {{expected the data of parameter 'a' to be aligned to 4 bytes but got 1 (C2)}}
  %0 = nn.parameter "a" = dense_resource<one> : tensor<1xf32>
  return
}

{-# dialect_resources: { builtin: { one: "0x010000000000803F" } } #-}

// -----

func.func @c2_sparse() {
  // expected-error@+1 {{expected parameter 'a' to have data}}
  %0 = nn.parameter "a" = sparse<0, 1.0> : tensor<2xf32>
  return
}

// -----

func.func @c3_name() {
  // expected-error@+1 {{expected a name (C3)}}
  %0 = nn.parameter "" = dense<1.0> : tensor<2xf32>
  return
}

// -----

func.func @c4_splat() {
  // expected-error@+1 {{expected a splat of at most 67108864 elements but got 'tensor<67108865xf32>' (C4)}}
  %0 = nn.parameter "a" = dense<1.0> : tensor<67108865xf32>
  return
}

// -----

func.func @type_of_value() {
  // expected-error@+1 {{failed to verify that all of {value, result} have same type}}
  %0 = "nn.parameter"() <{name = "a", value = dense<1.0> : tensor<2xf32>}> : () -> tensor<3xf32>
  return
}

// -----

func.func @missing_value() {
  // expected-error@+1 {{requires attribute 'value'}}
  %0 = "nn.parameter"() <{name = "a"}> : () -> tensor<3xf32>
  return
}
