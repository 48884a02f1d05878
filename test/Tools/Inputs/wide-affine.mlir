func.func @net(%x: tensor<?x128xf32>) -> tensor<?x64xf32> {
  %w = nn.parameter "w" = dense<3> : tensor<128x64xsi8>
  %y = nn.fixed_point_quantized_affine %x, %w weight_format <bits = 8, signed, delta = 5.000000e-01>
      : (tensor<?x128xf32>, tensor<128x64xsi8>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}
