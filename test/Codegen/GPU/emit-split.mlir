// RUN: fpw-opt %s --fpw-gpu-emit-split --split-input-file | FileCheck %s

// One load of four elements, and a word for each plane.

// CHECK-LABEL: func.func @split
// CHECK-NOT:     linalg.generic
// CHECK:         gpu.launch
// CHECK:           llvm.load {{.*}} {alignment = 16 : i64} : !llvm.ptr<1> -> vector<4xf32>
// CHECK-NOT:       llvm.load
// CHECK-COUNT-3:   llvm.store {{.*}} {alignment = 4 : i64} : i32, !llvm.ptr<1>
// CHECK-NOT:       llvm.store
func.func @split(%x: memref<?x64xf32>, %inverse: memref<?xf32>, %digits: memref<3x?x64xi8>) {
  %c8 = arith.constant 8 : i32
  linalg.generic {indexing_maps = [affine_map<(d, m, c) -> (m, c)>, affine_map<(d, m, c) -> (m)>, affine_map<(d, m, c) -> (d, m, c)>],
                  iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x, %inverse : memref<?x64xf32>, memref<?xf32>) outs(%digits : memref<3x?x64xi8>)
      attrs = {fpw.role = "split"} {
  ^bb0(%a: f32, %b: f32, %c: i8):
    %0 = arith.mulf %a, %b : f32
    %1 = arith.fptosi %0 : f32 to i32
    %2 = linalg.index 0 : index
    %3 = arith.index_cast %2 : index to i32
    %4 = arith.muli %3, %c8 : i32
    %5 = arith.shrui %1, %4 : i32
    %6 = arith.trunci %5 : i32 to i8
    linalg.yield %6 : i8
  }
  return
}

// -----

// Rows of three elements do not begin at words.

// CHECK-LABEL: func.func @odd
// CHECK:         linalg.generic
func.func @odd(%x: memref<?x3xf32>, %inverse: memref<?xf32>, %digits: memref<3x?x3xi8>) {
  linalg.generic {indexing_maps = [affine_map<(d, m, c) -> (m, c)>, affine_map<(d, m, c) -> (m)>, affine_map<(d, m, c) -> (d, m, c)>],
                  iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x, %inverse : memref<?x3xf32>, memref<?xf32>) outs(%digits : memref<3x?x3xi8>)
      attrs = {fpw.role = "split"} {
  ^bb0(%a: f32, %b: f32, %c: i8):
    %0 = arith.mulf %a, %b : f32
    %1 = arith.fptosi %0 : f32 to i8
    linalg.yield %1 : i8
  }
  return
}
