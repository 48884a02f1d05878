// RUN: fpw-opt %s --fpw-gpu-emit-mma | FileCheck %s

// The digits of an affine layer: three planes of 64 rows and 128 columns by eight warps, each of which has two tiles
// of 16 rows and four of 8 columns for each plane. What consumes the sums does so in the kernel.

// CHECK-LABEL: func.func @affine
// CHECK-NOT:     memref.alloc
// CHECK:         gpu.launch blocks({{.*}}) in ({{.*}}) threads({{.*}}) in ({{.*}} = %c256, {{.*}}) dynamic_shared_memory_size %c81920_i32
// CHECK-COUNT-5:   nvvm.cp.async.shared.global {{.*}}, 16, cache = cg
// CHECK:           nvvm.cp.async.commit.group
// CHECK:           scf.for
// CHECK:             nvvm.cp.async.wait.group 2
// CHECK-NEXT:        gpu.barrier
// CHECK:             scf.if
// CHECK-COUNT-5:       nvvm.cp.async.shared.global
// CHECK:             nvvm.cp.async.commit.group
// CHECK-COUNT-2:     nvvm.ldmatrix {{.*}}num = 4
// CHECK:             nvvm.ldmatrix
// CHECK-COUNT-4:     nvvm.mma.sync {{.*}}multiplicandAPtxType = #nvvm.mma_type<s8>, multiplicandBPtxType = #nvvm.mma_type<s8>, {{.*}}k = 32
// CHECK:           arith.sitofp
// CHECK-NOT:       memref.load {{.*}}xi32>
// CHECK:           memref.store {{.*}} : memref<?x512xf32>
#image = affine_map<(d, m, n, k) -> (d, m, k)>
#weight = affine_map<(d, m, n, k) -> (n, k)>
#sums = affine_map<(d, m, n, k) -> (d, m, n)>
#low = affine_map<(m, n) -> (0, m, n)>
#middle = affine_map<(m, n) -> (1, m, n)>
#high = affine_map<(m, n) -> (2, m, n)>
#result = affine_map<(m, n) -> (m, n)>
func.func @affine(%x: memref<3x?x256xi8>, %w: memref<512x256xi8>, %y: memref<?x512xf32>, %rows: index) {
  %c0 = arith.constant 0 : i32
  %c256 = arith.constant 256 : i32
  %c65536 = arith.constant 65536.0 : f32
  %s = memref.alloc(%rows) : memref<3x?x512xi32>
  linalg.generic {indexing_maps = [affine_map<(d, m, n) -> (d, m, n)>], iterator_types = ["parallel", "parallel", "parallel"]}
      outs(%s : memref<3x?x512xi32>) {
  ^bb0(%a: i32):
    linalg.yield %c0 : i32
  }
  linalg.generic {indexing_maps = [#image, #weight, #sums],
                  iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %w : memref<3x?x256xi8>, memref<512x256xi8>) outs(%s : memref<3x?x512xi32>)
      attrs = {fpw.kernel = "mma", fpw.tile = array<i64: 64, 128, 64, 2, 4, 4>} {
  ^bb0(%a: i8, %b: i8, %c: i32):
    %0 = arith.extsi %a : i8 to i32
    %1 = arith.extsi %b : i8 to i32
    %2 = arith.muli %0, %1 : i32
    %3 = arith.addi %c, %2 : i32
    linalg.yield %3 : i32
  }
  linalg.generic {indexing_maps = [#low, #middle, #high, #result], iterator_types = ["parallel", "parallel"]}
      ins(%s, %s, %s : memref<3x?x512xi32>, memref<3x?x512xi32>, memref<3x?x512xi32>) outs(%y : memref<?x512xf32>) {
  ^bb0(%a: i32, %b: i32, %c: i32, %d: f32):
    %0 = arith.muli %b, %c256 : i32
    %1 = arith.addi %0, %a : i32
    %2 = arith.sitofp %1 : i32 to f32
    %3 = arith.sitofp %c : i32 to f32
    %4 = arith.mulf %3, %c65536 : f32
    %5 = arith.addf %4, %2 : f32
    linalg.yield %5 : f32
  }
  return
}

// Hopper's units read shared memory themselves, after a fence.

// CHECK-LABEL: func.func @hopper
// CHECK:         gpu.launch {{.*}} dynamic_shared_memory_size %c132096_i32
// CHECK:           nvvm.cp.async.wait.group 2
// CHECK-NEXT:      nvvm.fence.proxy
// CHECK-NEXT:      gpu.barrier
// CHECK:           nvvm.wgmma.fence.aligned
// CHECK-COUNT-4:   nvvm.wgmma.mma_async {{.*}}<m = 64, n = 128, k = 32>{{.*}}A[<u8>{{.*}}B[<s8>
// CHECK:           nvvm.wgmma.commit.group.sync.aligned
// CHECK-NEXT:      nvvm.cp.async.commit.group
// CHECK-NEXT:      nvvm.wgmma.wait.group.sync.aligned 0
// CHECK:           memref.load {{.*}} : memref<?x512xi32>
// CHECK:           memref.store {{.*}} : memref<?x512xi32>
func.func @hopper(%x: memref<?x256xi8>, %w: memref<512x256xi8>, %y: memref<?x512xi32>) {
  linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>],
                  iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : memref<?x256xi8>, memref<512x256xi8>) outs(%y : memref<?x512xi32>)
      attrs = {fpw.kernel = "wgmma", fpw.tile = array<i64: 128, 128, 128, 8, 1, 4>} {
  ^bb0(%a: i8, %b: i8, %c: i32):
    %0 = arith.extui %a : i8 to i32
    %1 = arith.extsi %b : i8 to i32
    %2 = arith.muli %0, %1 : i32
    %3 = arith.addi %c, %2 : i32
    linalg.yield %3 : i32
  }
  return
}
