// RUN: fpw-opt %s --convert-nn-to-linalg --split-input-file | FileCheck %s

// Padding never wins a maximum; windows that overhang the end add to it.

// CHECK-DAG: #[[X:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2 * 2 + d3)>
// CHECK-LABEL: func @max
// CHECK-DAG: %[[LOWEST:.*]] = arith.constant 0xFF800000 : f32
// CHECK: tensor.pad %{{.*}} low[0, 0, 1] high[0, 0, 2]
// CHECK: tensor.yield %[[LOWEST]]
// CHECK: linalg.generic {indexing_maps = [#[[X]], #{{.*}}, #{{.*}}]
// CHECK: arith.maximumf
func.func @max(%x: tensor<?x4x6xf32>) -> tensor<?x4x4xf32> {
  %y = nn.max_pooling %x kernel [3] stride [2] pad [1] ignore_border false : (tensor<?x4x6xf32>) -> tensor<?x4x4xf32>
  return %y : tensor<?x4x4xf32>
}

// -----

// The sum is divided by the number of elements, which differs at the edges.

// CHECK-LABEL: func @average
// CHECK: arith.addf
// CHECK: arith.constant dense<[2.000000e+00, 3.000000e+00, 2.000000e+00]> : tensor<3xf32>
// CHECK: arith.divf
func.func @average(%x: tensor<?x4x5xf32>) -> tensor<?x4x3xf32> {
  %y = nn.average_pooling %x kernel [3] stride [2] pad [1] including_pad false : (tensor<?x4x5xf32>) -> tensor<?x4x3xf32>
  return %y : tensor<?x4x3xf32>
}

// -----

// Where it is the same everywhere it is a number.

// CHECK-LABEL: func @average_without_pad
// CHECK-NOT: arith.constant dense
// CHECK: arith.constant 6.000000e+00 : f32
// CHECK: arith.divf
func.func @average_without_pad(%x: tensor<?x4x6x9xf32>) -> tensor<?x4x3x3xf32> {
  %y = nn.average_pooling %x kernel [2, 3] : (tensor<?x4x6x9xf32>) -> tensor<?x4x3x3xf32>
  return %y : tensor<?x4x3x3xf32>
}

// -----

// CHECK-LABEL: func @unpooling
// CHECK: linalg.broadcast ins(%{{.*}} : tensor<?x4x3xf32>) outs(%{{.*}} : tensor<?x4x3x2xf32>) dimensions = [3]
// CHECK: tensor.collapse_shape
func.func @unpooling(%x: tensor<?x4x3xf32>) -> tensor<?x4x6xf32> {
  %y = nn.unpooling %x kernel [2] : (tensor<?x4x3xf32>) -> tensor<?x4x6xf32>
  return %y : tensor<?x4x6xf32>
}
