// RUN: fpw-opt %s --pass-pipeline="builtin.module(func.func(fpw-cpu-interleave-copies{vector-bits=512}))" | FileCheck %s

#planes = affine_map<(x, c) -> (c, x)>
#target2 = affine_map<(x, c) -> (x, c)>

// CHECK-LABEL: @planes
// CHECK-SAME:    %[[X:.*]]: memref<3x224xf32>, %[[Y:.*]]: memref<224x3xf32>
// CHECK:         %[[PLACES:.*]] = memref.collapse_shape %[[Y]]
// CHECK:         scf.for
// CHECK:           vector.shuffle %{{.*}}, %{{.*}} [0, 16, 2, 1, 17, 5, 2, 18, 8, 3, 19, 11, 4, 20, 14, 5]
// CHECK:           vector.shuffle %{{.*}}, %{{.*}} [0, 1, 16, 3, 4, 17, 6, 7, 18, 9, 10, 19, 12, 13, 20, 15]
// CHECK:           vector.store %{{.*}}, %[[PLACES]]
// CHECK-COUNT-2:   vector.store
// CHECK-NOT:     linalg.generic
func.func @planes(%x: memref<3x224xf32>, %y: memref<224x3xf32>) {
  linalg.generic {indexing_maps = [#planes, #target2], iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<3x224xf32>) outs(%y : memref<224x3xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  }
  return
}

#lines = affine_map<(n, y, x, l, c) -> (n, y, l, x, c)>
#target5 = affine_map<(n, y, x, l, c) -> (n, y, x, l, c)>

// Two lines of pixels with three channels. The last block of 235 pixels begins at 219.
// CHECK-LABEL: @lines
// CHECK:         scf.forall (%[[N:.*]], %[[LINE:.*]]) in (%{{.*}}, 115)
// CHECK:           scf.for
// CHECK:             %[[LAST:.*]] = arith.constant 219 : index
// CHECK:             arith.minui %{{.*}}, %[[LAST]]
// CHECK:             vector.load %{{.*}}[%[[N]], %[[LINE]], %{{.*}}, %{{.*}}] : memref<?x115x2x705xf32>, vector<16xf32>
// CHECK:             vector.load %{{.*}}[%[[N]], %[[LINE]], %{{.*}}, %{{.*}}] : memref<?x115x2x705xf32>, vector<16xf32>
// CHECK-COUNT-6:     vector.store %{{.*}} : memref<?x115x1410xf32>, vector<16xf32>
// CHECK:         fpw.cost = 1410
func.func @lines(%x: memref<?x115x2x235x3xf32>, %y: memref<?x115x235x2x3xf32>) {
  linalg.generic {indexing_maps = [#lines, #target5], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]}
      ins(%x : memref<?x115x2x235x3xf32>) outs(%y : memref<?x115x235x2x3xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  }
  return
}

// Many lines, short ones, and what computes something stay.
// CHECK-LABEL: @others
// CHECK-COUNT-3: linalg.generic
func.func @others(%a: memref<64x224xf32>, %b: memref<224x64xf32>, %c: memref<3x15xf32>, %d: memref<15x3xf32>, %x: memref<3x224xf32>, %y: memref<224x3xf32>) {
  linalg.generic {indexing_maps = [#planes, #target2], iterator_types = ["parallel", "parallel"]}
      ins(%a : memref<64x224xf32>) outs(%b : memref<224x64xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  }
  linalg.generic {indexing_maps = [#planes, #target2], iterator_types = ["parallel", "parallel"]}
      ins(%c : memref<3x15xf32>) outs(%d : memref<15x3xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  }
  linalg.generic {indexing_maps = [#planes, #target2], iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<3x224xf32>) outs(%y : memref<224x3xf32>) {
  ^bb0(%in: f32, %out: f32):
    %twice = arith.addf %in, %in : f32
    linalg.yield %twice : f32
  }
  return
}
