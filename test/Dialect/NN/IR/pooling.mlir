// RUN: fpw-opt %s --verify-roundtrip | FileCheck %s
// RUN: fpw-opt %s --mlir-print-op-generic | fpw-opt | FileCheck %s
// RUN: fpw-opt %s --emit-bytecode | fpw-opt | FileCheck %s

// CHECK-LABEL: func.func @defaults
// CHECK-NEXT:    nn.max_pooling %{{.*}} kernel [3] : (tensor<?x4x8xf32>) -> tensor<?x4x2xf32>
// CHECK-NEXT:    nn.average_pooling %{{.*}} kernel [3] : (tensor<?x4x8xf32>) -> tensor<?x4x2xf32>
// CHECK-NEXT:    nn.sum_pooling %{{.*}} kernel [3] : (tensor<?x4x8xf32>) -> tensor<?x4x2xf32>
func.func @defaults(%x: tensor<?x4x8xf32>) {
  %0 = nn.max_pooling %x kernel [3] pad [] ignore_border true : (tensor<?x4x8xf32>) -> tensor<?x4x2xf32>
  %1 = nn.average_pooling %x kernel [3] stride [] including_pad true : (tensor<?x4x8xf32>) -> tensor<?x4x2xf32>
  %2 = nn.sum_pooling %x kernel [3] : (tensor<?x4x8xf32>) -> tensor<?x4x2xf32>
  return
}

// Any dimensions may stand before the spatial ones, or none with channel_last.

// CHECK-LABEL: func.func @layouts
// CHECK-NEXT:    nn.max_pooling %{{.*}} kernel [2, 2] stride [1, 2] pad [1, 0] ignore_border false channel_last : {{.*}} -> tensor<?x9x4x4xf32>
// CHECK-NEXT:    nn.average_pooling %{{.*}} kernel [2, 2, 2] including_pad false : {{.*}} -> tensor<?x4x4x2xf32>
// CHECK-NEXT:    nn.sum_pooling %{{.*}} kernel [2, 2] channel_last : (tensor<8x8x?xf32>) -> tensor<4x4x?xf32>
func.func @layouts(%x: tensor<?x8x8x4xf32>, %y: tensor<8x8x?xf32>) {
  %0 = nn.max_pooling %x kernel [2, 2] stride [1, 2] pad [1, 0] ignore_border false channel_last : (tensor<?x8x8x4xf32>) -> tensor<?x9x4x4xf32>
  %1 = nn.average_pooling %x kernel [2, 2, 2] including_pad false : (tensor<?x8x8x4xf32>) -> tensor<?x4x4x2xf32>
  %2 = nn.sum_pooling %y kernel [2, 2] channel_last : (tensor<8x8x?xf32>) -> tensor<4x4x?xf32>
  return
}

// Sizes without ignore_border: (size + pad - 1) / stride + 1, even where the kernel is larger than the image.

// CHECK-LABEL: func.func @ignore_border
// CHECK-NEXT:    -> tensor<1x3xf32>
// CHECK-NEXT:    -> tensor<1x4xf32>
// CHECK-NEXT:    -> tensor<1x5xf32>
// CHECK-NEXT:    -> tensor<1x1xf32>
func.func @ignore_border(%x: tensor<1x8xf32>) {
  %0 = nn.max_pooling %x kernel [3] stride [2] : (tensor<1x8xf32>) -> tensor<1x3xf32>
  %1 = nn.max_pooling %x kernel [3] stride [2] ignore_border false : (tensor<1x8xf32>) -> tensor<1x4xf32>
  %2 = nn.max_pooling %x kernel [3] stride [2] pad [1] ignore_border false : (tensor<1x8xf32>) -> tensor<1x5xf32>
  %3 = nn.max_pooling %x kernel [9] ignore_border false : (tensor<1x8xf32>) -> tensor<1x1xf32>
  return
}

// CHECK-LABEL: func.func @others
// CHECK-NEXT:    nn.global_average_pooling %{{.*}} : (tensor<?x4x5x6xf32>) -> tensor<?x4x1x1xf32>
// CHECK-NEXT:    nn.global_average_pooling %{{.*}} channel_last : (tensor<?x4x5x6xf32>) -> tensor<?x1x1x6xf32>
// CHECK-NEXT:    nn.unpooling %{{.*}} kernel [2, 3] : (tensor<?x4x5x6xf32>) -> tensor<?x4x10x18xf32>
// CHECK-NEXT:    nn.unpooling %{{.*}} kernel [2] channel_last : (tensor<?x4x5x6xf32>) -> tensor<?x4x10x6xf32>
// CHECK-NEXT:    nn.unpooling %{{.*}} kernel [2, 3] : (tensor<5x6xf32>) -> tensor<10x18xf32>
func.func @others(%x: tensor<?x4x5x6xf32>, %y: tensor<5x6xf32>) {
  %0 = nn.global_average_pooling %x : (tensor<?x4x5x6xf32>) -> tensor<?x4x1x1xf32>
  %1 = nn.global_average_pooling %x channel_last : (tensor<?x4x5x6xf32>) -> tensor<?x1x1x6xf32>
  %2 = nn.unpooling %x kernel [2, 3] : (tensor<?x4x5x6xf32>) -> tensor<?x4x10x18xf32>
  %3 = nn.unpooling %x kernel [2] channel_last : (tensor<?x4x5x6xf32>) -> tensor<?x4x10x6xf32>
  %4 = nn.unpooling %y kernel [2, 3] : (tensor<5x6xf32>) -> tensor<10x18xf32>
  return
}
