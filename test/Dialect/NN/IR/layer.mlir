// RUN: fpw-opt %s --verify-roundtrip | FileCheck %s
// RUN: fpw-opt %s --mlir-print-op-generic | fpw-opt | FileCheck %s
// RUN: fpw-opt %s --emit-bytecode | fpw-opt | FileCheck %s

// Defaults are not printed, base_axis may count from the end or be 0, the weight may have several output
// dimensions.

// CHECK-LABEL: func.func @affine
// CHECK-NEXT:    nn.affine %{{.*}}, %{{.*}}, %{{.*}} : (tensor<?x3x4xf32>, tensor<12x5xf32>, tensor<5xf32>) -> tensor<?x5xf32>
// CHECK-NEXT:    nn.affine %{{.*}}, %{{.*}} base_axis 2 : (tensor<?x3x4xf32>, tensor<4x2x5xf32>) -> tensor<?x3x2x5xf32>
// CHECK-NEXT:    nn.affine %{{.*}}, %{{.*}} base_axis -1 : {{.*}} -> tensor<?x3x2x5xf32>
// CHECK-NEXT:    nn.affine %{{.*}}, %{{.*}} base_axis 0 : {{.*}} -> tensor<5xf32>
func.func @affine(%x: tensor<?x3x4xf32>, %y: tensor<3x4xf32>, %w: tensor<12x5xf32>, %v: tensor<4x2x5xf32>, %b: tensor<5xf32>) {
  %0 = nn.affine %x, %w, %b base_axis 1 : (tensor<?x3x4xf32>, tensor<12x5xf32>, tensor<5xf32>) -> tensor<?x5xf32>
  %1 = nn.affine %x, %v base_axis 2 : (tensor<?x3x4xf32>, tensor<4x2x5xf32>) -> tensor<?x3x2x5xf32>
  %2 = nn.affine %x, %v base_axis -1 : (tensor<?x3x4xf32>, tensor<4x2x5xf32>) -> tensor<?x3x2x5xf32>
  %3 = nn.affine %y, %w base_axis 0 : (tensor<3x4xf32>, tensor<12x5xf32>) -> tensor<5xf32>
  return
}

// One, two and three spatial dimensions; no batch, two batch dimensions.

// CHECK-LABEL: func.func @convolution
// CHECK-NEXT:    nn.convolution %{{.*}}, %{{.*}} : (tensor<?x4x9xf32>, tensor<6x4x3xf32>) -> tensor<?x6x7xf32>
// CHECK-NEXT:    nn.convolution %{{.*}}, %{{.*}}, %{{.*}} pad [1, 0] stride [2, 1] dilation [1, 2] group 2 :
// CHECK-NEXT:    nn.convolution %{{.*}}, %{{.*}} base_axis 2 channel_last {note = "kept"} : {{.*}} -> tensor<?x2x7x8x6xf32>
// CHECK-NEXT:    nn.convolution %{{.*}}, %{{.*}} base_axis 0 pad [1, 1, 1] : (tensor<4x5x6x7xf32>, tensor<6x4x3x3x3xf32>) -> tensor<6x5x6x7xf32>
func.func @convolution(%x1: tensor<?x4x9xf32>, %x2: tensor<?x4x9x9xf32>, %x3: tensor<4x5x6x7xf32>, %xl: tensor<?x2x9x10x4xf32>,
    %w1: tensor<6x4x3xf32>, %w2: tensor<6x2x3x3xf32>, %w3: tensor<6x4x3x3x3xf32>, %wl: tensor<6x3x3x4xf32>, %b: tensor<6xf32>) {
  %0 = nn.convolution %x1, %w1 pad [] group 1 : (tensor<?x4x9xf32>, tensor<6x4x3xf32>) -> tensor<?x6x7xf32>
  %1 = nn.convolution %x2, %w2, %b pad [1, 0] stride [2, 1] dilation [1, 2] group 2
      : (tensor<?x4x9x9xf32>, tensor<6x2x3x3xf32>, tensor<6xf32>) -> tensor<?x6x5x5xf32>
  %2 = nn.convolution %xl, %wl base_axis 2 channel_last {note = "kept"}
      : (tensor<?x2x9x10x4xf32>, tensor<6x3x3x4xf32>) -> tensor<?x2x7x8x6xf32>
  %3 = nn.convolution %x3, %w3 base_axis 0 pad [1, 1, 1] : (tensor<4x5x6x7xf32>, tensor<6x4x3x3x3xf32>) -> tensor<6x5x6x7xf32>
  return
}

// The output size rounds down; a window that fills the padded image leaves one position.

