// RUN: fpw-opt %s --split-input-file --nn-fixed-point-weight --verify-diagnostics | FileCheck %s

// The numbers are those of the table of defects in docs/FixedPointWeight.md.

// Defects 1 and 22: without a step, the power of two that covers the largest magnitude; no float copy stays.

// CHECK-LABEL: func @adaptive
// CHECK-NEXT:  %[[W:.+]] = nn.parameter "fixed-point-weight/fc/affine/W_q" = dense<{{\[\[}}64, -127, 13], [38, 0, 32]]> : tensor<2x3xsi8>
// CHECK-SAME:    {conversion = #nn.conversion<source = "fc/affine/W", absmax = 0.9921875, clipped = 0, error =
// CHECK-NEXT:  %[[B:.+]] = nn.parameter "fixed-point-weight/fc/affine/b_q" = dense<[2, 127, -1]> : tensor<3xsi8>
// CHECK-NEXT:  nn.fixed_point_quantized_affine %{{.+}}, %[[W]], %[[B]]
// CHECK-SAME:    weight_format <bits = 8, signed, delta = 7.812500e-03> bias_format <bits = 8, signed, delta = 1.562500e-02>
func.func @adaptive(%x: tensor<?x2xf32>) -> tensor<?x3xf32> {
  %w = nn.parameter "fc/affine/W" = dense<[[0.5, -0.9921875, 0.1], [0.3, 0.0, 0.25]]> : tensor<2x3xf32>
  %b = nn.parameter "fc/affine/b" = dense<[0.03125, 1.984375, -0.0078125]> : tensor<3xf32>
  %y = nn.affine %x, %w, %b : (tensor<?x2xf32>, tensor<2x3xf32>, tensor<3xf32>) -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}

// -----

// Defects 5 and 6: a deconvolution keeps its groups and output padding, a convolution its channels at the end.

// CHECK-LABEL: func @deconvolution
// CHECK:       nn.fixed_point_quantized_deconvolution
// CHECK-SAME:    stride [2] group 2 output_padding [1] weight_format <bits = 8, signed, delta = 3.125000e-02>
// CHECK-SAME:    (tensor<?x4x3xf32>, tensor<4x3x2xsi8>) -> tensor<?x6x7xf32>
func.func @deconvolution(%x: tensor<?x4x3xf32>) -> tensor<?x6x7xf32> {
  %w = nn.parameter "W" = dense<3.0> : tensor<4x3x2xf32>
  %y = nn.deconvolution %x, %w stride [2] group 2 output_padding [1]
      : (tensor<?x4x3xf32>, tensor<4x3x2xf32>) -> tensor<?x6x7xf32>
  return %y : tensor<?x6x7xf32>
}

// CHECK-LABEL: func @channel_last
// CHECK:       nn.fixed_point_quantized_convolution %{{.+}}, %{{.+}} channel_last weight_format
func.func @channel_last(%x: tensor<?x5x2xf32>) -> tensor<?x4x3xf32> {
  %w = nn.parameter "W" = dense<[[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]], [[9.0, 10.0], [11.0, 12.0]]]> : tensor<3x2x2xf32>
  %y = nn.convolution %x, %w channel_last : (tensor<?x5x2xf32>, tensor<3x2x2xf32>) -> tensor<?x4x3xf32>
  return %y : tensor<?x4x3xf32>
}

// -----

// Defects 7 and 8: a name stays whole, and two names stay two.

