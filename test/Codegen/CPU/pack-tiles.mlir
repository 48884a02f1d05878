// RUN: fpw-opt %s --fpw-cpu-pack-tiles --split-input-file | FileCheck %s

// In a row of a tile four channels of output 0 come first, then the same of output 1, and so on; places of outputs that do not
// exist are zero. Two users share one packed parameter, seen through a view without sign.

#planes = affine_map<(b, o, c) -> (b, c)>
#weights = affine_map<(b, o, c) -> (o, c)>
#sums = affine_map<(b, o, c) -> (b, o)>

// CHECK: affine_map<(d0, d1, d2) -> (d1 floordiv 32, d2 floordiv 64, (d1 mod 32) floordiv 16, (d2 mod 64) floordiv 4, (d1 mod 16) * 4 + d2 mod 4)>
// CHECK-LABEL: func.func @shared
// CHECK-COUNT-1: nn.parameter "W" = dense_resource<{{.+}}> : tensor<1x1x2x16x64xsi8>
// CHECK-NOT: nn.parameter
// CHECK: tensor.bitcast %{{.*}} : tensor<1x1x2x16x64xsi8> to tensor<1x1x2x16x64xi8>
// CHECK: 0x400000000001020340414243{{((00){56})}}0405060744454647{{((00){56})}}08090A0B
func.func @shared(%planes: tensor<8x64xi8>, %init: tensor<8x2xi32>) -> (tensor<8x2xi32>, tensor<8x2xi32>) {
  %codes = nn.parameter "W" = dense_resource<codes> : tensor<2x64xsi8>
  %weights = tensor.bitcast %codes : tensor<2x64xsi8> to tensor<2x64xi8>
  %first = linalg.generic {indexing_maps = [#planes, #weights, #sums], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%planes, %weights : tensor<8x64xi8>, tensor<2x64xi8>) outs(%init : tensor<8x2xi32>) attrs = {fpw.kernel = "amx"} {
  ^bb0(%a: i8, %b: i8, %sum: i32):
    linalg.yield %sum : i32
  } -> tensor<8x2xi32>
  %second = linalg.generic {indexing_maps = [#planes, #weights, #sums], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%planes, %weights : tensor<8x64xi8>, tensor<2x64xi8>) outs(%init : tensor<8x2xi32>) attrs = {fpw.kernel = "amx"} {
  ^bb0(%a: i8, %b: i8, %sum: i32):
    linalg.yield %sum : i32
  } -> tensor<8x2xi32>
  return %first, %second : tensor<8x2xi32>, tensor<8x2xi32>
}

{-# dialect_resources: { builtin: { codes: "0x01000000000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F202122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F404142434445464748494A4B4C4D4E4F505152535455565758595A5B5C5D5E5F606162636465666768696A6B6C6D6E6F707172737475767778797A7B7C7D7E7F" } } #-}

// -----

// Taps of a window are outer loops, in the order of the loops.

#planes = affine_map<(y, o, i, c) -> (y + i, c)>
#weights = affine_map<(y, o, i, c) -> (o, c, i)>
#sums = affine_map<(y, o, i, c) -> (y, o)>

// CHECK-LABEL: func.func @taps
// CHECK: nn.parameter "W" = dense_resource<{{.+}}> : tensor<2x3x2x2x16x64xsi8>
func.func @taps(%planes: tensor<8x128xi8>, %init: tensor<6x40xi32>) -> tensor<6x40xi32> {
  %codes = nn.parameter "W" = dense<1> : tensor<40x128x3xsi8>
  %weights = tensor.bitcast %codes : tensor<40x128x3xsi8> to tensor<40x128x3xi8>
  %sums = linalg.generic {indexing_maps = [#planes, #weights, #sums], iterator_types = ["parallel", "parallel", "reduction", "reduction"]}
      ins(%planes, %weights : tensor<8x128xi8>, tensor<40x128x3xi8>) outs(%init : tensor<6x40xi32>) attrs = {fpw.kernel = "amx"} {
  ^bb0(%a: i8, %b: i8, %sum: i32):
    linalg.yield %sum : i32
  } -> tensor<6x40xi32>
  return %sums : tensor<6x40xi32>
}

// -----

// Channels that do not fill blocks of 64, and other kernels, stay as they are.

#planes = affine_map<(b, o, c) -> (b, c)>
#weights = affine_map<(b, o, c) -> (o, c)>
#sums = affine_map<(b, o, c) -> (b, o)>

// CHECK-LABEL: func.func @stays
// CHECK: nn.parameter "W" = dense<1> : tensor<2x60xsi8>
func.func @stays(%planes: tensor<8x60xi8>, %init: tensor<8x2xi32>) -> (tensor<8x2xi32>, tensor<8x2xi32>) {
  %codes = nn.parameter "W" = dense<1> : tensor<2x60xsi8>
  %weights = tensor.bitcast %codes : tensor<2x60xsi8> to tensor<2x60xi8>
  %first = linalg.generic {indexing_maps = [#planes, #weights, #sums], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%planes, %weights : tensor<8x60xi8>, tensor<2x60xi8>) outs(%init : tensor<8x2xi32>) attrs = {fpw.kernel = "amx"} {
  ^bb0(%a: i8, %b: i8, %sum: i32):
    linalg.yield %sum : i32
  } -> tensor<8x2xi32>
  %second = linalg.generic {indexing_maps = [#planes, #weights, #sums], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%planes, %weights : tensor<8x60xi8>, tensor<2x60xi8>) outs(%init : tensor<8x2xi32>) attrs = {fpw.kernel = "generic"} {
  ^bb0(%a: i8, %b: i8, %sum: i32):
    linalg.yield %sum : i32
  } -> tensor<8x2xi32>
  return %first, %second : tensor<8x2xi32>, tensor<8x2xi32>
}

// -----

// Groups of outputs are the outermost: 17 outputs of each make two blocks of 16.

#planes = affine_map<(b, g, o, c) -> (b, g, c)>
#weights = affine_map<(b, g, o, c) -> (g, o, c)>
#sums = affine_map<(b, g, o, c) -> (b, g, o)>

// CHECK: affine_map<(d0, d1, d2, d3) -> (d1, d2 floordiv 32, d3 floordiv 64, (d2 mod 32) floordiv 16, (d3 mod 64) floordiv 4, (d2 mod 16) * 4 + d3 mod 4)>
// CHECK-LABEL: func.func @groups
// CHECK: nn.parameter "W" = dense_resource<{{.+}}> : tensor<3x1x1x2x16x64xi8>
func.func @groups(%planes: tensor<8x3x64xi8>, %init: tensor<8x3x17xi32>) -> tensor<8x3x17xi32> {
  %weights = nn.parameter "W" = dense<1> : tensor<3x17x64xi8>
  %sums = linalg.generic {indexing_maps = [#planes, #weights, #sums], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%planes, %weights : tensor<8x3x64xi8>, tensor<3x17x64xi8>) outs(%init : tensor<8x3x17xi32>) attrs = {fpw.kernel = "amx"} {
  ^bb0(%a: i8, %b: i8, %sum: i32):
    linalg.yield %sum : i32
  } -> tensor<8x3x17xi32>
  return %sums : tensor<8x3x17xi32>
}
