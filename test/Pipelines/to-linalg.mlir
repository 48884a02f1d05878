// A network becomes contractions and element-wise loops; its parameters stay.

// RUN: fpw-opt %s --fpw-to-linalg | FileCheck %s --check-prefixes=CHECK,LAST
// RUN: fpw-opt %s --fpw-to-linalg=channel-last=false | FileCheck %s --check-prefixes=CHECK,FIRST

// CHECK-LABEL: func.func @net
// CHECK:       nn.parameter "conv/W"
// CHECK-NOT:   nn.convolution
// LAST:        linalg.generic {{.*}}outs(%{{.*}} : tensor<?x6x6x16xf32>)
// FIRST:       linalg.generic {{.*}}outs(%{{.*}} : tensor<?x16x6x6xf32>)
// FIRST-NOT:   tensor<?x6x6x16xf32>
// CHECK:       return
func.func @net(%x: tensor<?x3x8x8xf32> {nn.name = "x"}) -> (tensor<?x16x6x6xf32> {nn.name = "y"}) {
  %w = nn.parameter "conv/W" = dense<0.5> : tensor<16x3x3x3xf32>
  %0 = nn.convolution %x, %w : (tensor<?x3x8x8xf32>, tensor<16x3x3x3xf32>) -> tensor<?x16x6x6xf32>
  %1 = nn.relu %0 : (tensor<?x16x6x6xf32>) -> tensor<?x16x6x6xf32>
  return %1 : tensor<?x16x6x6xf32>
}
