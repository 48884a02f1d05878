// RUN: fpw-opt %s --pass-pipeline="builtin.module(gpu.module(fpw-gpu-lower-math))" --split-input-file --verify-diagnostics | FileCheck %s

gpu.module @kernels {
  // CHECK-LABEL: gpu.func @exact
  gpu.func @exact(%x: f32, %p: memref<f32>) kernel {
    // CHECK: %[[E:.*]] = llvm.call_intrinsic "llvm.roundeven"(%{{.*}}) : (f32) -> f32
    %0 = math.roundeven %x : f32
    // CHECK: %[[S:.*]] = llvm.call_intrinsic "llvm.sqrt"(%[[E]])
    %1 = math.sqrt %0 : f32
    // CHECK: llvm.call_intrinsic "llvm.fma"(%[[S]], %{{.*}}, %{{.*}}) : (f32, f32, f32) -> f32
    %2 = math.fma %1, %x, %x : f32
    memref.store %2, %p[] : memref<f32>
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @inexact(%x: f32, %p: memref<f32>) kernel {
    // expected-error @below {{expected an operation that is exact on the device}}
    %0 = math.exp %x : f32
    memref.store %0, %p[] : memref<f32>
    gpu.return
  }
}
