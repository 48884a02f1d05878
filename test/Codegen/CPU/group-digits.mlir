// Kernels for lanes: codes as words or bytes, side by side along the run that a window covers.

// RUN: fpw-opt %s --pass-pipeline="builtin.module(fpw-to-linalg{arithmetic=digits activation-bits=24},func.func(fpw-cpu-select-kernels{dot-unit=multiply},fpw-cpu-group-digits),canonicalize,cse)" \
// RUN:   | FileCheck %s --check-prefixes=CHECK,WORDS
// RUN: fpw-opt %s --pass-pipeline="builtin.module(fpw-to-linalg{arithmetic=digits activation-bits=24},func.func(fpw-cpu-select-kernels{dot-unit=accumulate},fpw-cpu-group-digits),canonicalize,cse)" \
// RUN:   | FileCheck %s --check-prefixes=CHECK,BYTES
// RUN: fpw-opt %s --pass-pipeline="builtin.module(fpw-to-linalg{arithmetic=digits activation-bits=24},func.func(fpw-cpu-select-kernels,fpw-cpu-group-digits),canonicalize,cse)" \
// RUN:   | FileCheck %s --check-prefix=PLAIN

// PLAIN-NOT: fpw.kernel
// PLAIN-NOT: i16

// A line of a window, 5 * 3 codes, is one run of 8 pairs of words or 4 quadruples of bytes. The code 0
// is 128 in both, and sums start from what takes that away: 128 * 75.

// WORDS: #[[HIGH:.+]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1 + d4, 1, d2 * 3 + d5 * 2 + d6)>
// BYTES: #[[TOP:.+]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1 + d4, 2, d2 * 3 + d5 * 4 + d6)>

// CHECK-LABEL: func.func @convolution
// CHECK-DAG:     arith.constant dense<-9600> : tensor<16xi32>
// WORDS:         tensor.pad %{{.+}} low[0, 0, 0, 0] high[0, 0, 0, 1]
// WORDS:         tensor.yield %c128_i16
// WORDS:         linalg.generic {indexing_maps = [{{.*}}#[[HIGH]],
// WORDS-SAME:      tensor<?x16x2x49xi16>, tensor<?x16x2x49xi16>, tensor<16x5x8x2xi16>)
// WORDS-SAME:      fpw.kernel = "dot-words"
// BYTES:         linalg.generic {indexing_maps = [{{.*}}#[[TOP]],
// BYTES-SAME:      tensor<?x16x3x49xi8>, tensor<16x5x4x4xi8>)
// BYTES-SAME:      fpw.kernel = "dot-bytes"
func.func @convolution(%x: tensor<?x16x16x3xf32>) -> tensor<?x12x12x16xf32> {
  %w = nn.parameter "w" = dense<1> : tensor<16x5x5x3xsi8>
  %y = nn.fixed_point_quantized_convolution %x, %w channel_last
      weight_format <bits = 8, signed, delta = 5.000000e-01>
      : (tensor<?x16x16x3xf32>, tensor<16x5x5x3xsi8>) -> tensor<?x12x12x16xf32>
  return %y : tensor<?x12x12x16xf32>
}

// Unsigned weights are no second factor of bytes. Words of unsigned codes lie below their value by
// 32768.

// CHECK-LABEL: func.func @affine
// CHECK-DAG:     arith.constant dense<786432> : tensor<10xi32>
// CHECK:         linalg.generic {{.*}} tensor<?x2x12xi16>, tensor<?x2x12xi16>, tensor<10x6x2xi16>
// CHECK-SAME:      fpw.kernel = "dot-words"
func.func @affine(%x: tensor<?x12xf32>) -> tensor<?x10xf32> {
  %w = nn.parameter "w" = dense<2> : tensor<12x10xui8>
  %0 = nn.relu %x : (tensor<?x12xf32>) -> tensor<?x12xf32>
  %y = nn.fixed_point_quantized_affine %0, %w weight_format <bits = 8, unsigned, delta = 5.000000e-01>
      : (tensor<?x12xf32>, tensor<12x10xui8>) -> tensor<?x10xf32>
  return %y : tensor<?x10xf32>
}

// 1000 * 66 exceeds what sums of words may reach; sums of digits have no offset.

// CHECK-LABEL: func.func @heavy
// CHECK:         fpw.kernel = "dot-{{digits|bytes}}"
func.func @heavy(%x: tensor<?x4x4x1000xf32>) -> tensor<?x4x4x10xf32> {
  %w = nn.parameter "w" = dense<66> : tensor<10x1x1x1000xsi8>
  %y = nn.fixed_point_quantized_convolution %x, %w channel_last
      weight_format <bits = 8, signed, delta = 5.000000e-01>
      : (tensor<?x4x4x1000xf32>, tensor<10x1x1x1000xsi8>) -> tensor<?x4x4x10xf32>
  return %y : tensor<?x4x4x10xf32>
}

// Pixels of a pointwise layer have a step each, and do not share a row.

// CHECK-LABEL: func.func @pointwise
// CHECK:         tensor<?x4x4x{{[23]}}x12x{{i16|i8}}>
// CHECK:         fpw.kernel = "dot-{{words|bytes}}"
func.func @pointwise(%x: tensor<?x4x4x12xf32>) -> tensor<?x4x4x8xf32> {
  %w = nn.parameter "w" = dense<1> : tensor<8x1x1x12xsi8>
  %y = nn.fixed_point_quantized_convolution %x, %w channel_last
      weight_format <bits = 8, signed, delta = 5.000000e-01>
      : (tensor<?x4x4x12xf32>, tensor<8x1x1x12xsi8>) -> tensor<?x4x4x8xf32>
  return %y : tensor<?x4x4x8xf32>
}

// The windows of a deconvolution's phases begin at different pixels: offsets, no slices. Static steps
// need no inverse.

// CHECK-LABEL: func.func @deconvolution
// CHECK-NOT:     tensor.extract_slice
// CHECK-COUNT-4: fpw.kernel = "dot-{{words|bytes}}"
func.func @deconvolution(%x: tensor<?x4x4x8xf32>) -> tensor<?x7x7x5xf32> {
  %w = nn.parameter "w" = dense<1> : tensor<8x3x3x5xsi8>
  %y = nn.fixed_point_quantized_deconvolution %x, %w pad [1, 1] stride [2, 2] channel_last
      weight_format <bits = 8, signed, delta = 5.000000e-01> activation_maximum 4.000000e+00
      : (tensor<?x4x4x8xf32>, tensor<8x3x3x5xsi8>) -> tensor<?x7x7x5xf32>
  return %y : tensor<?x7x7x5xf32>
}

// Where each channel has sums of its own, both words of a code share its lane, and meet a zero where
// they do not count.

// CHECK-LABEL: func.func @depthwise
// CHECK:         linalg.generic {{.*}} tensor<?x8x8x1x20xi32>, tensor<20x3x3x2xi16>, tensor<20x3x3x2xi16>)
// CHECK-SAME:      fpw.kernel = "dot-channels"
func.func @depthwise(%x: tensor<?x6x6x20xf32>) -> tensor<?x6x6x20xf32> {
  %w = nn.parameter "w" = dense<1> : tensor<20x3x3xsi8>
  %y = nn.fixed_point_quantized_depthwise_convolution %x, %w pad [1, 1] channel_last
      weight_format <bits = 8, signed, delta = 5.000000e-01>
      : (tensor<?x6x6x20xf32>, tensor<20x3x3xsi8>) -> tensor<?x6x6x20xf32>
  return %y : tensor<?x6x6x20xf32>
}