// CHECK-LABEL: func @names
// CHECK:       nn.parameter "fixed-point-weight/NEW/W_q" = dense<64>
// CHECK:       nn.parameter "fixed-point-weight/WW_q" = dense<96>
// CHECK:       nn.parameter "fixed-point-weight/kernel.0_q" = dense<80>
// CHECK:       nn.parameter "fixed-point-weight/a/W_q" = dense<112>
// CHECK:       nn.parameter "fixed-point-weight/aW/W_q" = dense<72>
func.func @names(%x: tensor<?x1xf32>) -> tensor<?x1xf32> {
  %w0 = nn.parameter "NEW/W" = dense<1.0> : tensor<1x1xf32>
  %w1 = nn.parameter "WW" = dense<3.0> : tensor<1x1xf32>
  %w2 = nn.parameter "kernel.0" = dense<5.0> : tensor<1x1xf32>
  %w3 = nn.parameter "a/W" = dense<7.0> : tensor<1x1xf32>
  %w4 = nn.parameter "aW/W" = dense<9.0> : tensor<1x1xf32>
  %y0 = nn.affine %x, %w0 : (tensor<?x1xf32>, tensor<1x1xf32>) -> tensor<?x1xf32>
  %y1 = nn.affine %y0, %w1 : (tensor<?x1xf32>, tensor<1x1xf32>) -> tensor<?x1xf32>
  %y2 = nn.affine %y1, %w2 : (tensor<?x1xf32>, tensor<1x1xf32>) -> tensor<?x1xf32>
  %y3 = nn.affine %y2, %w3 : (tensor<?x1xf32>, tensor<1x1xf32>) -> tensor<?x1xf32>
  %y4 = nn.affine %y3, %w4 : (tensor<?x1xf32>, tensor<1x1xf32>) -> tensor<?x1xf32>
  return %y4 : tensor<?x1xf32>
}

// -----

// Defect 13: a parameter that has the new name already is not taken for the result.

// CHECK-LABEL: func @old_values
// CHECK:       nn.parameter "fixed-point-weight/W_q_1" = dense<64> : tensor<1x1xsi8>
// CHECK:       nn.parameter "fixed-point-weight/W_q" = dense<9.900000e+01> : tensor<1x1xf32>
func.func @old_values(%x: tensor<?x1xf32>) -> tensor<?x1xf32> {
  %w = nn.parameter "W" = dense<1.0> : tensor<1x1xf32>
  %old = nn.parameter "fixed-point-weight/W_q" = dense<99.0> : tensor<1x1xf32>
  %y = nn.affine %x, %w : (tensor<?x1xf32>, tensor<1x1xf32>) -> tensor<?x1xf32>
  %z = nn.add2 %y, %old : (tensor<?x1xf32>, tensor<1x1xf32>) -> tensor<?x1xf32>
  return %z : tensor<?x1xf32>
}

// -----

// Defect 14: tensors of zeros have step 1 and codes 0.

