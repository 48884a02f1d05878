// RUN: fpw-opt %s --fpw-gpu-map-loops --canonicalize --cse --split-input-file | FileCheck %s

#id = affine_map<(n, c) -> (n, c)>

// Neighbouring threads have neighbouring results; the batch comes first.
// CHECK-LABEL: func.func @elementwise(
// CHECK-SAME: %[[X:.*]]: memref<?x64xf32>, %[[Y:.*]]: memref<?x64xf32>
// CHECK: %[[RESULTS:.*]] = affine.apply
// CHECK: %[[BLOCKS:.*]] = arith.ceildivui %[[RESULTS]], %c256
// CHECK: gpu.launch blocks(%[[B:.*]], %{{.*}}, %{{.*}}) in (%{{.*}} = %[[BLOCKS]], {{.*}}) threads(%[[T:.*]], %{{.*}}, %{{.*}}) in (%{{.*}} = %c256
// CHECK: %[[FIRST:.*]] = arith.muli %[[B]], %c256
// CHECK: %[[I:.*]] = arith.addi %[[FIRST]], %[[T]]
// CHECK: %[[IN:.*]] = arith.cmpi ult, %[[I]], %[[RESULTS]]
// CHECK: scf.if %[[IN]]
// CHECK-DAG: %[[C:.*]] = arith.remui %[[I]], %c64
// CHECK-DAG: %[[N:.*]] = arith.divui %[[I]], %c64
// CHECK: %[[V:.*]] = memref.load %[[X]][%[[N]], %[[C]]]
// CHECK: %[[E:.*]] = math.exp %[[V]]
// CHECK: memref.store %[[E]], %[[Y]][%[[N]], %[[C]]]
func.func @elementwise(%x: memref<?x64xf32>, %y: memref<?x64xf32>) {
  linalg.exp ins(%x : memref<?x64xf32>) outs(%y : memref<?x64xf32>)
  return
}

// -----

// A sum of products in sequence: one thread, which rounds each once.
// CHECK-LABEL: func.func @in_sequence(
// CHECK-SAME: %[[X:.*]]: memref<?x64xf32>, %[[W:.*]]: memref<64x10xf32>, %[[Y:.*]]: memref<?x10xf32>
// CHECK: gpu.launch
// CHECK: scf.if
// CHECK: %[[START:.*]] = memref.load %[[Y]]
// CHECK: %[[SUM:.*]] = scf.for %{{.*}} = %c0 to %c64 step %c1 iter_args(%[[S:.*]] = %[[START]])
// CHECK: %[[A:.*]] = memref.load %[[X]]
// CHECK: %[[B:.*]] = memref.load %[[W]]
// CHECK: math.fma %[[A]], %[[B]], %[[S]]
// CHECK: memref.store %[[SUM]], %[[Y]]
func.func @in_sequence(%x: memref<?x64xf32>, %w: memref<64x10xf32>, %y: memref<?x10xf32>) {
  linalg.matmul ins(%x, %w : memref<?x64xf32>, memref<64x10xf32>) outs(%y : memref<?x10xf32>)
  return
}

// -----

#id = affine_map<(n, c) -> (n, c)>
#row = affine_map<(n, c) -> (n)>

