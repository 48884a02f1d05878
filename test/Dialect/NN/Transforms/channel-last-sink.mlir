// RUN: fpw-opt %s --nn-channel-last --split-input-file | FileCheck %s

// What transposes sink through, and where they stop.

// Two transposes of unequal order do not meet: the addition stays in the order of its result.

// CHECK-LABEL: func.func @unequal_orders
// CHECK-SAME:    %[[X:[^:]*]]: tensor<?x2x3x4xf32>, %[[Y:[^:]*]]: tensor<?x3x4x2xf32>
// CHECK:         %[[A:.*]] = nn.transpose %[[X]] axes [0, 2, 1, 3]
// CHECK:         %[[B:.*]] = nn.transpose %[[Y]] axes [0, 1, 3, 2]
// CHECK:         %[[S:.*]] = nn.add2 %[[A]], %[[B]] : (tensor<?x3x2x4xf32>, tensor<?x3x2x4xf32>)
// CHECK:         return %[[S]]
func.func @unequal_orders(%x: tensor<?x2x3x4xf32>, %y: tensor<?x3x4x2xf32>) -> tensor<?x3x2x4xf32> {
  %0 = nn.transpose %x axes [0, 2, 1, 3] : (tensor<?x2x3x4xf32>) -> tensor<?x3x2x4xf32>
  %1 = nn.transpose %y axes [0, 1, 3, 2] : (tensor<?x3x4x2xf32>) -> tensor<?x3x2x4xf32>
  %2 = nn.add2 %0, %1 : (tensor<?x3x2x4xf32>, tensor<?x3x2x4xf32>) -> tensor<?x3x2x4xf32>
  return %2 : tensor<?x3x2x4xf32>
}

// -----

// Neither does it where the other operand is no transpose and no parameter,

// CHECK-LABEL: func.func @one_transposed
// CHECK-SAME:    %[[X:[^:]*]]: tensor<?x2x3x4xf32>, %[[Y:[^:]*]]: tensor<?x3x2x4xf32>
// CHECK:         %[[A:.*]] = nn.transpose %[[X]] axes [0, 2, 1, 3]
// CHECK:         nn.sub2 %[[Y]], %[[A]]
func.func @one_transposed(%x: tensor<?x2x3x4xf32>, %y: tensor<?x3x2x4xf32>) -> tensor<?x3x2x4xf32> {
  %0 = nn.transpose %x axes [0, 2, 1, 3] : (tensor<?x2x3x4xf32>) -> tensor<?x3x2x4xf32>
  %1 = nn.sub2 %y, %0 : (tensor<?x3x2x4xf32>, tensor<?x3x2x4xf32>) -> tensor<?x3x2x4xf32>
  return %1 : tensor<?x3x2x4xf32>
}

// -----

// unless the transpose comes from channel last, which a whole network shares: the other arm joins it.

// CHECK-LABEL: func.func @channel_last_wins
// CHECK-SAME:    %[[X:[^:]*]]: tensor<?x2x3x4xf32>, %[[Y:[^:]*]]: tensor<?x4x2x3xf32>
// CHECK:         %[[T:.*]] = nn.transpose %[[Y]] axes [0, 2, 3, 1]
// CHECK:         %[[S:.*]] = nn.sub2 %[[T]], %[[X]] : (tensor<?x2x3x4xf32>, tensor<?x2x3x4xf32>)
// CHECK:         %[[R:.*]] = nn.relu %[[S]]
// CHECK:         nn.transpose %[[R]] axes [0, 3, 1, 2]
func.func @channel_last_wins(%x: tensor<?x2x3x4xf32>, %y: tensor<?x4x2x3xf32>) -> tensor<?x4x2x3xf32> {
  %0 = nn.transpose %x axes [0, 3, 1, 2] : (tensor<?x2x3x4xf32>) -> tensor<?x4x2x3xf32>
  %1 = nn.sub2 %y, %0 : (tensor<?x4x2x3xf32>, tensor<?x4x2x3xf32>) -> tensor<?x4x2x3xf32>
  %2 = nn.relu %1 : (tensor<?x4x2x3xf32>) -> tensor<?x4x2x3xf32>
  return %2 : tensor<?x4x2x3xf32>
}

// -----

// What is on its way back does not win: not even the order of the parameter, which is from channel last.

