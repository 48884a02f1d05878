// RUN: fpw-opt %s --verify-roundtrip | FileCheck %s
// RUN: fpw-opt %s --mlir-print-op-generic | fpw-opt | FileCheck %s
// RUN: fpw-opt %s --emit-bytecode | fpw-opt | FileCheck %s

// A size of -1 follows from the others, and stays dynamic where the input is.

// CHECK-LABEL: func.func @reshape
// CHECK-NEXT:    nn.reshape %{{.*}} shape [-1, 6] : (tensor<?x3x4xf32>) -> tensor<?x6xf32>
// CHECK-NEXT:    nn.reshape %{{.*}} shape [3, -1] : (tensor<6x4xf32>) -> tensor<3x8xf32>
// CHECK-NEXT:    nn.reshape %{{.*}} shape [] : (tensor<1x1xf32>) -> tensor<f32>
// CHECK-NEXT:    nn.reshape %{{.*}} shape [5, 0] : (tensor<0xf32>) -> tensor<5x0xf32>
func.func @reshape(%x: tensor<?x3x4xf32>, %y: tensor<6x4xf32>, %o: tensor<1x1xf32>, %e: tensor<0xf32>) {
  %0 = nn.reshape %x shape [-1, 6] : (tensor<?x3x4xf32>) -> tensor<?x6xf32>
  %1 = nn.reshape %y shape [3, -1] : (tensor<6x4xf32>) -> tensor<3x8xf32>
  %2 = nn.reshape %o shape [] : (tensor<1x1xf32>) -> tensor<f32>
  %3 = nn.reshape %e shape [5, 0] : (tensor<0xf32>) -> tensor<5x0xf32>
  return
}

// CHECK-LABEL: func.func @transpose
// CHECK-NEXT:    nn.transpose %{{.*}} axes [2, 0, 1] : (tensor<?x3x4xf32>) -> tensor<4x?x3xf32>
// CHECK-NEXT:    nn.transpose %{{.*}} axes [] : (tensor<f32>) -> tensor<f32>
func.func @transpose(%x: tensor<?x3x4xf32>, %s: tensor<f32>) {
  %0 = nn.transpose %x axes [2, 0, 1] : (tensor<?x3x4xf32>) -> tensor<4x?x3xf32>
  %1 = nn.transpose %s axes [] : (tensor<f32>) -> tensor<f32>
  return
}

// Sizes of x[::2], x[-3:-1], x[3:1:-1], x[::-1], x[::-3], x[5:2], x[7::-9223372036854775808], x[-100:100].

// CHECK-LABEL: func.func @slice
// CHECK-NEXT:    -> tensor<4xf32>
// CHECK-NEXT:    -> tensor<2xf32>
// CHECK-NEXT:    -> tensor<2xf32>
// CHECK-NEXT:    -> tensor<7xf32>
// CHECK-NEXT:    -> tensor<3xf32>
// CHECK-NEXT:    -> tensor<0xf32>
// CHECK-NEXT:    -> tensor<1xf32>
// CHECK-NEXT:    -> tensor<7xf32>
func.func @slice(%x: tensor<7xf32>) {
  %0 = nn.slice %x start [0] stop [9223372036854775807] step [2] : (tensor<7xf32>) -> tensor<4xf32>
  %1 = nn.slice %x start [-3] stop [-1] step [1] : (tensor<7xf32>) -> tensor<2xf32>
  %2 = nn.slice %x start [3] stop [1] step [-1] : (tensor<7xf32>) -> tensor<2xf32>
  %3 = nn.slice %x start [9223372036854775807] stop [-9223372036854775808] step [-1] : (tensor<7xf32>) -> tensor<7xf32>
  %4 = nn.slice %x start [6] stop [-8] step [-3] : (tensor<7xf32>) -> tensor<3xf32>
  %5 = nn.slice %x start [5] stop [2] step [1] : (tensor<7xf32>) -> tensor<0xf32>
  %6 = nn.slice %x start [7] stop [-9223372036854775808] step [-9223372036854775808] : (tensor<7xf32>) -> tensor<1xf32>
  %7 = nn.slice %x start [-100] stop [100] step [1] : (tensor<7xf32>) -> tensor<7xf32>
  return
}

