// RUN: fpw-opt %s --fpw-cpu-stream-tiles | FileCheck %s

// Only the load that carries the attribute changes.

// CHECK-LABEL: func.func @load
// CHECK: %[[ADDRESS:.+]] = llvm.inttoptr
// CHECK: %[[TILE:.+]] = llvm.call_intrinsic "llvm.x86.tileloaddt164.internal"(%{{.*}}, %{{.*}}, %[[ADDRESS]], %{{.*}})
// CHECK: %[[FIRST:.+]] = builtin.unrealized_conversion_cast %[[TILE]] : !llvm.x86_amx to !amx.tile<16x64xi8>
// CHECK: %[[SECOND:.+]] = amx.tile_load
// CHECK: amx.tile_muli %[[FIRST]], %[[SECOND]]
func.func @load(%bytes: memref<?xi8>, %sums: memref<16x16xi32>, %i: index, %j: index, %pitch: index) {
  %c0 = arith.constant 0 : index
  %zero = amx.tile_zero : !amx.tile<16x16xi32>
  %a = amx.tile_load %bytes[%i], %pitch {fpw.stream} : memref<?xi8> into !amx.tile<16x64xi8>
  %b = amx.tile_load %bytes[%j], %pitch : memref<?xi8> into !amx.tile<16x64xi8>
  %sum = amx.tile_muli %a, %b, %zero : !amx.tile<16x64xi8>, !amx.tile<16x64xi8>, !amx.tile<16x16xi32>
  amx.tile_store %sums[%c0, %c0], %sum : memref<16x16xi32>, !amx.tile<16x16xi32>
  return
}
