// RUN: fpw-opt %s --fpw-gpu-profile-layers --split-input-file | FileCheck %s

// A copy of no layer, and kernels of two.

// CHECK:       module attributes {fpw.profiled_layers = ["conv1", "fc"]
// CHECK:       func.func private @fpw_device_profile(i64)
// CHECK-LABEL: func.func @net
// CHECK:         %[[NONE:.*]] = arith.constant -1 : i64
// CHECK-NEXT:    call @fpw_device_profile(%[[NONE]])
// CHECK-NEXT:    gpu.memcpy async
// CHECK-NEXT:    %[[CONV:.*]] = arith.constant 0 : i64
// CHECK-NEXT:    call @fpw_device_profile(%[[CONV]])
// CHECK-NEXT:    gpu.launch_func async {{.*}} @kernels::@first
// CHECK-NEXT:    %[[FC:.*]] = arith.constant 1 : i64
// CHECK-NEXT:    call @fpw_device_profile(%[[FC]])
// CHECK-NEXT:    gpu.launch_func async {{.*}} @kernels::@second
// CHECK-NEXT:    gpu.wait
module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @first() kernel { gpu.return }
    gpu.func @second() kernel { gpu.return }
  }
  func.func @net(%x: memref<4xf32>, %y: memref<4xf32>) {
    %c1 = arith.constant 1 : index
    %a = gpu.wait async
    %b = gpu.memcpy async [%a] %y, %x : memref<4xf32>, memref<4xf32>
    %c = gpu.launch_func async [%b] @kernels::@first blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
        loc("conv1"("net.mlir":1:1))
    %d = gpu.launch_func async [%c] @kernels::@second blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
        loc("fc")
    gpu.wait [%d]
    return
  }
}

// -----

// Uploading parameters is no part of a run.

// CHECK-LABEL: func.func @upload
// CHECK-NOT:     call @fpw_device_profile
func.func @upload(%x: memref<4xf32>, %y: memref<4xf32>) {
  %a = gpu.wait async
  %b = gpu.memcpy async [%a] %y, %x : memref<4xf32>, memref<4xf32>
  gpu.wait [%b]
  return
}
