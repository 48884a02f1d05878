// What a model consists of, as the protobuf compiler reads it.

// DEFINE: %{read} = protoc --decode=fpw.onnx.ModelProto -I %source/lib/ONNX onnx.proto
// RUN: fpw export %s -o %t.onnx && %{read} < %t.onnx | FileCheck %s
// RUN: fpw export %s -o %t.onnx --weights=float && %{read} < %t.onnx | FileCheck %s --check-prefix=FLOAT

// Codes stay integers; a node multiplies them by their step. Names are those of the source.

// CHECK:      ir_version: 10
// CHECK:      op_type: "DequantizeLinear"
// CHECK-NEXT: attribute {
// CHECK-NEXT:   name: "axis"
// CHECK-NEXT:   i: 1
// CHECK:      input: "image"
// CHECK-NEXT: input: "[[WEIGHT:.*]]"
// CHECK-NEXT: output: "class"
// CHECK:      op_type: "Gemm"
// CHECK:      name: "net"
// CHECK:      initializer {
// CHECK-NEXT:   dims: 2
// CHECK-NEXT:   dims: 3
// CHECK-NEXT:   data_type: 3
// CHECK-NEXT:   name: "fc/W_q"
// CHECK-NEXT:   raw_data: "\001\002\003\377\376\375"
// CHECK:      initializer {
// CHECK-NEXT:   dims: 3
// CHECK-NEXT:   data_type: 1
// CHECK-NEXT:   name: "fc/W_q/step"
// CHECK:      input {
// CHECK-NEXT:   name: "image"
// CHECK:      dim_param: "batch"
// CHECK:      output {
// CHECK-NEXT:   name: "class"
// CHECK:      opset_import {
// CHECK-NEXT:   domain: ""
// CHECK-NEXT:   version: 21

// FLOAT-NOT:  DequantizeLinear
// FLOAT:      data_type: 1
// FLOAT-NEXT: name: "fc/W_q"

func.func @net(%x: tensor<?x2xf32> {nn.name = "image"}) -> (tensor<?x3xf32> {nn.name = "class"}) {
  %w = nn.parameter "fc/W_q" = dense<[[1, 2, 3], [-1, -2, -3]]> : tensor<2x3xsi8>
  %y = nn.fixed_point_quantized_affine %x, %w weight_format <bits = 5, signed, delta = [0.5, 0.25, 1.0]>
      : (tensor<?x2xf32>, tensor<2x3xsi8>) -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}