// Sixteen lanes are sixteen threads of a warp; the first one has the sum.
// CHECK-LABEL: func.func @in_lanes(
// CHECK-SAME: %[[X:.*]]: memref<?x40xf32>, %[[Y:.*]]: memref<?xf32>
// CHECK: gpu.launch
// CHECK: %[[LANE:.*]] = arith.remui %{{.*}}, %c16
// CHECK: %[[GROUP:.*]] = arith.divui %{{.*}}, %c16
// CHECK: %[[IN:.*]] = arith.cmpi ult, %[[GROUP]], %[[RESULTS:.*]] : index
// CHECK: %[[N:.*]] = arith.minui %[[GROUP]]
// CHECK: %[[SUM:.*]] = scf.for %[[C:.*]] = %[[LANE]] to %c40 step %c16 iter_args(%[[S:.*]] = %cst)
// CHECK: %[[V:.*]] = memref.load %[[X]][%[[N]], %[[C]]]
// CHECK: arith.addf %[[S]], %[[V]]
// CHECK: %[[H8:.*]], %{{.*}} = gpu.shuffle down %[[SUM]], %c8_i32, %c32_i32
// CHECK: %[[S8:.*]] = arith.addf %[[SUM]], %[[H8]]
// CHECK: gpu.shuffle down %[[S8]], %c4_i32
// CHECK: gpu.shuffle down %{{.*}}, %c2_i32
// CHECK: %[[H1:.*]], %{{.*}} = gpu.shuffle down %[[S2:.*]], %c1_i32
// CHECK: %[[S1:.*]] = arith.addf %[[S2]], %[[H1]]
// CHECK: %[[FIRST:.*]] = arith.cmpi eq, %[[LANE]], %c0
// CHECK: %[[STORES:.*]] = arith.andi %[[FIRST]], %[[IN]]
// CHECK: scf.if %[[STORES]]
// CHECK: %[[START:.*]] = memref.load %[[Y]][%[[N]]]
// CHECK: %[[ALL:.*]] = arith.addf %[[START]], %[[S1]]
// CHECK: memref.store %[[ALL]], %[[Y]][%[[N]]]
func.func @in_lanes(%x: memref<?x40xf32>, %y: memref<?xf32>) {
  linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : memref<?x40xf32>) outs(%y : memref<?xf32>) {
  ^bb0(%a: f32, %s: f32):
    %t = arith.addf %s, %a : f32
    linalg.yield %t : f32
  }
  return
}

// -----

#id = affine_map<(n, h, c) -> (n, h, c)>
#sample = affine_map<(n, h, c) -> (n)>

// The largest bits of a sample, of whatever order: several warps, which meet in an atomic operation.
// CHECK-LABEL: func.func @largest(
// CHECK: gpu.launch
// CHECK: %[[LANE:.*]] = arith.remui %{{.*}}, %c32
// CHECK: %[[PART:.*]] = arith.remui %{{.*}}, %c7
// CHECK: %[[OFFSET:.*]] = arith.muli %[[PART]], %c32
// CHECK: %[[BEGIN:.*]] = arith.addi %[[OFFSET]], %[[LANE]]
// CHECK: scf.for %{{.*}} = %[[BEGIN]] to %c6400 step %c224
// CHECK: arith.maxui
// CHECK: gpu.shuffle down %{{.*}}, %c16_i32, %c32_i32
// CHECK: gpu.shuffle down %{{.*}}, %c1_i32
// CHECK: memref.atomic_rmw maxu
func.func @largest(%x: memref<?x64x100xi32>, %y: memref<?xi32>) {
  linalg.generic {indexing_maps = [#id, #sample], iterator_types = ["parallel", "reduction", "reduction"]}
      ins(%x : memref<?x64x100xi32>) outs(%y : memref<?xi32>) {
  ^bb0(%a: i32, %s: i32):
    %t = arith.maxui %a, %s : i32
    linalg.yield %t : i32
  }
  return
}

// -----

// A copy is a kernel, too; nothing to compute is none.
// CHECK-LABEL: func.func @copy(
// CHECK: gpu.launch
// CHECK: memref.load
// CHECK: memref.store
// CHECK-NOT: gpu.launch
func.func @copy(%x: memref<4x8xf32, strided<[16, 1]>>, %y: memref<4x8xf32>, %none: memref<4x0xf32>) {
  memref.copy %x, %y : memref<4x8xf32, strided<[16, 1]>> to memref<4x8xf32>
  linalg.exp ins(%none : memref<4x0xf32>) outs(%none : memref<4x0xf32>)
  return
}
