// Integer layers use the matrix unit where it is asked for.

// RUN: fpw-opt %s --fpw-to-linalg=arithmetic=digits --fpw-cpu=amx=true | FileCheck %s --check-prefix=AMX
// RUN: fpw-opt %s --fpw-to-linalg=arithmetic=digits --fpw-cpu | FileCheck %s --check-prefix=VECTOR
// RUN: fpw-opt %s --fpw-to-linalg=arithmetic=digits --fpw-cpu=dot-unit=accumulate | FileCheck %s --check-prefix=LANES

// AMX:        llvm.func @fpw_entry_net
// AMX:        llvm.x86.tdp
// VECTOR:     llvm.func @fpw_entry_net
// VECTOR-NOT: llvm.x86.t
// LANES:      llvm.x86.avx512.vpdpbusd.512
func.func @net(%x: tensor<?x128xf32> {nn.name = "x"}) -> (tensor<?x64xf32> {nn.name = "y"}) {
  %w = nn.parameter "fc/W" = dense<3> : tensor<128x64xsi8>
  %y = nn.fixed_point_quantized_affine %x, %w weight_format <bits = 8, signed, delta = 6.250000e-02>
      : (tensor<?x128xf32>, tensor<128x64xsi8>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}
