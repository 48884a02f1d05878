// RUN: fpw-opt %s --fpw-cpu-profile-layers --split-input-file | FileCheck %s

// Two loops of one layer have one stamp, behind them; code of no layer is left out.

// CHECK:       module attributes {fpw.profiled_layers = ["conv1", "fc"]}
// CHECK:       func.func private @fpw_profile_stamp(i64)
// CHECK-LABEL: func.func @net
// CHECK-NEXT:    %[[START:.*]] = arith.constant -1 : i64
// CHECK-NEXT:    call @fpw_profile_stamp(%[[START]])
// CHECK-COUNT-2: scf.for
// CHECK:         }
// CHECK-NEXT:    %[[CONV:.*]] = arith.constant 0 : i64
// CHECK-NEXT:    call @fpw_profile_stamp(%[[CONV]])
// CHECK-NEXT:    memref.copy
// CHECK-NEXT:    %[[NONE:.*]] = arith.constant -1 : i64
// CHECK-NEXT:    call @fpw_profile_stamp(%[[NONE]])
// CHECK-NEXT:    scf.for
// CHECK:         }
// CHECK-NEXT:    %[[FC:.*]] = arith.constant 1 : i64
// CHECK-NEXT:    call @fpw_profile_stamp(%[[FC]])
// CHECK-NEXT:    return
func.func @net(%x: memref<10xf32>, %y: memref<10xf32>, %begin: index, %end: index, %step: index, %c: f32) {
  scf.for %i = %begin to %end step %step {
    memref.store %c, %x[%i] : memref<10xf32>
  } loc("conv1"("net.mlir":1:1))
  scf.for %i = %begin to %end step %step {
    memref.store %c, %x[%i] : memref<10xf32>
  } loc(fused["net.mlir":1:1, "conv1"])
  memref.copy %x, %y : memref<10xf32> to memref<10xf32>
  scf.for %i = %begin to %end step %step {
    memref.store %c, %y[%i] : memref<10xf32>
  } loc("fc")
  return
}

// -----

// The loop over groups of samples is entered. Its iterations may run on any thread.

// CHECK-LABEL: func.func @groups
// CHECK:         call @fpw_profile_stamp
// CHECK:         scf.forall
// CHECK-NEXT:      %[[BEGIN:.*]] = arith.constant -1 : i64
// CHECK-NEXT:      call @fpw_profile_stamp(%[[BEGIN]])
// CHECK-NEXT:      scf.for
// CHECK:           %[[SLOT:.*]] = arith.constant 0 : i64
// CHECK-NEXT:      call @fpw_profile_stamp(%[[SLOT]])
// CHECK-NEXT:    }
// CHECK-NEXT:    %[[AFTER:.*]] = arith.constant -1 : i64
// CHECK-NEXT:    call @fpw_profile_stamp(%[[AFTER]])
// CHECK-NEXT:    return
func.func @groups(%x: memref<10xf32>, %n: index, %begin: index, %end: index, %step: index, %c: f32) {
  scf.forall (%g) in (%n) {
    scf.for %i = %begin to %end step %step {
      memref.store %c, %x[%i] : memref<10xf32>
    } loc("conv1")
  }
  return
}

// -----

// Without names in its locations, a module stays as it is.

// CHECK-LABEL: func.func @nameless
// CHECK:         scf.for
// CHECK:         return
func.func @nameless(%x: memref<10xf32>, %begin: index, %end: index, %step: index, %c: f32) {
  scf.for %i = %begin to %end step %step {
    memref.store %c, %x[%i] : memref<10xf32>
  }
  return
}
