// RUN: fpw-opt %s --verify-roundtrip | FileCheck %s
// RUN: fpw-opt %s --mlir-print-op-generic | fpw-opt | FileCheck %s
// RUN: fpw-opt %s --emit-bytecode | fpw-opt | FileCheck %s

// CHECK-LABEL: func.func @softmax
// CHECK-NEXT:    nn.softmax %{{.*}} : (tensor<?x5x3xf32>) -> tensor<?x5x3xf32>
// CHECK-NEXT:    nn.softmax %{{.*}} axis 1 :
// CHECK-NEXT:    nn.log_softmax %{{.*}} axis -3 :
func.func @softmax(%x: tensor<?x5x3xf32>) {
  %0 = nn.softmax %x axis -1 : (tensor<?x5x3xf32>) -> tensor<?x5x3xf32>
  %1 = nn.softmax %x axis 1 : (tensor<?x5x3xf32>) -> tensor<?x5x3xf32>
  %2 = nn.log_softmax %x axis -3 : (tensor<?x5x3xf32>) -> tensor<?x5x3xf32>
  return
}

// One slope, of any rank, or one per index.

// CHECK-LABEL: func.func @prelu
// CHECK-NEXT:    nn.prelu %{{.*}}, %{{.*}} : (tensor<?x5x3xf32>, tensor<5xf32>) -> tensor<?x5x3xf32>
// CHECK-NEXT:    nn.prelu %{{.*}}, %{{.*}} base_axis -1 : (tensor<?x5x3xf32>, tensor<f32>) -> tensor<?x5x3xf32>
// CHECK-NEXT:    nn.prelu %{{.*}}, %{{.*}} base_axis 0 : (tensor<?x5x3xf32>, tensor<1x1xf32>) -> tensor<?x5x3xf32>
func.func @prelu(%x: tensor<?x5x3xf32>, %s: tensor<5xf32>, %o: tensor<f32>, %r: tensor<1x1xf32>) {
  %0 = nn.prelu %x, %s base_axis 1 : (tensor<?x5x3xf32>, tensor<5xf32>) -> tensor<?x5x3xf32>
  %1 = nn.prelu %x, %o base_axis -1 : (tensor<?x5x3xf32>, tensor<f32>) -> tensor<?x5x3xf32>
  %2 = nn.prelu %x, %r base_axis 0 : (tensor<?x5x3xf32>, tensor<1x1xf32>) -> tensor<?x5x3xf32>
  return
}

// CHECK-LABEL: func.func @doubled
// CHECK-NEXT:    nn.crelu %{{.*}} : (tensor<?x5x3xf32>) -> tensor<?x10x3xf32>
// CHECK-NEXT:    nn.crelu %{{.*}} axis -1 : (tensor<?x5x3xf32>) -> tensor<?x5x6xf32>
// CHECK-NEXT:    nn.celu %{{.*}} alpha 5.000000e-01 axis 2 : (tensor<?x5x3xf32>) -> tensor<?x5x6xf32>
func.func @doubled(%x: tensor<?x5x3xf32>) {
  %0 = nn.crelu %x : (tensor<?x5x3xf32>) -> tensor<?x10x3xf32>
  %1 = nn.crelu %x axis -1 : (tensor<?x5x3xf32>) -> tensor<?x5x6xf32>
  %2 = nn.celu %x alpha 0.5 axis 2 : (tensor<?x5x3xf32>) -> tensor<?x5x6xf32>
  return
}
