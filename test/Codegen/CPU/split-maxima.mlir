// RUN: fpw-opt %s --pass-pipeline="builtin.module(fpw-to-linalg{arithmetic=digits},func.func(fpw-cpu-split-maxima))" | FileCheck %s

// CHECK-DAG: #[[$ID:.+]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
// CHECK-DAG: #[[$LINE:.+]] = affine_map<(d0, d1, d2, d3) -> (d0, d1)>
// CHECK-DAG: #[[$ALL:.+]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-DAG: #[[$SAMPLE:.+]] = affine_map<(d0, d1) -> (d0)>

// CHECK-LABEL: func.func @images
// CHECK:         %[[LINES:.+]] = linalg.generic {indexing_maps = [#[[$ID]], #[[$LINE]]], {{.*}} ins(%{{.+}} : tensor<?x32x32x16xf32>) outs(%{{.+}} : tensor<?x32xi32>) attrs = {fpw.role = "maximum"}
// CHECK:         %[[MAX:.+]] = linalg.generic {indexing_maps = [#[[$ALL]], #[[$SAMPLE]]], {{.*}} ins(%[[LINES]] : tensor<?x32xi32>)
// CHECK:           arith.maxui
// CHECK:         linalg.generic {{.*}} ins(%[[MAX]] : tensor<?xi32>) {{.*}} attrs = {fpw.role = "inverse"}
func.func @images(%x: tensor<?x32x32x16xf32>) -> tensor<?x30x30x4xf32> {
  %w = nn.parameter "w" = dense<1> : tensor<4x3x3x16xsi8>
  %y = nn.fixed_point_quantized_convolution %x, %w channel_last weight_format <bits = 8, signed, delta = 7.812500e-03> : (tensor<?x32x32x16xf32>, tensor<4x3x3x16xsi8>) -> tensor<?x30x30x4xf32>
  return %y : tensor<?x30x30x4xf32>
}

// Pixels whose channels do not fill vectors are joined.

// CHECK-LABEL: func.func @few_channels
// CHECK:         %[[JOINED:.+]] = tensor.collapse_shape %{{.+}} {{\[\[}}0], [1], [2, 3]] : tensor<?x64x64x3xf32> into tensor<?x64x192xf32>
// CHECK:         linalg.generic {{.*}} ins(%[[JOINED]] : tensor<?x64x192xf32>) outs(%{{.+}} : tensor<?x64xi32>) attrs = {fpw.role = "maximum"}
func.func @few_channels(%x: tensor<?x64x64x3xf32>) -> tensor<?x62x62x4xf32> {
  %w = nn.parameter "w" = dense<1> : tensor<4x3x3x3xsi8>
  %y = nn.fixed_point_quantized_convolution %x, %w channel_last weight_format <bits = 8, signed, delta = 7.812500e-03> : (tensor<?x64x64x3xf32>, tensor<4x3x3x3xsi8>) -> tensor<?x62x62x4xf32>
  return %y : tensor<?x62x62x4xf32>
}

// Rows, pixels and small samples have one op.

// CHECK-LABEL: func.func @apart
// CHECK-COUNT-3: fpw.role = "maximum"
// CHECK-NOT:     fpw.role = "maximum"
func.func @apart(%x: tensor<?x8x8x16xf32>, %z: tensor<?x512xf32>) -> (tensor<?x6x6x4xf32>, tensor<?x8x8x4xf32>, tensor<?x4xf32>) {
  %w = nn.parameter "w" = dense<1> : tensor<4x3x3x16xsi8>
  %y = nn.fixed_point_quantized_convolution %x, %w channel_last weight_format <bits = 8, signed, delta = 7.812500e-03> : (tensor<?x8x8x16xf32>, tensor<4x3x3x16xsi8>) -> tensor<?x6x6x4xf32>
  %p = nn.parameter "p" = dense<1> : tensor<4x1x1x16xsi8>
  %q = nn.fixed_point_quantized_convolution %x, %p channel_last weight_format <bits = 8, signed, delta = 7.812500e-03> : (tensor<?x8x8x16xf32>, tensor<4x1x1x16xsi8>) -> tensor<?x8x8x4xf32>
  %a = nn.parameter "a" = dense<1> : tensor<512x4xsi8>
  %b = nn.fixed_point_quantized_affine %z, %a weight_format <bits = 8, signed, delta = 7.812500e-03> : (tensor<?x512xf32>, tensor<512x4xsi8>) -> tensor<?x4xf32>
  return %y, %q, %b : tensor<?x6x6x4xf32>, tensor<?x8x8x4xf32>, tensor<?x4xf32>
}
