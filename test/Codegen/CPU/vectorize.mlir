// RUN: fpw-opt %s --fpw-cpu-vectorize --canonicalize --cse | FileCheck %s
// RUN: fpw-opt %s --fpw-cpu-vectorize=vector-bits=128 --canonicalize --cse | FileCheck %s --check-prefix=BITS128

#x = affine_map<(n, o, c) -> (n, c)>
#w = affine_map<(n, o, c) -> (c, o)>
#y = affine_map<(n, o, c) -> (n, o)>
#id = affine_map<(n, o) -> (n, o)>
#o = affine_map<(n, o) -> (o)>

// The bias starts the sums, the rectifier ends them, and the raw sums are never stored.
// CHECK-LABEL: @layer
// CHECK-SAME: %[[X:.*]]: memref<6x8xf32>, %[[W:.*]]: memref<8x32xf32>, %[[B:.*]]: memref<32xf32>, %[[Y:.*]]: memref<6x32xf32>
// CHECK-NOT: memref.alloc
// CHECK: %[[B0:.*]] = vector.load %[[B]][%c0] : memref<32xf32>, vector<16xf32>
// CHECK: %[[B1:.*]] = vector.load %[[B]][%c16]
// CHECK: %[[S:.*]]:12 = scf.for %[[K:.*]] = %c0 to %c8 step %c1 iter_args({{.*}} = %[[B0]], {{.*}} = %[[B1]]
// CHECK: memref.load %[[X]][%c0, %[[K]]]
// CHECK: vector.load %[[W]][%[[K]], %c0]
// CHECK-COUNT-12: math.fma
// CHECK: arith.maximumf %[[S]]#0
// CHECK: vector.store %{{.*}}, %[[Y]][%c0, %c0]
// CHECK-NOT: linalg.generic
// CHECK: return
// BITS128-LABEL: @layer
// BITS128: math.fma {{.*}} : vector<4xf32>
func.func @layer(%x: memref<6x8xf32>, %w: memref<8x32xf32>, %b: memref<32xf32>, %y: memref<6x32xf32>) {
  %zero = arith.constant 0.0 : f32
  %sums = memref.alloc() : memref<6x32xf32>
  linalg.generic {indexing_maps = [#o, #id], iterator_types = ["parallel", "parallel"]}
      ins(%b : memref<32xf32>) outs(%sums : memref<6x32xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  }
  linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : memref<6x8xf32>, memref<8x32xf32>) outs(%sums : memref<6x32xf32>) {
  ^bb0(%a: f32, %v: f32, %sum: f32):
    %p = arith.mulf %a, %v : f32
    %s = arith.addf %sum, %p : f32
    linalg.yield %s : f32
  }
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%sums : memref<6x32xf32>) outs(%y : memref<6x32xf32>) {
  ^bb0(%in: f32, %out: f32):
    %r = arith.maximumf %in, %zero : f32
    linalg.yield %r : f32
  }
  return
}

// An epilogue that overwrites an input of the sum must wait for it.
// CHECK-LABEL: @overwrites_input
// CHECK: math.fma
// CHECK: vector.store %{{.*}}, %[[SUMS:alloc]]
// CHECK: vector.load %[[SUMS]]
// CHECK: return
func.func @overwrites_input(%w: memref<16x16xf32>, %unknown: memref<16x16xf32>) {
  %x = memref.alloc() : memref<16x16xf32>
  linalg.copy ins(%unknown : memref<16x16xf32>) outs(%x : memref<16x16xf32>)
  %sums = memref.alloc() : memref<16x16xf32>
  linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : memref<16x16xf32>, memref<16x16xf32>) outs(%sums : memref<16x16xf32>) {
  ^bb0(%a: f32, %v: f32, %sum: f32):
    %p = arith.mulf %a, %v : f32
    %s = arith.addf %sum, %p : f32
    linalg.yield %s : f32
  }
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%sums : memref<16x16xf32>) outs(%x : memref<16x16xf32>) {
  ^bb0(%in: f32, %out: f32):
    %r = arith.negf %in : f32
    linalg.yield %r : f32
  }
  linalg.copy ins(%x : memref<16x16xf32>) outs(%unknown : memref<16x16xf32>)
  return
}

// The rest of a row is masked; rows of unknown number come in tiles, then one by one.
// CHECK-LABEL: @tails
// CHECK: vector.constant_mask [4] : vector<16xi1>
// CHECK: vector.maskedload
// CHECK: vector.maskedstore
func.func @tails(%x: memref<?x20xf32>) {
  linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel"]} outs(%x : memref<?x20xf32>) {
  ^bb0(%out: f32):
    %r = arith.negf %out : f32
    linalg.yield %r : f32
  }
  return
}

