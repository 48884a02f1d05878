// RUN: fpw-opt %s --fpw-cpu-fuse-elementwise | FileCheck %s

#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
#v = affine_map<(i) -> (i)>

// CHECK-DAG: #[[$CODES:.+]] = affine_map<(d0, d1) -> (d0, 0, d1)>

// CHECK-LABEL: @chain
// CHECK: linalg.generic
// CHECK: math.exp
// CHECK-NEXT: arith.addf
// CHECK-NOT: linalg.generic
func.func @chain(%x: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %a = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<4x4xf32>) outs(%x : tensor<4x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %e = math.exp %in : f32
    linalg.yield %e : f32
  } -> tensor<4x4xf32>
  %b = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a : tensor<4x4xf32>) outs(%x : tensor<4x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %e = arith.addf %in, %in : f32
    linalg.yield %e : f32
  } -> tensor<4x4xf32>
  return %b : tensor<4x4xf32>
}

// A sum would compute the exponential once per use, a broadcast once per column.
// CHECK-LABEL: @apart
// CHECK-COUNT-3: linalg.generic
func.func @apart(%x: tensor<4xf32>, %y: tensor<4x4xf32>, %init: tensor<4xf32>) -> (tensor<4x4xf32>, tensor<4xf32>) {
  %a = linalg.generic {indexing_maps = [#v, #v], iterator_types = ["parallel"]}
      ins(%x : tensor<4xf32>) outs(%x : tensor<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %e = math.exp %in : f32
    linalg.yield %e : f32
  } -> tensor<4xf32>
  %b = linalg.generic {indexing_maps = [#row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a : tensor<4xf32>) outs(%y : tensor<4x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %e = arith.addf %in, %in : f32
    linalg.yield %e : f32
  } -> tensor<4x4xf32>
  %c = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}
      ins(%b : tensor<4x4xf32>) outs(%init : tensor<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %e = arith.addf %in, %out : f32
    linalg.yield %e : f32
  } -> tensor<4xf32>
  return %b, %c : tensor<4x4xf32>, tensor<4xf32>
}

// The code of a sum ends with one element-wise op: two sums do not meet in one.
// CHECK-LABEL: @two_sums
// CHECK-COUNT-4: linalg.generic
func.func @two_sums(%x: tensor<4x4xf32>, %init: tensor<4xf32>, %e: tensor<4xf32>) -> tensor<4xf32> {
  %a = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<4x4xf32>) outs(%init : tensor<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %s = arith.addf %out, %in : f32
    linalg.yield %s : f32
  } -> tensor<4xf32>
  %b = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<4x4xf32>) outs(%init : tensor<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %p = arith.mulf %in, %in : f32
    %s = arith.addf %out, %p : f32
    linalg.yield %s : f32
  } -> tensor<4xf32>
  %c = linalg.generic {indexing_maps = [#v, #v], iterator_types = ["parallel"]}
      ins(%a : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %s = arith.mulf %in, %in : f32
    linalg.yield %s : f32
  } -> tensor<4xf32>
  %d = linalg.generic {indexing_maps = [#v, #v, #v], iterator_types = ["parallel"]}
      ins(%c, %b : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%in: f32, %other: f32, %out: f32):
    %s = arith.addf %in, %other : f32
    linalg.yield %s : f32
  } -> tensor<4xf32>
  return %d : tensor<4xf32>
}

// A rectifier costs less than to keep what it gives: each op that reads it has its own, and the
// attributes that it had.
// CHECK-LABEL: @rectifier
// CHECK-NEXT: linalg.generic {{.*}}attrs = {fpw.role = "maximum"}
// CHECK: arith.maximumf
// CHECK: linalg.generic {{.*}}attrs = {fpw.role = "split"}
// CHECK: arith.maximumf
// CHECK-NOT: linalg.generic
func.func @rectifier(%x: tensor<4x4xf32>, %zero: f32, %init: tensor<4xf32>) -> (tensor<4xf32>, tensor<4x4xf32>) {
  %a = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<4x4xf32>) outs(%x : tensor<4x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %m = arith.maximumf %in, %zero : f32
    linalg.yield %m : f32
  } -> tensor<4x4xf32>
  %b = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}
      ins(%a : tensor<4x4xf32>) outs(%init : tensor<4xf32>) attrs = {fpw.role = "maximum"} {
  ^bb0(%in: f32, %out: f32):
    %m = arith.addf %in, %out : f32
    linalg.yield %m : f32
  } -> tensor<4xf32>
  %c = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a : tensor<4x4xf32>) outs(%x : tensor<4x4xf32>) attrs = {fpw.role = "split"} {
  ^bb0(%in: f32, %out: f32):
    %m = arith.mulf %in, %in : f32
    linalg.yield %m : f32
  } -> tensor<4x4xf32>
  return %b, %c : tensor<4xf32>, tensor<4x4xf32>
}

