// RUN: fpw-opt %s --fpw-gpu-place-parameters | FileCheck %s

// CHECK: module attributes {fpw.parameter_bytes = 768 : i64}
// CHECK-DAG: memref.global @w : memref<4x17xf32>
// CHECK-DAG: memref.global "private" constant @steps
memref.global @w : memref<4x17xf32>
memref.global "private" constant @steps : memref<3xf32> = dense<[1.0, 2.0, 4.0]>

// Each is copied once.
// CHECK-LABEL: func.func @fpw_upload_net(
// CHECK-SAME: %[[BLOCK:.*]]: memref<768xi8>)
// CHECK-DAG: %[[W:.*]] = memref.get_global @w
// CHECK-DAG: %[[ATW:.*]] = memref.view %[[BLOCK]][%c0{{.*}}][] : memref<768xi8> to memref<4x17xf32>
// CHECK: gpu.memcpy %[[ATW]], %[[W]]
// CHECK-DAG: %[[S:.*]] = memref.get_global @steps
// CHECK-DAG: %[[ATS:.*]] = memref.view %[[BLOCK]][%c512{{.*}}][] : memref<768xi8> to memref<3xf32>
// CHECK: gpu.memcpy %[[ATS]], %[[S]]
// CHECK-NOT: gpu.memcpy
// CHECK: return

// CHECK-LABEL: func.func @net(
// CHECK-SAME: %{{.*}}: memref<?x4xf32>, %[[BLOCK:.*]]: memref<768xi8>, %{{.*}}: memref<?x17xf32>)
// CHECK-SAME: fpw.inputs = 2
// CHECK-NOT: get_global
// CHECK: memref.view %[[BLOCK]][%c0{{.*}}][] : memref<768xi8> to memref<4x17xf32>
// CHECK: memref.view %[[BLOCK]][%c512{{.*}}][] : memref<768xi8> to memref<3xf32>
// CHECK: memref.view %[[BLOCK]][%c0{{.*}}][] : memref<768xi8> to memref<4x17xf32>
func.func @net(%x: memref<?x4xf32>, %y: memref<?x17xf32>) attributes {fpw.inputs = 1} {
  %w = memref.get_global @w : memref<4x17xf32>
  linalg.matmul ins(%x, %w : memref<?x4xf32>, memref<4x17xf32>) outs(%y : memref<?x17xf32>)
  %s = memref.get_global @steps : memref<3xf32>
  linalg.exp ins(%s : memref<3xf32>) outs(%s : memref<3xf32>)
  %again = memref.get_global @w : memref<4x17xf32>
  linalg.matmul ins(%x, %again : memref<?x4xf32>, memref<4x17xf32>) outs(%y : memref<?x17xf32>)
  return
}
