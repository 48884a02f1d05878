// RUN: fpw-opt %s --pass-pipeline="builtin.module(func.func(fpw-cpu-band-layers),canonicalize)" | FileCheck %s

#id = affine_map<(b, h, w, o) -> (b, h, w, o)>
#id5 = affine_map<(b, h, w, o, i) -> (b, h, w, o)>
#point = affine_map<(b, h, w, o, i) -> (b, h, w, i)>
#matrix = affine_map<(b, h, w, o, i) -> (o, i)>
#line = affine_map<(b, h, w, o, i, j, c) -> (b, h + i, w + j, c)>
#kernel = affine_map<(b, h, w, o, i, j, c) -> (o, i, j, c)>
#sum = affine_map<(b, h, w, o, i, j, c) -> (b, h, w, o)>

// The 3x3 layer reads two lines more than the band has; the 1x1 layer behind it reads the lines that
// the band has just made. What both make stays in the band, but for the result.

// CHECK-LABEL: func.func @expand
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?x58x58x64xf32>
// CHECK:         %[[RESULT:.*]] = scf.forall (%[[B:.*]], %[[H:.*]]) = (0, 0) to (%{{.*}}, 56) step (1, 7) shared_outs(%[[O:.*]] = %{{.*}}) -> (tensor<?x56x56x256xf32>) {
// CHECK:           %[[LINES:.*]] = tensor.extract_slice %[[X]][%[[B]], %[[H]], 0, 0] [1, 9, 58, 64] [1, 1, 1, 1]
// CHECK:           %[[SUMS:.*]] = linalg.generic {{.*}} ins(%[[LINES]], %{{.*}} : tensor<1x9x58x64xf32>, tensor<64x3x3x64xf32>)
// CHECK:           %[[Y:.*]] = linalg.generic {{.*}} ins(%[[SUMS]] : tensor<1x7x56x64xf32>)
// CHECK:           %[[WIDE:.*]] = linalg.generic {{.*}} ins(%[[Y]], %{{.*}} : tensor<1x7x56x64xf32>, tensor<256x64xf32>)
// CHECK:           %[[PLACE:.*]] = tensor.extract_slice %[[O]][%[[B]], %[[H]], 0, 0] [1, 7, 56, 256] [1, 1, 1, 1]
// CHECK:           %[[Z:.*]] = linalg.generic {{.*}} ins(%[[WIDE]] : tensor<1x7x56x256xf32>) outs(%[[PLACE]]
// CHECK:           tensor.parallel_insert_slice %[[Z]] into %[[O]][%[[B]], %[[H]], 0, 0] [1, 7, 56, 256] [1, 1, 1, 1]
// CHECK:         return %[[RESULT]]
func.func @expand(%x: tensor<?x58x58x64xf32>, %n: index) -> tensor<?x56x56x256xf32> {
  %zero = arith.constant 0.0 : f32
  %v = nn.parameter "v" = dense<1.0> : tensor<64x3x3x64xf32>
  %w = nn.parameter "w" = dense<1.0> : tensor<256x64xf32>
  %narrow = tensor.empty(%n) : tensor<?x56x56x64xf32>
  %wide = tensor.empty(%n) : tensor<?x56x56x256xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(b, h, w, o) -> ()>, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%zero : f32) outs(%narrow : tensor<?x56x56x64xf32>) {
  ^bb0(%a: f32, %out: f32):
    linalg.yield %a : f32
  } -> tensor<?x56x56x64xf32>
  %1 = linalg.generic {indexing_maps = [#line, #kernel, #sum], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]}
      ins(%x, %v : tensor<?x58x58x64xf32>, tensor<64x3x3x64xf32>) outs(%0 : tensor<?x56x56x64xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %out, %p : f32
    linalg.yield %s : f32
  } -> tensor<?x56x56x64xf32>
  %2 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%1 : tensor<?x56x56x64xf32>) outs(%narrow : tensor<?x56x56x64xf32>) {
  ^bb0(%a: f32, %out: f32):
    %m = arith.maximumf %a, %zero : f32
    linalg.yield %m : f32
  } -> tensor<?x56x56x64xf32>
  %3 = linalg.generic {indexing_maps = [affine_map<(b, h, w, o) -> ()>, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%zero : f32) outs(%wide : tensor<?x56x56x256xf32>) {
  ^bb0(%a: f32, %out: f32):
    linalg.yield %a : f32
  } -> tensor<?x56x56x256xf32>
  %4 = linalg.generic {indexing_maps = [#point, #matrix, #id5], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%2, %w : tensor<?x56x56x64xf32>, tensor<256x64xf32>) outs(%3 : tensor<?x56x56x256xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %out, %p : f32
    linalg.yield %s : f32
  } -> tensor<?x56x56x256xf32>
  %5 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%4 : tensor<?x56x56x256xf32>) outs(%wide : tensor<?x56x56x256xf32>) {
  ^bb0(%a: f32, %out: f32):
    %m = arith.maximumf %a, %zero : f32
    linalg.yield %m : f32
  } -> tensor<?x56x56x256xf32>
  return %5 : tensor<?x56x56x256xf32>
}

// The image that is added at the end is needed no more: the result takes its place.
// CHECK-LABEL: func.func @residual
// CHECK:         %[[OLD:.*]] = tensor.cast
// CHECK:         scf.forall (%[[B:.*]], %[[H:.*]]) = {{.*}} shared_outs(%[[O:.*]] = %{{.*}}) -> (tensor<?x56x56x256xf32>) {
// CHECK:           %[[PLACE:.*]] = tensor.extract_slice %[[O]][%[[B]], %[[H]], 0, 0] [1, 7, 56, 256] [1, 1, 1, 1]
// CHECK:           linalg.generic {{.*}} ins(%{{.*}}, %[[PLACE]] : {{.*}} outs(%[[PLACE]]
func.func @residual(%x: tensor<?x58x58x64xf32>, %z: tensor<*xf32>, %n: index) -> tensor<?x56x56x256xf32> {
  %zero = arith.constant 0.0 : f32
  %old = tensor.cast %z : tensor<*xf32> to tensor<?x56x56x256xf32>
  %v = nn.parameter "v" = dense<1.0> : tensor<64x3x3x64xf32>
  %w = nn.parameter "w" = dense<1.0> : tensor<256x64xf32>
  %narrow = tensor.empty(%n) : tensor<?x56x56x64xf32>
  %wide = tensor.empty(%n) : tensor<?x56x56x256xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(b, h, w, o) -> ()>, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%zero : f32) outs(%narrow : tensor<?x56x56x64xf32>) {
  ^bb0(%a: f32, %out: f32):
    linalg.yield %a : f32
  } -> tensor<?x56x56x64xf32>
  %1 = linalg.generic {indexing_maps = [#line, #kernel, #sum], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]}
      ins(%x, %v : tensor<?x58x58x64xf32>, tensor<64x3x3x64xf32>) outs(%0 : tensor<?x56x56x64xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %out, %p : f32
    linalg.yield %s : f32
  } -> tensor<?x56x56x64xf32>
  %2 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%1 : tensor<?x56x56x64xf32>) outs(%narrow : tensor<?x56x56x64xf32>) {
  ^bb0(%a: f32, %out: f32):
    %m = arith.maximumf %a, %zero : f32
    linalg.yield %m : f32
  } -> tensor<?x56x56x64xf32>
  %3 = linalg.generic {indexing_maps = [affine_map<(b, h, w, o) -> ()>, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%zero : f32) outs(%wide : tensor<?x56x56x256xf32>) {
  ^bb0(%a: f32, %out: f32):
    linalg.yield %a : f32
  } -> tensor<?x56x56x256xf32>
  %4 = linalg.generic {indexing_maps = [#point, #matrix, #id5], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%2, %w : tensor<?x56x56x64xf32>, tensor<256x64xf32>) outs(%3 : tensor<?x56x56x256xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %out, %p : f32
    linalg.yield %s : f32
  } -> tensor<?x56x56x256xf32>
  %5 = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%4, %old : tensor<?x56x56x256xf32>, tensor<?x56x56x256xf32>) outs(%wide : tensor<?x56x56x256xf32>) {
  ^bb0(%a: f32, %c: f32, %out: f32):
    %m = arith.addf %a, %c : f32
    linalg.yield %m : f32
  } -> tensor<?x56x56x256xf32>
  return %5 : tensor<?x56x56x256xf32>
}

// A window of three lines needs lines of other bands: no band.
// CHECK-LABEL: func.func @windows
// CHECK-NOT:     scf.forall
func.func @windows(%x: tensor<?x58x58x64xf32>, %n: index) -> tensor<?x56x56x256xf32> {
  %zero = arith.constant 0.0 : f32
  %v = nn.parameter "v" = dense<1.0> : tensor<256x3x3x64xf32>
  %wide = tensor.empty(%n) : tensor<?x56x56x256xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(b, h, w, o) -> ()>, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%zero : f32) outs(%wide : tensor<?x56x56x256xf32>) {
  ^bb0(%a: f32, %out: f32):
    linalg.yield %a : f32
  } -> tensor<?x56x56x256xf32>
  %1 = linalg.generic {indexing_maps = [#line, #kernel, #sum], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]}
      ins(%x, %v : tensor<?x58x58x64xf32>, tensor<256x3x3x64xf32>) outs(%0 : tensor<?x56x56x256xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %out, %p : f32
    linalg.yield %s : f32
  } -> tensor<?x56x56x256xf32>
  %2 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%1 : tensor<?x56x56x256xf32>) outs(%wide : tensor<?x56x56x256xf32>) {
  ^bb0(%a: f32, %out: f32):
    %m = arith.maximumf %a, %zero : f32
    linalg.yield %m : f32
  } -> tensor<?x56x56x256xf32>
  return %2 : tensor<?x56x56x256xf32>
}
