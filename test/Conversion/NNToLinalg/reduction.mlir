// RUN: fpw-opt %s --convert-nn-to-linalg --split-input-file | FileCheck %s

// CHECK-DAG: #[[KEPT:.*]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK-LABEL: func @mean
// CHECK: linalg.generic {indexing_maps = [#{{.*}}, #[[KEPT]]], iterator_types = ["parallel", "reduction", "parallel"]}
// CHECK: arith.divf
// CHECK: tensor.expand_shape %{{.*}} {{\[\[}}0, 1], [2]]
func.func @mean(%x: tensor<?x3x4xf32>) -> tensor<?x1x4xf32> {
  %y = nn.mean %x axes [-2] keep_dims : (tensor<?x3x4xf32>) -> tensor<?x1x4xf32>
  return %y : tensor<?x1x4xf32>
}

// -----

// CHECK-LABEL: func @prod_of_all
// CHECK: arith.constant 1.000000e+00 : f32
// CHECK: iterator_types = ["reduction", "reduction"]
func.func @prod_of_all(%x: tensor<?x3xf32>) -> tensor<f32> {
  %y = nn.prod %x : (tensor<?x3xf32>) -> tensor<f32>
  return %y : tensor<f32>
}
