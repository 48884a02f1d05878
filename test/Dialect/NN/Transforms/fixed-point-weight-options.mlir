// Each option changes the result on its own, whatever else is given or not (defect 3).

// RUN: fpw-opt %s --nn-fixed-point-weight | FileCheck %s --check-prefix=DEFAULT
// RUN: fpw-opt %s --nn-fixed-point-weight=floor=true 2>/dev/null | FileCheck %s --check-prefix=FLOOR
// RUN: fpw-opt %s --nn-fixed-point-weight=n-w=4 | FileCheck %s --check-prefix=NW
// RUN: fpw-opt %s --nn-fixed-point-weight=n-b=12 | FileCheck %s --check-prefix=NB
// RUN: fpw-opt %s --nn-fixed-point-weight=delta-w=0.1 | FileCheck %s --check-prefix=DELTAW
// RUN: fpw-opt %s --nn-fixed-point-weight=delta-b=0.1 | FileCheck %s --check-prefix=DELTAB
// RUN: fpw-opt %s --nn-fixed-point-weight=sign-w=false 2>/dev/null | FileCheck %s --check-prefix=SIGNW
// RUN: fpw-opt %s --nn-fixed-point-weight=sign-b=false 2>/dev/null | FileCheck %s --check-prefix=SIGNB
// RUN: fpw-opt %s --nn-fixed-point-weight=quantize-w=false 2>/dev/null | FileCheck %s --check-prefix=QUANTIZEW
// RUN: fpw-opt %s --nn-fixed-point-weight=quantize-b=false | FileCheck %s --check-prefix=QUANTIZEB
// RUN: fpw-opt %s --nn-fixed-point-weight='quantize-w=false quantize-b=false' 2>&1 | FileCheck %s --check-prefix=NEITHER
// RUN: fpw-opt %s --nn-fixed-point-weight=functions=Convolution | FileCheck %s --check-prefix=FUNCTIONS
// RUN: fpw-opt %s --nn-fixed-point-weight=exclude=conv/* 2>&1 | FileCheck %s --check-prefix=EXCLUDE
// RUN: fpw-opt %s --nn-fixed-point-weight='exclude=*/b' 2>&1 | FileCheck %s --check-prefix=EXCLUDEB
// RUN: fpw-opt %s --nn-fixed-point-weight=per-channel=true | FileCheck %s --check-prefix=CHANNEL
// RUN: fpw-opt %s --nn-fixed-point-weight=name=q8 | FileCheck %s --check-prefix=NAME
// RUN: fpw-opt %s --nn-fixed-point-weight=materialize=false | FileCheck %s --check-prefix=WRAP
// RUN: fpw-opt %s --nn-fixed-point-weight=seed-defaults=true 2>/dev/null | FileCheck %s --check-prefix=SEED
// RUN: fpw-opt %s --nn-fixed-point-weight='floor=true clip-limit=1' 2>&1 | FileCheck %s --check-prefix=LIMIT
// RUN: fpw-opt %s --nn-fixed-point-weight=floor=true 2>&1 | FileCheck %s --check-prefix=CLIP
// RUN: fpw-opt %s --nn-fixed-point-weight=drop-float=true | FileCheck %s --check-prefix=DROP

// Two runs in one process do not share their options (defect 10), and what an earlier pass made is
// converted, too (defect 12).
// RUN: fpw-opt %s --pass-pipeline='builtin.module(nn-fixed-point-weight{functions=Affine n-w=3},nn-channel-last,nn-fixed-point-weight)' \
// RUN:   | FileCheck %s --check-prefix=TWICE

// DEFAULT:     nn.parameter "fixed-point-weight/conv/W_q" = dense<{{\[\[\[}}32], [-16]], {{\[\[}}102], [2]]]> : tensor<2x2x1xsi8>
// DEFAULT:     nn.parameter "fixed-point-weight/conv/b_q" = dense<[64, -96]> : tensor<2xsi8>
// DEFAULT:     nn.fixed_point_quantized_convolution
// DEFAULT-SAME:  weight_format <bits = 8, signed, delta = 1.562500e-02> bias_format <bits = 8, signed, delta = 7.812500e-03>
// DEFAULT:     nn.fixed_point_quantized_depthwise_convolution

