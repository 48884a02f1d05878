// RUN: fpw-opt %s --fpw-cpu-pack-weights | FileCheck %s

#x = affine_map<(n, o, c) -> (n, c)>
#w = affine_map<(n, o, c) -> (c, o)>
#y = affine_map<(n, o, c) -> (n, o)>

// The data is permuted to tiles of four columns and padded with zeros; both ops share it.
// CHECK-DAG: #[[$PACKED:.*]] = affine_map<(d0, d1, d2) -> (d1 floordiv 4, d2, d1 mod 4)>
// CHECK-DAG: #[[$ROWS:.*]] = affine_map<(d0, d1, d2) -> (d1, d2)>
// CHECK-LABEL: @affine
// CHECK: %[[W:.*]] = nn.parameter "w" = dense_resource<w> : tensor<2x2x4xf32>
// CHECK-NOT: nn.parameter
// CHECK: linalg.generic {indexing_maps = [#{{.*}}, #[[$PACKED]], #{{.*}}]
// CHECK-SAME: ins(%{{.*}}, %[[W]]
// CHECK: linalg.generic {indexing_maps = [#{{.*}}, #[[$PACKED]], #{{.*}}]
// CHECK-SAME: ins(%{{.*}}, %[[W]]
func.func @affine(%x: tensor<?x2xf32>, %init: tensor<?x5xf32>) -> (tensor<?x5xf32>, tensor<?x5xf32>) {
  %w = nn.parameter "w" = dense<[[1.0, 2.0, 3.0, 4.0, 5.0], [6.0, 7.0, 8.0, 9.0, 10.0]]> : tensor<2x5xf32>
  %0 = linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<?x2xf32>, tensor<2x5xf32>) outs(%init : tensor<?x5xf32>)
      attrs = {fpw.tile = array<i64: 4, 4, 1>, fpw.vector_loop = 1 : i64} {
  ^bb0(%a: f32, %b: f32, %sum: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %sum, %p : f32
    linalg.yield %s : f32
  } -> tensor<?x5xf32>
  %1 = linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<?x2xf32>, tensor<2x5xf32>) outs(%0 : tensor<?x5xf32>)
      attrs = {fpw.tile = array<i64: 4, 4, 1>, fpw.vector_loop = 1 : i64} {
  ^bb0(%a: f32, %b: f32, %sum: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %sum, %p : f32
    linalg.yield %s : f32
  } -> tensor<?x5xf32>
  return %0, %1 : tensor<?x5xf32>, tensor<?x5xf32>
}

// A sum along vectors wants the summed dimension last.
// CHECK-LABEL: @sum_along_vectors
// CHECK: %[[W:.*]] = nn.parameter "w" = dense_resource<w_1> : tensor<1x4xf32>
// CHECK: linalg.generic {indexing_maps = [#{{.*}}, #[[$ROWS]], #{{.*}}]
func.func @sum_along_vectors(%x: tensor<?x4xf32>, %init: tensor<?x1xf32>) -> tensor<?x1xf32> {
  %w = nn.parameter "w" = dense<[[1.0], [2.0], [3.0], [4.0]]> : tensor<4x1xf32>
  %0 = linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<?x4xf32>, tensor<4x1xf32>) outs(%init : tensor<?x1xf32>)
      attrs = {fpw.tile = array<i64: 1, 1, 4>, fpw.vector_loop = 2 : i64} {
  ^bb0(%a: f32, %b: f32, %sum: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %sum, %p : f32
    linalg.yield %s : f32
  } -> tensor<?x1xf32>
  return %0 : tensor<?x1xf32>
}

// In order already, and in whole tiles.
// CHECK-LABEL: @in_order
// CHECK: nn.parameter "w" = dense<1.000000e+00> : tensor<2x4xf32>
func.func @in_order(%x: tensor<?x2xf32>, %init: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %w = nn.parameter "w" = dense<1.0> : tensor<2x4xf32>
  %0 = linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<?x2xf32>, tensor<2x4xf32>) outs(%init : tensor<?x4xf32>)
      attrs = {fpw.tile = array<i64: 4, 4, 1>, fpw.vector_loop = 1 : i64} {
  ^bb0(%a: f32, %b: f32, %sum: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %sum, %p : f32
    linalg.yield %s : f32
  } -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// 1 2 3 4 of the first row, 6 7 8 9 of the second, then 5 0 0 0 and 10 0 0 0.
// CHECK: w: "0x400000000000803F000000400000404000008040
// CHECK-SAME: 0000C0400000E0400000004100001041
// CHECK-SAME: 0000A040000000000000000000000000
// CHECK-SAME: 00002041000000000000000000000000"
