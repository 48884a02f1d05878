// RUN: fpw-opt %s --fpw-gpu-merge-kernels --split-input-file --verify-diagnostics | FileCheck %s

// The second kernel is the first one again.

// CHECK: gpu.module @kernels
// CHECK: gpu.func @f_kernel(
// CHECK: gpu.func @f_kernel_0(
// CHECK: arith.mulf
// CHECK-NOT: gpu.func
// CHECK-LABEL: func.func @f
// CHECK: gpu.launch_func @kernels::@f_kernel blocks
// CHECK: gpu.launch_func @kernels::@f_kernel blocks
// CHECK: gpu.launch_func @kernels::@f_kernel_0 blocks
module attributes {gpu.container_module} {
  gpu.module @f_kernel {
    gpu.func @f_kernel(%x: memref<4xf32>) kernel {
      %t = gpu.thread_id x
      %v = memref.load %x[%t] : memref<4xf32>
      %w = arith.addf %v, %v : f32
      memref.store %w, %x[%t] : memref<4xf32>
      gpu.return
    }
  }
  gpu.module @f_kernel_0 {
    gpu.func @f_kernel(%x: memref<4xf32>) kernel {
      %t = gpu.thread_id x
      %v = memref.load %x[%t] : memref<4xf32>
      %w = arith.addf %v, %v : f32
      memref.store %w, %x[%t] : memref<4xf32>
      gpu.return
    }
  }
  gpu.module @f_kernel_1 {
    gpu.func @f_kernel(%x: memref<4xf32>) kernel {
      %t = gpu.thread_id x
      %v = memref.load %x[%t] : memref<4xf32>
      %w = arith.mulf %v, %v : f32
      memref.store %w, %x[%t] : memref<4xf32>
      gpu.return
    }
  }
  func.func @f(%x: memref<4xf32>) {
    %c1 = arith.constant 1 : index
    %c4 = arith.constant 4 : index
    gpu.launch_func @f_kernel::@f_kernel blocks in (%c1, %c1, %c1) threads in (%c4, %c1, %c1) args(%x : memref<4xf32>)
    gpu.launch_func @f_kernel_0::@f_kernel blocks in (%c1, %c1, %c1) threads in (%c4, %c1, %c1) args(%x : memref<4xf32>)
    gpu.launch_func @f_kernel_1::@f_kernel blocks in (%c1, %c1, %c1) threads in (%c4, %c1, %c1) args(%x : memref<4xf32>)
    return
  }
}

// -----

func.func @allocates(%n: index) {
  // expected-error @below {{expected a buffer whose size follows from the batch}}
  %x = memref.alloc(%n) : memref<?xf32>
  return
}

// -----

func.func @computes(%x: memref<4xf32>, %i: index) -> f32 {
  // expected-error @below {{expected a kernel to compute this}}
  %v = memref.load %x[%i] : memref<4xf32>
  return %v : f32
}
