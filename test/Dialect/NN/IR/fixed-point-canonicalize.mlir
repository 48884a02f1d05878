// RUN: fpw-opt %s --split-input-file --canonicalize | FileCheck %s

// A layer of quantised parameters holds codes. They keep the name of their source.

// CHECK-LABEL: func @materialize
// CHECK-NEXT:  %[[W:.+]] = nn.parameter "fc/W_q" = dense<{{\[\[}}3], [-7]]> : tensor<2x1xsi8>
// CHECK-SAME:    #nn.conversion<source = "fc/W", absmax = 9.000000e+00, clipped = 1, error = 4.250000e+00, energy = 8.725000e+01>
// CHECK-NEXT:  %[[B:.+]] = nn.parameter "fc/b_q" = dense<300> : tensor<1xui16>
// CHECK-NEXT:  nn.fixed_point_quantized_affine %{{.+}}, %[[W]], %[[B]]
// CHECK-SAME:    weight_format <bits = 4, signed, delta = 1.000000e+00> bias_format <bits = 12, unsigned, delta = 0.00999999977>
func.func @materialize(%x: tensor<?x2xf32>) -> tensor<?x1xf32> {
  %w = nn.parameter "fc/W" = dense<[[2.5], [-9.0]]> : tensor<2x1xf32>
  %b = nn.parameter "fc/b" = dense<3.0> : tensor<1xf32>
  %wq = nn.fixed_point_quantize %w {format = #nn.fixed_point<bits = 4, signed, delta = 1.0>} : (tensor<2x1xf32>) -> tensor<2x1xf32>
  %bq = nn.fixed_point_quantize %b {format = #nn.fixed_point<bits = 12, unsigned, delta = 0.01>} : (tensor<1xf32>) -> tensor<1xf32>
  %y = nn.affine %x, %wq, %bq : (tensor<?x2xf32>, tensor<2x1xf32>, tensor<1xf32>) -> tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}

// -----

// Codes of one format are shared, those of another are new.

// CHECK-LABEL: func @shared
// CHECK:       %[[V:.+]] = nn.parameter "W_q_1" = dense<4> : tensor<1x1xsi8>
// CHECK:       %[[W:.+]] = nn.parameter "W_q" = dense<2> : tensor<1x1xsi8>
// CHECK-NOT:   nn.parameter
// CHECK:       nn.fixed_point_quantized_affine %{{.+}}, %[[W]] weight_format <bits = 4, signed, delta = 1.000000e+00>
// CHECK:       nn.fixed_point_quantized_affine %{{.+}}, %[[V]] weight_format <bits = 4, signed, delta = 5.000000e-01>
// CHECK:       nn.fixed_point_quantized_affine %{{.+}}, %[[W]] weight_format <bits = 4, signed, delta = 1.000000e+00>
func.func @shared(%x: tensor<?x1xf32>) -> tensor<?x1xf32> {
  %w = nn.parameter "W" = dense<2.0> : tensor<1x1xf32>
  %q0 = nn.fixed_point_quantize %w {format = #nn.fixed_point<bits = 4, signed, delta = 1.0>} : (tensor<1x1xf32>) -> tensor<1x1xf32>
  %q1 = nn.fixed_point_quantize %w {format = #nn.fixed_point<bits = 4, signed, delta = 0.5>} : (tensor<1x1xf32>) -> tensor<1x1xf32>
  %q2 = nn.fixed_point_quantize %w {format = #nn.fixed_point<bits = 4, signed, delta = 1.0>} : (tensor<1x1xf32>) -> tensor<1x1xf32>
  %y0 = nn.affine %x, %q0 : (tensor<?x1xf32>, tensor<1x1xf32>) -> tensor<?x1xf32>
  %y1 = nn.affine %y0, %q1 : (tensor<?x1xf32>, tensor<1x1xf32>) -> tensor<?x1xf32>
  %y2 = nn.affine %y1, %q2 : (tensor<?x1xf32>, tensor<1x1xf32>) -> tensor<?x1xf32>
  return %y2 : tensor<?x1xf32>
}

// -----

// One step per output channel: in a deconvolution of two groups, channel 0 has the first weight, channel 1
// the second.

// CHECK-LABEL: func @channels
// CHECK:       nn.parameter "W_q" = dense<{{\[\[\[}}4]], {{\[\[}}2]]]> : tensor<2x1x1xsi8>
// CHECK:       weight_format <bits = 4, signed, delta = [5.000000e-01, 1.000000e+00]>
func.func @channels(%x: tensor<?x2x3xf32>) -> tensor<?x2x3xf32> {
  %w = nn.parameter "W" = dense<[[[2.0]], [[1.9]]]> : tensor<2x1x1xf32>
  %q = nn.fixed_point_quantize %w {format = #nn.fixed_point<bits = 4, signed, delta = [0.5, 1.0]>} : (tensor<2x1x1xf32>) -> tensor<2x1x1xf32>
  %y = nn.deconvolution %x, %q group 2 : (tensor<?x2x3xf32>, tensor<2x1x1xf32>) -> tensor<?x2x3xf32>
  return %y : tensor<?x2x3xf32>
}

// -----

// No code stands for a NaN, codes have 16 bits at most, and only parameters are encoded.

// CHECK-LABEL: func @keep
// CHECK-COUNT-3: nn.affine
func.func @keep(%x: tensor<?x1xf32>, %v: tensor<1x1xf32>) -> tensor<?x1xf32> {
  %n = nn.parameter "N" = dense<0x7fc00000> : tensor<1x1xf32>
  %w = nn.parameter "W" = dense<2.0> : tensor<1x1xf32>
  %q0 = nn.fixed_point_quantize %n {format = #nn.fixed_point<bits = 4, signed, delta = 1.0>} : (tensor<1x1xf32>) -> tensor<1x1xf32>
  %q1 = nn.fixed_point_quantize %w {format = #nn.fixed_point<bits = 17, signed, delta = 1.0>} : (tensor<1x1xf32>) -> tensor<1x1xf32>
  %q2 = nn.fixed_point_quantize %v {format = #nn.fixed_point<bits = 4, signed, delta = 1.0>} : (tensor<1x1xf32>) -> tensor<1x1xf32>
  %y0 = nn.affine %x, %q0 : (tensor<?x1xf32>, tensor<1x1xf32>) -> tensor<?x1xf32>
  %y1 = nn.affine %y0, %q1 : (tensor<?x1xf32>, tensor<1x1xf32>) -> tensor<?x1xf32>
  %y2 = nn.affine %y1, %q2 : (tensor<?x1xf32>, tensor<1x1xf32>) -> tensor<?x1xf32>
  return %y2 : tensor<?x1xf32>
}

// -----

// Constants fold by the arithmetic of the lowering: ties away from zero, -0.25 to -0.0, NaN to the quiet NaN.

// CHECK-LABEL: func @constants
// CHECK-DAG:   dense<[1.000000e+00, 3.000000e+00, -0.000000e+00, -7.000000e+00, 0x7FC00000, 7.000000e+00]>
// CHECK-DAG:   dense<0.000000e+00> : tensor<3xf32>
func.func @constants() -> (tensor<6xf32>, tensor<3xf32>) {
  %a = arith.constant dense<[0.5, 2.5, -0.25, -100.0, 0xffc00001, 0x7f800000]> : tensor<6xf32>
  %b = arith.constant dense<-3.0> : tensor<3xf32>
  %0 = nn.fixed_point_quantize %a {format = #nn.fixed_point<bits = 4, signed, delta = 1.0>} : (tensor<6xf32>) -> tensor<6xf32>
  %1 = nn.fixed_point_quantize %b {format = #nn.fixed_point<bits = 4, unsigned, delta = 1.0>} : (tensor<3xf32>) -> tensor<3xf32>
  return %0, %1 : tensor<6xf32>, tensor<3xf32>
}

// -----

// Unsigned numbers are their own rounding. Signed ones are not quite: the second rounding turns -0.0 into +0.0.

// CHECK-LABEL: func @idempotent
// CHECK-COUNT-3: nn.fixed_point_quantize
// CHECK-NOT:     nn.fixed_point_quantize
func.func @idempotent(%x: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
  %0 = nn.fixed_point_quantize %x {format = #nn.fixed_point<bits = 4, unsigned, delta = 0.1>} : (tensor<?xf32>) -> tensor<?xf32>
  %1 = nn.fixed_point_quantize %0 {format = #nn.fixed_point<bits = 4, unsigned, delta = 0.1>} : (tensor<?xf32>) -> tensor<?xf32>
  %2 = nn.fixed_point_quantize %x {format = #nn.fixed_point<bits = 4, signed, delta = 0.1>} : (tensor<?xf32>) -> tensor<?xf32>
  %3 = nn.fixed_point_quantize %2 {format = #nn.fixed_point<bits = 4, signed, delta = 0.1>} : (tensor<?xf32>) -> tensor<?xf32>
  return %1, %3 : tensor<?xf32>, tensor<?xf32>
}
