// RUN: fpw-opt %s --fpw-to-linalg=arithmetic=digits --fpw-gpu="arch=sm_80 format=isa" | FileCheck %s --check-prefixes=MMA,SIGNED
// RUN: fpw-opt %s --fpw-to-linalg="arithmetic=digits activation-bits=8" --fpw-gpu="arch=sm_86 format=isa" | FileCheck %s --check-prefixes=MMA,SIGNED
// RUN: fpw-opt %s --fpw-to-linalg=arithmetic=digits --fpw-gpu="arch=sm_90a format=isa" | FileCheck %s --check-prefix=WGMMA

// An affine layer in the matrix units: the instructions that reach the assembler.

// MMA: gpu.binary @kernels
// MMA: cp.async.cg.shared.global
// MMA: cp.async.commit_group
// MMA: cp.async.wait_group{{[^;]*}}2;
// MMA: bar.sync
// MMA: ldmatrix.sync.aligned.m8n8.x4.shared.b16
// SIGNED: mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32
// MMA-NOT: satfinite

// WGMMA: gpu.binary @kernels
// WGMMA: .target sm_90a
// WGMMA: cp.async.wait_group{{[^;]*}}1;
// WGMMA: fence.proxy.async.shared::cta
// WGMMA: bar.sync
// WGMMA: wgmma.fence.sync.aligned
// WGMMA: wgmma.mma_async.sync.aligned.m64n128k32.s32.s8.s8
// WGMMA: wgmma.commit_group.sync.aligned
// WGMMA: wgmma.wait_group.sync.aligned{{[^;]*}}0;
func.func @net(%x: tensor<?x256xf32>) -> tensor<?x128xf32> {
  %w = nn.parameter "w" = dense<3> : tensor<256x128xsi8>
  %y = nn.fixed_point_quantized_affine %x, %w weight_format <bits = 8, signed, delta = 5.000000e-01>
      : (tensor<?x256xf32>, tensor<256x128xsi8>) -> tensor<?x128xf32>
  return %y : tensor<?x128xf32>
}
