// Windows that reach over the edges of bands, and the largest magnitudes of whole images.

// RUN: fpw-opt %s --pass-pipeline="builtin.module(fpw-to-linalg{arithmetic=digits activation-bits=24},canonicalize,cse,func.func(fpw-cpu-select-kernels{amx=true dot-unit=accumulate},fpw-cpu-interleave-digits,fpw-cpu-pack-tiles,fpw-cpu-group-digits,fpw-cpu-fuse-elementwise),canonicalize,cse,func.func(fpw-cpu-band-layers),canonicalize,cse)" \
// RUN:   | FileCheck %s

// A band makes the digits that its windows read, those of two lines twice, from the lines that exist.
// The last lines of the image are the first: they are in the cache. The next layer is pointwise, and its
// digits are padded in the band; the one behind it needs the largest magnitude of each sample, of which
// a band finds that of its lines.

// CHECK-DAG: #[[LINE:.+]] = affine_map<(d0) -> (-d0 + 48)>
// CHECK-DAG: #[[BAND:.+]] = affine_map<(d0) -> ((-d0) floordiv 8 + 6)>
// CHECK-DAG: #[[FIRST:.+]] = affine_map<(d0) -> (-d0 + 47, 0)>
// CHECK-DAG: #[[END:.+]] = affine_map<(d0) -> (-d0 + 57, 56)>
// CHECK-DAG: #[[ABOVE:.+]] = affine_map<(d0) -> (0, d0 - 47)>
// CHECK-DAG: #[[BELOW:.+]] = affine_map<(d0) -> (-d0 + 1, 0)>

// CHECK-LABEL: func.func @depthwise
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?x56x56x144xf32>
// CHECK:         scf.forall (%[[N:.+]], %[[I:.+]]) = (0, 0) to (%{{.+}}, 56) step (1, 8) shared_outs({{.+}}, %[[MAXIMA:.+]] = %{{.+}}) -> (tensor<?x56x56x24xf32>, tensor<?x7xi32>) {
// CHECK-DAG:       %[[NUMBER:.+]] = affine.apply #[[BAND]](%[[I]])
// CHECK-DAG:       %[[FROM:.+]] = affine.max #[[FIRST]](%[[I]])
// CHECK-DAG:       %[[TO:.+]] = affine.min #[[END]](%[[I]])
// CHECK-DAG:       %[[LOW:.+]] = affine.max #[[ABOVE]](%[[I]])
// CHECK-DAG:       %[[HIGH:.+]] = affine.max #[[BELOW]](%[[I]])
// CHECK:           %[[LINES:.+]] = affine.apply #{{.+}}()[%[[FROM]], %[[TO]]]
// CHECK:           %[[PART:.+]] = tensor.extract_slice %[[X]][%[[N]], %[[FROM]], 0, 0] [1, %[[LINES]], 56, 144]
// CHECK:           %[[DIGITS:.+]] = linalg.generic {{.+}} ins(%[[PART]], {{.+}}fpw.role = "split"
// CHECK:           %[[PADDED:.+]] = tensor.pad %[[DIGITS]] low[0, %[[LOW]], 1, 0, 0] high[0, %[[HIGH]], 1, 0, 0]
// CHECK:           linalg.generic {{.+}} ins(%[[PADDED]], {{.+}}fpw.kernel = "dot-channels"
// CHECK:           %[[NEXT:.+]] = tensor.pad %{{.+}} low[0, 0, 0, 0, 0] high[0, 0, 0, 0, 48]
// CHECK:           linalg.generic {{.+}} ins(%[[NEXT]], {{.+}}fpw.kernel = "amx"
// CHECK:           %[[Y:.+]] = linalg.generic {{.+}}fpw.role = "combine"
// CHECK:           %[[MAXIMUM:.+]] = linalg.generic {{.+}} ins(%[[Y]] : {{.+}}fpw.role = "maximum"
// CHECK:           tensor.parallel_insert_slice %[[MAXIMUM]] into %[[MAXIMA]][%[[N]], %[[NUMBER]]] [1, 1] [1, 1]
// CHECK:         arith.maxui
// CHECK:         linalg.generic {{.+}}fpw.role = "inverse"
func.func @depthwise(%x: tensor<?x56x56x144xf32>) -> tensor<?x56x56x24xf32> {
  %k = nn.parameter "k" = dense<1> : tensor<144x3x3xsi8>
  %w = nn.parameter "w" = dense<1> : tensor<24x1x1x144xsi8>
  %v = nn.parameter "v" = dense<1> : tensor<24x3x3x24xsi8>
  %0 = nn.fixed_point_quantized_depthwise_convolution %x, %k pad [1, 1] channel_last
      weight_format <bits = 8, signed, delta = 5.000000e-01>
      : (tensor<?x56x56x144xf32>, tensor<144x3x3xsi8>) -> tensor<?x56x56x144xf32>
  %1 = nn.fixed_point_quantized_convolution %0, %w channel_last
      weight_format <bits = 8, signed, delta = 5.000000e-01>
      : (tensor<?x56x56x144xf32>, tensor<24x1x1x144xsi8>) -> tensor<?x56x56x24xf32>
  %2 = nn.fixed_point_quantized_convolution %1, %v pad [1, 1] channel_last
      weight_format <bits = 8, signed, delta = 5.000000e-01>
      : (tensor<?x56x56x24xf32>, tensor<24x3x3x24xsi8>) -> tensor<?x56x56x24xf32>
  return %2 : tensor<?x56x56x24xf32>
}