// CHECK-LABEL: func.func @convolution_sizes
// CHECK-NEXT:    nn.convolution {{.*}} -> tensor<1x1x4xf32>
// CHECK-NEXT:    nn.convolution {{.*}} -> tensor<1x1x1xf32>
// CHECK-NEXT:    nn.convolution {{.*}} -> tensor<0x0x6xf32>
func.func @convolution_sizes(%x: tensor<1x1x8xf32>, %e: tensor<0x1x8xf32>, %w: tensor<1x1x3xf32>, %v: tensor<0x1x3xf32>) {
  %0 = nn.convolution %x, %w pad [1] stride [2] : (tensor<1x1x8xf32>, tensor<1x1x3xf32>) -> tensor<1x1x4xf32>
  %1 = nn.convolution %x, %w pad [3] stride [9] dilation [6] : (tensor<1x1x8xf32>, tensor<1x1x3xf32>) -> tensor<1x1x1xf32>
  %2 = nn.convolution %e, %v : (tensor<0x1x8xf32>, tensor<0x1x3xf32>) -> tensor<0x0x6xf32>
  return
}

// CHECK-LABEL: func.func @deconvolution
// CHECK-NEXT:    nn.deconvolution %{{.*}}, %{{.*}} : (tensor<?x4x5xf32>, tensor<4x3x3xf32>) -> tensor<?x3x7xf32>
// CHECK-NEXT:    nn.deconvolution %{{.*}}, %{{.*}}, %{{.*}} pad [1, 1] stride [3, 2] dilation [2, 1] group 2 output_padding [2, 0] : {{.*}} -> tensor<?x6x17x9xf32>
// CHECK-NEXT:    nn.deconvolution %{{.*}}, %{{.*}} group 2 channel_last : {{.*}} -> tensor<?x7x7x6xf32>
func.func @deconvolution(%x1: tensor<?x4x5xf32>, %x2: tensor<?x4x5x5xf32>, %xl: tensor<?x5x5x4xf32>,
    %w1: tensor<4x3x3xf32>, %w2: tensor<4x3x3x3xf32>, %wl: tensor<4x3x3x3xf32>, %b: tensor<6xf32>) {
  %0 = nn.deconvolution %x1, %w1 output_padding [] : (tensor<?x4x5xf32>, tensor<4x3x3xf32>) -> tensor<?x3x7xf32>
  %1 = nn.deconvolution %x2, %w2, %b pad [1, 1] stride [3, 2] dilation [2, 1] group 2 output_padding [2, 0]
      : (tensor<?x4x5x5xf32>, tensor<4x3x3x3xf32>, tensor<6xf32>) -> tensor<?x6x17x9xf32>
  %2 = nn.deconvolution %xl, %wl group 2 channel_last : (tensor<?x5x5x4xf32>, tensor<4x3x3x3xf32>) -> tensor<?x7x7x6xf32>
  return
}

// Depthwise weights have no channel dimension, whatever the layout of the images.

// CHECK-LABEL: func.func @depthwise
// CHECK-NEXT:    nn.depthwise_convolution %{{.*}}, %{{.*}}, %{{.*}} multiplier 2 : {{.*}} -> tensor<?x8x3x3xf32>
// CHECK-NEXT:    nn.depthwise_convolution %{{.*}}, %{{.*}} multiplier 2 channel_last : (tensor<?x5x5x4xf32>, tensor<8x3x3xf32>) -> tensor<?x3x3x8xf32>
// CHECK-NEXT:    nn.depthwise_deconvolution %{{.*}}, %{{.*}} divisor 2 : {{.*}} -> tensor<?x4x7x7xf32>
// CHECK-NEXT:    nn.depthwise_deconvolution %{{.*}}, %{{.*}} stride [2, 2] divisor 4 channel_last : {{.*}} -> tensor<?x11x11x1xf32>
func.func @depthwise(%x: tensor<?x4x5x5xf32>, %y: tensor<?x8x5x5xf32>, %xl: tensor<?x5x5x4xf32>,
    %w8: tensor<8x3x3xf32>, %w4: tensor<4x3x3xf32>, %b: tensor<8xf32>) {
  %0 = nn.depthwise_convolution %x, %w8, %b multiplier 2 : (tensor<?x4x5x5xf32>, tensor<8x3x3xf32>, tensor<8xf32>) -> tensor<?x8x3x3xf32>
  %1 = nn.depthwise_convolution %xl, %w8 multiplier 2 channel_last : (tensor<?x5x5x4xf32>, tensor<8x3x3xf32>) -> tensor<?x3x3x8xf32>
  %2 = nn.depthwise_deconvolution %y, %w8 divisor 2 : (tensor<?x8x5x5xf32>, tensor<8x3x3xf32>) -> tensor<?x4x7x7xf32>
  %3 = nn.depthwise_deconvolution %xl, %w4 stride [2, 2] divisor 4 channel_last : (tensor<?x5x5x4xf32>, tensor<4x3x3xf32>) -> tensor<?x11x11x1xf32>
  return
}