// A view that takes dimensions together does not keep ops apart: the second op goes through the separate dimensions.
// CHECK-LABEL: @through_view
// CHECK: linalg.generic {{.*}} outs(%{{.*}} : tensor<4x2x3xf32>)
// CHECK: math.exp
// CHECK-NEXT: arith.addf
// CHECK-NOT: linalg.generic
// CHECK: tensor.collapse_shape
func.func @through_view(%x: tensor<4x2x3xf32>, %bias: tensor<3xf32>, %y: tensor<8x3xf32>) -> tensor<8x3xf32> {
  %a = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j, k)>],
      iterator_types = ["parallel", "parallel", "parallel"]} ins(%x : tensor<4x2x3xf32>) outs(%x : tensor<4x2x3xf32>) {
  ^bb0(%in: f32, %out: f32):
    %e = math.exp %in : f32
    linalg.yield %e : f32
  } -> tensor<4x2x3xf32>
  %view = tensor.collapse_shape %a [[0, 1], [2]] : tensor<4x2x3xf32> into tensor<8x3xf32>
  %b = linalg.generic {indexing_maps = [#id, affine_map<(i, j) -> (j)>, #id], iterator_types = ["parallel", "parallel"]}
      ins(%view, %bias : tensor<8x3xf32>, tensor<3xf32>) outs(%y : tensor<8x3xf32>) {
  ^bb0(%in: f32, %c: f32, %out: f32):
    %e = arith.addf %in, %c : f32
    linalg.yield %e : f32
  } -> tensor<8x3xf32>
  return %b : tensor<8x3xf32>
}

// An op may read what is cheap to compute again twice.
// CHECK-LABEL: @twice
// CHECK: linalg.generic
// CHECK-COUNT-2: arith.select
// CHECK-NOT: linalg.generic
func.func @twice(%x: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %zero = arith.constant 0.0 : f32
  %a = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<4x4xf32>) outs(%x : tensor<4x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %c = arith.cmpf ogt, %in, %zero : f32
    %s = arith.select %c, %in, %zero : f32
    linalg.yield %s : f32
  } -> tensor<4x4xf32>
  %b = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a, %a : tensor<4x4xf32>, tensor<4x4xf32>) outs(%x : tensor<4x4xf32>) {
  ^bb0(%p: f32, %q: f32, %out: f32):
    %e = arith.mulf %p, %q : f32
    linalg.yield %e : f32
  } -> tensor<4x4xf32>
  return %b : tensor<4x4xf32>
}

// With a static step, a layer of bytes ends with the codes of the next one; the loop over the only
// digit goes.
// CHECK-LABEL: @codes
// CHECK: linalg.generic {{.*}} "reduction"
// CHECK: linalg.generic {indexing_maps = [{{.*}}, #[[$CODES]]], iterator_types = ["parallel", "parallel"]}
// CHECK: arith.sitofp
// CHECK: arith.fptosi
// CHECK-NOT: linalg.generic
func.func @codes(%x: tensor<4x4x8xi32>, %init: tensor<4x4xi32>, %f: tensor<4x4xf32>, %codes: tensor<4x1x4xi8>) -> tensor<4x1x4xi8> {
  %sums = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (i, j)>],
                          iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x : tensor<4x4x8xi32>) outs(%init : tensor<4x4xi32>) {
  ^bb0(%in: i32, %out: i32):
    %s = arith.addi %out, %in : i32
    linalg.yield %s : i32
  } -> tensor<4x4xi32>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%sums : tensor<4x4xi32>) outs(%f : tensor<4x4xf32>) {
  ^bb0(%in: i32, %out: f32):
    %s = arith.sitofp %in : i32 to f32
    linalg.yield %s : f32
  } -> tensor<4x4xf32>
  %d = linalg.generic {indexing_maps = [affine_map<(d, i, j) -> (i, j)>, affine_map<(d, i, j) -> (i, d, j)>],
                       iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%y : tensor<4x4xf32>) outs(%codes : tensor<4x1x4xi8>) attrs = {fpw.role = "split"} {
  ^bb0(%in: f32, %out: i8):
    %c = arith.fptosi %in : f32 to i8
    linalg.yield %c : i8
  } -> tensor<4x1x4xi8>
  return %d : tensor<4x1x4xi8>
}

// Of cheap ops that follow each other, those that come later go first: their users take their place.
// CHECK-LABEL: @cheap_chain
// CHECK: linalg.generic
// CHECK-COUNT-4: arith.select
// CHECK: arith.mulf
// CHECK-NOT: linalg.generic
func.func @cheap_chain(%x: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %zero = arith.constant 0.0 : f32
  %six = arith.constant 6.0 : f32
  %a = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<4x4xf32>) outs(%x : tensor<4x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %c = arith.cmpf ogt, %in, %zero : f32
    %s = arith.select %c, %in, %zero : f32
    linalg.yield %s : f32
  } -> tensor<4x4xf32>
  %b = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a : tensor<4x4xf32>) outs(%x : tensor<4x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %c = arith.cmpf olt, %in, %six : f32
    %s = arith.select %c, %in, %six : f32
    linalg.yield %s : f32
  } -> tensor<4x4xf32>
  %d = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%b, %b : tensor<4x4xf32>, tensor<4x4xf32>) outs(%x : tensor<4x4xf32>) {
  ^bb0(%p: f32, %q: f32, %out: f32):
    %e = arith.mulf %p, %q : f32
    linalg.yield %e : f32
  } -> tensor<4x4xf32>
  return %d : tensor<4x4xf32>
}
