// RUN: fpw-opt %s --fpw-cpu-emit-amx --canonicalize --split-input-file --verify-diagnostics | FileCheck %s

// Three planes and 32 outputs: six tiles of sums, one loop over the reduction, and in it the rest of the work on the rows
// of the block before. The sums as a whole are gone.

#planes = affine_map<(b, d, o, c) -> (b, d, c)>
#weights = affine_map<(b, d, o, c) -> (o floordiv 32, c floordiv 64, (o mod 32) floordiv 16, (c mod 64) floordiv 4, (o mod 16) * 4 + c mod 4)>
#sums = affine_map<(b, d, o, c) -> (b, d, o)>
#plane0 = affine_map<(b, o) -> (b, 0, o)>
#plane1 = affine_map<(b, o) -> (b, 1, o)>
#plane2 = affine_map<(b, o) -> (b, 2, o)>
#result = affine_map<(b, o) -> (b, o)>

// CHECK-LABEL: func.func @three_planes
// CHECK-NOT: memref.alloc()
// CHECK: scf.forall
// CHECK: %[[SCRATCH:.+]] = memref.alloca() {{.*}} : memref<1x3x2x16x16xi32>
// CHECK: scf.for {{.*}} -> (!amx.tile<16x16xi32>, !amx.tile<16x16xi32>, !amx.tile<16x16xi32>, !amx.tile<16x16xi32>, !amx.tile<16x16xi32>, !amx.tile<16x16xi32>)
// CHECK: amx.tile_load %{{.*}} into !amx.tile<16x64xi8>
// CHECK: amx.tile_muli %{{.*}} zext, %{{.*}}, %{{.*}} : !amx.tile<16x64xi8>
// CHECK: scf.if
// CHECK: vector.load %[[SCRATCH]]
// CHECK: vector.store %{{.*}}, %{{.*}} : memref<?x64xf32>, vector<16xf32>
// CHECK-COUNT-6: amx.tile_store %[[SCRATCH]]
// CHECK-NOT: linalg.generic
func.func @three_planes(%planes: memref<?x3x128xi8>, %weights: memref<2x2x2x16x64xi8>, %result: memref<?x64xf32>) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0 : i32
  %batch = memref.dim %planes, %c0 : memref<?x3x128xi8>
  %sums = memref.alloc(%batch) : memref<?x3x64xi32>
  linalg.fill ins(%zero : i32) outs(%sums : memref<?x3x64xi32>)
  linalg.generic {indexing_maps = [#planes, #weights, #sums], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%planes, %weights : memref<?x3x128xi8>, memref<2x2x2x16x64xi8>) outs(%sums : memref<?x3x64xi32>)
      attrs = {fpw.kernel = "amx"} {
  ^bb0(%a: i8, %b: i8, %sum: i32):
    %wide_a = arith.extui %a : i8 to i32
    %wide_b = arith.extsi %b : i8 to i32
    %product = arith.muli %wide_a, %wide_b : i32
    %next = arith.addi %product, %sum : i32
    linalg.yield %next : i32
  }
  linalg.generic {indexing_maps = [#plane0, #plane1, #plane2, #result], iterator_types = ["parallel", "parallel"]}
      ins(%sums, %sums, %sums : memref<?x3x64xi32>, memref<?x3x64xi32>, memref<?x3x64xi32>) outs(%result : memref<?x64xf32>) {
  ^bb0(%s0: i32, %s1: i32, %s2: i32, %old: f32):
    %s = arith.addi %s0, %s1 : i32
    %t = arith.addi %s, %s2 : i32
    %value = arith.sitofp %t : i32 to f32
    linalg.yield %value : f32
  }
  memref.dealloc %sums : memref<?x3x64xi32>
  return
}

// -----

// Lines of 7 in an image of lines of 9: a run through two loops, in tiles of 16 of its 61 positions. `stream` loads weights past
// the cache.

#planes = affine_map<(y, x, o, i, j, c) -> (y + i, x + j, c)>
#weights = affine_map<(y, x, o, i, j, c) -> (o floordiv 32, i, j, c floordiv 64, (o mod 32) floordiv 16, (c mod 64) floordiv 4, (o mod 16) * 4 + c mod 4)>
#sums = affine_map<(y, x, o, i, j, c) -> (y, x, o)>
#result = affine_map<(y, x, o) -> (y, x, o)>

// CHECK-LABEL: func.func @image
// CHECK: scf.for %{{.*}} = %c0 to %c4 step
// CHECK: amx.tile_load %{{.*}} {fpw.stream}
func.func @image(%planes: memref<9x9x64xi8>, %weights: memref<1x3x3x1x2x16x64xi8>, %result: memref<7x7x32xi32>) {
  %zero = arith.constant 0 : i32
  %sums = memref.alloc() : memref<7x7x32xi32>
  linalg.fill ins(%zero : i32) outs(%sums : memref<7x7x32xi32>)
  linalg.generic {indexing_maps = [#planes, #weights, #sums], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]}
      ins(%planes, %weights : memref<9x9x64xi8>, memref<1x3x3x1x2x16x64xi8>) outs(%sums : memref<7x7x32xi32>)
      attrs = {fpw.kernel = "amx", fpw.amx_plan = {row_tiles = 1 : i64, stream = 2 : i64}} {
  ^bb0(%a: i8, %b: i8, %sum: i32):
    %wide_a = arith.extsi %a : i8 to i32
    %wide_b = arith.extsi %b : i8 to i32
    %product = arith.muli %wide_a, %wide_b : i32
    %next = arith.addi %sum, %product : i32
    linalg.yield %next : i32
  }
  linalg.generic {indexing_maps = [#result, #result], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%sums : memref<7x7x32xi32>) outs(%result : memref<7x7x32xi32>) {
  ^bb0(%s: i32, %old: i32):
    %value = arith.addi %s, %s : i32
    linalg.yield %value : i32
  }
  memref.dealloc %sums : memref<7x7x32xi32>
  return
}

// -----

// What does not fit stays.

#planes = affine_map<(b, o, c) -> (b, c)>
#plain = affine_map<(b, o, c) -> (o, c)>
#sums = affine_map<(b, o, c) -> (b, o)>
#result = affine_map<(b, o) -> (b, o)>

// CHECK-LABEL: func.func @unpacked
// CHECK: linalg.generic
func.func @unpacked(%planes: memref<8x64xi8>, %weights: memref<32x64xi8>, %result: memref<8x32xi32>) {
  %zero = arith.constant 0 : i32
  %sums = memref.alloc() : memref<8x32xi32>
  linalg.fill ins(%zero : i32) outs(%sums : memref<8x32xi32>)
  // expected-remark@+1 {{inner product does not fit the matrix unit: expected weights packed to tiles}}
  linalg.generic {indexing_maps = [#planes, #plain, #sums], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%planes, %weights : memref<8x64xi8>, memref<32x64xi8>) outs(%sums : memref<8x32xi32>) attrs = {fpw.kernel = "amx"} {
  ^bb0(%a: i8, %b: i8, %sum: i32):
    %wide_a = arith.extsi %a : i8 to i32
    %wide_b = arith.extsi %b : i8 to i32
    %product = arith.muli %wide_a, %wide_b : i32
    %next = arith.addi %sum, %product : i32
    linalg.yield %next : i32
  }
  linalg.generic {indexing_maps = [#result, #result], iterator_types = ["parallel", "parallel"]}
      ins(%sums : memref<8x32xi32>) outs(%result : memref<8x32xi32>) {
  ^bb0(%s: i32, %old: i32):
    %value = arith.addi %s, %s : i32
    linalg.yield %value : i32
  }
  memref.dealloc %sums : memref<8x32xi32>
  return
}

// -----

#planes = affine_map<(b, o, c) -> (b, c)>
#plain = affine_map<(b, o, c) -> (o, c)>
#sums = affine_map<(b, o, c) -> (b, o)>

// CHECK-LABEL: func.func @shared_sums
// CHECK: linalg.generic
func.func @shared_sums(%planes: memref<8x64xi8>, %weights: memref<32x64xi8>, %sums: memref<8x32xi32>) {
  // expected-remark@+1 {{inner product does not fit the matrix unit: expected weights packed to tiles}}
  linalg.generic {indexing_maps = [#planes, #plain, #sums], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%planes, %weights : memref<8x64xi8>, memref<32x64xi8>) outs(%sums : memref<8x32xi32>) attrs = {fpw.kernel = "amx"} {
  ^bb0(%a: i8, %b: i8, %sum: i32):
    %wide_a = arith.extsi %a : i8 to i32
    %wide_b = arith.extsi %b : i8 to i32
    %product = arith.muli %wide_a, %wide_b : i32
    %next = arith.addi %sum, %product : i32
    linalg.yield %next : i32
  }
  return
}

// -----

// Two tensors of weights whose sums one op combines, the second without sign: one kernel, which does the loops of one after
// those of the other.

#planes = affine_map<(b, d, o, c) -> (b, d, c)>
#weights = affine_map<(b, d, o, c) -> (o floordiv 32, c floordiv 64, (o mod 32) floordiv 16, (c mod 64) floordiv 4, (o mod 16) * 4 + c mod 4)>
#sums = affine_map<(b, d, o, c) -> (b, d, o)>
#plane0 = affine_map<(b, o) -> (b, 0, o)>
#plane1 = affine_map<(b, o) -> (b, 1, o)>
#result = affine_map<(b, o) -> (b, o)>

// CHECK-LABEL: func.func @two_weights
// CHECK: memref.alloca() {{.*}} : memref<2x4x1x16x16xi32>
// CHECK-NOT: memref.alloca()
// CHECK: amx.tile_muli %{{.*}}, %{{.*}}, %{{.*}} : !amx.tile<16x64xi8>
// CHECK: amx.tile_muli %{{.*}}, %{{.*}} zext, %{{.*}} : !amx.tile<16x64xi8>
// CHECK-NOT: linalg.generic
func.func @two_weights(%source: memref<16x2x128xi8>, %high: memref<1x2x2x16x64xi8>, %low: memref<1x2x2x16x64xi8>,
                       %result: memref<16x16xi32>) {
  %zero = arith.constant 0 : i32
  %planes = memref.alloc() : memref<16x2x128xi8>
  memref.copy %source, %planes : memref<16x2x128xi8> to memref<16x2x128xi8>
  %a = memref.alloc() : memref<16x2x16xi32>
  linalg.fill ins(%zero : i32) outs(%a : memref<16x2x16xi32>)
  linalg.generic {indexing_maps = [#planes, #weights, #sums], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%planes, %high : memref<16x2x128xi8>, memref<1x2x2x16x64xi8>) outs(%a : memref<16x2x16xi32>)
      attrs = {fpw.kernel = "amx"} {
  ^bb0(%x: i8, %w: i8, %sum: i32):
    %wide_x = arith.extsi %x : i8 to i32
    %wide_w = arith.extsi %w : i8 to i32
    %product = arith.muli %wide_x, %wide_w : i32
    %next = arith.addi %sum, %product : i32
    linalg.yield %next : i32
  }
  %b = memref.alloc() : memref<16x2x16xi32>
  linalg.fill ins(%zero : i32) outs(%b : memref<16x2x16xi32>)
  linalg.generic {indexing_maps = [#planes, #weights, #sums], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%planes, %low : memref<16x2x128xi8>, memref<1x2x2x16x64xi8>) outs(%b : memref<16x2x16xi32>)
      attrs = {fpw.kernel = "amx"} {
  ^bb0(%x: i8, %w: i8, %sum: i32):
    %wide_x = arith.extsi %x : i8 to i32
    %wide_w = arith.extui %w : i8 to i32
    %product = arith.muli %wide_x, %wide_w : i32
    %next = arith.addi %sum, %product : i32
    linalg.yield %next : i32
  }
  linalg.generic {indexing_maps = [#plane0, #plane1, #plane0, #plane1, #result], iterator_types = ["parallel", "parallel"]}
      ins(%a, %a, %b, %b : memref<16x2x16xi32>, memref<16x2x16xi32>, memref<16x2x16xi32>, memref<16x2x16xi32>)
      outs(%result : memref<16x16xi32>) {
  ^bb0(%a0: i32, %a1: i32, %b0: i32, %b1: i32, %old: i32):
    %s = arith.addi %a0, %a1 : i32
    %t = arith.subi %b0, %b1 : i32
    %value = arith.muli %s, %t : i32
    linalg.yield %value : i32
  }
  return
}

// -----

// Groups of outputs, each with channels of its own: a loop of the kernel, over items with weights and rows of their own.

#planes = affine_map<(y, g, o, c) -> (y, g, c)>
#weights = affine_map<(y, g, o, c) -> (g, o floordiv 32, c floordiv 64, (o mod 32) floordiv 16, (c mod 64) floordiv 4, (o mod 16) * 4 + c mod 4)>
#sums = affine_map<(y, g, o, c) -> (y, g, o)>
#result = affine_map<(y, g, o) -> (y, g, o)>

// CHECK-LABEL: func.func @groups
// CHECK: scf.for %{{.*}} = %c0 to %c10 step
// CHECK-NOT: linalg.generic
func.func @groups(%planes: memref<32x5x64xi8>, %weights: memref<5x1x1x2x16x64xi8>, %result: memref<32x5x20xi32>) {
  %zero = arith.constant 0 : i32
  %sums = memref.alloc() : memref<32x5x20xi32>
  linalg.fill ins(%zero : i32) outs(%sums : memref<32x5x20xi32>)
  linalg.generic {indexing_maps = [#planes, #weights, #sums], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%planes, %weights : memref<32x5x64xi8>, memref<5x1x1x2x16x64xi8>) outs(%sums : memref<32x5x20xi32>)
      attrs = {fpw.kernel = "amx", fpw.amx_plan = {row_tiles = 1 : i64}} {
  ^bb0(%a: i8, %b: i8, %sum: i32):
    %wide_a = arith.extsi %a : i8 to i32
    %wide_b = arith.extsi %b : i8 to i32
    %product = arith.muli %wide_a, %wide_b : i32
    %next = arith.addi %sum, %product : i32
    linalg.yield %next : i32
  }
  linalg.generic {indexing_maps = [#result, #result], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%sums : memref<32x5x20xi32>) outs(%result : memref<32x5x20xi32>) {
  ^bb0(%s: i32, %old: i32):
    linalg.yield %s : i32
  }
  return
}

// -----

// Weights of 2 MB do not fit into the second-level cache: each of the two blocks of rows asks for half of those that come next.
// Rows of the result are 4 KB apart, and not asked for.

#planes = affine_map<(b, o, c) -> (b, c)>
#weights = affine_map<(b, o, c) -> (o floordiv 32, c floordiv 64, (o mod 32) floordiv 16, (c mod 64) floordiv 4, (o mod 16) * 4 + c mod 4)>
#sums = affine_map<(b, o, c) -> (b, o)>
#result = affine_map<(b, o) -> (b, o)>

// CHECK-LABEL: func.func @large_weights
// CHECK: scf.forall
// CHECK-COUNT-16: memref.prefetch %{{.*}}, read, locality<2>
// CHECK-NOT: memref.prefetch
// CHECK: return
func.func @large_weights(%planes: memref<64x2048xi8>, %weights: memref<32x32x2x16x64xi8>, %result: memref<64x1024xf32>) {
  %zero = arith.constant 0 : i32
  %sums = memref.alloc() : memref<64x1024xi32>
  linalg.fill ins(%zero : i32) outs(%sums : memref<64x1024xi32>)
  linalg.generic {indexing_maps = [#planes, #weights, #sums], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%planes, %weights : memref<64x2048xi8>, memref<32x32x2x16x64xi8>) outs(%sums : memref<64x1024xi32>)
      attrs = {fpw.kernel = "amx"} {
  ^bb0(%a: i8, %b: i8, %sum: i32):
    %wide_a = arith.extsi %a : i8 to i32
    %wide_b = arith.extsi %b : i8 to i32
    %product = arith.muli %wide_a, %wide_b : i32
    %next = arith.addi %sum, %product : i32
    linalg.yield %next : i32
  }
  linalg.generic {indexing_maps = [#result, #result], iterator_types = ["parallel", "parallel"]}
      ins(%sums : memref<64x1024xi32>) outs(%result : memref<64x1024xf32>) {
  ^bb0(%s: i32, %old: f32):
    %value = arith.sitofp %s : i32 to f32
    linalg.yield %value : f32
  }
  return
}

// -----

// Results of more than 1 MB are asked for a block of rows ahead, where their lines are in different sets of the cache.

#planes = affine_map<(b, o, c) -> (b, c)>
#weights = affine_map<(b, o, c) -> (o floordiv 32, c floordiv 64, (o mod 32) floordiv 16, (c mod 64) floordiv 4, (o mod 16) * 4 + c mod 4)>
#sums = affine_map<(b, o, c) -> (b, o)>
#result = affine_map<(b, o) -> (b, o)>

// CHECK-LABEL: func.func @large_result
// CHECK: memref.prefetch %{{.*}}, write, locality<2>
func.func @large_result(%planes: memref<4096x64xi8>, %weights: memref<3x1x2x16x64xi8>, %result: memref<4096x96xf32>) {
  %zero = arith.constant 0 : i32
  %sums = memref.alloc() : memref<4096x96xi32>
  linalg.fill ins(%zero : i32) outs(%sums : memref<4096x96xi32>)
  linalg.generic {indexing_maps = [#planes, #weights, #sums], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%planes, %weights : memref<4096x64xi8>, memref<3x1x2x16x64xi8>) outs(%sums : memref<4096x96xi32>)
      attrs = {fpw.kernel = "amx"} {
  ^bb0(%a: i8, %b: i8, %sum: i32):
    %wide_a = arith.extsi %a : i8 to i32
    %wide_b = arith.extsi %b : i8 to i32
    %product = arith.muli %wide_a, %wide_b : i32
    %next = arith.addi %sum, %product : i32
    linalg.yield %next : i32
  }
  linalg.generic {indexing_maps = [#result, #result], iterator_types = ["parallel", "parallel"]}
      ins(%sums : memref<4096x96xi32>) outs(%result : memref<4096x96xf32>) {
  ^bb0(%s: i32, %old: f32):
    %value = arith.sitofp %s : i32 to f32
    linalg.yield %value : f32
  }
  return
}
