// RUN: fpw-opt %s --verify-roundtrip | FileCheck %s
// RUN: fpw-opt %s --mlir-print-op-generic | fpw-opt | FileCheck %s
// RUN: fpw-opt %s --emit-bytecode | fpw-opt | FileCheck %s

// Sizes that are dynamic in one input and static in another are static in the result.

// CHECK-LABEL: func.func @concatenate
// CHECK-NEXT:    nn.concatenate %{{.*}}, %{{.*}}, %{{.*}} axis 1 : {{.*}} -> tensor<7x6x4xf32>
// CHECK-NEXT:    nn.concatenate %{{.*}} : (tensor<?x2x4xf32>) -> tensor<?x2x4xf32>
// CHECK-NEXT:    nn.concatenate %{{.*}}, %{{.*}} axis -3 : (tensor<7x1x4xf32>, tensor<7x1x4xf32>) -> tensor<14x1x4xf32>
func.func @concatenate(%a: tensor<?x2x4xf32>, %b: tensor<?x3x4xf32>, %c: tensor<7x1x4xf32>) {
  %0 = nn.concatenate %a, %b, %c axis 1 : (tensor<?x2x4xf32>, tensor<?x3x4xf32>, tensor<7x1x4xf32>) -> tensor<7x6x4xf32>
  %1 = nn.concatenate %a : (tensor<?x2x4xf32>) -> tensor<?x2x4xf32>
  %2 = nn.concatenate %c, %c axis -3 : (tensor<7x1x4xf32>, tensor<7x1x4xf32>) -> tensor<14x1x4xf32>
  return
}

// CHECK-LABEL: func.func @stack
// CHECK-NEXT:    nn.stack %{{.*}}, %{{.*}} : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<2x?x4xf32>
// CHECK-NEXT:    nn.stack %{{.*}}, %{{.*}} axis 2 : (tensor<?x4xf32>, tensor<7x4xf32>) -> tensor<7x4x2xf32>
// CHECK-NEXT:    nn.stack %{{.*}} axis -1 : (tensor<?x4xf32>) -> tensor<?x4x1xf32>
// CHECK-NEXT:    nn.stack %{{.*}} : (tensor<f32>) -> tensor<1xf32>
func.func @stack(%a: tensor<?x4xf32>, %b: tensor<7x4xf32>, %s: tensor<f32>) {
  %0 = nn.stack %a, %a : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<2x?x4xf32>
  %1 = nn.stack %a, %b axis 2 : (tensor<?x4xf32>, tensor<7x4xf32>) -> tensor<7x4x2xf32>
  %2 = nn.stack %a axis -1 : (tensor<?x4xf32>) -> tensor<?x4x1xf32>
  %3 = nn.stack %s : (tensor<f32>) -> tensor<1xf32>
  return
}

// CHECK-LABEL: func.func @split
// CHECK-NEXT:    %{{.*}}:3 = nn.split %{{.*}} axis -1 : (tensor<?x3xf32>) -> (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>)
// CHECK-NEXT:    nn.split %{{.*}} : (tensor<1xf32>) -> tensor<f32>
// CHECK-NEXT:    nn.split %{{.*}} axis 1 : (tensor<?x0xf32>) -> ()
func.func @split(%a: tensor<?x3xf32>, %b: tensor<1xf32>, %e: tensor<?x0xf32>) {
  %0:3 = nn.split %a axis -1 : (tensor<?x3xf32>) -> (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>)
  %1 = nn.split %b axis 0 : (tensor<1xf32>) -> tensor<f32>
  nn.split %e axis 1 : (tensor<?x0xf32>) -> ()
  return
}

// CHECK-LABEL: func.func @batch_matmul
// CHECK-NEXT:    nn.batch_matmul %{{.*}}, %{{.*}} : (tensor<3x4xf32>, tensor<4x3xf32>) -> tensor<3x3xf32>
// CHECK-NEXT:    nn.batch_matmul %{{.*}}, %{{.*}} transpose_a transpose_b : (tensor<3x4xf32>, tensor<4x3xf32>) -> tensor<4x4xf32>
// CHECK-NEXT:    nn.batch_matmul %{{.*}}, %{{.*}} transpose_b : (tensor<?x1x3x4xf32>, tensor<1x5x2x4xf32>) -> tensor<?x5x3x2xf32>
func.func @batch_matmul(%a: tensor<3x4xf32>, %b: tensor<4x3xf32>, %c: tensor<?x1x3x4xf32>, %d: tensor<1x5x2x4xf32>) {
  %0 = nn.batch_matmul %a, %b : (tensor<3x4xf32>, tensor<4x3xf32>) -> tensor<3x3xf32>
  %1 = nn.batch_matmul %a, %b transpose_a transpose_b : (tensor<3x4xf32>, tensor<4x3xf32>) -> tensor<4x4xf32>
  %2 = nn.batch_matmul %c, %d transpose_b : (tensor<?x1x3x4xf32>, tensor<1x5x2x4xf32>) -> tensor<?x5x3x2xf32>
  return
}
