// RUN: fpw-opt %s --fpw-cpu-emit-entry-points | FileCheck %s

// CHECK: func.func @fpw_entry_net(%[[INPUTS:.*]]: !llvm.ptr, %[[OUTPUTS:.*]]: !llvm.ptr, %[[BATCH:.*]]: i64)
// CHECK: %[[P0:.*]] = llvm.getelementptr %[[INPUTS]][0]
// CHECK: %[[X:.*]] = llvm.load %[[P0]]
// CHECK: llvm.insertvalue %[[X]], %{{.*}}[1]
// CHECK: llvm.insertvalue %[[BATCH]], %{{.*}}[3, 0]
// CHECK: %[[FIRST:.*]] = builtin.unrealized_conversion_cast {{.*}} to memref<?x4xf32>
// CHECK: llvm.getelementptr %[[OUTPUTS]][0]
// CHECK: %[[SECOND:.*]] = builtin.unrealized_conversion_cast {{.*}} to memref<2xf32>
// CHECK: call @net(%[[FIRST]], %[[SECOND]])

// CHECK: func.func private @net(%{{.*}}: memref<?x4xf32>, %{{.*}}: memref<2xf32>) {
func.func @net(%x: memref<?x4xf32>, %y: memref<2xf32>) attributes {fpw.inputs = 1} {
  return
}
// CHECK-NOT: @fpw_entry_other
func.func @other(%x: memref<2xf32>) {
  return
}
