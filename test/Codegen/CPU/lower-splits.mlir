// RUN: fpw-opt %s --fpw-cpu-lower-splits -split-input-file | FileCheck %s

// The conversion rounds, and has a result for a NaN.

// CHECK-LABEL: func.func @round(
// CHECK-SAME:      %[[X:.+]]: vector<16xf32>)
// CHECK:         %[[C:.+]] = llvm.call_intrinsic "llvm.x86.avx512.mask.cvtps2dq.512"(%[[X]], %{{.+}})
// CHECK:         return %[[C]]
func.func @round(%x: vector<16xf32>) -> vector<16xi32> {
  %zero = arith.constant dense<0.0> : vector<16xf32>
  %ordered = arith.cmpf ord, %x, %x : vector<16xf32>
  %number = arith.select %ordered, %x, %zero : vector<16xi1>, vector<16xf32>
  %r = math.roundeven %number : vector<16xf32>
  %c = arith.fptosi %r : vector<16xf32> to vector<16xi32>
  return %c : vector<16xi32>
}

// A choice that is not about NaN stays.

// CHECK-LABEL: func.func @clamp(
// CHECK:         %[[S:.+]] = arith.select
// CHECK:         llvm.call_intrinsic "llvm.x86.avx512.mask.cvtps2udq.512"(%[[S]],
func.func @clamp(%x: vector<16xf32>) -> vector<16xi32> {
  %zero = arith.constant dense<0.0> : vector<16xf32>
  %positive = arith.cmpf ogt, %x, %zero : vector<16xf32>
  %number = arith.select %positive, %x, %zero : vector<16xi1>, vector<16xf32>
  %r = math.roundeven %number : vector<16xf32>
  %c = arith.fptoui %r : vector<16xf32> to vector<16xi32>
  return %c : vector<16xi32>
}

// CHECK-LABEL: func.func @truncate(
// CHECK-NOT:     math.roundeven
// CHECK:         arith.fptosi
func.func @truncate(%x: vector<16xf32>) -> vector<16xi32> {
  %c = arith.fptosi %x : vector<16xf32> to vector<16xi32>
  return %c : vector<16xi32>
}

// -----

#p16 = affine_map<(d0) -> (d0 + 16)>
#p32 = affine_map<(d0) -> (d0 + 32)>
#p48 = affine_map<(d0) -> (d0 + 48)>

// Two digits of signed codes, in two lines: the words of the low half serve both.

// CHECK-LABEL: func.func @digits(
// CHECK-SAME:      %[[A:.+]]: vector<16xi32>, %[[B:.+]]: vector<16xi32>, %[[C:.+]]: vector<16xi32>, %[[D:.+]]: vector<16xi32>, %[[M:.+]]: memref<3x?xi8>, %[[I:.+]]: index)
// CHECK:         arith.andi %[[A]], %{{.+}} : vector<16xi32>
// CHECK:         llvm.call_intrinsic "llvm.x86.avx512.packusdw.512"
// CHECK:         llvm.call_intrinsic "llvm.x86.avx512.packusdw.512"
// CHECK:         arith.andi %{{.+}} : vector<32xi16>
// CHECK:         %[[BYTES:.+]] = llvm.call_intrinsic "llvm.x86.avx512.packuswb.512"
// CHECK:         vector.shuffle %{{.+}}, %{{.+}} [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15]
// CHECK:         arith.xori %{{.+}} : vector<64xi8>
// CHECK:         vector.store %{{.+}}, %[[M]][%{{.+}}, %[[I]]] : memref<3x?xi8>, vector<64xi8>
// CHECK:         arith.shrui %{{.+}} : vector<32xi16>
// CHECK:         vector.store %{{.+}}, %[[M]][%{{.+}}, %[[I]]] : memref<3x?xi8>, vector<64xi8>
// CHECK-NOT:     vector.store
func.func @digits(%a: vector<16xi32>, %b: vector<16xi32>, %c: vector<16xi32>, %d: vector<16xi32>,
                  %m: memref<3x?xi8>, %i: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %flip = arith.constant dense<128> : vector<16xi32>
  %eight = arith.constant dense<8> : vector<16xi32>
  %i16 = affine.apply #p16(%i)
  %i32 = affine.apply #p32(%i)
  %i48 = affine.apply #p48(%i)
  %fa = arith.xori %a, %flip : vector<16xi32>
  %fb = arith.xori %b, %flip : vector<16xi32>
  %fc = arith.xori %c, %flip : vector<16xi32>
  %fd = arith.xori %d, %flip : vector<16xi32>
  %a0 = arith.trunci %fa : vector<16xi32> to vector<16xi8>
  %b0 = arith.trunci %fb : vector<16xi32> to vector<16xi8>
  %c00 = arith.trunci %fc : vector<16xi32> to vector<16xi8>
  %d0 = arith.trunci %fd : vector<16xi32> to vector<16xi8>
  %sa = arith.shrui %a, %eight : vector<16xi32>
  %sb = arith.shrui %b, %eight : vector<16xi32>
  %sc = arith.shrui %c, %eight : vector<16xi32>
  %sd = arith.shrui %d, %eight : vector<16xi32>
  %a1 = arith.trunci %sa : vector<16xi32> to vector<16xi8>
  %b1 = arith.trunci %sb : vector<16xi32> to vector<16xi8>
  %c10 = arith.trunci %sc : vector<16xi32> to vector<16xi8>
  %d1 = arith.trunci %sd : vector<16xi32> to vector<16xi8>
  vector.store %a0, %m[%c0, %i] : memref<3x?xi8>, vector<16xi8>
  vector.store %b0, %m[%c0, %i16] : memref<3x?xi8>, vector<16xi8>
  vector.store %c00, %m[%c0, %i32] : memref<3x?xi8>, vector<16xi8>
  vector.store %d0, %m[%c0, %i48] : memref<3x?xi8>, vector<16xi8>
  vector.store %a1, %m[%c1, %i] : memref<3x?xi8>, vector<16xi8>
  vector.store %b1, %m[%c1, %i16] : memref<3x?xi8>, vector<16xi8>
  vector.store %c10, %m[%c1, %i32] : memref<3x?xi8>, vector<16xi8>
  vector.store %d1, %m[%c1, %i48] : memref<3x?xi8>, vector<16xi8>
  return
}

