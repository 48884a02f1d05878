// RUN: fpw-opt %s --fpw-cpu-select-tiles | FileCheck %s --check-prefixes=CHECK,BITS512
// RUN: fpw-opt %s --fpw-cpu-select-tiles=vector-bits=256 | FileCheck %s --check-prefixes=CHECK,BITS256
// RUN: fpw-opt %s --fpw-cpu-select-tiles=vector-bits=128 | FileCheck %s --check-prefixes=CHECK,BITS128
// RUN: not fpw-opt %s --fpw-cpu-select-tiles=vector-bits=64 2>&1 | FileCheck %s --check-prefix=ERROR

// ERROR: error: expected vector-bits to be 128, 256 or 512 but got 64

#x = affine_map<(n, h, w, o, kh, kw, c) -> (n, h + kh, w + kw, c)>
#w = affine_map<(n, h, w, o, kh, kw, c) -> (o, kh, kw, c)>
#y = affine_map<(n, h, w, o, kh, kw, c) -> (n, h, w, o)>

// Output channels run along vectors, a row of the image fills the registers in equal tiles.
// CHECK-LABEL: @convolution
// BITS512: fpw.tile = array<i64: 1, 1, 14, 32, 1, 1, 1>, fpw.vector_loop = 3
// BITS256: fpw.tile = array<i64: 1, 1, 2, 32, 1, 1, 1>, fpw.vector_loop = 3
// BITS128: fpw.tile = array<i64: 1, 1, 2, 16, 1, 1, 1>, fpw.vector_loop = 3
func.func @convolution(%x: tensor<?x58x58x64xf32>, %init: tensor<?x56x56x64xf32>) -> tensor<?x56x56x64xf32> {
  %w = nn.parameter "w" = dense<1.0> : tensor<64x3x3x64xf32>
  %y = linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]}
      ins(%x, %w : tensor<?x58x58x64xf32>, tensor<64x3x3x64xf32>) outs(%init : tensor<?x56x56x64xf32>) {
  ^bb0(%a: f32, %b: f32, %sum: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %sum, %p : f32
    linalg.yield %s : f32
  } -> tensor<?x56x56x64xf32>
  return %y : tensor<?x56x56x64xf32>
}

// The product with a transposed matrix that is not a parameter: vectors cannot run along the sum, whose
// order shows in the bits.
// CHECK-LABEL: @transposed_matmul
// CHECK: fpw.vector_loop = 1
func.func @transposed_matmul(%a: tensor<8x64xf32>, %b: tensor<32x64xf32>, %init: tensor<8x32xf32>) -> tensor<8x32xf32> {
  %y = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (j, k)>, affine_map<(i, j, k) -> (i, j)>],
                       iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %b : tensor<8x64xf32>, tensor<32x64xf32>) outs(%init : tensor<8x32xf32>) {
  ^bb0(%l: f32, %r: f32, %sum: f32):
    %p = arith.mulf %l, %r : f32
    %s = arith.addf %sum, %p : f32
    linalg.yield %s : f32
  } -> tensor<8x32xf32>
  return %y : tensor<8x32xf32>
}

// A sum along the last dimension runs in lanes, even where a wide dimension could be gathered; other sums
// run in sequence, and the largest element may be found in any order.
// CHECK-LABEL: @reductions
// CHECK: fpw.vector_loop = 1
// CHECK: fpw.vector_loop = 1
// BITS512: fpw.vector_loop = 0
func.func @reductions(%x: tensor<512x3xf32>, %rows: tensor<512xf32>, %columns: tensor<3xf32>) -> (tensor<512xf32>, tensor<3xf32>, tensor<512xf32>) {
  %a = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<512x3xf32>) outs(%rows : tensor<512xf32>) {
  ^bb0(%in: f32, %out: f32):
    %s = arith.addf %out, %in : f32
    linalg.yield %s : f32
  } -> tensor<512xf32>
  %b = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>], iterator_types = ["reduction", "parallel"]}
      ins(%x : tensor<512x3xf32>) outs(%columns : tensor<3xf32>) {
  ^bb0(%in: f32, %out: f32):
    %s = arith.addf %out, %in : f32
    linalg.yield %s : f32
  } -> tensor<3xf32>
  %c = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<512x3xf32>) outs(%rows : tensor<512xf32>) {
  ^bb0(%in: f32, %out: f32):
    %s = arith.maximumf %out, %in : f32
    linalg.yield %s : f32
  } -> tensor<512xf32>
  return %a, %b, %c : tensor<512xf32>, tensor<3xf32>, tensor<512xf32>
}

// An element-wise op needs no plan before it is emitted.
// CHECK-LABEL: @elementwise
// CHECK-NOT: fpw.tile
func.func @elementwise(%x: tensor<8xf32>) -> tensor<8xf32> {
  %y = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%x : tensor<8xf32>) outs(%x : tensor<8xf32>) {
  ^bb0(%a: f32, %out: f32):
    %s = arith.addf %a, %a : f32
    linalg.yield %s : f32
  } -> tensor<8xf32>
  return %y : tensor<8xf32>
}
