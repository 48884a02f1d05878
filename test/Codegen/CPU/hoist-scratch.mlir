// RUN: fpw-opt %s --fpw-cpu-hoist-scratch | FileCheck %s

// A scratch buffer of constant size is allocated once; one whose size depends on the loop stays.

// CHECK-LABEL: func.func @loop
// CHECK-NEXT: memref.alloca() : memref<2x16xi32>
// CHECK: scf.for
// CHECK-NOT: memref.alloca()
// CHECK: memref.alloca(%{{.*}}) : memref<?xi32>
func.func @loop(%count: index, %value: i32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %count step %c1 {
    %scratch = memref.alloca() : memref<2x16xi32>
    %other = memref.alloca(%i) : memref<?xi32>
    memref.store %value, %scratch[%c0, %c0] : memref<2x16xi32>
    memref.store %value, %other[%c0] : memref<?xi32>
  }
  return
}

// CHECK: func.func private @declaration
func.func private @declaration(index)