// Sixteen partial sums in lanes, combined in halves, however many lanes a register has.
// CHECK-LABEL: @sum_along_vectors
// BITS128-LABEL: @sum_along_vectors
// BITS128: scf.for {{.*}} -> (vector<16xf32>
// CHECK: scf.for {{.*}} -> (vector<16xf32>
// CHECK: vector.extract_strided_slice {{.*}} sizes = [8]
// CHECK: vector.extract_strided_slice {{.*}} sizes = [1]
func.func @sum_along_vectors(%x: memref<4x64xf32>, %y: memref<4xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i, k) -> (i, k)>, affine_map<(i, k) -> (i)>], iterator_types = ["parallel", "reduction"]}
      ins(%x : memref<4x64xf32>) outs(%y : memref<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %r = arith.addf %in, %out : f32
    linalg.yield %r : f32
  }
  return
}

// The end of a row of unknown length: one element after the other, each into its lane.
// CHECK-LABEL: @sum_of_unknown_length
// CHECK: %[[S:.*]] = scf.for {{.*}} step %c16
// CHECK: scf.for %[[I:.*]] = {{.*}} step %c1 iter_args(%[[LANES:.*]] = %[[S]])
// CHECK: %[[LANE:.*]] = affine.apply #{{.*}}(%[[I]])
// CHECK: vector.extract %[[LANES]][%[[LANE]]]
// CHECK: vector.insert %{{.*}}, %[[LANES]] [%[[LANE]]]
func.func @sum_of_unknown_length(%x: memref<?xf32>, %y: memref<f32>) {
  linalg.generic {indexing_maps = [affine_map<(k) -> (k)>, affine_map<(k) -> ()>], iterator_types = ["reduction"]}
      ins(%x : memref<?xf32>) outs(%y : memref<f32>) {
  ^bb0(%in: f32, %out: f32):
    %r = arith.addf %in, %out : f32
    linalg.yield %r : f32
  }
  return
}

// A transposition in registers.
// CHECK-LABEL: @transpose
// CHECK-COUNT-16: vector.load
// CHECK: vector.shuffle
// CHECK-COUNT-16: vector.store
func.func @transpose(%x: memref<32x48xf32>, %y: memref<48x32xf32>) {
  linalg.transpose ins(%x : memref<32x48xf32>) outs(%y : memref<48x32xf32>) permutation = [1, 0]
  return
}

// What vectors cannot do is left to loops over elements.
// CHECK-LABEL: @scalar
// CHECK: memref.load
// CHECK-NOT: vector
// CHECK: return
func.func @scalar(%x: memref<8xf32>, %table: memref<8xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%x : memref<8xf32>) {
  ^bb0(%out: f32):
    %k = arith.fptoui %out : f32 to i64
    %i = arith.index_cast %k : i64 to index
    %r = memref.load %table[%i] : memref<8xf32>
    linalg.yield %r : f32
  }
  return
}

// A large loop is for threads.
// CHECK-LABEL: @large
// CHECK: scf.forall
// CHECK: fpw.cost
func.func @large(%x: memref<1024x1024xf32>) {
  linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel"]} outs(%x : memref<1024x1024xf32>) {
  ^bb0(%out: f32):
    %r = arith.negf %out : f32
    linalg.yield %r : f32
  }
  return
}

// Samples of unknown number: there may be only one, so that the rows are shared as well.
// CHECK-LABEL: @large_samples
// CHECK: scf.forall (%{{.*}}, %{{.*}}) =
func.func @large_samples(%x: memref<?x512x1024xf32>) {
  linalg.generic {indexing_maps = [affine_map<(n, h, c) -> (n, h, c)>], iterator_types = ["parallel", "parallel", "parallel"]}
      outs(%x : memref<?x512x1024xf32>) {
  ^bb0(%out: f32):
    %r = arith.negf %out : f32
    linalg.yield %r : f32
  }
  return
}

// A last element by itself is no vector: LLVM would write more than it when it is truncated on the way.
// CHECK-LABEL: @last_element
// CHECK: vector.store %{{.*}} : memref<17xi8>, vector<16xi8>
// CHECK-NOT: vector.maskedstore
// CHECK: memref.store
func.func @last_element(%x: memref<17xi32>, %y: memref<17xi8>) {
  linalg.generic {indexing_maps = [affine_map<(c) -> (c)>, affine_map<(c) -> (c)>], iterator_types = ["parallel"]}
      ins(%x : memref<17xi32>) outs(%y : memref<17xi8>) {
  ^bb0(%in: i32, %out: i8):
    %r = arith.trunci %in : i32 to i8
    linalg.yield %r : i8
  }
  return
}
