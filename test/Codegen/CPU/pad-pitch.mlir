// RUN: fpw-opt %s --pass-pipeline="builtin.module(func.func(fpw-cpu-pad-pitch))" | FileCheck %s

#image = affine_map<(d, b, y, x, o, c) -> (b, y * 2, x * 2, d, c)>
#weight = affine_map<(d, b, y, x, o, c) -> (o, c)>
#sum = affine_map<(d, b, y, x, o, c) -> (d, b, y, x, o)>

// 64 bytes more per digit, which no op touches; views keep their places.
// CHECK-LABEL: @strided
// CHECK:         %[[ALL:.*]] = memref.alloc(%{{.*}}) : memref<?x9x9x3x576xi8>
// CHECK:         %[[PLANES:.*]] = memref.subview %[[ALL]][0, 0, 0, 0, 0] [%{{.*}}, 9, 9, 3, 512] [1, 1, 1, 1, 1]
// CHECK:         %[[BORDER:.*]] = memref.subview %[[PLANES]][0, 8, 0, 0, 0]
// CHECK:         linalg.fill ins(%{{.*}}) outs(%[[BORDER]] : memref<?x1x9x3x512xi8, strided<[139968, 15552, 1728, 576, 1], offset: 124416>>)
// CHECK:         linalg.generic {{.*}} ins(%[[PLANES]], %{{.*}}
// A buffer that no kernel of the matrix unit reads stays.
// CHECK:         memref.alloc() : memref<4x512xi8>
func.func @strided(%n: index, %w: memref<16x512xi8>, %sums: memref<3x?x5x5x16xi32>) -> memref<4x512xi8> {
  %zero = arith.constant 0 : i8
  %planes = memref.alloc(%n) : memref<?x9x9x3x512xi8>
  %border = memref.subview %planes[0, 8, 0, 0, 0] [%n, 1, 9, 3, 512] [1, 1, 1, 1, 1]
      : memref<?x9x9x3x512xi8> to memref<?x1x9x3x512xi8, strided<[124416, 13824, 1536, 512, 1], offset: 110592>>
  linalg.fill ins(%zero : i8) outs(%border : memref<?x1x9x3x512xi8, strided<[124416, 13824, 1536, 512, 1], offset: 110592>>)
  linalg.generic {indexing_maps = [#image, #weight, #sum],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%planes, %w : memref<?x9x9x3x512xi8>, memref<16x512xi8>) outs(%sums : memref<3x?x5x5x16xi32>)
      attrs = {fpw.kernel = "amx"} {
  ^bb0(%a: i8, %b: i8, %c: i32):
    linalg.yield %c : i32
  }
  %other = memref.alloc() : memref<4x512xi8>
  linalg.fill ins(%zero : i8) outs(%other : memref<4x512xi8>)
  return %other : memref<4x512xi8>
}
