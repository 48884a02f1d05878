// RUN: fpw-opt %s --verify-roundtrip | FileCheck %s
// RUN: fpw-opt %s --mlir-print-op-generic | fpw-opt | FileCheck %s
// RUN: fpw-opt %s --emit-bytecode | fpw-opt | FileCheck %s

// One op of each class of the table; numbers are printed where they are not the default.

// CHECK-LABEL: func.func @classes
// CHECK-NEXT:    nn.relu %{{.*}} : (tensor<?x4xf32>) -> tensor<?x4xf32>
// CHECK-NEXT:    nn.leaky_relu %{{.*}} alpha 2.500000e-01 : (tensor<?x4xf32>) -> tensor<?x4xf32>
// CHECK-NEXT:    nn.selu %{{.*}} scale 1.000000e+00 alpha 2.000000e+00 : (tensor<?x4xf32>) -> tensor<?x4xf32>
// CHECK-NEXT:    nn.selu %{{.*}} : (tensor<?x4xf32>) -> tensor<?x4xf32>
// CHECK-NEXT:    nn.dropout %{{.*}} : (tensor<?x4xf32>) -> tensor<?x4xf32>
// CHECK-NEXT:    nn.r_div_scalar %{{.*}} val -5.000000e-01 : (tensor<?x4xf32>) -> tensor<?x4xf32>
// CHECK-NEXT:    nn.add_scalar %{{.*}} val 0x7FC00000 : (tensor<?x4xf32>) -> tensor<?x4xf32>
// CHECK-NEXT:    nn.div2 %{{.*}}, %{{.*}} : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
func.func @classes(%x: tensor<?x4xf32>) {
  %0 = nn.relu %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %1 = nn.leaky_relu %x alpha 0.25 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %2 = nn.selu %x scale 1.0 alpha 2.0 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %3 = nn.selu %x scale 1.05070098735548 alpha 1.673263242354377 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %4 = nn.dropout %x p 0.5 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %5 = nn.r_div_scalar %x val -0.5 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %6 = nn.add_scalar %x val 0x7FC00000 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %7 = nn.div2 %x, %x : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  return
}

// A size of 1 repeats on either side; a dynamic size is taken for the static one beside it.

// CHECK-LABEL: func.func @broadcast
// CHECK-NEXT:    nn.add2 {{.*}} -> tensor<?x3x4xf32>
// CHECK-NEXT:    nn.sub2 {{.*}} -> tensor<?x3x4xf32>
// CHECK-NEXT:    nn.mul2 {{.*}} -> tensor<2x3x4xf32>
// CHECK-NEXT:    nn.maximum2 {{.*}} -> tensor<f32>
// CHECK-NEXT:    nn.minimum2 {{.*}} -> tensor<0xf32>
func.func @broadcast(%x: tensor<?x3x1xf32>, %y: tensor<1x1x4xf32>, %z: tensor<2x3x4xf32>, %s: tensor<f32>, %e: tensor<0xf32>, %o: tensor<1xf32>) {
  %0 = nn.add2 %x, %y : (tensor<?x3x1xf32>, tensor<1x1x4xf32>) -> tensor<?x3x4xf32>
  %1 = nn.sub2 %y, %x : (tensor<1x1x4xf32>, tensor<?x3x1xf32>) -> tensor<?x3x4xf32>
  %2 = nn.mul2 %x, %z : (tensor<?x3x1xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  %3 = nn.maximum2 %s, %s : (tensor<f32>, tensor<f32>) -> tensor<f32>
  %4 = nn.minimum2 %e, %o : (tensor<0xf32>, tensor<1xf32>) -> tensor<0xf32>
  return
}
