// RUN: fpw-opt %s --convert-nn-to-linalg --split-input-file | FileCheck %s

// The body is the formula of the op.

// CHECK-LABEL: func @leaky_relu
// CHECK: linalg.generic
// CHECK: arith.cmpf ogt
// CHECK: arith.mulf
// CHECK: arith.select
func.func @leaky_relu(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %y = nn.leaky_relu %x alpha 3.000000e-01 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----

// A dimension of size 1 repeats, a dynamic one does not.

// CHECK-DAG: #[[A:.*]] = affine_map<(d0, d1, d2) -> (d0, 0, d2)>
// CHECK-DAG: #[[B:.*]] = affine_map<(d0, d1, d2) -> (0, d1, 0)>
// CHECK-LABEL: func @broadcasting
// CHECK: linalg.generic {indexing_maps = [#[[A]], #[[B]], #{{.*}}]
func.func @broadcasting(%a: tensor<?x1x4xf32>, %b: tensor<1x3x1xf32>) -> tensor<?x3x4xf32> {
  %y = nn.add2 %a, %b : (tensor<?x1x4xf32>, tensor<1x3x1xf32>) -> tensor<?x3x4xf32>
  return %y : tensor<?x3x4xf32>
}

// -----

// CHECK-LABEL: func @dropout
// CHECK-NEXT: return %arg0
func.func @dropout(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %y = nn.dropout %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}
