// RUN: fpw-opt %s --fpw-cpu-select-streams | FileCheck %s

#x = affine_map<(d, n, o, c) -> (n, d, c)>
#w = affine_map<(d, n, o, c) -> (o floordiv 32, c floordiv 64, (o mod 32) floordiv 16, (c mod 64) floordiv 4, (o mod 16) * 4 + c mod 4)>
#y = affine_map<(d, n, o, c) -> (d, n, o)>

// Codes from -8 to 7 fit into four bits, codes up to 3 without a sign into two; others stay bytes.

// CHECK: module attributes {fpw.parameters = {
// CHECK-SAME: nibbles_packed = dense_resource<nibbles_packed> : tensor<1024xi8>
// CHECK-SAME: pairs_packed = dense_resource<pairs_packed> : tensor<512xi8>
module attributes {fpw.parameters = {
    nibbles = dense<-3> : tensor<1x1x2x16x64xi8>,
    pairs = dense<3> : tensor<1x1x2x16x64xi8>,
    bytes = dense<-9> : tensor<1x1x2x16x64xi8>}} {
  // CHECK-DAG: memref.global @nibbles_packed : memref<1024xi8> {alignment = 64 : i64}
  // CHECK-DAG: memref.global @pairs_packed : memref<512xi8> {alignment = 64 : i64}
  memref.global @nibbles : memref<1x1x2x16x64xi8> {alignment = 64 : i64}
  memref.global @pairs : memref<1x1x2x16x64xi8> {alignment = 64 : i64}
  memref.global @bytes : memref<1x1x2x16x64xi8> {alignment = 64 : i64}

  // CHECK-LABEL: func.func @affine
  // CHECK: fpw.streams = {bits = 4 : i64, offset = 8 : i64, packed = @nibbles_packed}
  // CHECK: fpw.streams = {bits = 2 : i64, offset = 0 : i64, packed = @pairs_packed}
  // CHECK: fpw.streams = {bits = 8 : i64, offset = 0 : i64}
  func.func @affine(%x: memref<?x3x64xi8>, %y: memref<3x?x32xi32>) {
    %nibbles = memref.get_global @nibbles : memref<1x1x2x16x64xi8>
    linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
        ins(%x, %nibbles : memref<?x3x64xi8>, memref<1x1x2x16x64xi8>) outs(%y : memref<3x?x32xi32>) attrs = {fpw.kernel = "amx"} {
    ^bb0(%a: i8, %b: i8, %s: i32):
      %0 = arith.extsi %a : i8 to i32
      %1 = arith.extsi %b : i8 to i32
      %2 = arith.muli %0, %1 : i32
      %3 = arith.addi %s, %2 : i32
      linalg.yield %3 : i32
    }
    %pairs = memref.get_global @pairs : memref<1x1x2x16x64xi8>
    linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
        ins(%x, %pairs : memref<?x3x64xi8>, memref<1x1x2x16x64xi8>) outs(%y : memref<3x?x32xi32>) attrs = {fpw.kernel = "amx"} {
    ^bb0(%a: i8, %b: i8, %s: i32):
      %0 = arith.extsi %a : i8 to i32
      %1 = arith.extui %b : i8 to i32
      %2 = arith.muli %0, %1 : i32
      %3 = arith.addi %s, %2 : i32
      linalg.yield %3 : i32
    }
    %bytes = memref.get_global @bytes : memref<1x1x2x16x64xi8>
    linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
        ins(%x, %bytes : memref<?x3x64xi8>, memref<1x1x2x16x64xi8>) outs(%y : memref<3x?x32xi32>) attrs = {fpw.kernel = "amx"} {
    ^bb0(%a: i8, %b: i8, %s: i32):
      %0 = arith.extsi %a : i8 to i32
      %1 = arith.extsi %b : i8 to i32
      %2 = arith.muli %0, %1 : i32
      %3 = arith.addi %s, %2 : i32
      linalg.yield %3 : i32
    }
    return
  }

  // Nothing is streamed for many rows.
  // CHECK-LABEL: func.func @rows
  // CHECK-NOT: fpw.streams
  // CHECK: return
  func.func @rows(%x: memref<5x3x64xi8>, %y: memref<3x5x32xi32>) {
    %bytes = memref.get_global @bytes : memref<1x1x2x16x64xi8>
    linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
        ins(%x, %bytes : memref<5x3x64xi8>, memref<1x1x2x16x64xi8>) outs(%y : memref<3x5x32xi32>) attrs = {fpw.kernel = "amx"} {
    ^bb0(%a: i8, %b: i8, %s: i32):
      %0 = arith.extsi %a : i8 to i32
      %1 = arith.extsi %b : i8 to i32
      %2 = arith.muli %0, %1 : i32
      %3 = arith.addi %s, %2 : i32
      linalg.yield %3 : i32
    }
    return
  }
}

// -3 + 8 is 5, in both halves of each byte; 3 four times is all ones.
// CHECK: nibbles_packed: "0x4000000055555555
// CHECK: pairs_packed: "0x40000000FFFFFFFF
