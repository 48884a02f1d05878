// RUN: fpw-opt %s --convert-nn-to-linalg="arithmetic=digits" --canonicalize --split-input-file | FileCheck %s
// RUN: fpw-opt %s --convert-nn-to-linalg="arithmetic=digits activation-bits=8" --canonicalize --split-input-file | FileCheck %s --check-prefix=BITS8

// A convolution has one step per sample. Its codes have three digits, which are more images of the batch.

// Steps are powers of two, but for 8 bits: ratios, from which every code can come.

// CHECK-LABEL: func.func @convolution
// CHECK-NOT:     arith.divf
// CHECK:         %[[MAX:.*]] = linalg.generic {{.*}} iterator_types = ["parallel", "reduction", "reduction", "reduction"]{{.*}} attrs = {fpw.role = "maximum"}
// CHECK:         %[[INVERSE:.*]] = linalg.generic {{.*}} ins(%[[MAX]] : tensor<?xi32>) {{.*}} attrs = {fpw.role = "inverse"}
// CHECK:         %[[DIGITS:.*]] = linalg.generic {{.*}} ins(%{{.*}}, %[[INVERSE]] : {{.*}} outs({{.*}} : tensor<3x?x8x8x3xi8>) attrs = {fpw.role = "split"}
// CHECK:         %[[PADDED:.*]] = tensor.pad %[[DIGITS]]
// CHECK:         %[[SUMS:.*]] = linalg.generic {{.*}} ins(%[[PADDED]], %{{.*}} : tensor<3x?x10x10x3xi8>, tensor<2x3x3x3xi8>) outs({{.*}} : tensor<3x?x8x8x2xi32>)
// CHECK:           arith.extsi %{{.*}} : i8 to i32
// CHECK:         linalg.generic {{.*}} ins(%[[SUMS]], %[[SUMS]], %[[SUMS]], {{.*}} attrs = {fpw.role = "combine"}

// BITS8-LABEL: func.func @convolution
// BITS8:         %[[RATIO:.*]] = arith.divf %{{.*}}, %{{.*}} : f32
// BITS8:         arith.select %{{.*}}, %[[RATIO]], %{{.*}} : f32
// BITS8:         tensor<1x?x8x8x3xi8>
func.func @convolution(%x: tensor<?x8x8x3xf32>) -> tensor<?x8x8x2xf32> {
  %w = nn.parameter "w" = dense<3> : tensor<2x3x3x3xsi8>
  %y = nn.fixed_point_quantized_convolution %x, %w pad [1, 1] channel_last
      weight_format <bits = 8, signed, delta = 5.000000e-01>
      : (tensor<?x8x8x3xf32>, tensor<2x3x3x3xsi8>) -> tensor<?x8x8x2xf32>
  return %y : tensor<?x8x8x2xf32>
}

// -----

// A pointwise convolution has one step per pixel; with a stride, only some pixels are read.

// CHECK-DAG:   #[[UNIT:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1 * 2, d2 * 2)>
// CHECK-LABEL: func.func @pointwise
// CHECK:         attrs = {fpw.role = "maximum"}
// CHECK:         -> tensor<?x8x8xi32>
// CHECK:         indexing_maps = {{.*}}#[[UNIT]]{{.*}} attrs = {fpw.role = "combine"}
// BITS8-LABEL: func.func @pointwise
func.func @pointwise(%x: tensor<?x8x8x3xf32>) -> tensor<?x4x4x2xf32> {
  %w = nn.parameter "w" = dense<3> : tensor<2x1x1x3xsi8>
  %y = nn.fixed_point_quantized_convolution %x, %w stride [2, 2] channel_last
      weight_format <bits = 8, signed, delta = 5.000000e-01>
      : (tensor<?x8x8x3xf32>, tensor<2x1x1x3xsi8>) -> tensor<?x4x4x2xf32>
  return %y : tensor<?x4x4x2xf32>
}

// -----

// Codes of an input that is not negative have no sign; unsigned weights extend with zeros.

