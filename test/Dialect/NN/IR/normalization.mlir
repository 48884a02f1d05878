// RUN: fpw-opt %s --verify-roundtrip | FileCheck %s
// RUN: fpw-opt %s --mlir-print-op-generic | fpw-opt | FileCheck %s
// RUN: fpw-opt %s --emit-bytecode | fpw-opt | FileCheck %s

// beta and gamma may be missing, each by itself; statistics have any shape with one element per channel.

// CHECK-LABEL: func.func @batch_normalization
// CHECK-SAME:    %[[X:[^:]*]]: tensor<?x4x8xf32>, %[[P:[^:]*]]: tensor<1x4x1xf32>, %[[Q:[^:]*]]: tensor<4xf32>
// CHECK-NEXT:    nn.batch_normalization %[[X]] beta %[[P]] gamma %[[Q]] mean %[[P]] variance %[[Q]] axes [1] :
// CHECK-NEXT:    nn.batch_normalization %[[X]] beta %[[P]] mean %[[P]] variance %[[Q]] axes [1] decay_rate 5.000000e-01 :
// CHECK-NEXT:    nn.batch_normalization %[[X]] gamma %[[P]] mean %[[P]] variance %[[Q]] axes [1] eps 0.000000e+00 :
// CHECK-NEXT:    nn.batch_normalization %[[X]] mean %[[P]] variance %[[Q]] axes [1] eps 1.000000e-03 batch_stat : (tensor<?x4x8xf32>, tensor<1x4x1xf32>, tensor<4xf32>) -> tensor<?x4x8xf32>
func.func @batch_normalization(%x: tensor<?x4x8xf32>, %p: tensor<1x4x1xf32>, %q: tensor<4xf32>) {
  %0 = nn.batch_normalization %x beta %p gamma %q mean %p variance %q axes [1] decay_rate 0.9 eps 1.0e-5
      : (tensor<?x4x8xf32>, tensor<1x4x1xf32>, tensor<4xf32>, tensor<1x4x1xf32>, tensor<4xf32>) -> tensor<?x4x8xf32>
  %1 = nn.batch_normalization %x beta %p mean %p variance %q axes [1] decay_rate 0.5
      : (tensor<?x4x8xf32>, tensor<1x4x1xf32>, tensor<1x4x1xf32>, tensor<4xf32>) -> tensor<?x4x8xf32>
  %2 = nn.batch_normalization %x gamma %p mean %p variance %q axes [1] eps 0.0
      : (tensor<?x4x8xf32>, tensor<1x4x1xf32>, tensor<1x4x1xf32>, tensor<4xf32>) -> tensor<?x4x8xf32>
  %3 = nn.batch_normalization %x mean %p variance %q axes [1] eps 1.0e-3 batch_stat
      : (tensor<?x4x8xf32>, tensor<1x4x1xf32>, tensor<4xf32>) -> tensor<?x4x8xf32>
  return
}

// CHECK-LABEL: func.func @axes
// CHECK:         axes [0] : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
// CHECK:         axes [2] : (tensor<?x3x4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<?x3x4xf32>
func.func @axes(%x: tensor<4xf32>, %y: tensor<?x3x4xf32>) {
  %0 = nn.batch_normalization %x mean %x variance %x axes [0] : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %1 = nn.batch_normalization %y mean %x variance %x axes [2] : (tensor<?x3x4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<?x3x4xf32>
  return
}
