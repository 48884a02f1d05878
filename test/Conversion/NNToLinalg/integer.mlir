// RUN: fpw-opt %s --convert-nn-to-linalg --split-input-file | FileCheck %s

// CHECK-LABEL: func @to_float
// CHECK: linalg.generic
// CHECK: arith.sitofp {{.*}} i64 to f32
func.func @to_float(%x: tensor<?x4xi64>) -> tensor<?x4xf32> {
  %y = nn.to_float %x : (tensor<?x4xi64>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----

// Truth values are 0 or 1, whatever the byte.

// CHECK-LABEL: func @truth
// CHECK: arith.cmpi ne
// CHECK: arith.uitofp {{.*}} i1 to f32
func.func @truth(%x: tensor<?x4xi8>) -> tensor<?x4xf32> {
  %y = nn.to_float %x : (tensor<?x4xi8>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----

// No conversion sees a number that the integer has no room for.

// CHECK-LABEL: func @from_float
// CHECK: arith.cmpf uno
// CHECK: arith.cmpf ogt
// CHECK: arith.cmpf olt
// CHECK: arith.fptosi {{.*}} f32 to i32
func.func @from_float(%x: tensor<?x4xf32>) -> tensor<?x4xi32> {
  %y = nn.from_float %x as i32 : (tensor<?x4xf32>) -> tensor<?x4xi32>
  return %y : tensor<?x4xi32>
}

// -----

// CHECK-LABEL: func @embed
// CHECK: linalg.generic
// CHECK: tensor.extract %arg1[%{{.*}}, %{{.*}}] : tensor<9x3xf32>
// CHECK: arith.select
func.func @embed(%x: tensor<?x4xf32>, %w: tensor<9x3xf32>) -> tensor<?x4x3xf32> {
  %y = nn.embed %x, %w : (tensor<?x4xf32>, tensor<9x3xf32>) -> tensor<?x4x3xf32>
  return %y : tensor<?x4x3xf32>
}
