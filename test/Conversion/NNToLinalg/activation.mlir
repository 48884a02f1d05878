// RUN: fpw-opt %s --convert-nn-to-linalg --split-input-file | FileCheck %s

// CHECK-LABEL: func @softmax
// CHECK: arith.maximumf
// CHECK: arith.subf
// CHECK: math.exp
// CHECK: arith.addf
// CHECK: arith.divf
// CHECK-NOT: linalg.generic
func.func @softmax(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %y = nn.softmax %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----

// CHECK-DAG: #[[SLOPE:.*]] = affine_map<(d0, d1, d2) -> (d1)>
// CHECK-LABEL: func @prelu
// CHECK: linalg.generic {indexing_maps = [#{{.*}}, #[[SLOPE]], #{{.*}}]
// CHECK: arith.cmpf oge
func.func @prelu(%x: tensor<?x5x3xf32>, %slope: tensor<5xf32>) -> tensor<?x5x3xf32> {
  %y = nn.prelu %x, %slope : (tensor<?x5x3xf32>, tensor<5xf32>) -> tensor<?x5x3xf32>
  return %y : tensor<?x5x3xf32>
}

// -----

// CHECK-LABEL: func @crelu
// CHECK: arith.negf
// CHECK: tensor.insert_slice %{{.*}} into %{{.*}}[0, 0] [%{{.*}}, 5] [1, 1]
// CHECK: tensor.insert_slice %{{.*}} into %{{.*}}[0, 5] [%{{.*}}, 5] [1, 1]
func.func @crelu(%x: tensor<?x5xf32>) -> tensor<?x10xf32> {
  %y = nn.crelu %x : (tensor<?x5xf32>) -> tensor<?x10xf32>
  return %y : tensor<?x10xf32>
}
