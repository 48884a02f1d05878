// With `profile`, the code of each op is bracketed by time stamps under the name in the op's location. The names
// survive lowering, and ops that run as parts of others take none.

// RUN: fpw-opt %s --fpw-to-linalg --fpw-cpu=profile=true | FileCheck %s
// RUN: fpw-opt %s --fpw-to-linalg --fpw-cpu | FileCheck %s --check-prefix=OFF
// RUN: fpw-opt %s --fpw-to-linalg=arithmetic=digits --fpw-cpu="profile=true amx=true" | FileCheck %s

// CHECK:       module attributes {{.*}}fpw.profiled_layers = ["conv", "fc"]
// CHECK:       llvm.func @fpw_profile_stamp(i64)
// CHECK:       llvm.call @fpw_profile_stamp
// OFF-NOT:     fpw_profile
func.func @net(%x: tensor<?x8x8x64xf32>) -> tensor<?x16xf32> {
  %w = nn.parameter "conv/W" = dense<1> : tensor<64x3x3x64xsi8>
  %v = nn.parameter "fc/W" = dense<2> : tensor<2304x16xsi8>
  %0 = nn.fixed_point_quantized_convolution %x, %w channel_last weight_format <bits = 8, signed, delta = 0.5>
      : (tensor<?x8x8x64xf32>, tensor<64x3x3x64xsi8>) -> tensor<?x6x6x64xf32> loc("conv"("net.nnp":1:1))
  %1 = nn.relu %0 : (tensor<?x6x6x64xf32>) -> tensor<?x6x6x64xf32> loc("relu")
  %2 = nn.fixed_point_quantized_affine %1, %v weight_format <bits = 8, signed, delta = 0.5>
      : (tensor<?x6x6x64xf32>, tensor<2304x16xsi8>) -> tensor<?x16xf32> loc("fc")
  return %2 : tensor<?x16xf32>
}
