// RUN: fpw-opt %s --split-input-file --verify-diagnostics

func.func @softmax_c1(%x: tensor<?x5x3xf32>) {
  // expected-error@+2 {{expected axis in [-3, 3) but got 3 (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.softmax %x axis 3 : (tensor<?x5x3xf32>) -> tensor<?x5x3xf32>
  return
}

// -----

func.func @softmax_c1_smallest(%x: tensor<?x5x3xf32>) {
  // expected-error@+2 {{expected axis in [-3, 3) but got -9223372036854775808 (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.softmax %x axis -9223372036854775808 : (tensor<?x5x3xf32>) -> tensor<?x5x3xf32>
  return
}

// -----

func.func @softmax_c1_rank_0(%x: tensor<f32>) {
  // expected-error@+2 {{expected axis in [0, 0) but got -1 (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.softmax %x : (tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @log_softmax_c1(%x: tensor<?x5x3xf32>) {
  // expected-error@+2 {{expected axis in [-3, 3) but got -4 (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.log_softmax %x axis -4 : (tensor<?x5x3xf32>) -> tensor<?x5x3xf32>
  return
}

// -----

func.func @prelu_c1(%x: tensor<?x5x3xf32>, %s: tensor<1xf32>) {
  // expected-error@+2 {{expected base_axis in [-3, 3) but got 3 (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.prelu %x, %s base_axis 3 : (tensor<?x5x3xf32>, tensor<1xf32>) -> tensor<?x5x3xf32>
  return
}

// -----

func.func @prelu_c2(%x: tensor<?x5x3xf32>, %s: tensor<3xf32>) {
  // expected-error@+2 {{expected one slope or one per index of dimension 1 of 'tensor<?x5x3xf32>' but got 'tensor<3xf32>' (C2)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.prelu %x, %s : (tensor<?x5x3xf32>, tensor<3xf32>) -> tensor<?x5x3xf32>
  return
}

// -----

func.func @prelu_c2_rank(%x: tensor<?x5x3xf32>, %s: tensor<5x1xf32>) {
  // expected-error@+2 {{but got 'tensor<5x1xf32>' (C2)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.prelu %x, %s : (tensor<?x5x3xf32>, tensor<5x1xf32>) -> tensor<?x5x3xf32>
  return
}

// -----

func.func @prelu_c2_dynamic(%x: tensor<?x5x3xf32>, %s: tensor<?xf32>) {
  // expected-error@+2 {{but got 'tensor<?xf32>' (C2)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.prelu %x, %s base_axis 0 : (tensor<?x5x3xf32>, tensor<?xf32>) -> tensor<?x5x3xf32>
  return
}

// -----

func.func @crelu_c1(%x: tensor<?x5x3xf32>) {
  // expected-error@+2 {{expected axis in [-3, 3) but got 7 (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.crelu %x axis 7 : (tensor<?x5x3xf32>) -> tensor<?x5x3xf32>
  return
}

// -----

func.func @crelu_c1_dynamic(%x: tensor<?x5x3xf32>) {
  // expected-error@+2 {{expected a static dimension 0 but got 'tensor<?x5x3xf32>' (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.crelu %x axis -3 : (tensor<?x5x3xf32>) -> tensor<?x5x3xf32>
  return
}

// -----

func.func @crelu_too_large(%x: tensor<1099511627776xf32>) {
  // expected-error@+2 {{expected a result of at most 2^40 elements but got shape [2199023255552]}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.crelu %x axis 0 : (tensor<1099511627776xf32>) -> tensor<?xf32>
  return
}

// -----

func.func @celu_c1(%x: tensor<?x5x3xf32>) {
  // expected-error@+2 {{expected a static dimension 0 but got 'tensor<?x5x3xf32>' (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.celu %x axis 0 : (tensor<?x5x3xf32>) -> tensor<?x5x3xf32>
  return
}
