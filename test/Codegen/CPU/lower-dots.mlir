// RUN: fpw-opt %s --fpw-cpu-lower-dots=dot-unit=accumulate | FileCheck %s --check-prefix=ACCUMULATE
// RUN: fpw-opt %s --fpw-cpu-lower-dots=dot-unit=multiply | FileCheck %s --check-prefix=MULTIPLY
// RUN: fpw-opt %s --fpw-cpu-lower-dots | FileCheck %s --check-prefix=PLAIN

#lanes = affine_map<(d0, d1) -> (d0, d1)>
#sum = affine_map<(d0, d1) -> (d0)>

// ACCUMULATE-LABEL: func.func @words
// ACCUMULATE:         llvm.call_intrinsic "llvm.x86.avx512.vpdpwssd.512"(%{{.+}}, %{{.+}}, %{{.+}}) {{.*}} -> vector<16xi32>
// MULTIPLY-LABEL:   func.func @words
// MULTIPLY:           %[[PAIRS:.+]] = llvm.call_intrinsic "llvm.x86.avx512.pmaddw.d.512"(%{{.+}}, %{{.+}})
// MULTIPLY:           arith.addi %{{.+}}, %[[PAIRS]] : vector<16xi32>
// PLAIN-LABEL:      func.func @words
// PLAIN-COUNT-2:      arith.muli %{{.+}}, %{{.+}} : vector<16xi32>
// PLAIN-NOT:          vector.contract
func.func @words(%x: vector<16x2xi16>, %w: vector<16x2xi16>, %sum: vector<16xi32>) -> vector<16xi32> {
  %a = arith.extsi %x : vector<16x2xi16> to vector<16x2xi32>
  %b = arith.extsi %w : vector<16x2xi16> to vector<16x2xi32>
  %c = vector.contract {indexing_maps = [#lanes, #lanes, #sum], iterator_types = ["parallel", "reduction"],
      kind = #vector.kind<add>} %a, %b, %sum : vector<16x2xi32>, vector<16x2xi32> into vector<16xi32>
  return %c : vector<16xi32>
}

// Bytes have an instruction only where sums are accumulated.

// ACCUMULATE-LABEL: func.func @bytes
// ACCUMULATE:         llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.256"
// MULTIPLY-LABEL:   func.func @bytes
// MULTIPLY-COUNT-4:   arith.muli %{{.+}}, %{{.+}} : vector<8xi32>
func.func @bytes(%x: vector<8x4xi8>, %w: vector<8x4xi8>, %sum: vector<8xi32>) -> vector<8xi32> {
  %a = arith.extui %x : vector<8x4xi8> to vector<8x4xi32>
  %b = arith.extsi %w : vector<8x4xi8> to vector<8x4xi32>
  %c = vector.contract {indexing_maps = [#lanes, #lanes, #sum], iterator_types = ["parallel", "reduction"],
      kind = #vector.kind<add>} %a, %b, %sum : vector<8x4xi32>, vector<8x4xi32> into vector<8xi32>
  return %c : vector<8xi32>
}