// CHECK-LABEL: func.func @way_back
// CHECK-SAME:    %[[X:[^:]*]]: tensor<?x4x2x3xf32>
// CHECK:         %[[S:.*]] = nn.sub2 %[[X]], %{{.*}} : (tensor<?x4x2x3xf32>, tensor<1x4x2x3xf32>)
// CHECK:         nn.transpose %[[S]] axes [0, 2, 3, 1]
func.func @way_back(%x: tensor<?x4x2x3xf32>) -> tensor<?x2x3x4xf32> {
  %p = nn.parameter "p" = dense<1.0> : tensor<1x2x3x4xf32>
  %0 = nn.transpose %x axes [0, 2, 3, 1] : (tensor<?x4x2x3xf32>) -> tensor<?x2x3x4xf32>
  %1 = nn.sub2 %0, %p : (tensor<?x2x3x4xf32>, tensor<1x2x3x4xf32>) -> tensor<?x2x3x4xf32>
  return %1 : tensor<?x2x3x4xf32>
}

// -----

// With one spatial dimension the way back is the same order, and nothing wins.

// CHECK-LABEL: func.func @one_dimension
// CHECK:         %[[T:.*]] = nn.transpose %{{.*}} axes [0, 2, 1]
// CHECK:         nn.sub2 %{{.*}}, %[[T]] : (tensor<?x4x2xf32>, tensor<?x4x2xf32>)
func.func @one_dimension(%x: tensor<?x2x4xf32>, %y: tensor<?x4x2xf32>) -> tensor<?x4x2xf32> {
  %0 = nn.transpose %x axes [0, 2, 1] : (tensor<?x2x4xf32>) -> tensor<?x4x2xf32>
  %1 = nn.sub2 %y, %0 : (tensor<?x4x2xf32>, tensor<?x4x2xf32>) -> tensor<?x4x2xf32>
  return %1 : tensor<?x4x2xf32>
}

// -----

// Operands keep their places.

