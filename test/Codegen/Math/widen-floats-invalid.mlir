// RUN: fpw-opt %s --fpw-widen-floats --split-input-file --verify-diagnostics

#id = affine_map<(d0) -> (d0)>

// The bits of an f64 are others.

func.func @bits(%x: tensor<2xf32>) -> tensor<2xf32> {
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : tensor<2xf32>) outs(%x : tensor<2xf32>) {
  ^bb0(%a: f32, %b: f32):
    // expected-error@+1 {{expected an op that can be widened}}
    %0 = arith.bitcast %a : f32 to i32
    %1 = arith.sitofp %0 : i32 to f32
    linalg.yield %1 : f32
  } -> tensor<2xf32>
  return %y : tensor<2xf32>
}

// -----

func.func @integers(%x: tensor<2xi32>) -> tensor<2xi32> {
  // expected-error@+1 {{expected to return floats but got 'tensor<2xi32>'}}
  return %x : tensor<2xi32>
}
