// RUN: fpw-opt %s --pass-pipeline="builtin.module(func.func(fpw-cpu-interleave-digits))" | FileCheck %s

#same = affine_map<(d0, d1, d2, d3, d4) -> (d1, d2, d3, d4)>
#digit = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2, d3, d4)>
#image = affine_map<(d0, d1, d2, d3, d4, d5, d6, d7) -> (d0, d1, d2 + d5, d3 + d6, d7)>
#weight = affine_map<(d0, d1, d2, d3, d4, d5, d6, d7) -> (d4, d5, d6, d7)>
#sum = affine_map<(d0, d1, d2, d3, d4, d5, d6, d7) -> (d0, d1, d2, d3, d4)>

// The digit moves next to the channel, the 40 channels become 64, and the weight follows.

// CHECK-DAG:   #[[DIGIT:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d1, d2, d3, d0, d4)>
// CHECK-DAG:   #[[IMAGE:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6, d7) -> (d1, d2 + d5, d3 + d6, d0, d7)>
// CHECK-LABEL: func.func @convolution
// CHECK:         nn.parameter "w" = {{.*}} : tensor<2x3x3x64xi8>
// CHECK:         %[[SPLIT:.*]] = linalg.generic {indexing_maps = [{{.*}}, #[[DIGIT]]]{{.*}} outs(%{{.*}} : tensor<?x8x8x3x40xi8>) attrs = {fpw.role = "split", fpw.tile = array<i64: 3, 1, 1, 1, 64>, fpw.vector_loop = 4 : i64}
// CHECK:         %[[PADDED:.*]] = tensor.pad %[[SPLIT]] low[0, 1, 1, 0, 0] high[0, 1, 1, 0, 24]
// CHECK:         linalg.generic {indexing_maps = [#[[IMAGE]], {{.*}} ins(%[[PADDED]], %{{.*}} : tensor<?x10x10x3x64xi8>, tensor<2x3x3x64xi8>)
func.func @convolution(%x: tensor<?x8x8x40xf32>, %digits: tensor<3x?x8x8x40xi8>, %sums: tensor<3x?x8x8x2xi32>)
    -> tensor<3x?x8x8x2xi32> {
  %zero = arith.constant 0 : i8
  %w = nn.parameter "w" = dense<1> : tensor<2x3x3x40xi8>
  %0 = linalg.generic {indexing_maps = [#same, #digit],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]}
      ins(%x : tensor<?x8x8x40xf32>) outs(%digits : tensor<3x?x8x8x40xi8>) attrs = {fpw.role = "split"} {
  ^bb0(%a: f32, %b: i8):
    %1 = arith.fptosi %a : f32 to i8
    linalg.yield %1 : i8
  } -> tensor<3x?x8x8x40xi8>
  %padded = tensor.pad %0 low[0, 0, 1, 1, 0] high[0, 0, 1, 1, 0] {
  ^bb0(%i: index, %j: index, %k: index, %l: index, %m: index):
    tensor.yield %zero : i8
  } : tensor<3x?x8x8x40xi8> to tensor<3x?x10x10x40xi8>
  %2 = linalg.generic {indexing_maps = [#image, #weight, #sum],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]}
      ins(%padded, %w : tensor<3x?x10x10x40xi8>, tensor<2x3x3x40xi8>) outs(%sums : tensor<3x?x8x8x2xi32>)
      attrs = {fpw.kernel = "amx"} {
  ^bb0(%a: i8, %b: i8, %c: i32):
    %3 = arith.extsi %a : i8 to i32
    %4 = arith.extsi %b : i8 to i32
    %5 = arith.muli %3, %4 : i32
    %6 = arith.addi %c, %5 : i32
    linalg.yield %6 : i32
  } -> tensor<3x?x8x8x2xi32>
  return %2 : tensor<3x?x8x8x2xi32>
}
