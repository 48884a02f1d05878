// RUN: fpw-opt %s --fpw-cpu-isolate-tiles | FileCheck %s

// Of two kernels in a function each gets one of its own; names stay unique, and one kernel stays where it is.

// CHECK-LABEL: func.func @two(
// CHECK-NOT:     amx.tile_zero
// CHECK:         call @two_tiles_0(
// CHECK:         call @two_tiles_1(
func.func @two(%sums: memref<16x16xi32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    scf.for %j = %c0 to %n step %c1 {
      %t = amx.tile_zero : !amx.tile<16x16xi32>
      amx.tile_store %sums[%c0, %c0], %t : memref<16x16xi32>, !amx.tile<16x16xi32>
    }
  }
  scf.for %i = %c0 to %n step %c1 {
    %t = amx.tile_zero : !amx.tile<14x16xi32>
    amx.tile_store %sums[%c0, %c0], %t : memref<16x16xi32>, !amx.tile<14x16xi32>
  }
  return
}

// CHECK: func.func private @two_tiles()
func.func private @two_tiles()

// CHECK-LABEL: func.func @one
// CHECK:         scf.for
// CHECK:           amx.tile_zero
func.func @one(%sums: memref<16x16xi32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    %t = amx.tile_zero : !amx.tile<16x16xi32>
    amx.tile_store %sums[%c0, %c0], %t : memref<16x16xi32>, !amx.tile<16x16xi32>
  }
  return
}

// CHECK-LABEL: func.func private @two_tiles_0
// CHECK-SAME:    passthrough = ["noinline"]
// CHECK:         scf.for
// CHECK:           amx.tile_zero : !amx.tile<16x16xi32>
// CHECK-LABEL: func.func private @two_tiles_1
// CHECK-SAME:    passthrough = ["noinline"]
// CHECK:           amx.tile_zero : !amx.tile<14x16xi32>
