// RUN: fpw-opt %s --fpw-gpu-select-kernels="arch=sm_80" | FileCheck %s --check-prefixes=CHECK,MMA
// RUN: fpw-opt %s --fpw-gpu-select-kernels="arch=sm_90a" | FileCheck %s --check-prefixes=CHECK,WGMMA
// RUN: fpw-opt %s --fpw-gpu-select-kernels="arch=sm_90a,sm_80" | FileCheck %s --check-prefixes=CHECK,MMA

// Tiles are rows, columns, bytes of k, warps along rows and columns, stages. Hopper's own units multiply where all
// code is for Hopper.

#image = affine_map<(d, m, n, k) -> (d, m, k)>
#weight = affine_map<(d, m, n, k) -> (n, k)>
#sums = affine_map<(d, m, n, k) -> (d, m, n)>

// CHECK-LABEL: @tall
// MMA:           fpw.kernel = "mma", fpw.tile = array<i64: 64, 128, 64, 2, 4, 4>
// WGMMA:         fpw.kernel = "wgmma", fpw.tile = array<i64: 128, 128, 128, 8, 1, 3>
func.func @tall(%x: tensor<3x?x256xi8>, %y: tensor<3x?x512xi32>) -> tensor<3x?x512xi32> {
  %w = nn.parameter "w" = dense<1> : tensor<512x256xi8>
  %z = linalg.generic {indexing_maps = [#image, #weight, #sums],
                       iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<3x?x256xi8>, tensor<512x256xi8>) outs(%y : tensor<3x?x512xi32>) {
  ^bb0(%a: i8, %b: i8, %c: i32):
    %0 = arith.extui %a : i8 to i32
    %1 = arith.extsi %b : i8 to i32
    %2 = arith.muli %0, %1 : i32
    %3 = arith.addi %c, %2 : i32
    linalg.yield %3 : i32
  } -> tensor<3x?x512xi32>
  return %z : tensor<3x?x512xi32>
}

// Few rows are bound by reading the weight: small tiles, so that many blocks read.

// CHECK-LABEL: @flat
// CHECK:         fpw.kernel = "mma", fpw.tile = array<i64: 16, 32, 128, 1, 2, 8>
func.func @flat(%x: tensor<3x4x256xi8>, %y: tensor<3x4x512xi32>) -> tensor<3x4x512xi32> {
  %w = nn.parameter "w" = dense<1> : tensor<512x256xi8>
  %z = linalg.generic {indexing_maps = [#image, #weight, #sums],
                       iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<3x4x256xi8>, tensor<512x256xi8>) outs(%y : tensor<3x4x512xi32>) {
  ^bb0(%a: i8, %b: i8, %c: i32):
    %0 = arith.extsi %a : i8 to i32
    %1 = arith.extsi %b : i8 to i32
    %2 = arith.muli %0, %1 : i32
    %3 = arith.addi %c, %2 : i32
    linalg.yield %3 : i32
  } -> tensor<3x4x512xi32>
  return %z : tensor<3x4x512xi32>
}

// Three channels cannot be copied in units of four bytes.

// CHECK-LABEL: @odd
// CHECK:         fpw.kernel = "naive"
func.func @odd(%x: tensor<3x?x63xi8>, %y: tensor<3x?x512xi32>) -> tensor<3x?x512xi32> {
  %w = nn.parameter "w" = dense<1> : tensor<512x63xi8>
  %z = linalg.generic {indexing_maps = [#image, #weight, #sums],
                       iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<3x?x63xi8>, tensor<512x63xi8>) outs(%y : tensor<3x?x512xi32>) {
  ^bb0(%a: i8, %b: i8, %c: i32):
    %0 = arith.extsi %a : i8 to i32
    %1 = arith.extsi %b : i8 to i32
    %2 = arith.muli %0, %1 : i32
    %3 = arith.addi %c, %2 : i32
    linalg.yield %3 : i32
  } -> tensor<3x?x512xi32>
  return %z : tensor<3x?x512xi32>
}
