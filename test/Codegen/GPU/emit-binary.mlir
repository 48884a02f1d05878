// RUN: fpw-opt %s --fpw-gpu-emit-binary="arch=sm_90a,sm_86 format=isa" | FileCheck %s --check-prefix=PTX
// RUN: fpw-opt %s --fpw-gpu-emit-binary="arch=sm_90a format=isa" | FileCheck %s --check-prefix=FORWARD
// RUN: fpw-opt %s --fpw-gpu-emit-binary="arch=sm_90 format=offloading" | FileCheck %s --check-prefix=BITCODE
// RUN: not fpw-opt %s --fpw-gpu-emit-binary="arch=sm_90,sm_1" 2>&1 | FileCheck %s --check-prefix=UNKNOWN

// The oldest architecture whose text newer ones can run.
// PTX: gpu.binary @kernels [#gpu.object<#nvvm.target<O = 3, chip = "sm_86", features = "+ptx71">, assembly = "
// PTX-SAME: .target sm_86
// PTX-SAME: .entry twice
// PTX-SAME: add.rn.f32
// PTX-NOT: gpu.module
// FORWARD: gpu.binary @kernels [#gpu.object<#nvvm.target<O = 3, chip = "sm_90a"
// BITCODE: gpu.binary @kernels [#gpu.object<#nvvm.target<O = 3, chip = "sm_90"{{.*}}, offload = "BC
// UNKNOWN: error: expected an architecture among sm_80, sm_86, sm_89, sm_90, sm_90a, sm_100 but got 'sm_1'
gpu.module @kernels {
  llvm.func @twice(%p: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
    %v = llvm.load %p : !llvm.ptr -> f32
    %w = llvm.fadd %v, %v : f32
    llvm.store %w, %p : f32, !llvm.ptr
    llvm.return
  }
}
