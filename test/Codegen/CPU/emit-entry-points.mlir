// RUN: fpw-opt %s --fpw-cpu-emit-entry-points | FileCheck %s

func.func private @net_arena(%batch: index, %workers: index) -> (index, index) {
  return %batch, %workers : index, index
}

// CHECK: func.func @fpw_arena_net(%[[BATCH:.*]]: i64, %[[WORKERS:.*]]: i64) -> i64
// CHECK: %[[PLAN:.*]]:2 = call @net_arena
// CHECK: %[[SIZE:.*]] = arith.index_cast %[[PLAN]]#1 : index to i64
// CHECK: return %[[SIZE]] : i64

// CHECK: func.func @fpw_entry_net(%[[INPUTS:.*]]: !llvm.ptr, %[[OUTPUTS:.*]]: !llvm.ptr, %[[ARENA:.*]]: !llvm.ptr, %[[BATCH:.*]]: i64, %[[WORKERS:.*]]: i64)
// CHECK: %[[P0:.*]] = llvm.getelementptr %[[INPUTS]][0]
// CHECK: %[[X:.*]] = llvm.load %[[P0]]
// CHECK: llvm.insertvalue %[[X]], %{{.*}}[1]
// CHECK: llvm.insertvalue %[[BATCH]], %{{.*}}[3, 0]
// CHECK: %[[FIRST:.*]] = builtin.unrealized_conversion_cast {{.*}} to memref<?x4xf32>
// CHECK: llvm.getelementptr %[[OUTPUTS]][0]
// CHECK: %[[SECOND:.*]] = builtin.unrealized_conversion_cast {{.*}} to memref<2xf32>
// CHECK: llvm.insertvalue %[[ARENA]], %{{.*}}[1]
// CHECK: %[[MEMORY:.*]] = builtin.unrealized_conversion_cast {{.*}} to memref<?xi8>
// CHECK: %[[N:.*]] = arith.index_cast %[[WORKERS]] : i64 to index
// CHECK: call @net(%[[FIRST]], %[[SECOND]], %[[MEMORY]], %[[N]])

// CHECK: func.func private @net(%{{.*}}: memref<?x4xf32>, %{{.*}}: memref<2xf32>, %{{.*}}: memref<?xi8>, %{{.*}}: index) {
func.func @net(%x: memref<?x4xf32>, %y: memref<2xf32>, %arena: memref<?xi8>, %workers: index)
    attributes {fpw.arena = @net_arena, fpw.inputs = 1} {
  return
}
// CHECK-NOT: @fpw_entry_other
func.func @other(%x: memref<2xf32>) {
  return
}
