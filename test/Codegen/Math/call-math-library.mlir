// RUN: fpw-opt %s --fpw-call-math-library | FileCheck %s

// Functions of f64 become calls, one per element; those of f32 and exact operations stay.

// CHECK-LABEL: func.func @f64
// CHECK:         call @expm1(%{{.*}}) : (f64) -> f64
// CHECK-COUNT-2: call @pow(%{{.*}}, %{{.*}}) : (f64, f64) -> f64
// CHECK:         math.sqrt %{{.*}} : f64
func.func @f64(%x: f64, %v: vector<2xf64>) -> (vector<2xf64>, f64) {
  %0 = math.expm1 %x : f64
  %1 = math.powf %v, %v : vector<2xf64>
  %2 = math.sqrt %0 : f64
  return %1, %2 : vector<2xf64>, f64
}

// CHECK-LABEL: func.func @f32
// CHECK:         math.exp %{{.*}} : vector<2xf32>
func.func @f32(%x: vector<2xf32>) -> vector<2xf32> {
  %0 = math.exp %x : vector<2xf32>
  return %0 : vector<2xf32>
}