// CHECK-LABEL: func.func @unsigned
// CHECK:         arith.fptoui
// CHECK-COUNT-2: arith.extui
// BITS8-LABEL: func.func @unsigned
func.func @unsigned(%x: tensor<?x4xf32>) -> tensor<?x2xf32> {
  %w = nn.parameter "w" = dense<200> : tensor<4x2xui8>
  %y = nn.fixed_point_quantized_affine %x, %w weight_format <bits = 8, unsigned, delta = 5.000000e-01> non_negative
      : (tensor<?x4xf32>, tensor<4x2xui8>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// A maximum known beforehand fixes the step: 2^-21 for 24 bits, 3.5 / 127 for 8 bits. Nothing is searched, and
// what has no code gets the nearest one.

// CHECK-LABEL: func.func @static
// CHECK-DAG:     %[[INVERSE:.*]] = arith.constant 0x4A000000 : f32
// CHECK-DAG:     %[[LARGEST:.*]] = arith.constant 0x4AFEFEFE : f32
// CHECK-DAG:     %[[SMALLEST:.*]] = arith.constant 0xCAFEFEFE : f32
// CHECK-NOT:     "maximum"
// CHECK:         attrs = {fpw.role = "split"}
// CHECK:         %[[SCALED:.*]] = arith.mulf %{{.*}}, %[[INVERSE]] : f32
// CHECK:         arith.cmpf ogt, %[[SCALED]], %[[SMALLEST]] : f32
// CHECK:         arith.cmpf olt, %{{.*}}, %[[LARGEST]] : f32
// CHECK:         attrs = {fpw.role = "combine"}
// BITS8-LABEL: func.func @static
// BITS8-DAG:     arith.constant 36.2857132 : f32
// BITS8-DAG:     arith.constant 1.270000e+02 : f32
func.func @static(%x: tensor<?x4xf32>) -> tensor<?x2xf32> {
  %w = nn.parameter "w" = dense<3> : tensor<4x2xsi8>
  %y = nn.fixed_point_quantized_affine %x, %w weight_format <bits = 8, signed, delta = 5.000000e-01> activation_maximum 3.5
      : (tensor<?x4xf32>, tensor<4x2xsi8>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// 600,000 codes of 32767 times digits up to 128 need more than 31 bits, and so do their pairs.

// CHECK-LABEL: func.func @wide
// CHECK:         outs({{.*}} : tensor<3x?x2xi64>)
// BITS8-LABEL: func.func @wide
// BITS8:         outs({{.*}} : tensor<1x?x2xi64>)
func.func @wide(%x: tensor<?x600000xf32>) -> tensor<?x2xf32> {
  %w = nn.parameter "w" = dense<32767> : tensor<600000x2xsi16>
  %y = nn.fixed_point_quantized_affine %x, %w weight_format <bits = 16, signed, delta = 5.000000e-01>
      : (tensor<?x600000xf32>, tensor<600000x2xsi16>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// Codes of more than eight bits are two bytes, of which the lower has no sign, with sums of their own.

// CHECK-LABEL: func.func @two_bytes
// CHECK-DAG:     %[[LOW:.*]] = nn.parameter "w" = dense_resource<[[LOWS:w.*]]> : tensor<3x2xi8>
// CHECK-DAG:     %[[HIGH:.*]] = nn.parameter "w" = dense_resource<[[HIGHS:w.*]]> : tensor<3x2xi8>
// CHECK:         %[[A:.*]] = linalg.generic {{.*}} ins(%{{.*}}, %[[LOW]] : {{.*}} outs(%{{.*}} : tensor<3x?x2xi32>)
// CHECK:           arith.extui
// CHECK:         %[[B:.*]] = linalg.generic {{.*}} ins(%{{.*}}, %[[HIGH]] : {{.*}} outs(%{{.*}} : tensor<3x?x2xi32>)
// CHECK:         linalg.generic {{.*}} ins(%[[A]], %[[A]], %[[A]], %[[B]], %[[B]], %[[B]], {{.*}} attrs = {fpw.role = "combine"}
// CHECK-DAG:     [[LOWS]]: "0x40000000FF010203FF00"
// CHECK-DAG:     [[HIGHS]]: "0x40000000FF000102807F"
// BITS8-LABEL: func.func @two_bytes
func.func @two_bytes(%x: tensor<?x3xf32>) -> tensor<?x2xf32> {
  %w = nn.parameter "w" = dense<[[-1, 1], [258, 515], [-32513, 32512]]> : tensor<3x2xsi16>
  %y = nn.fixed_point_quantized_affine %x, %w weight_format <bits = 16, signed, delta = 5.000000e-01>
      : (tensor<?x3xf32>, tensor<3x2xsi16>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
