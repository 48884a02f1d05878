// RUN: fpw-opt %s --fpw-cpu-results-to-arguments --split-input-file --verify-diagnostics | FileCheck %s

// CHECK: func.func @allocated(%[[X:.*]]: memref<?x4xf32>, %[[Y:.*]]: memref<?x4xf32>) attributes {fpw.inputs = 1 : i64} {
// CHECK-NOT: memref.alloc
// CHECK: linalg.exp ins(%[[X]] : memref<?x4xf32>) outs(%[[Y]] : memref<?x4xf32>)
// CHECK-NEXT: return
func.func @allocated(%x: memref<?x4xf32>) -> memref<?x4xf32> {
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?x4xf32>
  %y = memref.alloc(%n) : memref<?x4xf32>
  linalg.exp ins(%x : memref<?x4xf32>) outs(%y : memref<?x4xf32>)
  return %y : memref<?x4xf32>
}

// The caller's buffer takes the shape of the one that is returned in another shape.
// CHECK: func.func @reshaped(%[[X:.*]]: memref<?x2x3xf32>, %[[Y:.*]]: memref<?x6xf32>)
// CHECK-NOT: memref.alloc
// CHECK: %[[Z:.*]] = memref.expand_shape %[[Y]] {{\[\[}}0], [1, 2]] output_shape [%{{.*}}, 2, 3]
// CHECK: linalg.exp ins(%[[X]] : memref<?x2x3xf32>) outs(%[[Z]] : memref<?x2x3xf32>)
// CHECK-NOT: memref.copy
func.func @reshaped(%x: memref<?x2x3xf32>) -> memref<?x6xf32> {
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?x2x3xf32>
  %y = memref.alloc(%n) : memref<?x2x3xf32>
  linalg.exp ins(%x : memref<?x2x3xf32>) outs(%y : memref<?x2x3xf32>)
  %z = memref.collapse_shape %y [[0], [1, 2]] : memref<?x2x3xf32> into memref<?x6xf32>
  return %z : memref<?x6xf32>
}

// CHECK: func.func @reshaped_twice(%[[X:.*]]: memref<4x6xf32>, %[[Y:.*]]: memref<2x2x6xf32>)
// CHECK-NOT: memref.alloc
// CHECK: %[[ROW:.*]] = memref.collapse_shape %[[Y]] {{\[\[}}0, 1, 2]]
// CHECK: %[[Z:.*]] = memref.expand_shape %[[ROW]] {{\[\[}}0, 1]] output_shape [4, 6]
// CHECK: linalg.exp ins(%[[X]] : memref<4x6xf32>) outs(%[[Z]] : memref<4x6xf32>)
// CHECK-NOT: memref.copy
func.func @reshaped_twice(%x: memref<4x6xf32>) -> memref<2x2x6xf32> {
  %y = memref.alloc() : memref<4x6xf32>
  linalg.exp ins(%x : memref<4x6xf32>) outs(%y : memref<4x6xf32>)
  %row = memref.collapse_shape %y [[0, 1]] : memref<4x6xf32> into memref<24xf32>
  %z = memref.expand_shape %row [[0, 1, 2]] output_shape [2, 2, 6] : memref<24xf32> into memref<2x2x6xf32>
  return %z : memref<2x2x6xf32>
}

// A parameter is not the caller's.
// CHECK: func.func @copied(%[[Y:.*]]: memref<2xf32>)
// CHECK: %[[W:.*]] = memref.get_global @w
// CHECK: memref.copy %[[W]], %[[Y]]
memref.global @w : memref<2xf32>
func.func @copied() -> memref<2xf32> {
  %w = memref.get_global @w : memref<2xf32>
  return %w : memref<2xf32>
}

// Each result has a place of its own.
// CHECK: func.func @twice(%[[Y:.*]]: memref<2xf32>, %[[Z:.*]]: memref<2xf32>)
// CHECK: memref.copy %[[Y]], %[[Z]]
func.func @twice() -> (memref<2xf32>, memref<2xf32>) {
  %y = memref.alloc() : memref<2xf32>
  return %y, %y : memref<2xf32>, memref<2xf32>
}

// Only hosts call networks.
// CHECK: func.func private @private() -> memref<2xf32>
func.func private @private() -> memref<2xf32> {
  %y = memref.alloc() : memref<2xf32>
  return %y : memref<2xf32>
}

// -----

// expected-error @below {{expected the batch to be the only dynamic size of input 0, and its first, but got 'memref<2x?xf32>'}}
func.func @columns(%x: memref<2x?xf32>) -> memref<2x?xf32> {
  return %x : memref<2x?xf32>
}

// -----

// expected-error @below {{expected the batch to be the only dynamic size of result 0, and its first, but got 'memref<?xf32>'}}
func.func @other_size(%x: memref<?xf32>) -> memref<?xf32> {
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  %twice = arith.addi %n, %n : index
  %y = memref.alloc(%twice) : memref<?xf32>
  return %y : memref<?xf32>
}
