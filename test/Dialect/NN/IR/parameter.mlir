// RUN: fpw-opt %s --verify-roundtrip | FileCheck %s
// RUN: fpw-opt %s --mlir-print-op-generic | fpw-opt | FileCheck %s
// RUN: fpw-opt %s --emit-bytecode | fpw-opt | FileCheck %s

// A value takes its name from the last part of the parameter's name, where that is an identifier.

// CHECK-LABEL: func.func @names
// CHECK-NEXT:    %W = nn.parameter "conv1/conv/W" = dense<1.000000e+00> : tensor<2x3xf32>
// CHECK-NEXT:    %W_0 = nn.parameter "W" =
// CHECK-NEXT:    %[[A:[0-9]+]] = nn.parameter "conv/kernel 3x3" =
// CHECK-NEXT:    %[[B:[0-9]+]] = nn.parameter "conv/3" =
// CHECK-NEXT:    %{{.*}} = nn.parameter "conv/" =
// CHECK-NEXT:    %{{.*}} = nn.parameter "\22quoted\22 \E9\87\8D\0A" =
func.func @names() {
  %0 = nn.parameter "conv1/conv/W" = dense<1.0> : tensor<2x3xf32>
  %1 = nn.parameter "W" = dense<[1.0, -2.5]> : tensor<2xf32>
  %2 = nn.parameter "conv/kernel 3x3" = dense<1.0> : tensor<1xf32>
  %3 = nn.parameter "conv/3" = dense<1.0> : tensor<1xf32>
  %4 = nn.parameter "conv/" = dense<1.0> : tensor<1xf32>
  %5 = nn.parameter "\22quoted\22 重\0A" = dense<1.0> : tensor<1xf32>
  return
}

// Floats keep their bits, codes their sign; a tensor may have rank 0 or no elements.

// CHECK-LABEL: func.func @values
// CHECK-DAG:     "bits" = dense<[-0.000000e+00, 1.401300e-45, 0x7FC00000, 0xFF800000]> : tensor<4xf32>
// CHECK-DAG:     "si8" = dense<[-127, 127]> : tensor<2xsi8>
// CHECK-DAG:     "ui8" = dense<[0, 255]> : tensor<2xui8>
// CHECK-DAG:     "si16" = dense<[-32767, 32767]> : tensor<2xsi16>
// CHECK-DAG:     "ui16" = dense<[0, 65535]> : tensor<2xui16>
// CHECK-DAG:     "scalar" = dense<2.500000e+00> : tensor<f32>
// CHECK-DAG:     "empty" = dense<> : tensor<0x3xf32>
// CHECK-DAG:     "resource" = dense_resource<codes> : tensor<4xsi8>
func.func @values() {
  %0 = nn.parameter "bits" = dense<[-0.0, 1.4e-45, 0x7FC00000, 0xFF800000]> : tensor<4xf32>
  %1 = nn.parameter "si8" = dense<[-127, 127]> : tensor<2xsi8>
  %2 = nn.parameter "ui8" = dense<[0, 255]> : tensor<2xui8>
  %3 = nn.parameter "si16" = dense<[-32767, 32767]> : tensor<2xsi16>
  %4 = nn.parameter "ui16" = dense<[0, 65535]> : tensor<2xui16>
  %5 = nn.parameter "scalar" = dense<2.5> : tensor<f32>
  %6 = nn.parameter "empty" = dense<> : tensor<0x3xf32>
  %7 = nn.parameter "resource" = dense_resource<codes> : tensor<4xsi8>
  return
}

// CHECK-LABEL: func.func @conversion
// CHECK:         conversion = #nn.conversion<source = "a", absmax = 2.500000e-01, clipped = 3, error = 1.250000e-01, energy = 5.000000e-01>
func.func @conversion() {
  %0 = nn.parameter "a_q" = dense<1> : tensor<2xsi8>
      {conversion = #nn.conversion<source = "a", absmax = 0.25, clipped = 3, error = 0.125, energy = 0.5>}
  return
}

// CHECK:       codes: "0x010000000102FEFF"

{-#
  dialect_resources: {
    builtin: {
      codes: "0x010000000102FEFF"
    }
  }
#-}