// CHECK-LABEL: func @zeros
// CHECK:       nn.parameter "fixed-point-weight/W_q" = dense<0> : tensor<2x2xsi8>
// CHECK:       nn.parameter "fixed-point-weight/b_q" = dense<0> : tensor<2xsi8>
// CHECK:       weight_format <bits = 8, signed, delta = 1.000000e+00> bias_format <bits = 8, signed, delta = 1.000000e+00>
func.func @zeros(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %w = nn.parameter "W" = dense<[[0.0, -0.0], [0.0, 0.0]]> : tensor<2x2xf32>
  %b = nn.parameter "b" = dense<0.0> : tensor<2xf32>
  %y = nn.affine %x, %w, %b : (tensor<?x2xf32>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// Defects 15 and 16: a weight of any rank; ops with several results stay what they are.

// CHECK-LABEL: func @ranks_and_results
// CHECK:       nn.fixed_point_quantized_affine {{.*}} : (tensor<?x2xf32>, tensor<2x2x3xsi8>) -> tensor<?x2x3xf32>
// CHECK:       %[[PARTS:.+]]:2 = nn.split
// CHECK:       return %[[PARTS]]#0, %[[PARTS]]#1
func.func @ranks_and_results(%x: tensor<?x2xf32>) -> (tensor<?x3xf32>, tensor<?x3xf32>) {
  %w = nn.parameter "W" = dense<1.0> : tensor<2x2x3xf32>
  %y = nn.affine %x, %w : (tensor<?x2xf32>, tensor<2x2x3xf32>) -> tensor<?x2x3xf32>
  %a, %b = nn.split %y axis 1 : (tensor<?x2x3xf32>) -> (tensor<?x3xf32>, tensor<?x3xf32>)
  return %a, %b : tensor<?x3xf32>, tensor<?x3xf32>
}

// -----

// Defect 17: nothing is run, so that the statistics of a batch normalisation stay.

// CHECK-LABEL: func @statistics
// CHECK:       nn.parameter "bn/mean" = dense<2.500000e-01> : tensor<1x1xf32>
// CHECK:       nn.parameter "bn/var" = dense<5.000000e-01> : tensor<1x1xf32>
func.func @statistics(%x: tensor<?x1xf32>) -> tensor<?x1xf32> {
  %w = nn.parameter "W" = dense<1.0> : tensor<1x1xf32>
  %m = nn.parameter "bn/mean" = dense<0.25> : tensor<1x1xf32>
  %v = nn.parameter "bn/var" = dense<0.5> : tensor<1x1xf32>
  %y = nn.affine %x, %w : (tensor<?x1xf32>, tensor<1x1xf32>) -> tensor<?x1xf32>
  %z = nn.batch_normalization %y mean %m variance %v axes [1]
      : (tensor<?x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<?x1xf32>
  return %z : tensor<?x1xf32>
}

// -----

// Defect 18: a network is a function; each is converted whole and apart from the others, which may use the
// same names.

// CHECK-LABEL: func @head
// CHECK:       nn.parameter "fixed-point-weight/W_q" = dense<64>
// CHECK-LABEL: func @tail
// CHECK:       nn.parameter "fixed-point-weight/W_q" = dense<96>
func.func @head(%x: tensor<?x1xf32>) -> tensor<?x1xf32> {
  %w = nn.parameter "W" = dense<1.0> : tensor<1x1xf32>
  %y = nn.affine %x, %w : (tensor<?x1xf32>, tensor<1x1xf32>) -> tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}
func.func @tail(%entry: tensor<?x1xf32>) -> tensor<?x1xf32> {
  %w = nn.parameter "W" = dense<3.0> : tensor<1x1xf32>
  %y = nn.affine %entry, %w : (tensor<?x1xf32>, tensor<1x1xf32>) -> tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}

// -----

// Defect 19: a network without functions.

// expected-warning @below {{nothing was converted}}
module {
  // CHECK-LABEL: func @empty
  // CHECK-NEXT:  return
  func.func @empty(%x: tensor<?x1xf32>) -> tensor<?x1xf32> {
    return %x : tensor<?x1xf32>
  }
}

// -----

// Defect 20: depthwise layers are converted like the others.

// CHECK-LABEL: func @depthwise
// CHECK:       nn.fixed_point_quantized_depthwise_convolution {{.*}} multiplier 2 weight_format
// CHECK:       nn.fixed_point_quantized_depthwise_deconvolution {{.*}} divisor 4 weight_format
func.func @depthwise(%x: tensor<?x2x4xf32>) -> tensor<?x1x4xf32> {
  %w = nn.parameter "W" = dense<1.0> : tensor<4x3xf32>
  %v = nn.parameter "V" = dense<1.0> : tensor<4x3xf32>
  %y = nn.depthwise_convolution %x, %w multiplier 2 : (tensor<?x2x4xf32>, tensor<4x3xf32>) -> tensor<?x4x2xf32>
  %z = nn.depthwise_deconvolution %y, %v divisor 4 : (tensor<?x4x2xf32>, tensor<4x3xf32>) -> tensor<?x1x4xf32>
  return %z : tensor<?x1x4xf32>
}

// -----

// Defect 21: each tensor has its own step.

// CHECK-LABEL: func @steps
// CHECK:       weight_format <bits = 8, signed, delta = 7.812500e-03>
// CHECK:       weight_format <bits = 8, signed, delta = 8.000000e+00>
func.func @steps(%x: tensor<?x1xf32>) -> tensor<?x1xf32> {
  %w = nn.parameter "W" = dense<0.5> : tensor<1x1xf32>
  %v = nn.parameter "V" = dense<1000.0> : tensor<1x1xf32>
  %y = nn.affine %x, %w : (tensor<?x1xf32>, tensor<1x1xf32>) -> tensor<?x1xf32>
  %z = nn.affine %y, %v : (tensor<?x1xf32>, tensor<1x1xf32>) -> tensor<?x1xf32>
  return %z : tensor<?x1xf32>
}

// -----

// A shared parameter is converted once.

// CHECK-LABEL: func @shared
// CHECK:       %[[W:.+]] = nn.parameter "fixed-point-weight/W_q"
// CHECK-NOT:   nn.parameter
// CHECK:       nn.fixed_point_quantized_affine %{{.+}}, %[[W]]
// CHECK:       nn.fixed_point_quantized_affine %{{.+}}, %[[W]]
func.func @shared(%x: tensor<?x1xf32>) -> tensor<?x1xf32> {
  %w = nn.parameter "W" = dense<0.5> : tensor<1x1xf32>
  %y = nn.affine %x, %w : (tensor<?x1xf32>, tensor<1x1xf32>) -> tensor<?x1xf32>
  %z = nn.affine %y, %w : (tensor<?x1xf32>, tensor<1x1xf32>) -> tensor<?x1xf32>
  return %z : tensor<?x1xf32>
}

// -----

// What holds codes already is left alone, and a float parameter that something else uses stays.

// CHECK-LABEL: func @again
// CHECK:       %[[C:.+]] = nn.parameter "C_q" = dense<3> : tensor<1x1xsi8>
// CHECK:       nn.fixed_point_quantized_affine %{{.+}}, %[[C]] weight_format <bits = 3, signed, delta = 5.000000e-01>
// CHECK:       %[[W:.+]] = nn.parameter "W" = dense<5.000000e-01> : tensor<1x1xf32>
// CHECK:       nn.parameter "fixed-point-weight/W_q" = dense<64> : tensor<1x1xsi8>
// CHECK:       nn.add2 %{{.+}}, %[[W]]
func.func @again(%x: tensor<?x1xf32>) -> tensor<?x1xf32> {
  %c = nn.parameter "C_q" = dense<3> : tensor<1x1xsi8>
  %y = nn.fixed_point_quantized_affine %x, %c weight_format <bits = 3, signed, delta = 0.5>
      : (tensor<?x1xf32>, tensor<1x1xsi8>) -> tensor<?x1xf32>
  %w = nn.parameter "W" = dense<0.5> : tensor<1x1xf32>
  %z = nn.affine %y, %w : (tensor<?x1xf32>, tensor<1x1xf32>) -> tensor<?x1xf32>
  %s = nn.add2 %z, %w : (tensor<?x1xf32>, tensor<1x1xf32>) -> tensor<?x1xf32>
  return %s : tensor<?x1xf32>
}

// -----

// A splat is converted as one.

// CHECK-LABEL: func @splat
// CHECK:       nn.parameter "fixed-point-weight/W_q" = dense<64> : tensor<8000x8000xsi8>
func.func @splat(%x: tensor<?x8000xf32>) -> tensor<?x8000xf32> {
  %w = nn.parameter "W" = dense<0.5> : tensor<8000x8000xf32>
  %y = nn.affine %x, %w : (tensor<?x8000xf32>, tensor<8000x8000xf32>) -> tensor<?x8000xf32>
  return %y : tensor<?x8000xf32>
}

// -----

// Empty tensors have nothing to convert, and are converted.

// CHECK-LABEL: func @empty_weight
// CHECK:       nn.parameter "fixed-point-weight/W_q" = dense<> : tensor<2x0xsi8>
func.func @empty_weight(%x: tensor<?x2xf32>) -> tensor<?x0xf32> {
  %w = nn.parameter "W" = dense<> : tensor<2x0xf32>
  %y = nn.affine %x, %w : (tensor<?x2xf32>, tensor<2x0xf32>) -> tensor<?x0xf32>
  return %y : tensor<?x0xf32>
}
