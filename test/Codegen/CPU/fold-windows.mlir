// RUN: fpw-opt %s --split-input-file --pass-pipeline="builtin.module(func.func(fpw-cpu-fold-windows))" | FileCheck %s

// Lines of an image of 3 channels: two of them are interleaved, pixels of a line of the window are 42
// bytes of a block, and the window has 4 lines instead of 7.

#image = affine_map<(d, b, h, w, c) -> (b, h, w, c)>
#step = affine_map<(d, b, h, w, c) -> (b)>
#digit = affine_map<(d, b, h, w, c) -> (d, b, h, w, c)>
#window = affine_map<(d, b, y, x, o, i, j, c) -> (d, b, y * 2 + i, x * 2 + j, c)>
#weight = affine_map<(d, b, y, x, o, i, j, c) -> (o, i, j, c)>
#sum = affine_map<(d, b, y, x, o, i, j, c) -> (d, b, y, x, o)>

// CHECK-DAG:   #[[WINDOW:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1, d2 + d5, d3 * 12 + d6)>
// CHECK-DAG:   #[[WEIGHT:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d4, d5, d6)>
// CHECK-LABEL: func.func @stem
// CHECK:         nn.parameter "w" = {{.*}} : tensor<2x4x64xsi8>
// CHECK:         %[[PADDED:.*]] = tensor.pad %{{.*}} low[0, 3, 3, 0] high[0, 3, 8, 0]
// CHECK:         %[[PAIRS:.*]] = tensor.expand_shape %[[PADDED]] {{.*}} into tensor<?x19x2x43x3xf32>
// CHECK:         %[[PIXELS:.*]] = linalg.generic {{.*}} ins(%[[PAIRS]] {{.*}} outs({{.*}} : tensor<?x19x43x2x3xf32>)
// CHECK:         %[[IMAGE:.*]] = tensor.collapse_shape %[[PIXELS]] {{.*}} into tensor<?x19x258xf32>
// CHECK:         %[[DIGITS:.*]] = linalg.generic {{.*}} ins(%[[IMAGE]], %{{.*}} outs({{.*}} : tensor<3x?x19x258xi8>) attrs = {fpw.role = "split"}
// CHECK:         %[[BYTES:.*]] = tensor.pad %[[DIGITS]] low[0, 0, 0, 0] high[0, 0, 0, 62]
// CHECK:         linalg.generic {indexing_maps = [#[[WINDOW]], #[[WEIGHT]], {{.*}} ins(%[[BYTES]], %{{.*}} : tensor<3x?x19x320xi8>, tensor<2x4x64xsi8>)
func.func @stem(%x: tensor<?x32x32x3xf32>, %e: tensor<?xf32>, %digits: tensor<3x?x32x32x3xi8>, %sums: tensor<3x?x16x16x2xi32>)
    -> tensor<3x?x16x16x2xi32> {
  %zero = arith.constant 0 : i8
  %w = nn.parameter "w" = dense<1> : tensor<2x7x7x3xsi8>
  %0 = linalg.generic {indexing_maps = [#image, #step, #digit],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]}
      ins(%x, %e : tensor<?x32x32x3xf32>, tensor<?xf32>) outs(%digits : tensor<3x?x32x32x3xi8>)
      attrs = {fpw.role = "split"} {
  ^bb0(%a: f32, %s: f32, %b: i8):
    %1 = arith.mulf %a, %s : f32
    %2 = arith.fptosi %1 : f32 to i8
    linalg.yield %2 : i8
  } -> tensor<3x?x32x32x3xi8>
  %padded = tensor.pad %0 low[0, 0, 3, 3, 0] high[0, 0, 2, 2, 0] {
  ^bb0(%i: index, %j: index, %k: index, %l: index, %m: index):
    tensor.yield %zero : i8
  } : tensor<3x?x32x32x3xi8> to tensor<3x?x37x37x3xi8>
  %3 = linalg.generic {indexing_maps = [#window, #weight, #sum],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]}
      ins(%padded, %w : tensor<3x?x37x37x3xi8>, tensor<2x7x7x3xsi8>) outs(%sums : tensor<3x?x16x16x2xi32>) {
  ^bb0(%a: i8, %b: si8, %c: i32):
    linalg.yield %c : i32
  } -> tensor<3x?x16x16x2xi32>
  return %3 : tensor<3x?x16x16x2xi32>
}

// -----

// A window that moves line by line: nothing is interleaved, and the pads are those of the digits.

#image = affine_map<(d, b, h, w, c) -> (b, h, w, c)>
#step = affine_map<(d, b, h, w, c) -> (b)>
#digit = affine_map<(d, b, h, w, c) -> (d, b, h, w, c)>
#window = affine_map<(d, b, y, x, o, i, j, c) -> (d, b, y + i, x + j, c)>
#weight = affine_map<(d, b, y, x, o, i, j, c) -> (o, i, j, c)>
#sum = affine_map<(d, b, y, x, o, i, j, c) -> (d, b, y, x, o)>

// CHECK:       affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1, d2 + d5, d3 * 16 + d6)>
// CHECK-LABEL: func.func @lines
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?x8x8x16xf32>
// CHECK:         %[[IMAGE:.*]] = tensor.collapse_shape %[[X]] {{.*}} into tensor<?x8x128xf32>
// CHECK:         %[[DIGITS:.*]] = linalg.generic {{.*}} ins(%[[IMAGE]], %{{.*}} outs({{.*}} : tensor<3x?x8x128xi8>)
// CHECK:         %[[BYTES:.*]] = tensor.pad %[[DIGITS]] low[0, 0, 1, 16] high[0, 0, 1, 48]
// CHECK:         linalg.generic {indexing_maps = [#{{[a-z0-9]+}}, {{.*}} ins(%[[BYTES]], %{{.*}} : tensor<3x?x10x192xi8>, tensor<2x3x64xsi8>)
func.func @lines(%x: tensor<?x8x8x16xf32>, %e: tensor<?xf32>, %digits: tensor<3x?x8x8x16xi8>, %sums: tensor<3x?x8x8x2xi32>)
    -> tensor<3x?x8x8x2xi32> {
  %zero = arith.constant 0 : i8
  %w = nn.parameter "w" = dense<1> : tensor<2x3x3x16xsi8>
  %0 = linalg.generic {indexing_maps = [#image, #step, #digit],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]}
      ins(%x, %e : tensor<?x8x8x16xf32>, tensor<?xf32>) outs(%digits : tensor<3x?x8x8x16xi8>)
      attrs = {fpw.role = "split"} {
  ^bb0(%a: f32, %s: f32, %b: i8):
    %1 = arith.mulf %a, %s : f32
    %2 = arith.fptosi %1 : f32 to i8
    linalg.yield %2 : i8
  } -> tensor<3x?x8x8x16xi8>
  %padded = tensor.pad %0 low[0, 0, 1, 1, 0] high[0, 0, 1, 1, 0] {
  ^bb0(%i: index, %j: index, %k: index, %l: index, %m: index):
    tensor.yield %zero : i8
  } : tensor<3x?x8x8x16xi8> to tensor<3x?x10x10x16xi8>
  %3 = linalg.generic {indexing_maps = [#window, #weight, #sum],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]}
      ins(%padded, %w : tensor<3x?x10x10x16xi8>, tensor<2x3x3x16xsi8>) outs(%sums : tensor<3x?x8x8x2xi32>) {
  ^bb0(%a: i8, %b: si8, %c: i32):
    linalg.yield %c : i32
  } -> tensor<3x?x8x8x2xi32>
  return %3 : tensor<3x?x8x8x2xi32>
}
