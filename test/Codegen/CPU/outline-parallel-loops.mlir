// RUN: fpw-opt %s --fpw-cpu-outline-parallel-loops --canonicalize --split-input-file | FileCheck %s
// RUN: fpw-opt %s --fpw-cpu-outline-parallel-loops=grain=1000 --canonicalize --split-input-file | FileCheck %s --check-prefix=GRAIN

// CHECK-DAG: func.func private @fpw_parallel_for(!llvm.ptr, !llvm.ptr, i64, i64)
// CHECK-LABEL: func.func @net
// CHECK-DAG: %[[SIZE:.*]] = arith.constant 655 : i64
// CHECK-DAG: llvm.store %{{.*}}, %[[CONTEXT:.*]] : !llvm.struct
// CHECK-DAG: %[[F:.*]] = constant @net_parallel : (!llvm.ptr, i64, i64) -> ()
// CHECK-DAG: %[[ADDRESS:.*]] = builtin.unrealized_conversion_cast %[[F]]
// CHECK: call @fpw_parallel_for(%[[ADDRESS]], %[[CONTEXT]], %{{.*}}, %[[SIZE]])
// CHECK-NOT: scf.forall
// CHECK: func.func private @net_parallel(%[[C:.*]]: !llvm.ptr, %[[BEGIN:.*]]: i64, %[[END:.*]]: i64)
// CHECK: llvm.load %[[C]]
// CHECK: scf.for
// GRAIN-LABEL: func.func @net
// GRAIN: arith.constant 10 : i64
func.func @net(%x: memref<?xf32>, %n: index) {
  %c = arith.constant 1.0 : f32
  scf.forall (%i) in (%n) {
    memref.store %c, %x[%i] : memref<?xf32>
  } {fpw.cost = 100 : i64}
  return
}

// -----

// Too little work for threads, unless the grain is small.
// CHECK-LABEL: func.func @small
// CHECK-NOT: call
// CHECK: scf.for
// GRAIN-LABEL: func.func @small
// GRAIN: call @fpw_parallel_for
func.func @small(%x: memref<10x10xf32>) {
  %c = arith.constant 1.0 : f32
  scf.forall (%i, %j) in (10, 10) {
    memref.store %c, %x[%i, %j] : memref<10x10xf32>
  } {fpw.cost = 100 : i64}
  return
}

// -----

// A loop inside goes to a function of its own, which the pool runs in place.
// CHECK: func.func @nested
// CHECK: constant @nested_parallel :
// CHECK: func.func private @nested_parallel(
// CHECK: constant @nested_parallel_{{.*}} :
// CHECK: func.func private @nested_parallel_
// GRAIN: func.func @nested
func.func @nested(%x: memref<?x?xf32>, %n: index, %m: index) {
  %c = arith.constant 1.0 : f32
  scf.forall (%i) in (%n) {
    scf.forall (%j) in (%m) {
      memref.store %c, %x[%i, %j] : memref<?x?xf32>
    }
  }
  return
}
