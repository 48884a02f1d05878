// RUN: fpw-opt %s --fpw-cpu-split-batch | FileCheck %s
// RUN: fpw-opt %s --fpw-cpu-split-batch=max-samples=8 | FileCheck %s --check-prefix=EIGHT
// RUN: fpw-opt %s --fpw-cpu-split-batch=max-bytes=80 | FileCheck %s --check-prefix=BYTES
// RUN: fpw-opt %s --fpw-cpu-split-batch=max-samples=0 | FileCheck %s --check-prefix=WHOLE

#id = affine_map<(n, c) -> (n, c)>
#c = affine_map<(n, c) -> (c)>

// WHOLE-NOT: scf.forall

// CHECK-LABEL: @apart
// CHECK-SAME: (%[[X:.*]]: tensor<?x4xf32>)
// CHECK: %[[R:.*]] = scf.forall (%[[I:.*]]) = (0) to (%[[N:.*]]) step (24) shared_outs(%[[O:.*]] = %{{.*}})
// CHECK: %[[PART:.*]] = tensor.extract_slice %[[X]][%[[I]], 0] [%[[SIZE:.*]], 4] [1, 1]
// CHECK: %[[Y:.*]] = linalg.generic {{.*}} ins(%[[PART]], %{{.*}} :
// CHECK: tensor.parallel_insert_slice %[[Y]] into %[[O]][%[[I]], 0] [%[[SIZE]], 4] [1, 1]
// CHECK: return %[[R]]
// EIGHT-LABEL: @apart
// EIGHT: step (8)
// 16 bytes per sample.
// BYTES-LABEL: @apart
// BYTES: step (5)
func.func @apart(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %b = nn.parameter "b" = dense<1.0> : tensor<4xf32>
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %e = tensor.empty(%n) : tensor<?x4xf32>
  %y = linalg.generic {indexing_maps = [#id, #c, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x, %b : tensor<?x4xf32>, tensor<4xf32>) outs(%e : tensor<?x4xf32>) {
  ^bb0(%a: f32, %v: f32, %out: f32):
    %s = arith.addf %a, %v : f32
    linalg.yield %s : f32
  } -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// The mean over the batch.
// CHECK-LABEL: @mixed
// CHECK-NOT: scf.forall
func.func @mixed(%x: tensor<?x4xf32>, %init: tensor<4xf32>) -> tensor<4xf32> {
  %y = linalg.generic {indexing_maps = [#id, #c], iterator_types = ["reduction", "parallel"]}
      ins(%x : tensor<?x4xf32>) outs(%init : tensor<4xf32>) {
  ^bb0(%a: f32, %out: f32):
    %s = arith.addf %a, %out : f32
    linalg.yield %s : f32
  } -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// Rows of several samples become one.
// CHECK-LABEL: @reshaped
// CHECK-NOT: scf.forall
func.func @reshaped(%x: tensor<?x4xf32>) -> tensor<?xf32> {
  %y = tensor.collapse_shape %x [[0, 1]] : tensor<?x4xf32> into tensor<?xf32>
  return %y : tensor<?xf32>
}

// Two sizes that need not be the same.
// CHECK-LABEL: @two_batches
// CHECK-NOT: scf.forall
func.func @two_batches(%x: tensor<?x4xf32>, %y: tensor<?x4xf32>) -> tensor<?x4xf32> {
  return %x : tensor<?x4xf32>
}

// The position in the batch is a value.
// CHECK-LABEL: @position
// CHECK-NOT: scf.forall
func.func @position(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %y = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel"]}
      outs(%x : tensor<?x4xf32>) {
  ^bb0(%out: f32):
    %i = linalg.index 0 : index
    %k = arith.index_cast %i : index to i32
    %f = arith.sitofp %k : i32 to f32
    linalg.yield %f : f32
  } -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// A result that is the argument itself is written group by group as well.

// CHECK-LABEL: @argument
// CHECK: %[[PART:.*]] = tensor.extract_slice %arg0
// CHECK: tensor.parallel_insert_slice %[[PART]]
func.func @argument(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  return %x : tensor<?x4xf32>
}

// A result without a batch cannot be written by groups.

// CHECK-LABEL: @constant
// CHECK-NOT: scf.forall
func.func @constant(%x: tensor<?x4xf32>, %c: tensor<4xf32>) -> tensor<4xf32> {
  return %c : tensor<4xf32>
}
