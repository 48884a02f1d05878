// RUN: fpw-opt %s --pass-pipeline="builtin.module(fpw-to-linalg{arithmetic=digits},func.func(fpw-cpu-fuse-units))" | FileCheck %s

// A row's largest magnitude, its step and its digits in one loop; what scales the results reads the
// magnitudes of all rows.

// CHECK-LABEL: func.func @rows
// CHECK:         %[[LOOP:.+]]:2 = scf.forall (%{{.+}}) in (%{{.+}})
// CHECK:           %[[MAX:.+]] = linalg.generic {{.*}} ins(%{{.+}} : tensor<1x512xf32>) {{.*}} attrs = {fpw.role = "maximum"}
// CHECK:           %[[INVERSE:.+]] = linalg.generic {{.*}} ins(%[[MAX]] : tensor<1xi32>) {{.*}} attrs = {fpw.role = "inverse"}
// CHECK:           linalg.generic {{.*}} ins(%{{.+}}, %[[INVERSE]] : tensor<1x512xf32>, tensor<1xf32>) {{.*}} attrs = {fpw.role = "split"}
// CHECK:         linalg.generic {{.*}} ins(%[[LOOP]]#1 : tensor<?xi32>) {{.*}} attrs = {fpw.role = "step"}
func.func @rows(%x: tensor<?x512xf32>) -> tensor<?x4xf32> {
  %w = nn.parameter "w" = dense<1> : tensor<512x4xsi8>
  %y = nn.fixed_point_quantized_affine %x, %w weight_format <bits = 8, signed, delta = 7.812500e-03> : (tensor<?x512xf32>, tensor<512x4xsi8>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// Rows that cost less than a loop around them, and units that are whole images, stay as they are.

// CHECK-LABEL: func.func @short_rows
// CHECK-NOT:     scf.forall
func.func @short_rows(%x: tensor<?x32xf32>) -> tensor<?x4xf32> {
  %w = nn.parameter "w" = dense<1> : tensor<32x4xsi8>
  %y = nn.fixed_point_quantized_affine %x, %w weight_format <bits = 8, signed, delta = 7.812500e-03> : (tensor<?x32xf32>, tensor<32x4xsi8>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// CHECK-LABEL: func.func @images
// CHECK-NOT:     scf.forall
func.func @images(%x: tensor<?x16x32x32xf32>) -> tensor<?x4x30x30xf32> {
  %w = nn.parameter "w" = dense<1> : tensor<4x16x3x3xsi8>
  %y = nn.fixed_point_quantized_convolution %x, %w weight_format <bits = 8, signed, delta = 7.812500e-03> : (tensor<?x16x32x32xf32>, tensor<4x16x3x3xsi8>) -> tensor<?x4x30x30xf32>
  return %y : tensor<?x4x30x30xf32>
}
