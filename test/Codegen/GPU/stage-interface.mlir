// RUN: fpw-opt %s --fpw-gpu-stage-interface | FileCheck %s

// CHECK-LABEL: func.func @net(
// CHECK-SAME: %[[X:.*]]: memref<?x4xf32>, %[[Y:.*]]: memref<?x4xf32>)
// CHECK: %[[N:.*]] = memref.dim %[[X]]
// CHECK: %[[A:.*]] = memref.alloc(%[[N]]) : memref<?x4xf32>
// CHECK: gpu.memcpy %[[A]], %[[X]] : memref<?x4xf32>, memref<?x4xf32>
// CHECK: %[[M:.*]] = memref.dim %[[Y]]
// CHECK: %[[B:.*]] = memref.alloc(%[[M]]) : memref<?x4xf32>
// CHECK: linalg.exp ins(%[[A]] : memref<?x4xf32>) outs(%[[B]] : memref<?x4xf32>)
// CHECK: gpu.memcpy %[[Y]], %[[B]] : memref<?x4xf32>, memref<?x4xf32>
// CHECK-NEXT: return
func.func @net(%x: memref<?x4xf32>, %y: memref<?x4xf32>) attributes {fpw.inputs = 1} {
  linalg.exp ins(%x : memref<?x4xf32>) outs(%y : memref<?x4xf32>)
  return
}

// No network.
// CHECK-LABEL: func.func @other
// CHECK-NOT: gpu.memcpy
func.func @other(%x: memref<4xf32>, %y: memref<4xf32>) {
  linalg.exp ins(%x : memref<4xf32>) outs(%y : memref<4xf32>)
  return
}
