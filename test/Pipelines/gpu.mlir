// A network in digits as kernels, and host code that calls the runtime.

// RUN: fpw-opt %s --fpw-to-linalg=arithmetic=digits --fpw-gpu="arch=sm_90 format=isa" | FileCheck %s --implicit-check-not=".ftz"
// RUN: fpw-opt %s --fpw-to-linalg=arithmetic=digits --fpw-gpu="format=offloading" | FileCheck %s --check-prefix=BITCODE
// RUN: not fpw-opt %s --fpw-to-linalg=arithmetic=digits --fpw-gpu="arch=sm_75" 2>&1 | FileCheck %s --check-prefix=UNKNOWN

// Parameters go to the device at once; inputs and results at each run, on one stream.
// CHECK-LABEL: llvm.func @fpw_upload_net
// CHECK: llvm.call @mgpuMemcpy
// CHECK-LABEL: llvm.func @fpw_entry_net
// CHECK-LABEL: llvm.func @net(
// CHECK: %[[STREAM:.*]] = llvm.call @mgpuStreamCreate
// CHECK: llvm.call @mgpuMemcpy({{.*}}, %[[STREAM]])
// CHECK: gpu.launch_func <%[[STREAM]] : !llvm.ptr> @kernels::@net_kernel
// CHECK-NOT: mgpuStreamSynchronize
// CHECK-NOT: mgpuStreamCreate
// CHECK: llvm.call @mgpuMemcpy({{.*}}, %[[STREAM]])
// CHECK: llvm.call @mgpuStreamSynchronize(%[[STREAM]])

// No multiplication or addition of floats that the assembler might contract.
// CHECK: gpu.binary @kernels
// CHECK-SAME: chip = "sm_90"
// CHECK-SAME: .target sm_90
// CHECK-NOT: {{(mul|add|sub)\.f32}}
// CHECK: mul.rn.f32

// BITCODE: gpu.binary @kernels
// BITCODE-SAME: offload = "BC

// UNKNOWN: error: expected an architecture among sm_80, sm_86, sm_89, sm_90, sm_90a, sm_100 but got 'sm_75'

func.func @net(%x: tensor<?x128xf32> {nn.name = "x"}) -> (tensor<?x64xf32> {nn.name = "y"}) {
  %w = nn.parameter "fc/W" = dense<3> : tensor<128x64xsi8>
  %y = nn.fixed_point_quantized_affine %x, %w weight_format <bits = 8, signed, delta = 6.250000e-02>
      : (tensor<?x128xf32>, tensor<128x64xsi8>) -> tensor<?x64xf32>
  %z = nn.relu %y : (tensor<?x64xf32>) -> tensor<?x64xf32>
  return %z : tensor<?x64xf32>
}
