// RUN: fpw-opt %s --fpw-gpu-pad-channels --split-input-file | FileCheck %s

// The pad of an image widens its pixels, too.

// CHECK-LABEL: func.func @convolution
// CHECK:         %[[IMAGE:.*]] = tensor.pad %{{.*}} low[0, 0, 1, 1, 0] high[0, 0, 1, 1, 1]
// CHECK:           : tensor<3x?x6x6x3xi8> to tensor<3x?x8x8x4xi8>
// CHECK:         linalg.generic {{.*}} ins(%[[IMAGE]], %{{.*}} : tensor<3x?x8x8x4xi8>, tensor<8x4x4x4xi8>)
#image = affine_map<(d, n, y, x, o, i, j, c) -> (d, n, y + i, x + j, c)>
#weight = affine_map<(d, n, y, x, o, i, j, c) -> (o, i, j, c)>
#sums = affine_map<(d, n, y, x, o, i, j, c) -> (d, n, y, x, o)>
func.func @convolution(%x: tensor<3x?x6x6x3xi8>, %y: tensor<3x?x5x5x8xi32>) -> tensor<3x?x5x5x8xi32> {
  %c0 = arith.constant 0 : i8
  %w = nn.parameter "w" = dense_resource<w> : tensor<8x4x4x3xi8>
  %p = tensor.pad %x low[0, 0, 1, 1, 0] high[0, 0, 1, 1, 0] {
  ^bb0(%0: index, %1: index, %2: index, %3: index, %4: index):
    tensor.yield %c0 : i8
  } : tensor<3x?x6x6x3xi8> to tensor<3x?x8x8x3xi8>
  %z = linalg.generic {indexing_maps = [#image, #weight, #sums],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]}
      ins(%p, %w : tensor<3x?x8x8x3xi8>, tensor<8x4x4x3xi8>) outs(%y : tensor<3x?x5x5x8xi32>) {
  ^bb0(%a: i8, %b: i8, %c: i32):
    %0 = arith.extsi %a : i8 to i32
    %1 = arith.extsi %b : i8 to i32
    %2 = arith.muli %0, %1 : i32
    %3 = arith.addi %c, %2 : i32
    linalg.yield %3 : i32
  } -> tensor<3x?x5x5x8xi32>
  return %z : tensor<3x?x5x5x8xi32>
}

// CHECK: w{{.*}}: "0x40000000010203000405060007080900
{-# dialect_resources: { builtin: { w: "0x400000000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F202122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F404142434445464748494A4B4C4D4E4F505152535455565758595A5B5C5D5E5F60616263640102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F202122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F404142434445464748494A4B4C4D4E4F505152535455565758595A5B5C5D5E5F60616263640102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F202122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F404142434445464748494A4B4C4D4E4F505152535455565758595A5B5C5D5E5F60616263640102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F202122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F404142434445464748494A4B4C4D4E4F5051525354" } } #-}
