// RUN: fpw-opt %s --nn-factor-steps --verify-diagnostics

func.func @computed_codes(%x: tensor<?x1xf32>, %w: tensor<1x2xsi8>) -> tensor<?x2xf32> {
  // expected-error@+1 {{expected codes that are parameters}}
  %y = nn.fixed_point_quantized_affine %x, %w weight_format <bits = 4, signed, delta = 2.000000e-04>
      : (tensor<?x1xf32>, tensor<1x2xsi8>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
