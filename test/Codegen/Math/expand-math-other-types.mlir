// RUN: fpw-opt %s --fpw-expand-math | FileCheck %s

// What has no arithmetic here stays: other types, tensors, and functions that are exact anyway.

// CHECK-LABEL: func.func @others
// CHECK:         math.exp %{{.*}} : f64
// CHECK:         math.log %{{.*}} : tensor<?xf32>
// CHECK:         math.sqrt %{{.*}} : f32
func.func @others(%a: f64, %b: tensor<?xf32>, %c: f32) -> (f64, tensor<?xf32>, f32) {
  %0 = math.exp %a : f64
  %1 = math.log %b : tensor<?xf32>
  %2 = math.sqrt %c : f32
  return %0, %1, %2 : f64, tensor<?xf32>, f32
}
