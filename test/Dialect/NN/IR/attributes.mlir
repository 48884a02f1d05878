// RUN: fpw-opt %s --verify-roundtrip | FileCheck %s
// RUN: fpw-opt %s --emit-bytecode | fpw-opt | FileCheck %s

// Steps are f32: a number in the text is rounded once, and printed so that it comes back.

// CHECK-LABEL: func.func private @steps
// CHECK-SAME:    a = #nn.fixed_point<bits = 8, signed, delta = 2.000000e-04>
// CHECK-SAME:    b = #nn.fixed_point<bits = 1, unsigned, delta = 1.401300e-45>
// CHECK-SAME:    c = #nn.fixed_point<bits = 24, unsigned, delta = 3.40282347E+38>
// CHECK-SAME:    d = #nn.fixed_point<bits = 2, signed, delta = 0.333333343>
// CHECK-SAME:    e = #nn.fixed_point<bits = 8, signed, delta = 1.000000e+00>
// CHECK-SAME:    f = #nn.fixed_point<bits = 8, signed, delta = 1.000000e+00>
func.func private @steps() attributes {
  a = #nn.fixed_point<bits = 8, signed, delta = 2.0e-04>,
  b = #nn.fixed_point<bits = 1, unsigned, delta = 1.4e-45>,
  c = #nn.fixed_point<bits = 24, unsigned, delta = 3.4028235e+38>,
  d = #nn.fixed_point<bits = 2, signed, delta = 0.33333334326744>,
  e = #nn.fixed_point<bits = 8, signed, delta = 1.00000005960464477>,
  f = #nn.fixed_point<bits = 8, signed, delta = [1.0]>}

// CHECK-LABEL: func.func private @conversion
// CHECK-SAME:    a = #nn.conversion<source = "", absmax = 0.000000e+00, clipped = 0, error = 0.000000e+00, energy = 0.000000e+00>
// CHECK-SAME:    b = #nn.conversion<source = "\22W\22", absmax = 1.000000e-01, clipped = 9223372036854775807, error = 1.000000e-01, energy = {{.*}}>
func.func private @conversion() attributes {
  a = #nn.conversion<source = "", absmax = 0.0, clipped = 0, error = 0.0, energy = 0.0>,
  b = #nn.conversion<source = "\22W\22", absmax = 0.1, clipped = 9223372036854775807, error = 0.1, energy = 1.7976931348623157e308>}

// The names of the source file and its batch size.

// CHECK-LABEL: func.func private @network
// CHECK-SAME:    (tensor<?x4xf32> {nn.name = "x"}) -> (tensor<?x4xf32> {nn.name = "y'"}) attributes {nn.batch_size = 4 : i64}
func.func private @network(tensor<?x4xf32> {nn.name = "x"}) -> (tensor<?x4xf32> {nn.name = "y'"}) attributes {nn.batch_size = 4 : i64}
