// RUN: fpw-opt %s --fpw-cpu-approximate-math | FileCheck %s

// CHECK-LABEL: @vector
// CHECK-NOT: math.{{exp|tanh|log|erf}}
// CHECK: math.fma {{.*}} : vector<16xf32>
// CHECK: return
func.func @vector(%x: vector<16xf32>) -> vector<16xf32> {
  %a = math.exp %x : vector<16xf32>
  %b = math.tanh %a : vector<16xf32>
  %c = math.log %b : vector<16xf32>
  %d = math.erf %c : vector<16xf32>
  return %d : vector<16xf32>
}

// The square root is an instruction.
// CHECK-LABEL: @instruction
// CHECK: math.sqrt
func.func @instruction(%x: vector<16xf32>) -> vector<16xf32> {
  %a = math.sqrt %x : vector<16xf32>
  return %a : vector<16xf32>
}
