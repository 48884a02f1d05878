// RUN: fpw-opt %s --pass-pipeline="builtin.module(func.func(fpw-cpu-select-kernels{amx}))" | FileCheck %s
// RUN: fpw-opt %s --pass-pipeline="builtin.module(func.func(fpw-cpu-select-kernels))" | FileCheck %s --check-prefix=WITHOUT

// RUN: fpw-opt %s --pass-pipeline="builtin.module(func.func(fpw-cpu-select-kernels{amx dot-unit=accumulate}))" | FileCheck %s --check-prefixes=CHECK,BOTH
// RUN: fpw-opt %s --pass-pipeline="builtin.module(func.func(fpw-cpu-select-kernels{dot-unit=multiply}))" | FileCheck %s --check-prefix=STREAM

// WITHOUT-NOT: fpw.kernel

#image = affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>
#weight = affine_map<(d0, d1, d2, d3) -> (d3, d2)>
#sum = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>

// STREAM-LABEL: func.func @affine
// STREAM:         linalg.generic {{.*}} attrs = {fpw.kernel = "stream"}

// CHECK-LABEL: func.func @affine
// CHECK:         linalg.generic {{.*}} attrs = {fpw.kernel = "amx"}
func.func @affine(%x: tensor<3x?x64xi8>, %sums: tensor<3x?x10xi32>) -> tensor<3x?x10xi32> {
  %w = nn.parameter "w" = dense<1> : tensor<64x10xi8>
  %0 = linalg.generic {indexing_maps = [#image, #weight, #sum],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<3x?x64xi8>, tensor<64x10xi8>) outs(%sums : tensor<3x?x10xi32>) {
  ^bb0(%a: i8, %b: i8, %sum: i32):
    %1 = arith.extsi %a : i8 to i32
    %2 = arith.extsi %b : i8 to i32
    %3 = arith.muli %1, %2 : i32
    %4 = arith.addi %sum, %3 : i32
    linalg.yield %4 : i32
  } -> tensor<3x?x10xi32>
  return %0 : tensor<3x?x10xi32>
}

// Three channels would fill a tile of 64 badly.

// CHECK-LABEL: func.func @few_channels
// CHECK-NOT:     fpw.kernel
func.func @few_channels(%x: tensor<3x?x3xi8>, %sums: tensor<3x?x10xi32>) -> tensor<3x?x10xi32> {
  %w = nn.parameter "w" = dense<1> : tensor<3x10xi8>
  %0 = linalg.generic {indexing_maps = [#image, #weight, #sum],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<3x?x3xi8>, tensor<3x10xi8>) outs(%sums : tensor<3x?x10xi32>) {
  ^bb0(%a: i8, %b: i8, %sum: i32):
    %1 = arith.extsi %a : i8 to i32
    %2 = arith.extsi %b : i8 to i32
    %3 = arith.muli %1, %2 : i32
    %4 = arith.addi %sum, %3 : i32
    linalg.yield %4 : i32
  } -> tensor<3x?x10xi32>
  return %0 : tensor<3x?x10xi32>
}

// Codes of 16 bits are two bytes.

// CHECK-LABEL: func.func @wide_codes
// CHECK-NOT:     fpw.kernel
func.func @wide_codes(%x: tensor<3x?x64xi8>, %sums: tensor<3x?x10xi32>) -> tensor<3x?x10xi32> {
  %w = nn.parameter "w" = dense<1> : tensor<64x10xi16>
  %0 = linalg.generic {indexing_maps = [#image, #weight, #sum],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<3x?x64xi8>, tensor<64x10xi16>) outs(%sums : tensor<3x?x10xi32>) {
  ^bb0(%a: i8, %b: i16, %sum: i32):
    %1 = arith.extsi %a : i8 to i32
    %2 = arith.extsi %b : i16 to i32
    %3 = arith.muli %1, %2 : i32
    %4 = arith.addi %sum, %3 : i32
    linalg.yield %4 : i32
  } -> tensor<3x?x10xi32>
  return %0 : tensor<3x?x10xi32>
}

// Few rows are streamed on every machine that multiplies bytes or words in vectors.

// CHECK-LABEL: func.func @two_rows
// BOTH:         linalg.generic {{.*}} attrs = {fpw.kernel = "stream"}
// STREAM-LABEL: func.func @two_rows
// STREAM:         linalg.generic {{.*}} attrs = {fpw.kernel = "stream"}
func.func @two_rows(%x: tensor<3x2x64xi8>, %sums: tensor<3x2x10xi32>) -> tensor<3x2x10xi32> {
  %w = nn.parameter "w" = dense<1> : tensor<64x10xi8>
  %0 = linalg.generic {indexing_maps = [#image, #weight, #sum],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<3x2x64xi8>, tensor<64x10xi8>) outs(%sums : tensor<3x2x10xi32>) {
  ^bb0(%a: i8, %b: i8, %sum: i32):
    %1 = arith.extsi %a : i8 to i32
    %2 = arith.extsi %b : i8 to i32
    %3 = arith.muli %1, %2 : i32
    %4 = arith.addi %sum, %3 : i32
    linalg.yield %4 : i32
  } -> tensor<3x2x10xi32>
  return %0 : tensor<3x2x10xi32>
}
