// RUN: fpw-opt %s --canonicalize | FileCheck %s
// RUN: fpw-opt %s --cse | FileCheck %s --check-prefix=CSE

// A parameter is not a constant: it stays an op with its name, unless nothing uses it.

// CHECK-LABEL: func.func @names_survive
// CHECK-NEXT:    nn.parameter "a" =
// CHECK-NEXT:    nn.parameter "b" =
// CHECK-NEXT:    nn.add2
// CHECK-NEXT:    return
// CSE-LABEL:   func.func @names_survive
// CSE-DAG:       nn.parameter "a" =
// CSE-DAG:       nn.parameter "b" =
func.func @names_survive() -> tensor<2xf32> {
  %a = nn.parameter "a" = dense<1.0> : tensor<2xf32>
  %b = nn.parameter "b" = dense<1.0> : tensor<2xf32>
  %unused = nn.parameter "c" = dense<1.0> : tensor<2xf32>
  %0 = nn.add2 %a, %b : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// The same parameter twice is one.

// CSE-LABEL:   func.func @same
// CSE-NEXT:      %[[A:.*]] = nn.parameter "a" =
// CSE-NEXT:      nn.add2 %[[A]], %[[A]]
func.func @same() -> tensor<2xf32> {
  %a = nn.parameter "a" = dense<1.0> : tensor<2xf32>
  %b = nn.parameter "a" = dense<1.0> : tensor<2xf32>
  %0 = nn.add2 %a, %b : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}