// -----

// Stores between which memory is read, or that may overlap, or leave gaps, stay as they are.

// CHECK-LABEL: func.func @between(
// CHECK-COUNT-4: vector.store %{{.+}} : memref<?xi8>, vector<16xi8>
func.func @between(%a: vector<16xi32>, %m: memref<?xi8>) -> i8 {
  %c0 = arith.constant 0 : index
  %c16 = arith.constant 16 : index
  %c32 = arith.constant 32 : index
  %c48 = arith.constant 48 : index
  %b = arith.trunci %a : vector<16xi32> to vector<16xi8>
  vector.store %b, %m[%c0] : memref<?xi8>, vector<16xi8>
  vector.store %b, %m[%c16] : memref<?xi8>, vector<16xi8>
  %read = memref.load %m[%c48] : memref<?xi8>
  vector.store %b, %m[%c32] : memref<?xi8>, vector<16xi8>
  vector.store %b, %m[%c48] : memref<?xi8>, vector<16xi8>
  return %read : i8
}

// CHECK-LABEL: func.func @overlap(
// CHECK-COUNT-5: vector.store %{{.+}} : memref<?xi8>, vector<16xi8>
func.func @overlap(%a: vector<16xi32>, %m: memref<?xi8>, %unknown: index) {
  %c0 = arith.constant 0 : index
  %c16 = arith.constant 16 : index
  %c32 = arith.constant 32 : index
  %c48 = arith.constant 48 : index
  %b = arith.trunci %a : vector<16xi32> to vector<16xi8>
  vector.store %b, %m[%c0] : memref<?xi8>, vector<16xi8>
  vector.store %b, %m[%c16] : memref<?xi8>, vector<16xi8>
  vector.store %b, %m[%unknown] : memref<?xi8>, vector<16xi8>
  vector.store %b, %m[%c32] : memref<?xi8>, vector<16xi8>
  vector.store %b, %m[%c48] : memref<?xi8>, vector<16xi8>
  return
}

// CHECK-LABEL: func.func @gap(
// CHECK-COUNT-4: vector.store %{{.+}} : memref<?xi8>, vector<16xi8>
func.func @gap(%a: vector<16xi32>, %m: memref<?xi8>) {
  %c0 = arith.constant 0 : index
  %c16 = arith.constant 16 : index
  %c32 = arith.constant 32 : index
  %c64 = arith.constant 64 : index
  %b = arith.trunci %a : vector<16xi32> to vector<16xi8>
  vector.store %b, %m[%c0] : memref<?xi8>, vector<16xi8>
  vector.store %b, %m[%c16] : memref<?xi8>, vector<16xi8>
  vector.store %b, %m[%c32] : memref<?xi8>, vector<16xi8>
  vector.store %b, %m[%c64] : memref<?xi8>, vector<16xi8>
  return
}
