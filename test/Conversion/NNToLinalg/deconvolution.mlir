// RUN: fpw-opt %s --convert-nn-to-linalg --split-input-file --verify-diagnostics | FileCheck %s

// Stride 2 and 4 taps: each of two phases has 2 taps, and begins a pixel after the one before. They are
// outputs of one contraction, whose weight has the taps of each phase in reverse order.

// CHECK-DAG: #[[IMAGE:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d5, d2 + d4 + d3)>
// CHECK-LABEL: func @phases
// CHECK: tensor.pad %{{.*}} low[0, 0, 1] high[0, 0, 1]
// CHECK: nn.parameter "W" = dense_resource<[[TAPS:.*]]> : tensor<2x1x1x2xf32>
// CHECK: linalg.generic {indexing_maps = [#[[IMAGE]], {{.*}} outs(%{{.*}} : tensor<?x1x3x2xf32>)
// CHECK: tensor.collapse_shape %{{.*}} {{\[\[}}0], [1], [2, 3]] : tensor<?x1x3x2xf32> into tensor<?x1x6xf32>
// The taps 1, 3 of phase 0 and the taps 0, 2 of phase 1, both backwards: 4, 2 and 3, 1.
// CHECK: [[TAPS]]: "0x{{.*}}0000804000000040000040400000803F"
func.func @phases(%x: tensor<?x1x3xf32>) -> tensor<?x1x6xf32> {
  %w = nn.parameter "W" = dense<[[[1.0, 2.0, 3.0, 4.0]]]> : tensor<1x1x4xf32>
  %y = nn.deconvolution %x, %w pad [1] stride [2] : (tensor<?x1x3xf32>, tensor<1x1x4xf32>) -> tensor<?x1x6xf32>
  return %y : tensor<?x1x6xf32>
}

// -----

// Stride 2 and 3 taps: the phases have 1 and 2 taps, and a contraction each.

// CHECK-LABEL: func @unequal_phases
// CHECK: tensor.pad %{{.*}} low[0, 0, 0] high[0, 0, 1]
// CHECK: nn.parameter "W" = dense_resource<[[ODD:.*]]> : tensor<1x1x1xf32>
// CHECK: linalg.generic
// CHECK: tensor.insert_slice %{{.*}} into %{{.*}}[0, 0, 0] [%{{.*}}, 1, 3] [1, 1, 2] : tensor<?x1x3xf32> into tensor<?x1x6xf32>
// CHECK: nn.parameter "W" = dense_resource<[[EVEN:.*]]> : tensor<1x1x2xf32>
// CHECK: tensor.insert_slice %{{.*}} into %{{.*}}[0, 0, 1] [%{{.*}}, 1, 3] [1, 1, 2]
// CHECK-DAG: [[ODD]]: "0x{{.*}}00000040"
// CHECK-DAG: [[EVEN]]: "0x{{.*}}000040400000803F"
func.func @unequal_phases(%x: tensor<?x1x3xf32>) -> tensor<?x1x6xf32> {
  %w = nn.parameter "W" = dense<[[[1.0, 2.0, 3.0]]]> : tensor<1x1x3xf32>
  %y = nn.deconvolution %x, %w pad [1] stride [2] output_padding [1] : (tensor<?x1x3xf32>, tensor<1x1x3xf32>) -> tensor<?x1x6xf32>
  return %y : tensor<?x1x6xf32>
}

// -----

// Phases that read the same inputs are outputs of one contraction: no part of the result is inserted.

// CHECK-LABEL: func @kernel_is_stride
// CHECK: linalg.generic {{.*}} outs(%{{.*}} : tensor<?x3x5x4xf32>)
// CHECK-NOT: tensor.insert_slice
// CHECK-NOT: linalg.generic
// CHECK: tensor.collapse_shape %{{.*}} {{\[\[}}0], [1], [2, 3]]
func.func @kernel_is_stride(%x: tensor<?x2x5xf32>, %w: tensor<2x3x4xf32>) -> tensor<?x3x20xf32> {
  %y = nn.deconvolution %x, %w stride [4] : (tensor<?x2x5xf32>, tensor<2x3x4xf32>) -> tensor<?x3x20xf32>
  return %y : tensor<?x3x20xf32>
}

// -----

// A phase without taps is the bias alone.

// CHECK-LABEL: func @gap
// CHECK: linalg.generic
// CHECK-NOT: linalg.generic
// CHECK: linalg.broadcast ins(%{{.*}} : tensor<3xf32>) outs(%{{.*}} : tensor<?x3x4xf32>)
// CHECK: tensor.insert_slice %{{.*}}[0, 0, 1] [%{{.*}}, 3, 4] [1, 1, 2] : tensor<?x3x4xf32> into tensor<?x3x9xf32>
func.func @gap(%x: tensor<?x2x5xf32>, %b: tensor<3xf32>) -> tensor<?x3x9xf32> {
  %w = nn.parameter "W" = dense<1.0> : tensor<2x3x1xf32>
  %y = nn.deconvolution %x, %w, %b stride [2] : (tensor<?x2x5xf32>, tensor<2x3x1xf32>, tensor<3xf32>) -> tensor<?x3x9xf32>
  return %y : tensor<?x3x9xf32>
}

// -----

func.func @too_many_phases(%x: tensor<1x1x3xf32>, %w: tensor<1x1x1200xf32>) -> tensor<1x1x10397xf32> {
  // expected-error@+2 {{expected at most 1024 combinations of output phases but stride and dilation make}}
  // expected-error@+1 {{failed to legalize}}
  %y = nn.deconvolution %x, %w stride [3999] dilation [2] : (tensor<1x1x3xf32>, tensor<1x1x1200xf32>) -> tensor<1x1x10397xf32>
  return %y : tensor<1x1x10397xf32>
}
