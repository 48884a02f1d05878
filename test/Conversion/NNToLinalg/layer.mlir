// RUN: fpw-opt %s --convert-nn-to-linalg --split-input-file | FileCheck %s

// An affine layer is one contraction on top of its bias. Its weight stays a parameter.

// CHECK-DAG: #[[X:.*]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK-DAG: #[[W:.*]] = affine_map<(d0, d1, d2) -> (d2, d1)>
// CHECK-DAG: #[[Y:.*]] = affine_map<(d0, d1, d2) -> (d0, d1)>
// CHECK-LABEL: func @affine
// CHECK: %[[W_VALUE:.*]] = nn.parameter "W"
// CHECK: %[[INIT:.*]] = linalg.broadcast ins(%{{.*}} : tensor<3xf32>) outs(%{{.*}} : tensor<?x3xf32>) dimensions = [0]
// CHECK: linalg.generic {indexing_maps = [#[[X]], #[[W]], #[[Y]]], iterator_types = ["parallel", "parallel", "reduction"]} ins(%{{.*}}, %[[W_VALUE]] : {{.*}}) outs(%[[INIT]] : tensor<?x3xf32>)
// CHECK: arith.mulf
// CHECK: arith.addf
// CHECK-NOT: linalg.generic
func.func @affine(%x: tensor<?x8xf32>) -> tensor<?x3xf32> {
  %w = nn.parameter "W" = dense<1.0> : tensor<8x3xf32>
  %b = nn.parameter "b" = dense<2.0> : tensor<3xf32>
  %y = nn.affine %x, %w, %b : (tensor<?x8xf32>, tensor<8x3xf32>, tensor<3xf32>) -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}

// -----

// Rows and columns are flattened, and so is the weight: as a parameter, not by an op.

// CHECK-LABEL: func @affine_base_axis
// CHECK: tensor.collapse_shape %{{.*}} {{\[\[}}0, 1], [2, 3]] : tensor<2x3x4x5xf32> into tensor<6x20xf32>
// CHECK: nn.parameter "W" = dense<1.000000e+00> : tensor<20x14xf32>
// CHECK: tensor.expand_shape %{{.*}} {{\[\[}}0, 1], [2, 3]] {{.*}} : tensor<6x14xf32> into tensor<2x3x2x7xf32>
func.func @affine_base_axis(%x: tensor<2x3x4x5xf32>) -> tensor<2x3x2x7xf32> {
  %w = nn.parameter "W" = dense<1.0> : tensor<20x2x7xf32>
  %y = nn.affine %x, %w base_axis -2 : (tensor<2x3x4x5xf32>, tensor<20x2x7xf32>) -> tensor<2x3x2x7xf32>
  return %y : tensor<2x3x2x7xf32>
}

// -----

// Windows are strided accesses to an image that is padded as far as it is read: the last window ends in
// front of the second pad.

// CHECK-DAG: #[[X:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1 * 2 + d4, d2 * 2 + d5, d6)>
// CHECK-DAG: #[[W:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d3, d4, d5, d6)>
// CHECK-LABEL: func @convolution
// CHECK: tensor.pad %{{.*}} low[0, 1, 1, 0] high[0, 0, 0, 0]
// CHECK: linalg.generic {indexing_maps = [#[[X]], #[[W]], #{{.*}}]
func.func @convolution(%x: tensor<?x8x8x3xf32>, %w: tensor<4x3x3x3xf32>) -> tensor<?x4x4x4xf32> {
  %y = nn.convolution %x, %w pad [1, 1] stride [2, 2] channel_last
      : (tensor<?x8x8x3xf32>, tensor<4x3x3x3xf32>) -> tensor<?x4x4x4xf32>
  return %y : tensor<?x4x4x4xf32>
}

// -----

// Groups are a loop of their own. Sums go over the window, then its channels, in every layout.

// CHECK-DAG: #[[X:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d1, d5, d3 + d4 * 2)>
// CHECK-DAG: #[[W:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d1, d2, d5, d4)>
// CHECK-LABEL: func @groups
// CHECK: tensor.expand_shape %{{.*}} {{\[\[}}0], [1, 2], [3]] output_shape [%{{.*}}, 2, 4, 9]
// CHECK: nn.parameter "W" = dense<1.000000e+00> : tensor<2x3x4x2xf32>
// CHECK: linalg.generic {indexing_maps = [#[[X]], #[[W]], #{{.*}}]
// CHECK: tensor.collapse_shape %{{.*}} {{\[\[}}0], [1, 2], [3]] : tensor<?x2x3x7xf32> into tensor<?x6x7xf32>
func.func @groups(%x: tensor<?x8x9xf32>) -> tensor<?x6x7xf32> {
  %w = nn.parameter "W" = dense<1.0> : tensor<6x4x2xf32>
  %y = nn.convolution %x, %w dilation [2] group 2 : (tensor<?x8x9xf32>, tensor<6x4x2xf32>) -> tensor<?x6x7xf32>
  return %y : tensor<?x6x7xf32>
}

// -----

// A depthwise layer has neither a loop over the one channel of a group nor over its one output.

// CHECK-DAG: #[[X:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2 + d3)>
// CHECK-DAG: #[[W:.*]] = affine_map<(d0, d1, d2, d3) -> (d1, d3)>
// CHECK-LABEL: func @depthwise
// CHECK-NOT: tensor.expand_shape
// CHECK: linalg.generic {indexing_maps = [#[[X]], #[[W]], #{{.*}}], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
func.func @depthwise(%x: tensor<?x8x9xf32>, %w: tensor<8x3xf32>) -> tensor<?x8x7xf32> {
  %y = nn.depthwise_convolution %x, %w : (tensor<?x8x9xf32>, tensor<8x3xf32>) -> tensor<?x8x7xf32>
  return %y : tensor<?x8x7xf32>
}
