// RUN: fpw-opt %s --convert-nn-to-linalg --split-input-file | FileCheck %s

// The scale is computed once per channel, and the mean is subtracted before it is applied.

// CHECK-LABEL: func @batch_normalization
// CHECK: linalg.generic {{.*}} outs(%{{.*}} : tensor<4xf32>)
// CHECK: math.sqrt
// CHECK: arith.divf
// CHECK: linalg.generic {{.*}} outs(%{{.*}} : tensor<?x4x8xf32>)
// CHECK: arith.subf
// CHECK-NEXT: arith.mulf
// CHECK-NEXT: arith.addf
// CHECK-NOT: linalg.generic
func.func @batch_normalization(%x: tensor<?x4x8xf32>, %b: tensor<1x4x1xf32>, %g: tensor<1x4x1xf32>, %m: tensor<1x4x1xf32>, %v: tensor<1x4x1xf32>) -> tensor<?x4x8xf32> {
  %y = nn.batch_normalization %x beta %b gamma %g mean %m variance %v axes [1]
      : (tensor<?x4x8xf32>, tensor<1x4x1xf32>, tensor<1x4x1xf32>, tensor<1x4x1xf32>, tensor<1x4x1xf32>) -> tensor<?x4x8xf32>
  return %y : tensor<?x4x8xf32>
}

// -----

// Statistics of the batch count its samples at run time.

// CHECK-LABEL: func @batch_stat
// CHECK: %[[COUNT:.*]] = arith.sitofp %{{.*}} : i64 to f32
// CHECK-COUNT-2: arith.divf %{{.*}}, %[[COUNT]]
func.func @batch_stat(%x: tensor<?x4xf32>, %m: tensor<4xf32>, %v: tensor<4xf32>) -> tensor<?x4xf32> {
  %y = nn.batch_normalization %x mean %m variance %v axes [1] batch_stat
      : (tensor<?x4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----

// The scale of known statistics is a parameter: 3 / sqrt(3.5 + 0.5).

// CHECK-LABEL: func @known_scale
// CHECK: nn.parameter "gamma" = dense_resource<[[SCALE:.*]]> : tensor<2x1xf32>
// CHECK-NOT: math.sqrt
// CHECK: [[SCALE]]: "0x400000000000C03F0000C03F"
func.func @known_scale(%x: tensor<?x2x8xf32>) -> tensor<?x2x8xf32> {
  %g = nn.parameter "gamma" = dense<3.0> : tensor<2x1xf32>
  %m = nn.parameter "mean" = dense<1.0> : tensor<2x1xf32>
  %v = nn.parameter "variance" = dense<3.5> : tensor<2x1xf32>
  %y = nn.batch_normalization %x gamma %g mean %m variance %v axes [1] eps 5.000000e-01
      : (tensor<?x2x8xf32>, tensor<2x1xf32>, tensor<2x1xf32>, tensor<2x1xf32>) -> tensor<?x2x8xf32>
  return %y : tensor<?x2x8xf32>
}
