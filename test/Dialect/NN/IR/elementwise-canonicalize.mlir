// RUN: fpw-opt %s --canonicalize | FileCheck %s

// CHECK-LABEL: func.func @folds
// CHECK-SAME:    %[[X:.*]]: tensor<?x4xf32>
// CHECK-NEXT:    %[[R:.*]] = nn.relu %[[X]]
// CHECK-NEXT:    %[[A:.*]] = nn.abs %[[X]]
// CHECK-NEXT:    return %[[X]], %[[X]], %[[X]], %[[X]], %[[R]], %[[A]]
func.func @folds(%x: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>) {
  %0 = nn.identity %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %1 = nn.dropout %x p 0.25 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %2 = nn.mul_scalar %x val 1.0 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %3 = nn.pow_scalar %x val 1.0 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %4 = nn.relu %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %5 = nn.relu %4 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %6 = nn.relu %5 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %7 = nn.abs %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %8 = nn.abs %7 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  return %0, %1, %2, %3, %6, %8 : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
}

// x + 0 turns -0.0 into +0.0; x ^ 0 and x * 0 depend on NaNs and infinities, x - x and x / x have no
// number for an infinity.

// CHECK-LABEL: func.func @no_folds
// CHECK:         nn.add_scalar
// CHECK:         nn.mul_scalar {{.*}} val 0.000000e+00
// CHECK:         nn.pow_scalar {{.*}} val 0.000000e+00
// CHECK:         nn.sub2
// CHECK:         nn.div2
// CHECK:         nn.relu6
// CHECK:         nn.relu6
func.func @no_folds(%x: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>) {
  %0 = nn.add_scalar %x val 0.0 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %1 = nn.mul_scalar %x val 0.0 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %2 = nn.pow_scalar %x val 0.0 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %3 = nn.sub2 %x, %x : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %4 = nn.div2 %x, %x : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %5 = nn.relu6 %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %6 = nn.relu6 %5 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  return %0, %1, %2, %3, %4, %6 : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
}
