// RUN: fpw-opt %s --pass-pipeline="builtin.module(func.func(fpw-cpu-reuse-operands))" | FileCheck %s

#id = affine_map<(i, j) -> (i, j)>

// %y is read for the last time, %x is the caller's.
// CHECK-LABEL: @last
// CHECK:         %[[Y:.*]] = linalg.generic
// CHECK:         linalg.generic {{.*}} ins(%{{.*}}, %[[Y]] : {{.*}}) outs(%[[Y]] : tensor<?x8xf32>)
func.func @last(%x: tensor<?x8xf32>, %n: index) -> tensor<?x8xf32> {
  %e = tensor.empty(%n) : tensor<?x8xf32>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<?x8xf32>) outs(%e : tensor<?x8xf32>) {
  ^bb0(%a: f32, %out: f32):
    %s = math.absf %a : f32
    linalg.yield %s : f32
  } -> tensor<?x8xf32>
  %z = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x, %y : tensor<?x8xf32>, tensor<?x8xf32>) outs(%e : tensor<?x8xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %s = arith.addf %a, %b : f32
    linalg.yield %s : f32
  } -> tensor<?x8xf32>
  return %z : tensor<?x8xf32>
}

// What is read again later stays, and so does what is read at another place.
// CHECK-LABEL: @needed
// CHECK:         %[[E:.*]] = tensor.empty
// CHECK-COUNT-3: outs(%[[E]] : tensor<8x8xf32>)
func.func @needed(%x: tensor<8x8xf32>) -> (tensor<8x8xf32>, tensor<8x8xf32>) {
  %e = tensor.empty() : tensor<8x8xf32>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<8x8xf32>) outs(%e : tensor<8x8xf32>) {
  ^bb0(%a: f32, %out: f32):
    %s = math.absf %a : f32
    linalg.yield %s : f32
  } -> tensor<8x8xf32>
  %z = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%y : tensor<8x8xf32>) outs(%e : tensor<8x8xf32>) {
  ^bb0(%a: f32, %out: f32):
    %s = arith.negf %a : f32
    linalg.yield %s : f32
  } -> tensor<8x8xf32>
  %t = linalg.generic {indexing_maps = [affine_map<(i, j) -> (j, i)>, #id], iterator_types = ["parallel", "parallel"]}
      ins(%y : tensor<8x8xf32>) outs(%e : tensor<8x8xf32>) {
  ^bb0(%a: f32, %out: f32):
    linalg.yield %a : f32
  } -> tensor<8x8xf32>
  return %z, %t : tensor<8x8xf32>, tensor<8x8xf32>
}
