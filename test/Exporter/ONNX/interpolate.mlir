// Interpolation with every choice of positions, up and down, in one to three dimensions. onnxruntime agrees.

// REQUIRES: onnxruntime

// RUN: %packaged-python %S/Inputs/compare.py %t %s | FileCheck %s
// CHECK-NOT:      differs
// CHECK-COUNT-20: agrees

func.func @nearest_plain(%x: tensor<?x2x6x5xf32>) -> tensor<?x2x14x7xf32> {
  %y = nn.interpolate %x output_size [14, 7] mode "nearest" align_corners false : (tensor<?x2x6x5xf32>) -> tensor<?x2x14x7xf32>
  return %y : tensor<?x2x14x7xf32>
}

// -----
func.func @nearest_down(%x: tensor<?x2x6x5xf32>) -> tensor<?x2x4x1xf32> {
  %y = nn.interpolate %x output_size [4, 1] mode "nearest" align_corners false : (tensor<?x2x6x5xf32>) -> tensor<?x2x4x1xf32>
  return %y : tensor<?x2x4x1xf32>
}

// -----
func.func @nearest_corners(%x: tensor<?x2x6x5xf32>) -> tensor<?x2x11x9xf32> {
  %y = nn.interpolate %x output_size [11, 9] mode "nearest" : (tensor<?x2x6x5xf32>) -> tensor<?x2x11x9xf32>
  return %y : tensor<?x2x11x9xf32>
}

// -----
func.func @nearest_corners_one(%x: tensor<?x2x6x5xf32>) -> tensor<?x2x1x2xf32> {
  %y = nn.interpolate %x output_size [1, 2] mode "nearest" : (tensor<?x2x6x5xf32>) -> tensor<?x2x1x2xf32>
  return %y : tensor<?x2x1x2xf32>
}

// -----
func.func @nearest_half_pixel(%x: tensor<?x2x6x5xf32>) -> tensor<?x2x9x3xf32> {
  %y = nn.interpolate %x output_size [9, 3] mode "nearest" align_corners false half_pixel : (tensor<?x2x6x5xf32>) -> tensor<?x2x9x3xf32>
  return %y : tensor<?x2x9x3xf32>
}

// -----
func.func @nearest_half_pixel_one(%x: tensor<?x2x6x5xf32>) -> tensor<?x2x1x7xf32> {
  %y = nn.interpolate %x output_size [1, 7] mode "nearest" align_corners false half_pixel : (tensor<?x2x6x5xf32>) -> tensor<?x2x1x7xf32>
  return %y : tensor<?x2x1x7xf32>
}

// -----
func.func @nearest_1d(%x: tensor<?x2x5xf32>) -> tensor<?x2x8xf32> {
  %y = nn.interpolate %x output_size [8] mode "nearest" : (tensor<?x2x5xf32>) -> tensor<?x2x8xf32>
  return %y : tensor<?x2x8xf32>
}

// -----
func.func @nearest_3d(%x: tensor<?x2x3x2x2xf32>) -> tensor<?x2x5x4x3xf32> {
  %y = nn.interpolate %x output_size [5, 4, 3] mode "nearest" : (tensor<?x2x3x2x2xf32>) -> tensor<?x2x5x4x3xf32>
  return %y : tensor<?x2x5x4x3xf32>
}

// -----
func.func @nearest_last(%x: tensor<?x3x4x2xf32>) -> tensor<?x6x8x2xf32> {
  %y = nn.interpolate %x output_size [6, 8] mode "nearest" align_corners false channel_last : (tensor<?x3x4x2xf32>) -> tensor<?x6x8x2xf32>
  return %y : tensor<?x6x8x2xf32>
}

// -----
func.func @linear_plain(%x: tensor<?x2x6x5xf32>) -> tensor<?x2x14x7xf32> {
  %y = nn.interpolate %x output_size [14, 7] mode "linear" align_corners false : (tensor<?x2x6x5xf32>) -> tensor<?x2x14x7xf32>
  return %y : tensor<?x2x14x7xf32>
}

// -----
func.func @linear_down(%x: tensor<?x2x6x5xf32>) -> tensor<?x2x4x1xf32> {
  %y = nn.interpolate %x output_size [4, 1] mode "linear" align_corners false : (tensor<?x2x6x5xf32>) -> tensor<?x2x4x1xf32>
  return %y : tensor<?x2x4x1xf32>
}

// -----
func.func @linear_corners(%x: tensor<?x2x6x5xf32>) -> tensor<?x2x11x9xf32> {
  %y = nn.interpolate %x output_size [11, 9] mode "linear" : (tensor<?x2x6x5xf32>) -> tensor<?x2x11x9xf32>
  return %y : tensor<?x2x11x9xf32>
}

// -----
func.func @linear_corners_one(%x: tensor<?x2x6x5xf32>) -> tensor<?x2x1x2xf32> {
  %y = nn.interpolate %x output_size [1, 2] mode "linear" : (tensor<?x2x6x5xf32>) -> tensor<?x2x1x2xf32>
  return %y : tensor<?x2x1x2xf32>
}

// -----
func.func @linear_half_pixel(%x: tensor<?x2x6x5xf32>) -> tensor<?x2x9x3xf32> {
  %y = nn.interpolate %x output_size [9, 3] mode "linear" align_corners false half_pixel : (tensor<?x2x6x5xf32>) -> tensor<?x2x9x3xf32>
  return %y : tensor<?x2x9x3xf32>
}

// -----
func.func @linear_half_pixel_one(%x: tensor<?x2x6x5xf32>) -> tensor<?x2x1x7xf32> {
  %y = nn.interpolate %x output_size [1, 7] mode "linear" align_corners false half_pixel : (tensor<?x2x6x5xf32>) -> tensor<?x2x1x7xf32>
  return %y : tensor<?x2x1x7xf32>
}

// -----
func.func @linear_1d(%x: tensor<?x2x5xf32>) -> tensor<?x2x8xf32> {
  %y = nn.interpolate %x output_size [8] mode "linear" : (tensor<?x2x5xf32>) -> tensor<?x2x8xf32>
  return %y : tensor<?x2x8xf32>
}

// -----
func.func @linear_3d(%x: tensor<?x2x3x2x2xf32>) -> tensor<?x2x5x4x3xf32> {
  %y = nn.interpolate %x output_size [5, 4, 3] mode "linear" : (tensor<?x2x3x2x2xf32>) -> tensor<?x2x5x4x3xf32>
  return %y : tensor<?x2x5x4x3xf32>
}

// -----
func.func @linear_last(%x: tensor<?x3x4x2xf32>) -> tensor<?x6x8x2xf32> {
  %y = nn.interpolate %x output_size [6, 8] mode "linear" align_corners false channel_last : (tensor<?x3x4x2xf32>) -> tensor<?x6x8x2xf32>
  return %y : tensor<?x6x8x2xf32>
}

// -----
func.func @nearest_own_half_pixel(%x: tensor<?x2x6x5xf32>) -> tensor<?x2x9x3xf32> {
  %y = nn.interpolate %x output_size [9, 3] mode "nearest" align_corners false half_pixel_for_nn : (tensor<?x2x6x5xf32>) -> tensor<?x2x9x3xf32>
  return %y : tensor<?x2x9x3xf32>
}

// -----
func.func @nearest_corners_half_pixel(%x: tensor<?x2x6x5xf32>) -> tensor<?x2x9x3xf32> {
  %y = nn.interpolate %x output_size [9, 3] mode "nearest" half_pixel : (tensor<?x2x6x5xf32>) -> tensor<?x2x9x3xf32>
  return %y : tensor<?x2x9x3xf32>
}
