// RUN: fpw-opt %s --convert-nn-to-linalg --canonicalize --split-input-file | FileCheck %s

// The codes become numbers at compile time; each output channel has its step.

// CHECK-LABEL: func @per_channel
// CHECK-NOT: si8
// CHECK-DAG: nn.parameter "b_q" = dense_resource<[[B:.*]]> : tensor<2xf32>
// CHECK-DAG: nn.parameter "W_q" = dense_resource<[[W:.*]]> : tensor<2x2xf32>
// CHECK: linalg.generic
// 3 * 0.5, -1 * 4, 127 * 0.5, 2 * 4
// CHECK-DAG: [[W]]: "0x{{.*}}0000C03F000080C000007E4200000041"
// 1 * 0.25, -2 * 0.25
// CHECK-DAG: [[B]]: "0x{{.*}}0000803E000000BF"
func.func @per_channel(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %w = nn.parameter "W_q" = dense<[[3, -1], [127, 2]]> : tensor<2x2xsi8>
  %b = nn.parameter "b_q" = dense<[1, -2]> : tensor<2xsi8>
  %y = nn.fixed_point_quantized_affine %x, %w, %b weight_format <bits = 8, signed, delta = [5.000000e-01, 4.000000e+00]> bias_format <bits = 4, signed, delta = 2.500000e-01>
      : (tensor<?x2xf32>, tensor<2x2xsi8>, tensor<2xsi8>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// Codes that are known at run time only are multiplied there.

// CHECK-LABEL: func @codes_at_run_time
// CHECK: linalg.generic {{.*}} ins(%arg1 : tensor<2x3xui8>) outs(%{{.*}} : tensor<2x3xf32>)
// CHECK: arith.uitofp
// CHECK: arith.mulf
func.func @codes_at_run_time(%x: tensor<?x2xf32>, %w: tensor<2x3xui8>) -> tensor<?x3xf32> {
  %y = nn.fixed_point_quantized_affine %x, %w weight_format <bits = 8, unsigned, delta = 5.000000e-01>
      : (tensor<?x2xf32>, tensor<2x3xui8>) -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}

// -----

// The quantiser divides and rounds ties away from zero, as nnabla does.

// CHECK-LABEL: func @quantize
// CHECK: math.absf
// CHECK: arith.divf
// CHECK: math.round
// CHECK-NOT: arith.fptosi
func.func @quantize(%x: tensor<?xf32>) -> tensor<?xf32> {
  %y = nn.fixed_point_quantize %x {format = #nn.fixed_point<bits = 8, signed, delta = 2.000000e-04>} : (tensor<?xf32>) -> tensor<?xf32>
  return %y : tensor<?xf32>
}
