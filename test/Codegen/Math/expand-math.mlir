// RUN: fpw-opt %s --fpw-expand-math --split-input-file | FileCheck %s --implicit-check-not=math. --check-prefixes=CHECK,KEEP
// RUN: fpw-opt %s --fpw-expand-math=expand-fma=true --split-input-file | FileCheck %s --implicit-check-not=math. --check-prefixes=CHECK,EXPAND

// exp(x) = 2^n * (1 + p): the multiplications and additions stay apart, and n moves as an integer.

// CHECK-LABEL: func.func @exponential
// CHECK-SAME:    %[[X:.*]]: vector<2x8xf32>
// CHECK-NOT:     fma
// CHECK:         arith.mulf %{{.*}} : vector<2x8xf32>
// CHECK:         arith.addf %{{.*}} : vector<2x8xf32>
// CHECK:         arith.bitcast %{{.*}} : vector<2x8xf32> to vector<2x8xi32>
// CHECK:         arith.shli %{{.*}} : vector<2x8xi32>
// CHECK:         arith.mulf %{{.*}} : vector<2x8xf32>
// CHECK:         return
func.func @exponential(%x: vector<2x8xf32>) -> vector<2x8xf32> {
  %y = math.exp %x : vector<2x8xf32>
  return %y : vector<2x8xf32>
}

// -----

// The body of a linalg op works on scalars; no op of the math dialect is left.

#id = affine_map<(d0) -> (d0)>
// CHECK-LABEL: func.func @all_of_them
// CHECK:         linalg.generic
func.func @all_of_them(%x: tensor<?xf32>) -> tensor<?xf32> {
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : tensor<?xf32>) outs(%x : tensor<?xf32>) {
  ^bb0(%a: f32, %b: f32):
    %0 = math.expm1 %a : f32
    %1 = math.log %0 : f32
    %2 = math.log1p %1 : f32
    %3 = math.tanh %2 : f32
    %4 = math.erf %3 : f32
    %5 = math.atan %4 : f32
    %6 = math.cos %5 : f32
    linalg.yield %6 : f32
  } -> tensor<?xf32>
  return %y : tensor<?xf32>
}

// -----

// Sine multiplies by 2 / pi in integers; scalable vectors work like any other.

// CHECK-LABEL: func.func @sine
// CHECK:         arith.muli %{{.*}} : vector<[4]xi64>
// CHECK:         arith.trunci %{{.*}} : vector<[4]xi64> to vector<[4]xi32>
func.func @sine(%x: vector<[4]xf32>) -> vector<[4]xf32> {
  %y = math.sin %x : vector<[4]xf32>
  return %y : vector<[4]xf32>
}

// -----

// A power is computed in f64 and rounded once.

// CHECK-LABEL: func.func @power
// CHECK:         arith.extf %{{.*}} : f32 to f64
// CHECK:         arith.truncf %{{.*}} : f64 to f32
func.func @power(%x: f32, %y: f32) -> f32 {
  %z = math.powf %x, %y : f32
  return %z : f32
}

// -----

// The product is exact in f64; the sum keeps what it loses in its last bit.

// CHECK-LABEL: func.func @fused
// KEEP:          math.fma
// EXPAND:        %[[A:.*]] = arith.extf %{{.*}} : vector<4xf32> to vector<4xf64>
// EXPAND:        %[[P:.*]] = arith.mulf %[[A]], %{{.*}} : vector<4xf64>
// EXPAND:        %[[S:.*]] = arith.addf %[[P]], %{{.*}} : vector<4xf64>
// EXPAND:        arith.bitcast %[[S]] : vector<4xf64> to vector<4xi64>
// EXPAND:        arith.truncf %{{.*}} : vector<4xf64> to vector<4xf32>
func.func @fused(%a: vector<4xf32>, %b: vector<4xf32>, %c: vector<4xf32>) -> vector<4xf32> {
  %y = math.fma %a, %b, %c : vector<4xf32>
  return %y : vector<4xf32>
}
