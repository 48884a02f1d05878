// RUN: fpw-opt %s --pass-pipeline="builtin.module(func.func(fpw-cpu-merge-copies))" | FileCheck %s

// CHECK-LABEL: @lines
// CHECK-SAME:    %[[X:.*]]: memref<?x224x224x3xf32>, %[[Y:.*]]: memref<?x224x224x3xf32, strided<[162150, 705, 3, 1]>>
// CHECK-DAG:     %[[LINES:.*]] = memref.collapse_shape %[[X]] {{\[\[}}0], [1], [2, 3]]
// CHECK-DAG:     %[[PLACES:.*]] = memref.collapse_shape %[[Y]] {{\[\[}}0], [1], [2, 3]]
// CHECK:         linalg.generic
// CHECK-SAME:      iterator_types = ["parallel", "parallel", "parallel"]
// CHECK-SAME:      ins(%[[LINES]] : memref<?x224x672xf32>)
// CHECK-SAME:      outs(%[[PLACES]] : memref<?x224x672xf32, strided<[162150, 705, 1]>>)
func.func @lines(%x: memref<?x224x224x3xf32>, %y: memref<?x224x224x3xf32, strided<[162150, 705, 3, 1]>>) {
  memref.copy %x, %y : memref<?x224x224x3xf32> to memref<?x224x224x3xf32, strided<[162150, 705, 3, 1]>>
  return
}

// As many loops as it takes, but not the batch.
// CHECK-LABEL: @small
// CHECK:         linalg.generic
// CHECK-SAME:      ins(%{{.*}} : memref<?x40xi8>)
func.func @small(%x: memref<?x2x4x5xi8>, %y: memref<?x2x4x5xi8>) {
  memref.copy %x, %y : memref<?x2x4x5xi8> to memref<?x2x4x5xi8>
  return
}

// Long lines, and what lies apart, stay as they are; so does what is no copy.
// CHECK-LABEL: @others
// CHECK:         linalg.generic
// CHECK-SAME:      ins(%{{.*}} : memref<4x128xf32>)
// CHECK:         linalg.generic
// CHECK-SAME:      ins(%{{.*}} : memref<4x5xf32>)
// CHECK:         linalg.generic
// CHECK-SAME:      ins(%{{.*}} : memref<4x5xf32>)
func.func @others(%a: memref<4x128xf32>, %b: memref<4x128xf32>, %c: memref<4x5xf32>, %d: memref<4x5xf32, strided<[6, 1]>>) {
  memref.copy %a, %b : memref<4x128xf32> to memref<4x128xf32>
  memref.copy %c, %d : memref<4x5xf32> to memref<4x5xf32, strided<[6, 1]>>
  linalg.exp ins(%c : memref<4x5xf32>) outs(%c : memref<4x5xf32>)
  return
}

// A transposition has no loops in common order.
// CHECK-LABEL: @transposed
// CHECK:         linalg.generic
// CHECK-SAME:      ins(%{{.*}} : memref<4x5xf32>)
func.func @transposed(%x: memref<4x5xf32>, %y: memref<5x4xf32>) {
  linalg.transpose ins(%x : memref<4x5xf32>) outs(%y : memref<5x4xf32>) permutation = [1, 0]
  return
}

// CHECK-LABEL: @filled
// CHECK:         linalg.generic
// CHECK-SAME:      outs(%{{.*}} : memref<4x5xf32>)
func.func @filled(%x: f32, %y: memref<4x5xf32>) {
  linalg.fill ins(%x : f32) outs(%y : memref<4x5xf32>)
  return
}