// CHECK-LABEL: func.func @whole
// CHECK-NEXT:    nn.slice %{{.*}} start [0, 1] stop [9223372036854775807, 6] step [1, 2] : (tensor<?x8xf32>) -> tensor<?x3xf32>
func.func @whole(%x: tensor<?x8xf32>) {
  %0 = nn.slice %x start [0, 1] stop [9223372036854775807, 6] step [1, 2] : (tensor<?x8xf32>) -> tensor<?x3xf32>
  return
}

// Pads belong to the last dimensions; an unpadded dimension may be dynamic or smaller than a reflected pad.

// CHECK-LABEL: func.func @pad
// CHECK-NEXT:    nn.pad %{{.*}} pad_width [1, 2] : (tensor<?x3x4xf32>) -> tensor<?x3x7xf32>
// CHECK-NEXT:    nn.pad %{{.*}} pad_width [0, 0, 2, 0, 0, 3] mode "reflect" : (tensor<?x3x4xf32>) -> tensor<?x5x7xf32>
// CHECK-NEXT:    nn.pad %{{.*}} pad_width [0, 9] mode "repeat" constant_value -1.000000e+00 : (tensor<?x3x4xf32>) -> tensor<?x3x13xf32>
func.func @pad(%x: tensor<?x3x4xf32>) {
  %0 = nn.pad %x pad_width [1, 2] mode "constant" constant_value 0.0 : (tensor<?x3x4xf32>) -> tensor<?x3x7xf32>
  %1 = nn.pad %x pad_width [0, 0, 2, 0, 0, 3] mode "reflect" : (tensor<?x3x4xf32>) -> tensor<?x5x7xf32>
  %2 = nn.pad %x pad_width [0, 9] mode "repeat" constant_value -1.0 : (tensor<?x3x4xf32>) -> tensor<?x3x13xf32>
  return
}

// CHECK-LABEL: func.func @broadcast
// CHECK-NEXT:    nn.broadcast %{{.*}} shape [-1, 5, 4] : (tensor<?x1x4xf32>) -> tensor<?x5x4xf32>
func.func @broadcast(%x: tensor<?x1x4xf32>) {
  %0 = nn.broadcast %x shape [-1, 5, 4] : (tensor<?x1x4xf32>) -> tensor<?x5x4xf32>
  return
}

// CHECK-LABEL: func.func @interpolate
// CHECK-NEXT:    nn.interpolate %{{.*}} output_size [9] : (tensor<?x3x4x5xf32>) -> tensor<?x3x4x9xf32>
// CHECK-NEXT:    nn.interpolate %{{.*}} output_size [8, 9] mode "nearest" align_corners false half_pixel half_pixel_for_nn : (tensor<?x3x4x5xf32>) -> tensor<?x3x8x9xf32>
// CHECK-NEXT:    nn.interpolate %{{.*}} output_size [8, 9] channel_last : (tensor<?x3x4x5xf32>) -> tensor<?x8x9x5xf32>
func.func @interpolate(%x: tensor<?x3x4x5xf32>) {
  %0 = nn.interpolate %x output_size [9] mode "linear" align_corners true : (tensor<?x3x4x5xf32>) -> tensor<?x3x4x9xf32>
  %1 = nn.interpolate %x output_size [8, 9] mode "nearest" align_corners false half_pixel half_pixel_for_nn : (tensor<?x3x4x5xf32>) -> tensor<?x3x8x9xf32>
  %2 = nn.interpolate %x output_size [8, 9] channel_last : (tensor<?x3x4x5xf32>) -> tensor<?x8x9x5xf32>
  return
}

// CHECK-LABEL: func.func @take
// CHECK-NEXT:    nn.take %{{.*}} axis -1 indices [3, 0, 0] : (tensor<?x4xf32>) -> tensor<?x3xf32>
func.func @take(%x: tensor<?x4xf32>) {
  %0 = nn.take %x axis -1 indices [3, 0, 0] : (tensor<?x4xf32>) -> tensor<?x3xf32>
  return
}
