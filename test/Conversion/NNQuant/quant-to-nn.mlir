// RUN: fpw-opt %s --quant-to-nn --verify-diagnostics | FileCheck %s

!six = !quant.uniform<i8<-31:31>:f32, 5.000000e-01>
!full = !quant.uniform<i8:f32, 5.000000e-01>
!shifted = !quant.uniform<i8<-31:31>:f32, 5.000000e-01:3>
!inputs = !quant.uniform<i8<-31:31>:f32:0, {5.000000e-01, 1.000000e+00}>
!double = !quant.uniform<i8<-31:31>:f32, 0.1>

// Constant codes become a parameter.

// CHECK-LABEL: func.func @constant
// CHECK:         %[[W:.+]] = nn.parameter "weight" = dense<{{.*}}> : tensor<2x3xsi8>
// CHECK:         nn.fixed_point_quantized_affine %arg0, %[[W]], %arg1 weight_format <bits = 6, signed, delta = 5.000000e-01>
// CHECK-NOT:     quant.
func.func @constant(%x: tensor<?x2xf32>, %b: tensor<3xf32>) -> tensor<?x3xf32> {
  %codes = arith.constant dense<[[1, -2, 31], [-31, 0, 5]]> : tensor<2x3xi8>
  %q = quant.scast %codes : tensor<2x3xi8> to tensor<2x3x!six>
  %w = quant.dcast %q : tensor<2x3x!six> to tensor<2x3xf32>
  %y = nn.affine %x, %w, %b : (tensor<?x2xf32>, tensor<2x3xf32>, tensor<3xf32>) -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}

// The whole range of the storage is fine as long as no code is the smallest one.

// CHECK-LABEL: func.func @whole_range
// CHECK:         nn.fixed_point_quantized_affine {{.*}} weight_format <bits = 8, signed, delta = 5.000000e-01>
// CHECK:         nn.affine
func.func @whole_range(%x: tensor<?x1xf32>) -> (tensor<?x2xf32>, tensor<?x2xf32>) {
  %fits = arith.constant dense<[[-127, 127]]> : tensor<1x2xi8>
  %q = quant.scast %fits : tensor<1x2xi8> to tensor<1x2x!full>
  %w = quant.dcast %q : tensor<1x2x!full> to tensor<1x2xf32>
  %y = nn.affine %x, %w : (tensor<?x1xf32>, tensor<1x2xf32>) -> tensor<?x2xf32>
  %not = arith.constant dense<[[-128, 127]]> : tensor<1x2xi8>
  %r = quant.scast %not : tensor<1x2xi8> to tensor<1x2x!full>
  %v = quant.dcast %r : tensor<1x2x!full> to tensor<1x2xf32>
  // expected-remark @below {{stays float: expected codes with the same range on either side of 0}}
  %z = nn.affine %x, %v : (tensor<?x1xf32>, tensor<1x2xf32>) -> tensor<?x2xf32>
  return %y, %z : tensor<?x2xf32>, tensor<?x2xf32>
}

func.func @shifted(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %codes = arith.constant dense<1> : tensor<2x2xi8>
  %q = quant.scast %codes : tensor<2x2xi8> to tensor<2x2x!shifted>
  %w = quant.dcast %q : tensor<2x2x!shifted> to tensor<2x2xf32>
  // expected-remark @below {{stays float: expected zero points of 0}}
  %y = nn.affine %x, %w : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

func.func @scale_per_input(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %codes = arith.constant dense<1> : tensor<2x2xi8>
  %q = quant.scast %codes : tensor<2x2xi8> to tensor<2x2x!inputs>
  %w = quant.dcast %q : tensor<2x2x!inputs> to tensor<2x2xf32>
  // expected-remark @below {{stays float: expected a scale per output but got one per index of dimension 0}}
  %y = nn.affine %x, %w : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

func.func @no_f32(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %codes = arith.constant dense<1> : tensor<2x2xi8>
  %q = quant.scast %codes : tensor<2x2xi8> to tensor<2x2x!double>
  %w = quant.dcast %q : tensor<2x2x!double> to tensor<2x2xf32>
  // expected-remark @below {{stays float: expected scales that are positive f32 numbers but got}}
  %y = nn.affine %x, %w : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

func.func @computed(%x: tensor<?x2xf32>, %codes: tensor<2x2xi8>) -> tensor<?x2xf32> {
  %q = quant.scast %codes : tensor<2x2xi8> to tensor<2x2x!six>
  %w = quant.dcast %q : tensor<2x2x!six> to tensor<2x2xf32>
  // expected-remark @below {{stays float: expected constant codes, or a parameter, of as many bits as the format stores}}
  %y = nn.affine %x, %w : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
