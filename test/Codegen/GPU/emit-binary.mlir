// RUN: fpw-opt %s --fpw-gpu-emit-binary="arch=sm_90a,sm_86 format=isa" | FileCheck %s --check-prefix=PTX
// RUN: fpw-opt %s --fpw-gpu-emit-binary="arch=sm_90a format=isa" | FileCheck %s --check-prefix=FORWARD
// RUN: fpw-opt %s --fpw-gpu-emit-binary="arch=sm_90 format=offloading" | FileCheck %s --check-prefix=BITCODE
// RUN: not fpw-opt %s --fpw-gpu-emit-binary="arch=sm_90,sm_1" 2>&1 | FileCheck %s --check-prefix=UNKNOWN

// The oldest architecture whose text newer ones can run.
// PTX: gpu.binary @kernels [#gpu.object<#nvvm.target<O = 3, chip = "sm_86", features = "+ptx71">, assembly = "
// PTX-SAME: .target sm_86
// PTX-SAME: .extern .shared .align 16 .b8 dynamic[];
// PTX-SAME: .entry twice
// PTX-SAME: add.rn.f32
// PTX-NOT: gpu.module
// FORWARD: gpu.binary @kernels [#gpu.object<#nvvm.target<O = 3, chip = "sm_90a"
// BITCODE: gpu.binary @kernels [#gpu.object<#nvvm.target<O = 3, chip = "sm_90"{{.*}}, offload = "BC
// UNKNOWN: error: expected an architecture among sm_80, sm_86, sm_89, sm_90, sm_90a, sm_100 but got 'sm_1'
gpu.module @kernels {
  llvm.mlir.global internal @dynamic() {addr_space = 3 : i32, alignment = 16 : i64} : !llvm.array<0 x i8>
  llvm.func @twice(%p: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
    %v = llvm.load %p : !llvm.ptr -> f32
    %w = llvm.fadd %v, %v : f32
    %shared = llvm.mlir.addressof @dynamic : !llvm.ptr<3>
    llvm.store volatile %w, %shared : f32, !llvm.ptr<3>
    llvm.store %w, %p : f32, !llvm.ptr
    llvm.return
  }
}
