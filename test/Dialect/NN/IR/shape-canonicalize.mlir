// RUN: fpw-opt %s --canonicalize | FileCheck %s

// What does nothing goes away.

// CHECK-LABEL: func.func @nothing
// CHECK-SAME:    %[[X:.*]]: tensor<?x3x4xf32>
// CHECK-NEXT:    return %[[X]], %[[X]], %[[X]], %[[X]], %[[X]], %[[X]]
func.func @nothing(%x: tensor<?x3x4xf32>) -> (tensor<?x3x4xf32>, tensor<?x3x4xf32>, tensor<?x3x4xf32>, tensor<?x3x4xf32>, tensor<?x3x4xf32>, tensor<?x3x4xf32>) {
  %0 = nn.reshape %x shape [-1, 3, 4] : (tensor<?x3x4xf32>) -> tensor<?x3x4xf32>
  %1 = nn.transpose %x axes [0, 1, 2] : (tensor<?x3x4xf32>) -> tensor<?x3x4xf32>
  %2 = nn.slice %x start [0, 0, -9] stop [9223372036854775807, 3, 9] step [1, 1, 1] : (tensor<?x3x4xf32>) -> tensor<?x3x4xf32>
  %3 = nn.pad %x pad_width [0, 0] mode "reflect" : (tensor<?x3x4xf32>) -> tensor<?x3x4xf32>
  %4 = nn.broadcast %x shape [-1, 3, -1] : (tensor<?x3x4xf32>) -> tensor<?x3x4xf32>
  %5 = nn.concatenate %x axis 1 : (tensor<?x3x4xf32>) -> tensor<?x3x4xf32>
  return %0, %1, %2, %3, %4, %5 : tensor<?x3x4xf32>, tensor<?x3x4xf32>, tensor<?x3x4xf32>, tensor<?x3x4xf32>, tensor<?x3x4xf32>, tensor<?x3x4xf32>
}

// The same type need not mean the same elements.

// CHECK-LABEL: func.func @something
// CHECK:         nn.transpose %{{.*}} axes [1, 0]
// CHECK:         nn.slice %{{.*}} step [-1, 1]
func.func @something(%x: tensor<4x4xf32>) -> (tensor<4x4xf32>, tensor<4x4xf32>) {
  %0 = nn.transpose %x axes [1, 0] : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %1 = nn.slice %x start [3, 0] stop [-5, 4] step [-1, 1] : (tensor<4x4xf32>) -> tensor<4x4xf32>
  return %0, %1 : tensor<4x4xf32>, tensor<4x4xf32>
}

// CHECK-LABEL: func.func @pairs
// CHECK-SAME:    %[[X:.*]]: tensor<?x3x4xf32>
// CHECK-NEXT:    %[[T:.*]] = nn.transpose %[[X]] axes [1, 0, 2] : (tensor<?x3x4xf32>) -> tensor<3x?x4xf32>
// CHECK-NEXT:    %[[R:.*]] = nn.reshape %[[X]] shape [-1, 2] : (tensor<?x3x4xf32>) -> tensor<?x2xf32>
// CHECK-NEXT:    return %[[T]], %[[R]], %[[X]], %[[X]]
func.func @pairs(%x: tensor<?x3x4xf32>) -> (tensor<3x?x4xf32>, tensor<?x2xf32>, tensor<?x3x4xf32>, tensor<?x3x4xf32>) {
  %0 = nn.transpose %x axes [2, 0, 1] : (tensor<?x3x4xf32>) -> tensor<4x?x3xf32>
  %1 = nn.transpose %0 axes [2, 1, 0] : (tensor<4x?x3xf32>) -> tensor<3x?x4xf32>
  %2 = nn.reshape %x shape [-1, 6] : (tensor<?x3x4xf32>) -> tensor<?x6xf32>
  %3 = nn.reshape %2 shape [-1, 2] : (tensor<?x6xf32>) -> tensor<?x2xf32>
  %4 = nn.transpose %0 axes [1, 2, 0] : (tensor<4x?x3xf32>) -> tensor<?x3x4xf32>
  %5 = nn.reshape %2 shape [-1, 3, 4] : (tensor<?x6xf32>) -> tensor<?x3x4xf32>
  return %1, %3, %4, %5 : tensor<3x?x4xf32>, tensor<?x2xf32>, tensor<?x3x4xf32>, tensor<?x3x4xf32>
}
