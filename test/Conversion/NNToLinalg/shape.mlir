// RUN: fpw-opt %s --convert-nn-to-linalg --split-input-file | FileCheck %s

// The batch stays a dimension of its own where the other sizes allow it.

// CHECK-LABEL: func @reshape
// CHECK: tensor.collapse_shape %{{.*}} {{\[\[}}0], [1, 2]] : tensor<?x4x6xf32> into tensor<?x24xf32>
// CHECK: tensor.expand_shape %{{.*}} {{\[\[}}0], [1, 2]] output_shape [%{{.*}}, 3, 8]
func.func @reshape(%x: tensor<?x4x6xf32>) -> tensor<?x3x8xf32> {
  %y = nn.reshape %x shape [-1, 3, 8] : (tensor<?x4x6xf32>) -> tensor<?x3x8xf32>
  return %y : tensor<?x3x8xf32>
}

// -----

// CHECK-LABEL: func @slice
// CHECK: tensor.extract_slice %{{.*}}[0, 1] [%{{.*}}, 3] [1, 2]
// CHECK-NOT: linalg
func.func @slice(%x: tensor<?x8xf32>) -> tensor<?x3xf32> {
  %y = nn.slice %x start [0, 1] stop [9223372036854775807, 6] step [1, 2] : (tensor<?x8xf32>) -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}

// -----

// Backwards, elements are gathered by a table of their places.

// CHECK-LABEL: func @slice_backwards
// CHECK: arith.constant dense<[3, 1]> : tensor<2xi64>
// CHECK: tensor.extract %arg0
func.func @slice_backwards(%x: tensor<?x5xf32>) -> tensor<?x2xf32> {
  %y = nn.slice %x start [0, -2] stop [9223372036854775807, 0] step [1, -2] : (tensor<?x5xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// CHECK-LABEL: func @pad_reflect
// CHECK: arith.constant dense<[2, 1, 0, 1, 2, 1]> : tensor<6xi64>
func.func @pad_reflect(%x: tensor<?x3xf32>) -> tensor<?x6xf32> {
  %y = nn.pad %x pad_width [2, 1] mode "reflect" : (tensor<?x3xf32>) -> tensor<?x6xf32>
  return %y : tensor<?x6xf32>
}

// -----

// An enlargement by a whole number repeats elements, without a table.

// CHECK-LABEL: func @interpolate
// CHECK-NOT: arith.constant dense
// CHECK: linalg.broadcast
func.func @interpolate(%x: tensor<?x3x4xf32>) -> tensor<?x3x8xf32> {
  %y = nn.interpolate %x output_size [8] mode "nearest" align_corners false : (tensor<?x3x4xf32>) -> tensor<?x3x8xf32>
  return %y : tensor<?x3x8xf32>
}

// -----

// CHECK-LABEL: func @split
// CHECK: tensor.extract_slice %{{.*}}[0, 0, 0] [%{{.*}}, 1, 4] [1, 1, 1] : tensor<?x2x4xf32> to tensor<?x4xf32>
// CHECK: tensor.extract_slice %{{.*}}[0, 1, 0] [%{{.*}}, 1, 4] [1, 1, 1] : tensor<?x2x4xf32> to tensor<?x4xf32>
func.func @split(%x: tensor<?x2x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  %a, %b = nn.split %x axis 1 : (tensor<?x2x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>)
  return %a, %b : tensor<?x4xf32>, tensor<?x4xf32>
}

// -----

// Columns lie together, so that vectors can run along them; what a few columns add does.

// CHECK-DAG: #[[A:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>
// CHECK-DAG: #[[B:.*]] = affine_map<(d0, d1, d2, d3) -> (0, d3, d2)>
// CHECK-DAG: #[[FEW:.*]] = affine_map<(d0, d1, d2, d3) -> (0, d2, d3)>
// CHECK-LABEL: func @batch_matmul
// CHECK: linalg.transpose {{.*}} permutation = [0, 2, 1]
// CHECK: linalg.generic {indexing_maps = [#[[A]], #[[B]], #{{.*}}]
// CHECK-NOT: linalg.transpose
// CHECK: linalg.generic {indexing_maps = [#[[A]], #[[FEW]], #{{.*}}]
func.func @batch_matmul(%a: tensor<?x3x4xf32>, %b: tensor<1x9x4xf32>, %few: tensor<1x5x4xf32>) -> (tensor<?x3x9xf32>, tensor<?x3x5xf32>) {
  %y = nn.batch_matmul %a, %b transpose_b : (tensor<?x3x4xf32>, tensor<1x9x4xf32>) -> tensor<?x3x9xf32>
  %z = nn.batch_matmul %a, %few transpose_b : (tensor<?x3x4xf32>, tensor<1x5x4xf32>) -> tensor<?x3x5xf32>
  return %y, %z : tensor<?x3x9xf32>, tensor<?x3x5xf32>
}

// -----

// Nothing is moved where there are no elements.

// CHECK-LABEL: func @empty
// CHECK-NOT: tensor.extract_slice
// CHECK-COUNT-1: tensor.insert_slice
// CHECK-NOT: tensor.insert_slice
func.func @empty(%x: tensor<?x3xf32>) -> (tensor<?x0xf32>, tensor<?x3xf32>) {
  %y = nn.slice %x start [0, 3] stop [9223372036854775807, 3] step [1, 1] : (tensor<?x3xf32>) -> tensor<?x0xf32>
  %z = nn.concatenate %x, %y axis 1 : (tensor<?x3xf32>, tensor<?x0xf32>) -> tensor<?x3xf32>
  return %y, %z : tensor<?x0xf32>, tensor<?x3xf32>
}
