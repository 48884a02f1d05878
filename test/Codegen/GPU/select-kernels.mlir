// RUN: fpw-opt %s --fpw-gpu-select-kernels="arch=sm_80" | FileCheck %s

// Products of integers get a kernel; those of floats, and sums alone, do not.

#x = affine_map<(p, n, o, c) -> (p, n, c)>
#w = affine_map<(p, n, o, c) -> (o, c)>
#y = affine_map<(p, n, o, c) -> (p, n, o)>
#row = affine_map<(n, c) -> (n, c)>
#sum = affine_map<(n, c) -> (n)>

// CHECK-LABEL: @integers
// CHECK: attrs = {fpw.kernel = "naive"}
func.func @integers(%x: tensor<3x?x64xi8>, %w: tensor<10x64xi8>, %y: tensor<3x?x10xi32>) -> tensor<3x?x10xi32> {
  %0 = linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<3x?x64xi8>, tensor<10x64xi8>) outs(%y : tensor<3x?x10xi32>) {
  ^bb0(%a: i8, %b: i8, %s: i32):
    %c = arith.extsi %a : i8 to i32
    %d = arith.extsi %b : i8 to i32
    %p = arith.muli %c, %d : i32
    %t = arith.addi %s, %p : i32
    linalg.yield %t : i32
  } -> tensor<3x?x10xi32>
  return %0 : tensor<3x?x10xi32>
}

// CHECK-LABEL: @sums
// CHECK-NOT: fpw.kernel
func.func @sums(%x: tensor<?x64xi32>, %y: tensor<?xi32>) -> tensor<?xi32> {
  %0 = linalg.generic {indexing_maps = [#row, #sum], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<?x64xi32>) outs(%y : tensor<?xi32>) {
  ^bb0(%a: i32, %s: i32):
    %t = arith.addi %s, %a : i32
    linalg.yield %t : i32
  } -> tensor<?xi32>
  return %0 : tensor<?xi32>
}

// CHECK-LABEL: @floats
// CHECK-NOT: fpw.kernel
func.func @floats(%x: tensor<3x?x64xf32>, %w: tensor<10x64xf32>, %y: tensor<3x?x10xf32>) -> tensor<3x?x10xf32> {
  %0 = linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<3x?x64xf32>, tensor<10x64xf32>) outs(%y : tensor<3x?x10xf32>) {
  ^bb0(%a: f32, %b: f32, %s: f32):
    %p = arith.mulf %a, %b : f32
    %t = arith.addf %s, %p : f32
    linalg.yield %t : f32
  } -> tensor<3x?x10xf32>
  return %0 : tensor<3x?x10xf32>
}
