// RUN: fpw-opt %s --fpw-cpu-decompose-pads | FileCheck %s
// RUN: fpw-opt %s --fpw-cpu-decompose-pads --resolve-shaped-type-result-dims --canonicalize --cse --eliminate-empty-tensors --one-shot-bufferize --canonicalize --cse --canonicalize | FileCheck %s --check-prefix=BUFFER

#id = affine_map<(n, h) -> (n, h)>

// The padded tensor stands before the producer, which then writes between the pads.
// CHECK-LABEL: @producer
// CHECK: %[[ALL:.*]] = bufferization.alloc_tensor(%{{.*}}) : tensor<?x6xf32>
// CHECK: %[[BEFORE:.*]] = tensor.extract_slice %[[ALL]][0, 0] [%{{.*}}, 1] [1, 1]
// CHECK: %[[LEFT:.*]] = linalg.fill {{.*}} outs(%[[BEFORE]]
// CHECK: %[[HALF:.*]] = tensor.insert_slice %[[LEFT]] into %[[ALL]][0, 0]
// CHECK: %[[BEHIND:.*]] = tensor.extract_slice %[[HALF]][0, 5]
// CHECK: %[[RIGHT:.*]] = linalg.fill {{.*}} outs(%[[BEHIND]]
// CHECK: %[[FILL:.*]] = tensor.insert_slice %[[RIGHT]] into %[[HALF]][0, 5]
// CHECK: %[[Y:.*]] = linalg.generic
// CHECK: tensor.insert_slice %[[Y]] into %[[FILL]][0, 1] [%{{.*}}, 4] [1, 1]
// BUFFER-LABEL: @producer
// BUFFER: %[[PADDED:.*]] = memref.alloc
// BUFFER-NOT: memref.alloc
// BUFFER: %[[VIEW:.*]] = memref.subview %[[PADDED]][0, 1]
// BUFFER: linalg.generic {{.*}} outs(%[[VIEW]]
// BUFFER-NOT: memref.copy
// BUFFER: return
func.func @producer(%x: tensor<?x4xf32>, %n: index) -> tensor<?x6xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty(%n) : tensor<?x4xf32>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<?x4xf32>) outs(%e : tensor<?x4xf32>) {
  ^bb0(%a: f32, %out: f32):
    %s = arith.addf %a, %a : f32
    linalg.yield %s : f32
  } -> tensor<?x4xf32>
  %p = tensor.pad %y low[0, 1] high[0, 1] {
  ^bb0(%i: index, %j: index):
    tensor.yield %zero : f32
  } : tensor<?x4xf32> to tensor<?x6xf32>
  return %p : tensor<?x6xf32>
}

// CHECK-LABEL: @argument
// CHECK: linalg.fill
// CHECK: tensor.insert_slice %{{.*}} into %{{.*}}[2, 0] [3, 4] [1, 1]
func.func @argument(%x: tensor<3x4xf32>) -> tensor<6x4xf32> {
  %low = arith.constant 0xFF800000 : f32
  %p = tensor.pad %x low[2, 0] high[1, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %low : f32
  } : tensor<3x4xf32> to tensor<6x4xf32>
  return %p : tensor<6x4xf32>
}

// Padding that depends on its place stays.
// CHECK-LABEL: @computed
// CHECK: tensor.pad
func.func @computed(%x: tensor<3x4xf32>, %v: f32) -> tensor<6x4xf32> {
  %p = tensor.pad %x low[2, 0] high[1, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %v : f32
  } : tensor<3x4xf32> to tensor<6x4xf32>
  return %p : tensor<6x4xf32>
}
