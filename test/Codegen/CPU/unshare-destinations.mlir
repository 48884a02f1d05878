// RUN: fpw-opt %s --fpw-cpu-unshare-destinations | FileCheck %s

#id = affine_map<(i) -> (i)>

// CHECK-LABEL: @zeros
// CHECK: tensor.empty
// CHECK: %[[A:.*]] = linalg.fill
// CHECK: linalg.generic {{.*}} outs(%[[A]]
// CHECK: tensor.empty
// CHECK: %[[B:.*]] = linalg.fill
// CHECK: linalg.generic {{.*}} outs(%[[B]]
func.func @zeros(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %a = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : tensor<4xf32>) outs(%z : tensor<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %s = arith.addf %in, %out : f32
    linalg.yield %s : f32
  } -> tensor<4xf32>
  %b = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%a : tensor<4xf32>) outs(%z : tensor<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %s = arith.addf %in, %out : f32
    linalg.yield %s : f32
  } -> tensor<4xf32>
  return %a, %b : tensor<4xf32>, tensor<4xf32>
}

// A padded tensor is made before what is written into it.
// CHECK-LABEL: @padded
// CHECK: %[[P:.*]] = linalg.fill
// CHECK: %[[A:.*]] = linalg.generic
// CHECK: tensor.insert_slice %[[A]] into %[[P]]
// CHECK: %[[Q:.*]] = linalg.fill
// CHECK: %[[B:.*]] = linalg.generic
// CHECK: tensor.insert_slice %[[B]] into %[[Q]]
func.func @padded(%x: tensor<4xf32>) -> (tensor<6xf32>, tensor<6xf32>) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<6xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<6xf32>) -> tensor<6xf32>
  %a = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : tensor<4xf32>) outs(%x : tensor<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %s = arith.addf %in, %in : f32
    linalg.yield %s : f32
  } -> tensor<4xf32>
  %p = tensor.insert_slice %a into %z[1] [4] [1] : tensor<4xf32> into tensor<6xf32>
  %b = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%a : tensor<4xf32>) outs(%x : tensor<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %s = arith.negf %in : f32
    linalg.yield %s : f32
  } -> tensor<4xf32>
  %q = tensor.insert_slice %b into %z[1] [4] [1] : tensor<4xf32> into tensor<6xf32>
  return %p, %q : tensor<6xf32>, tensor<6xf32>
}

// Results that are views of one tensor get memory of their own.

// CHECK-LABEL: @same_result
// CHECK: %[[VIEW:.*]] = tensor.expand_shape
// CHECK: %[[COPY:.*]] = bufferization.alloc_tensor() copy(%[[VIEW]])
// CHECK: return %arg0, %[[COPY]]
func.func @same_result(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<2x2xf32>) {
  %y = tensor.expand_shape %x [[0, 1]] output_shape [2, 2] : tensor<4xf32> into tensor<2x2xf32>
  return %x, %y : tensor<4xf32>, tensor<2x2xf32>
}
