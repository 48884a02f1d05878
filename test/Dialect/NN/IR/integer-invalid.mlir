// RUN: fpw-opt %s --split-input-file --verify-diagnostics

func.func @from_float_c1(%x: tensor<4xf32>) {
  // expected-error@+2 {{expected element type i8, i32 or i64 but got 'i16' (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.from_float %x as i16 : (tensor<4xf32>) -> tensor<4xi8>
  return
}

// -----

func.func @embed_c1_dynamic(%x: tensor<4xf32>, %w: tensor<?x2xf32>) {
  // expected-error@+2 {{expected a static table of 1 to 16777216 rows but got 'tensor<?x2xf32>' (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.embed %x, %w : (tensor<4xf32>, tensor<?x2xf32>) -> tensor<4x2xf32>
  return
}

// -----

func.func @embed_c1_scalar(%x: tensor<4xf32>, %w: tensor<f32>) {
  // expected-error@+2 {{expected a static table of 1 to 16777216 rows but got 'tensor<f32>' (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.embed %x, %w : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  return
}

// -----

func.func @embed_c1_empty(%x: tensor<4xf32>, %w: tensor<0x2xf32>) {
  // expected-error@+2 {{expected a static table of 1 to 16777216 rows but got 'tensor<0x2xf32>' (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.embed %x, %w : (tensor<4xf32>, tensor<0x2xf32>) -> tensor<4x2xf32>
  return
}
