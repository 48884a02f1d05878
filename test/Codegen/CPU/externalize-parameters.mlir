// RUN: fpw-opt %s --fpw-cpu-externalize-parameters | FileCheck %s

// One symbol for equal data, public and without initial value; the module keeps the data.
// CHECK: module attributes {fpw.parameters = {fpw_parameter_0 = dense<1.000000e+00> : tensor<4xf32>, fpw_parameter_1 = dense<2.000000e+00> : tensor<4xf32>}}
// CHECK: memref.global @fpw_parameter_0 : memref<4xf32> {alignment = 64 : i64}
// CHECK: memref.global @fpw_parameter_1 : memref<4xf32> {alignment = 64 : i64}
// CHECK-LABEL: func.func @f()
// CHECK: %[[A:.*]] = memref.get_global @fpw_parameter_0
// CHECK: bufferization.to_tensor %[[A]] restrict : memref<4xf32> to tensor<4xf32>
// CHECK: memref.get_global @fpw_parameter_1
// CHECK-LABEL: func.func @g()
// CHECK: memref.get_global @fpw_parameter_0
func.func @f() -> (tensor<4xf32>, tensor<4xf32>) {
  %a = nn.parameter "a" = dense<1.0> : tensor<4xf32>
  %b = nn.parameter "b" = dense<2.0> : tensor<4xf32>
  return %a, %b : tensor<4xf32>, tensor<4xf32>
}
func.func @g() -> tensor<4xf32> {
  %a = nn.parameter "other" = dense<1.0> : tensor<4xf32>
  return %a : tensor<4xf32>
}