// CHECK-LABEL: func.func @parameter_first
// CHECK-DAG:     nn.parameter "p" = dense_resource<[[P:.*]]> : tensor<3x1xf32>
// CHECK:         %[[D:.*]] = nn.div2 %{{.*}}, %[[X:.*]] : (tensor<3x1xf32>, tensor<3x2xf32>) -> tensor<3x2xf32>
// CHECK:         nn.transpose %[[D]] axes [1, 0]
// CHECK:         [[P]]: "0x{{[0-9A-F]*}}0000803F0000004000004040"
func.func @parameter_first(%x: tensor<3x2xf32>) -> tensor<2x3xf32> {
  %p = nn.parameter "p" = dense<[[1.0, 2.0, 3.0]]> : tensor<1x3xf32>
  %0 = nn.transpose %x axes [1, 0] : (tensor<3x2xf32>) -> tensor<2x3xf32>
  %1 = nn.div2 %p, %0 : (tensor<1x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return %1 : tensor<2x3xf32>
}

// -----

// Axes are renamed: t = transpose(x, p) has x's dimension p[a] as its dimension a.

// CHECK-LABEL: func.func @axes
// CHECK-SAME:    %[[X:[^:]*]]: tensor<2x3x4xf32>
// CHECK-DAG:     nn.softmax %[[X]] axis 1
// CHECK-DAG:     nn.log_softmax %[[X]] axis 2
// CHECK-DAG:     nn.crelu %[[X]] axis 0 : (tensor<2x3x4xf32>) -> tensor<4x3x4xf32>
// CHECK-DAG:     nn.celu %[[X]] alpha 5.000000e-01 axis 2 : (tensor<2x3x4xf32>) -> tensor<2x3x8xf32>
// CHECK-DAG:     nn.prelu %[[X]], %{{.*}} base_axis 0 : (tensor<2x3x4xf32>, tensor<2xf32>)
// CHECK-DAG:     nn.batch_normalization %[[X]] mean %{{.*}} variance %{{.*}} axes [0]
func.func @axes(%x: tensor<2x3x4xf32>, %s: tensor<2xf32>) -> (tensor<4x2x3xf32>, tensor<4x2x3xf32>, tensor<4x4x3xf32>, tensor<8x2x3xf32>, tensor<4x2x3xf32>, tensor<4x2x3xf32>) {
  %t = nn.transpose %x axes [2, 0, 1] : (tensor<2x3x4xf32>) -> tensor<4x2x3xf32>
  %0 = nn.softmax %t : (tensor<4x2x3xf32>) -> tensor<4x2x3xf32>
  %1 = nn.log_softmax %t axis 0 : (tensor<4x2x3xf32>) -> tensor<4x2x3xf32>
  %2 = nn.crelu %t axis 1 : (tensor<4x2x3xf32>) -> tensor<4x4x3xf32>
  %3 = nn.celu %t alpha 0.5 axis -3 : (tensor<4x2x3xf32>) -> tensor<8x2x3xf32>
  %4 = nn.prelu %t, %s : (tensor<4x2x3xf32>, tensor<2xf32>) -> tensor<4x2x3xf32>
  %5 = nn.batch_normalization %t mean %s variance %s axes [1] : (tensor<4x2x3xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<4x2x3xf32>
  return %0, %1, %2, %3, %4, %5 : tensor<4x2x3xf32>, tensor<4x2x3xf32>, tensor<4x4x3xf32>, tensor<8x2x3xf32>, tensor<4x2x3xf32>, tensor<4x2x3xf32>
}

// -----

// CHECK-LABEL: func.func @concatenate
// CHECK-SAME:    %[[X:[^:]*]]: tensor<?x4x5x2xf32>, %[[Y:[^:]*]]: tensor<?x4x5x3xf32>
// CHECK:         %[[C:.*]] = nn.concatenate %[[X]], %[[Y]] axis 3 : (tensor<?x4x5x2xf32>, tensor<?x4x5x3xf32>) -> tensor<?x4x5x5xf32>
// CHECK:         nn.transpose %[[C]] axes [0, 3, 1, 2]
// CHECK:         nn.concatenate %{{.*}}, %[[Z:.*]] axis 1 :
func.func @concatenate(%x: tensor<?x4x5x2xf32>, %y: tensor<?x4x5x3xf32>, %z: tensor<?x3x4x5xf32>) -> (tensor<?x5x4x5xf32>, tensor<?x5x4x5xf32>) {
  %0 = nn.transpose %x axes [0, 3, 1, 2] : (tensor<?x4x5x2xf32>) -> tensor<?x2x4x5xf32>
  %1 = nn.transpose %y axes [0, 3, 1, 2] : (tensor<?x4x5x3xf32>) -> tensor<?x3x4x5xf32>
  %2 = nn.concatenate %0, %1 axis 1 : (tensor<?x2x4x5xf32>, tensor<?x3x4x5xf32>) -> tensor<?x5x4x5xf32>
  %3 = nn.concatenate %0, %z axis 1 : (tensor<?x2x4x5xf32>, tensor<?x3x4x5xf32>) -> tensor<?x5x4x5xf32>
  return %2, %3 : tensor<?x5x4x5xf32>, tensor<?x5x4x5xf32>
}

// -----

// Ops over windows take the channel_last form of a transpose that moves the last dimension before the
// spatial ones, and wait for no other: [0, 3, 1, 2] is it for two spatial dimensions, not for one.

// CHECK-LABEL: func.func @windows
// CHECK-SAME:    %[[X:[^:]*]]: tensor<?x4x6x2xf32>
// CHECK-DAG:     nn.average_pooling %[[X]] kernel [2, 3] channel_last : (tensor<?x4x6x2xf32>) -> tensor<?x2x2x2xf32>
// CHECK-DAG:     nn.sum_pooling %{{.*}} kernel [3] : (tensor<?x2x4x6xf32>) -> tensor<?x2x4x2xf32>
// CHECK-DAG:     nn.unpooling %[[X]] kernel [2, 3] channel_last : (tensor<?x4x6x2xf32>) -> tensor<?x8x18x2xf32>
// CHECK-DAG:     nn.interpolate %[[X]] output_size [8, 9] mode "nearest" align_corners false channel_last :
// CHECK-DAG:     nn.fixed_point_quantize %[[X]]
func.func @windows(%x: tensor<?x4x6x2xf32>) -> (tensor<?x2x2x2xf32>, tensor<?x2x4x2xf32>, tensor<?x2x8x18xf32>, tensor<?x2x8x9xf32>, tensor<?x2x4x6xf32>) {
  %t = nn.transpose %x axes [0, 3, 1, 2] : (tensor<?x4x6x2xf32>) -> tensor<?x2x4x6xf32>
  %0 = nn.average_pooling %t kernel [2, 3] : (tensor<?x2x4x6xf32>) -> tensor<?x2x2x2xf32>
  %1 = nn.sum_pooling %t kernel [3] : (tensor<?x2x4x6xf32>) -> tensor<?x2x4x2xf32>
  %2 = nn.unpooling %t kernel [2, 3] : (tensor<?x2x4x6xf32>) -> tensor<?x2x8x18xf32>
  %3 = nn.interpolate %t output_size [8, 9] mode "nearest" align_corners false : (tensor<?x2x4x6xf32>) -> tensor<?x2x8x9xf32>
  %4 = nn.fixed_point_quantize %t {format = #nn.fixed_point<bits = 8, signed, delta = 0.5>} : (tensor<?x2x4x6xf32>) -> tensor<?x2x4x6xf32>
  return %0, %1, %2, %3, %4 : tensor<?x2x2x2xf32>, tensor<?x2x4x2xf32>, tensor<?x2x8x18xf32>, tensor<?x2x8x9xf32>, tensor<?x2x4x6xf32>
}

// -----

// Global pooling leaves one element per channel, in any order.

// CHECK-LABEL: func.func @global
// CHECK-SAME:    %[[X:[^:]*]]: tensor<?x4x6x2xf32>
// CHECK:         %[[P:.*]] = nn.global_average_pooling %[[X]] channel_last : (tensor<?x4x6x2xf32>) -> tensor<?x1x1x2xf32>
// CHECK:         nn.affine %[[P]], %{{.*}} : (tensor<?x1x1x2xf32>, tensor<2x3xf32>)
func.func @global(%x: tensor<?x4x6x2xf32>) -> tensor<?x3xf32> {
  %w = nn.parameter "w" = dense<1.0> : tensor<2x3xf32>
  %t = nn.transpose %x axes [0, 3, 1, 2] : (tensor<?x4x6x2xf32>) -> tensor<?x2x4x6xf32>
  %0 = nn.global_average_pooling %t : (tensor<?x2x4x6xf32>) -> tensor<?x2x1x1xf32>
  %1 = nn.affine %0, %w : (tensor<?x2x1x1xf32>, tensor<2x3xf32>) -> tensor<?x3xf32>
  return %1 : tensor<?x3xf32>
}

// -----

// An affine layer absorbs the order of its columns, not one that moves a row; the rows of a permuted weight
// keep their steps, one per output. (row r, column c) of x is weight row c*2 + r before, r*3 + c after.

// CHECK-LABEL: func.func @affine
// CHECK-SAME:    %[[X:[^:]*]]: tensor<5x2x3xf32>
// CHECK:         %[[W:.*]] = nn.parameter "w" = dense_resource<[[D:.*]]> : tensor<6x1xsi8>
// CHECK-DAG:     nn.fixed_point_quantized_affine %[[X]], %[[W]] weight_format
// CHECK-DAG:     %[[R:.*]] = nn.transpose %[[X]] axes [1, 0, 2]
// CHECK-DAG:     nn.affine %[[R]], %{{.*}} base_axis -1 : (tensor<2x5x3xf32>, tensor<3x1xf32>)
// CHECK:         [[D]]: "0x{{[0-9A-F]*}}010305020406"
func.func @affine(%x: tensor<5x2x3xf32>) -> (tensor<5x1xf32>, tensor<2x5x1xf32>) {
  %w = nn.parameter "w" = dense<[[1], [2], [3], [4], [5], [6]]> : tensor<6x1xsi8>
  %v = nn.parameter "v" = dense<1.0> : tensor<3x1xf32>
  %0 = nn.transpose %x axes [0, 2, 1] : (tensor<5x2x3xf32>) -> tensor<5x3x2xf32>
  %1 = nn.fixed_point_quantized_affine %0, %w weight_format <bits = 8, signed, delta = 1.0> : (tensor<5x3x2xf32>, tensor<6x1xsi8>) -> tensor<5x1xf32>
  %2 = nn.transpose %x axes [1, 0, 2] : (tensor<5x2x3xf32>) -> tensor<2x5x3xf32>
  %3 = nn.affine %2, %v base_axis -1 : (tensor<2x5x3xf32>, tensor<3x1xf32>) -> tensor<2x5x1xf32>
  return %1, %3 : tensor<5x1xf32>, tensor<2x5x1xf32>
}

// -----

// base_axis 0: all dimensions are columns.

// CHECK-LABEL: func.func @affine_of_one_row
// CHECK-SAME:    %[[X:[^:]*]]: tensor<2x3xf32>
// CHECK:         nn.affine %[[X]], %{{.*}} base_axis 0
// CHECK:         "0x{{[0-9A-F]*}}0000803F000040400000A04000000040000080400000C040"
func.func @affine_of_one_row(%x: tensor<2x3xf32>) -> tensor<1xf32> {
  %w = nn.parameter "w" = dense<[[1.0], [2.0], [3.0], [4.0], [5.0], [6.0]]> : tensor<6x1xf32>
  %0 = nn.transpose %x axes [1, 0] : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %1 = nn.affine %0, %w base_axis 0 : (tensor<3x2xf32>, tensor<6x1xf32>) -> tensor<1xf32>
  return %1 : tensor<1xf32>
}
