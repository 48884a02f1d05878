// REQUIRES: ptxas
// RUN: fpw-opt %s --fpw-gpu-emit-binary="arch=sm_90a,sm_80 format=fatbin" | FileCheck %s
// RUN: fpw-opt %s --fpw-gpu-emit-binary="arch=sm_100" | FileCheck %s --check-prefix=AUTO

// Machine code of both, text of the one that newer ones can run. (The first word is that of fat binaries.)
// CHECK: gpu.binary @kernels [#gpu.object<#nvvm.target<O = 3, chip = "sm_90a", features = "+ptx84">, "P\EDU\BA
// CHECK-SAME: ELF
// CHECK-SAME: ELF
// AUTO: gpu.binary @kernels [#gpu.object<#nvvm.target<O = 3, chip = "sm_100"
// AUTO-SAME: "P\EDU\BA
gpu.module @kernels {
  llvm.func @twice(%p: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
    %v = llvm.load %p : !llvm.ptr -> f32
    %w = llvm.fadd %v, %v : f32
    llvm.store %w, %p : f32, !llvm.ptr
    llvm.return
  }
}
