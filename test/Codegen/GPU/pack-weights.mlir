// RUN: fpw-opt %s --fpw-gpu-pack-weights --split-input-file | FileCheck %s

// Rows of k for each column.

// CHECK-DAG:   #[[PACKED:.*]] = affine_map<(d0, d1, d2, d3) -> (d2, d3)>
// CHECK-LABEL: func.func @affine
// CHECK:         nn.parameter "w" = {{.*}} : tensor<2x4xi8>
// CHECK:         linalg.generic {indexing_maps = [#{{.*}}, #[[PACKED]], #{{.*}}]
#image = affine_map<(d, m, n, k) -> (d, m, k)>
#weight = affine_map<(d, m, n, k) -> (k, n)>
#sums = affine_map<(d, m, n, k) -> (d, m, n)>
func.func @affine(%x: tensor<3x?x4xi8>, %y: tensor<3x?x2xi32>) -> tensor<3x?x2xi32> {
  %w = nn.parameter "w" = dense<[[1, 2], [3, 4], [5, 6], [7, 8]]> : tensor<4x2xi8>
  %z = linalg.generic {indexing_maps = [#image, #weight, #sums],
                       iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<3x?x4xi8>, tensor<4x2xi8>) outs(%y : tensor<3x?x2xi32>)
      attrs = {fpw.kernel = "mma"} {
  ^bb0(%a: i8, %b: i8, %c: i32):
    %0 = arith.extsi %a : i8 to i32
    %1 = arith.extsi %b : i8 to i32
    %2 = arith.muli %0, %1 : i32
    %3 = arith.addi %c, %2 : i32
    linalg.yield %3 : i32
  } -> tensor<3x?x2xi32>
  return %z : tensor<3x?x2xi32>
}

// CHECK: w: "0x{{.*}}0103050702040608"

// -----

// A kernel without matrix units reads the weight as it is.

// CHECK-LABEL: func.func @naive
// CHECK:         nn.parameter "w" = {{.*}} : tensor<4x2xi8>
#image = affine_map<(d, m, n, k) -> (d, m, k)>
#weight = affine_map<(d, m, n, k) -> (k, n)>
#sums = affine_map<(d, m, n, k) -> (d, m, n)>
func.func @naive(%x: tensor<3x?x4xi8>, %y: tensor<3x?x2xi32>) -> tensor<3x?x2xi32> {
  %w = nn.parameter "w" = dense<1> : tensor<4x2xi8>
  %z = linalg.generic {indexing_maps = [#image, #weight, #sums],
                       iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<3x?x4xi8>, tensor<4x2xi8>) outs(%y : tensor<3x?x2xi32>)
      attrs = {fpw.kernel = "naive"} {
  ^bb0(%a: i8, %b: i8, %c: i32):
    %0 = arith.extsi %a : i8 to i32
    %1 = arith.extsi %b : i8 to i32
    %2 = arith.muli %0, %1 : i32
    %3 = arith.addi %c, %2 : i32
    linalg.yield %3 : i32
  } -> tensor<3x?x2xi32>
  return %z : tensor<3x?x2xi32>
}
