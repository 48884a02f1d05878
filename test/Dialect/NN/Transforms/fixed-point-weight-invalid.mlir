// RUN: split-file %s %t
// RUN: fpw-opt %t/weights.mlir --split-input-file --nn-fixed-point-weight --verify-diagnostics
// RUN: not fpw-opt %t/net.mlir --nn-fixed-point-weight=functions=Affine,Pooling 2>&1 | FileCheck %s --check-prefix=FUNCTIONS
// RUN: not fpw-opt %t/net.mlir --nn-fixed-point-weight=n-w=1 2>&1 | FileCheck %s --check-prefix=BITS
// RUN: not fpw-opt %t/net.mlir --nn-fixed-point-weight='n-b=0 sign-b=false' 2>&1 | FileCheck %s --check-prefix=UNSIGNED
// RUN: not fpw-opt %t/net.mlir --nn-fixed-point-weight=n-w=17 2>&1 | FileCheck %s --check-prefix=WIDE
// RUN: not fpw-opt %t/net.mlir --nn-fixed-point-weight=delta-w=0 2>&1 | FileCheck %s --check-prefix=ZERO
// RUN: not fpw-opt %t/net.mlir --nn-fixed-point-weight=delta-w=1e-46 2>&1 | FileCheck %s --check-prefix=ZERO
// RUN: not fpw-opt %t/net.mlir --nn-fixed-point-weight=delta-b=1e39 2>&1 | FileCheck %s --check-prefix=HUGE
// RUN: not fpw-opt %t/net.mlir --nn-fixed-point-weight='per-channel=true delta-w=0.5' 2>&1 | FileCheck %s --check-prefix=CHANNEL
// RUN: not fpw-opt %t/net.mlir --nn-fixed-point-weight='exclude=[' 2>&1 | FileCheck %s --check-prefix=GLOB

// FUNCTIONS: error: expected functions among Affine, Convolution, Deconvolution, DepthwiseConvolution, DepthwiseDeconvolution but got 'Pooling'
// BITS:      error: expected n-w to be 2 to 16 for signed numbers but got 1
// UNSIGNED:  error: expected n-b to be 1 to 16 for unsigned numbers but got 0
// WIDE:      error: expected n-w to be 2 to 16 for signed numbers but got 17
// ZERO:      error: expected delta-w to be positive and finite as a float but got 0
// HUGE:      error: expected delta-b to be positive and finite as a float but got
// CHANNEL:   error: expected either per-channel or delta-w but got both
// GLOB:      error: expected a glob to exclude but got '[': invalid glob pattern

//--- net.mlir
func.func @net(%x: tensor<?x1xf32>) -> tensor<?x1xf32> {
  %w = nn.parameter "W" = dense<2.0> : tensor<1x1xf32>
  %y = nn.affine %x, %w : (tensor<?x1xf32>, tensor<1x1xf32>) -> tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}

//--- weights.mlir
func.func @nan(%x: tensor<?x2xf32>) -> tensor<?x1xf32> {
  // expected-error @below {{expected finite values in parameter 'fc/W' but element 1 is NaN}}
  %w = nn.parameter "fc/W" = dense<[[1.0], [0x7fc00000]]> : tensor<2x1xf32>
  // expected-error @below {{expected finite values in parameter 'fc/b' but element 0 is infinite}}
  %b = nn.parameter "fc/b" = dense<0xff800000> : tensor<1xf32>
  %y = nn.affine %x, %w : (tensor<?x2xf32>, tensor<2x1xf32>) -> tensor<?x1xf32>
  %v = nn.parameter "V" = dense<1.0> : tensor<1x1xf32>
  %z = nn.affine %y, %v, %b : (tensor<?x1xf32>, tensor<1x1xf32>, tensor<1xf32>) -> tensor<?x1xf32>
  return %z : tensor<?x1xf32>
}

// -----

func.func @shared(%x: tensor<?x1xf32>) -> tensor<?x1xf32> {
  // One error for a parameter, however many layers use it.
  // expected-error @below {{expected finite values in parameter 'W' but element 0 is NaN}}
  %w = nn.parameter "W" = dense<0x7fc00000> : tensor<1x1xf32>
  %y = nn.affine %x, %w : (tensor<?x1xf32>, tensor<1x1xf32>) -> tensor<?x1xf32>
  %z = nn.affine %y, %w : (tensor<?x1xf32>, tensor<1x1xf32>) -> tensor<?x1xf32>
  return %z : tensor<?x1xf32>
}
