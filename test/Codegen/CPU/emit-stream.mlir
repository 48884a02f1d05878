// RUN: fpw-opt %s --fpw-cpu-emit-amx="vector-bits=512 dot-unit=accumulate" | FileCheck %s --check-prefixes=CHECK,BYTES
// RUN: fpw-opt %s --fpw-cpu-emit-amx="vector-bits=256 dot-unit=multiply" | FileCheck %s --check-prefixes=CHECK,WORDS

#x = affine_map<(d, n, o, c) -> (n, d, c)>
#w = affine_map<(d, n, o, c) -> (o floordiv 32, c floordiv 64, (o mod 32) floordiv 16, (c mod 64) floordiv 4, (o mod 16) * 4 + c mod 4)>
#y = affine_map<(d, n, o, c) -> (d, n, o)>

memref.global @codes_packed : memref<2048xi8> {alignment = 64 : i64}

// Up to four rows stream the packed codes, in one version for each of 1, 2 and 4 rows; more use tiles.
// CHECK-LABEL: func.func @rows_of_unknown_number
// CHECK: memref.get_global @codes_packed
// CHECK: %[[FEW:.*]] = arith.cmpi ult, %{{.*}}, %c5
// CHECK: scf.if %[[FEW]] {
// CHECK:   arith.cmpi ult, %{{.*}}, %c2
// CHECK:   scf.forall
// BYTES:     arith.andi %{{.*}} : vector<16xi32>
// BYTES:     vector.contract {{.*}} : vector<16x4xi32>, vector<16x4xi32> into vector<16xi32>
// WORDS:     arith.andi %{{.*}} : vector<8xi32>
// WORDS:     vector.contract {{.*}} : vector<8x2xi32>, vector<8x2xi32> into vector<8xi32>
// CHECK: } else {
// CHECK:   amx.tile_muli
func.func @rows_of_unknown_number(%x: memref<?x3x128xi8>, %w: memref<1x2x2x16x64xi8>, %y: memref<3x?x32xi32>) {
  linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %w : memref<?x3x128xi8>, memref<1x2x2x16x64xi8>) outs(%y : memref<3x?x32xi32>)
      attrs = {fpw.kernel = "amx", fpw.streams = {bits = 4 : i64, offset = 8 : i64, packed = @codes_packed}} {
  ^bb0(%a: i8, %b: i8, %s: i32):
    %0 = arith.extsi %a : i8 to i32
    %1 = arith.extsi %b : i8 to i32
    %2 = arith.muli %0, %1 : i32
    %3 = arith.addi %s, %2 : i32
    linalg.yield %3 : i32
  }
  return
}
