// RUN: fpw-opt %s --fpw-widen-floats | FileCheck %s

#id = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d1)>

// The argument is widened as a whole, an element of the parameter where it is read. The result is two f32.

// CHECK-LABEL: func.func @affine
// CHECK-SAME:    %[[X:.*]]: tensor<?x2xf32>) -> (tensor<?x2xf32> {nn.name = "y"}, tensor<?x2xf32>)
// CHECK:         %[[WIDE:.*]] = linalg.generic {{.*}} ins(%[[X]] : tensor<?x2xf32>) outs(%{{.*}} : tensor<?x2xf64>)
// CHECK:           arith.extf %{{.*}} : f32 to f64
// CHECK:         %[[W:.*]] = nn.parameter "w" = dense<5.000000e-01> : tensor<2xf32>
// CHECK:         %[[TENTH:.*]] = arith.constant 0.10000000149011612 : f64
// CHECK:         %[[Y:.*]] = linalg.generic {{.*}} ins(%[[WIDE]], %[[W]] : tensor<?x2xf64>, tensor<2xf32>) outs(%{{.*}} : tensor<?x2xf64>)
// CHECK:           %[[WEIGHT:.*]] = arith.extf %{{.*}} : f32 to f64
// CHECK:           %[[PRODUCT:.*]] = arith.mulf %{{.*}}, %[[WEIGHT]] : f64
// CHECK:           math.tanh %{{.*}} : f64
// CHECK:         %[[NEAREST:.*]] = linalg.generic {{.*}} ins(%[[Y]] : tensor<?x2xf64>) outs(%{{.*}} : tensor<?x2xf32>)
// CHECK:         %[[REST:.*]] = linalg.generic {{.*}} ins(%[[Y]] : tensor<?x2xf64>) outs(%{{.*}} : tensor<?x2xf32>)
// CHECK:           arith.subf %{{.*}} : f64
// CHECK:         return %[[NEAREST]], %[[REST]]
func.func @affine(%x: tensor<?x2xf32>) -> (tensor<?x2xf32> {nn.name = "y"}) {
  %w = nn.parameter "w" = dense<0.5> : tensor<2xf32>
  %c0 = arith.constant 0 : index
  %tenth = arith.constant 0.1 : f32
  %n = tensor.dim %x, %c0 : tensor<?x2xf32>
  %empty = tensor.empty(%n) : tensor<?x2xf32>
  %y = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x, %w : tensor<?x2xf32>, tensor<2xf32>) outs(%empty : tensor<?x2xf32>) {
  ^bb0(%a: f32, %b: f32, %old: f32):
    %0 = arith.mulf %a, %b : f32
    %1 = arith.addf %0, %tenth : f32
    %2 = math.tanh %1 : f32
    linalg.yield %2 : f32
  } -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// What copies elements makes them of one type; what only shows them does not.

// CHECK-LABEL: func.func @copies
// CHECK:         tensor.expand_shape %{{.*}} : tensor<2xf32> into tensor<1x2xf32>
// CHECK:         arith.extf
// CHECK:         tensor.insert_slice %{{.*}} into %{{.*}} : tensor<1x2xf64> into tensor<3x2xf64>
// CHECK:         tensor.pad
// CHECK:           tensor.yield %{{.*}} : f64
func.func @copies(%x: tensor<3x2xf32>) -> tensor<3x3xf32> {
  %w = nn.parameter "w" = dense<0.5> : tensor<2xf32>
  %zero = arith.constant 0.0 : f32
  %row = tensor.expand_shape %w [[0, 1]] output_shape [1, 2] : tensor<2xf32> into tensor<1x2xf32>
  %0 = tensor.insert_slice %row into %x[1, 0] [1, 2] [1, 1] : tensor<1x2xf32> into tensor<3x2xf32>
  %1 = tensor.pad %0 low[0, 0] high[0, 1] {
  ^bb0(%i: index, %j: index):
    tensor.yield %zero : f32
  } : tensor<3x2xf32> to tensor<3x3xf32>
  return %1 : tensor<3x3xf32>
}
