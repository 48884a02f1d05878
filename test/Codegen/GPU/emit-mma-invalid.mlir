// RUN: fpw-opt %s --fpw-gpu-emit-mma --verify-diagnostics --split-input-file

#image = affine_map<(m, n, k) -> (m, k)>
#weight = affine_map<(m, n, k) -> (n, k)>
#sums = affine_map<(m, n, k) -> (m, n)>
func.func @rows(%x: memref<?x256xi8>, %w: memref<512x256xi8>, %y: memref<?x512xi32>) {
  // expected-error @+1 {{expected 'fpw.tile' to be six sizes of a tile that its warps make up but got array<i64: 24, 128, 64, 1, 4, 4>}}
  linalg.generic {indexing_maps = [#image, #weight, #sums], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : memref<?x256xi8>, memref<512x256xi8>) outs(%y : memref<?x512xi32>)
      attrs = {fpw.kernel = "mma", fpw.tile = array<i64: 24, 128, 64, 1, 4, 4>} {
  ^bb0(%a: i8, %b: i8, %c: i32):
    %0 = arith.extsi %a : i8 to i32
    %1 = arith.extsi %b : i8 to i32
    %2 = arith.muli %0, %1 : i32
    %3 = arith.addi %c, %2 : i32
    linalg.yield %3 : i32
  }
  return
}

// -----

#image = affine_map<(m, n, k) -> (m, k)>
#weight = affine_map<(m, n, k) -> (n, k)>
#sums = affine_map<(m, n, k) -> (m, n)>
func.func @warpgroup(%x: memref<?x256xi8>, %w: memref<512x256xi8>, %y: memref<?x512xi32>) {
  // expected-error @+1 {{but got array<i64: 128, 128, 128, 2, 4, 4>}}
  linalg.generic {indexing_maps = [#image, #weight, #sums], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : memref<?x256xi8>, memref<512x256xi8>) outs(%y : memref<?x512xi32>)
      attrs = {fpw.kernel = "wgmma", fpw.tile = array<i64: 128, 128, 128, 2, 4, 4>} {
  ^bb0(%a: i8, %b: i8, %c: i32):
    %0 = arith.extsi %a : i8 to i32
    %1 = arith.extsi %b : i8 to i32
    %2 = arith.muli %0, %1 : i32
    %3 = arith.addi %c, %2 : i32
    linalg.yield %3 : i32
  }
  return
}