// FLOOR:       weight_format <bits = 8, signed, delta = 7.812500e-03> bias_format <bits = 8, signed, delta = 3.906250e-03>
// NW:          weight_format <bits = 4, signed, delta = 2.500000e-01> bias_format <bits = 8, signed,
// NB:          tensor<2xsi16>
// NB:          weight_format <bits = 8, signed, delta = 1.562500e-02> bias_format <bits = 12, signed, delta = 4.88281{{.*}}>
// DELTAW:      weight_format <bits = 8, signed, delta = 1.000000e-01> bias_format <bits = 8, signed, delta = 7.812500e-03>
// DELTAB:      weight_format <bits = 8, signed, delta = 1.562500e-02> bias_format <bits = 8, signed, delta = 1.000000e-01>
// SIGNW:       "fixed-point-weight/conv/W_q" = dense<{{\[\[\[}}64], [0]], {{\[\[}}205], [4]]]> : tensor<2x2x1xui8>
// SIGNW:       weight_format <bits = 8, unsigned, delta = 7.812500e-03> bias_format <bits = 8, signed,
// SIGNB:       weight_format <bits = 8, signed, delta = 1.562500e-02> bias_format <bits = 8, unsigned, delta = 3.906250e-03>

// Defect 4: the flags are honoured. A quantised bias of a float layer stays a quantised float.
// QUANTIZEW:     %[[B:.+]] = nn.fixed_point_quantize
// QUANTIZEW:     nn.convolution %{{.+}}, %{{.+}}, %[[B]]
// QUANTIZEB:     nn.parameter "conv/b" = dense<[5.000000e-01, -7.500000e-01]> : tensor<2xf32>
// QUANTIZEB-NOT: bias_format
// NEITHER:       remark: Convolution stays float: quantize-w is off
// NEITHER:       warning: nothing was converted
// NEITHER:       nn.convolution

// FUNCTIONS:   nn.fixed_point_quantized_convolution
// FUNCTIONS:   nn.depthwise_convolution

// Defect 9: the black list. A bias may be excluded alone.
// EXCLUDE:       remark: Convolution stays float: 'conv/W' is excluded by 'conv/*'
// EXCLUDE:       nn.convolution
// EXCLUDE:       nn.fixed_point_quantized_depthwise_convolution
// EXCLUDEB:      remark: Convolution: the bias stays float: 'conv/b' is excluded by '*/b'
// EXCLUDEB:      nn.fixed_point_quantized_convolution
// EXCLUDEB-NOT:  bias_format

// CHANNEL:       weight_format <bits = 8, signed, delta = [7.812500e-03, 1.562500e-02]> bias_format <bits = 8, signed, delta = 7.812500e-03>
// NAME:          nn.parameter "q8/conv/W_q"
// WRAP:          %[[W:.+]] = nn.fixed_point_quantize %{{.+}} {format = #nn.fixed_point<bits = 8, signed, delta = 1.562500e-02>}
// WRAP:          nn.convolution %{{.+}}, %[[W]]
// SEED:          nn.fixed_point_quantized_convolution {{.*}} weight_format <bits = 8, signed, delta = 2.000000e-04> bias_format <bits = 8, signed, delta = 2.000000e-04>
// SEED:          nn.depthwise_convolution

// LIMIT-NOT:     warning
// CLIP:          warning: 1 of 4 elements of 'conv/W' (25.0 %) are beyond the largest number of their format and clipped

// What something else in the module uses is not dropped.
// DROP:          arith.constant dense_resource<used>
// DROP:          used: "0x04000000010000000200000003000000"

// TWICE:         nn.fixed_point_quantized_convolution {{.*}} channel_last weight_format <bits = 8,
func.func @net(%x: tensor<?x2x4xf32>) -> tensor<?x2x4xf32> {
  %w = nn.parameter "conv/W" = dense<[[[0.5], [-0.25]], [[1.6], [0.03125]]]> : tensor<2x2x1xf32>
  %b = nn.parameter "conv/b" = dense<[0.5, -0.75]> : tensor<2xf32>
  %d = nn.parameter "dw/W" = dense<[[1.0], [2.0]]> : tensor<2x1xf32>
  %y = nn.convolution %x, %w, %b : (tensor<?x2x4xf32>, tensor<2x2x1xf32>, tensor<2xf32>) -> tensor<?x2x4xf32>
  %z = nn.depthwise_convolution %y, %d : (tensor<?x2x4xf32>, tensor<2x1xf32>) -> tensor<?x2x4xf32>
  return %z : tensor<?x2x4xf32>
}

func.func @other() -> tensor<3xi32> {
  %c = arith.constant dense_resource<used> : tensor<3xi32>
  return %c : tensor<3xi32>
}

{-#
  dialect_resources: {
    builtin: {
      used: "0x04000000010000000200000003000000"
    }
  }
#-}
