// RUN: fpw-opt %s --nn-to-quant | FileCheck %s
// RUN: fpw-opt %s > %t.before
// RUN: fpw-opt %s --nn-to-quant | fpw-opt --quant-to-nn > %t.after
// RUN: diff %t.before %t.after

// CHECK-LABEL: func.func @affine
// CHECK:         %[[W:.+]] = nn.parameter "w"
// CHECK:         %[[B:.+]] = nn.parameter "b"
// CHECK:         %[[I:.+]] = tensor.bitcast %[[W]] : tensor<2x3xsi8> to tensor<2x3xi8>
// CHECK:         %[[Q:.+]] = quant.scast %[[I]] : tensor<2x3xi8> to tensor<2x3x!quant.uniform<i8<-31:31>:f32, 5.000000e-01>>
// CHECK:         %[[F:.+]] = quant.dcast %[[Q]] : {{.*}} to tensor<2x3xf32>
// CHECK:         quant.scast {{.*}}!quant.uniform<u8:f32, 2.500000e-01>
// CHECK:         %[[C:.+]] = quant.dcast
// CHECK:         nn.affine %arg0, %[[F]], %[[C]] {fpw.activation_maximum = 3.000000e+00 : f32, fpw.non_negative} :
func.func @affine(%x: tensor<?x2xf32>) -> tensor<?x3xf32> {
  %w = nn.parameter "w" = dense<[[1, -2, 31], [-31, 0, 5]]> : tensor<2x3xsi8>
  %b = nn.parameter "b" = dense<[0, 255, 7]> : tensor<3xui8>
  %y = nn.fixed_point_quantized_affine %x, %w, %b weight_format <bits = 6, signed, delta = 5.000000e-01> bias_format <bits = 8, unsigned, delta = 2.500000e-01> non_negative activation_maximum 3.000000e+00 : (tensor<?x2xf32>, tensor<2x3xsi8>, tensor<3xui8>) -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}

// A step for each output channel, of a convolution in dimension 0, of an affine layer in the last one.

// CHECK-LABEL: func.func @per_channel
// CHECK:         !quant.uniform<i16<-2047:2047>:f32:0, {5.000000e-01,0.10000000149011612}>
// CHECK:         nn.convolution {{.*}} pad [1, 1] channel_last
// CHECK:         !quant.uniform<i8<-127:127>:f32:1, {1.000000e+00,2.000000e+00}>
func.func @per_channel(%x: tensor<?x4x4x1xf32>, %z: tensor<?x1xf32>) -> (tensor<?x4x4x2xf32>, tensor<?x2xf32>) {
  %w = nn.parameter "w" = dense<7> : tensor<2x3x3x1xsi16>
  %y = nn.fixed_point_quantized_convolution %x, %w pad [1, 1] channel_last weight_format <bits = 12, signed, delta = [5.000000e-01, 1.000000e-01]> : (tensor<?x4x4x1xf32>, tensor<2x3x3x1xsi16>) -> tensor<?x4x4x2xf32>
  %v = nn.parameter "v" = dense<[[-127, 127]]> : tensor<1x2xsi8>
  %u = nn.fixed_point_quantized_affine %z, %v weight_format <bits = 8, signed, delta = [1.000000e+00, 2.000000e+00]> : (tensor<?x1xf32>, tensor<1x2xsi8>) -> tensor<?x2xf32>
  return %y, %u : tensor<?x4x4x2xf32>, tensor<?x2xf32>
}
