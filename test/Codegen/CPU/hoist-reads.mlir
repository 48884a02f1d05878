// RUN: fpw-opt %s --pass-pipeline="builtin.module(func.func(fpw-cpu-hoist-reads))" | FileCheck %s

// CHECK-LABEL: @bias
// CHECK-SAME:    %[[BIAS:[a-z0-9]+]]: memref<64xf32>
// CHECK:         %[[B:.*]] = vector.load %[[BIAS]]
// CHECK-NEXT:    %[[TWICE:.*]] = arith.addf %[[B]], %[[B]]
// CHECK-NEXT:    scf.for
// CHECK-NEXT:      scf.if
// CHECK-NEXT:        vector.store %[[TWICE]]
func.func @bias(%bias: memref<64xf32>, %y: memref<16x64xf32>, %o: index, %more: i1) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c16 = arith.constant 16 : index
  scf.for %i = %c0 to %c16 step %c1 {
    scf.if %more {
      %b = vector.load %bias[%o] : memref<64xf32>, vector<16xf32>
      %twice = arith.addf %b, %b : vector<16xf32>
      vector.store %twice, %y[%i, %o] : memref<16x64xf32>, vector<16xf32>
    } {fpw.readable}
  }
  return
}

// What an iteration reads twice, it reads once.
// CHECK-LABEL: @shared
// CHECK:         scf.for
// CHECK-NEXT:      %[[STEP:.*]] = memref.load
// CHECK-NOT:       memref.load
// CHECK:           vector.broadcast %[[STEP]]
// CHECK:           vector.broadcast %[[STEP]]
func.func @shared(%steps: memref<16xf32>, %y: memref<16x32xf32>, %rows: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c16 = arith.constant 16 : index
  scf.for %i = %c0 to %rows step %c1 {
    %step = memref.load %steps[%i] : memref<16xf32>
    %low = vector.broadcast %step : f32 to vector<16xf32>
    vector.store %low, %y[%i, %c0] : memref<16x32xf32>, vector<16xf32>
    %again = memref.load %steps[%i] : memref<16xf32>
    %high = vector.broadcast %again : f32 to vector<16xf32>
    vector.store %high, %y[%i, %c16] : memref<16x32xf32>, vector<16xf32>
  }
  return
}

// What the loop writes between two reads, it reads twice.
// CHECK-LABEL: @written_between
// CHECK:         memref.load
// CHECK:         memref.load
func.func @written_between(%steps: memref<16xf32>, %rows: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %rows step %c1 {
    %step = memref.load %steps[%i] : memref<16xf32>
    %twice = arith.addf %step, %step : f32
    memref.store %twice, %steps[%i] : memref<16xf32>
    %again = memref.load %steps[%i] : memref<16xf32>
    memref.store %again, %steps[%c0] : memref<16xf32>
  }
  return
}

// What the loop writes, it reads again; a view of it, too.
// CHECK-LABEL: @written
// CHECK:         scf.for
// CHECK-NEXT:      vector.load
func.func @written(%y: memref<64xf32>, %o: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c16 = arith.constant 16 : index
  %view = memref.subview %y[0] [32] [1] : memref<64xf32> to memref<32xf32, strided<[1]>>
  scf.for %i = %c0 to %c16 step %c1 {
    %b = vector.load %view[%o] : memref<32xf32, strided<[1]>>, vector<16xf32>
    vector.store %b, %y[%i] : memref<64xf32>, vector<16xf32>
  }
  return
}

// A loop that may not run at all, and a branch that does not say that it may read, keep their reads.
// CHECK-LABEL: @perhaps
// CHECK:         scf.for
// CHECK-NEXT:      memref.load
// CHECK:         scf.for
// CHECK-NEXT:      scf.if
// CHECK-NEXT:        memref.load
func.func @perhaps(%x: memref<64xf32>, %y: memref<64xf32>, %n: index, %more: i1) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c16 = arith.constant 16 : index
  scf.for %i = %c0 to %n step %c1 {
    %b = memref.load %x[%n] : memref<64xf32>
    memref.store %b, %y[%i] : memref<64xf32>
  }
  scf.for %i = %c0 to %c16 step %c1 {
    scf.if %more {
      %b = memref.load %x[%n] : memref<64xf32>
      memref.store %b, %y[%i] : memref<64xf32>
    }
  }
  return
}
