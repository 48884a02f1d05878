// RUN: fpw-opt %s --split-input-file --verify-diagnostics

// expected-error@+1 {{expected 1 to 24 bits but got 0 (C1)}}
func.func private @c1_no_bits() attributes {a = #nn.fixed_point<bits = 0, unsigned, delta = 1.0>}

// -----

// expected-error@+1 {{expected 2 to 24 bits but got 1 (C1)}}
func.func private @c1_one_signed_bit() attributes {a = #nn.fixed_point<bits = 1, signed, delta = 1.0>}

// -----

// expected-error@+1 {{expected 2 to 24 bits but got 25 (C1)}}
func.func private @c1_many_bits() attributes {a = #nn.fixed_point<bits = 25, signed, delta = 1.0>}

// -----

// expected-error@+1 {{integer value too large}}
func.func private @c1_too_many_bits() attributes {a = #nn.fixed_point<bits = 4294967304, signed, delta = 1.0>}

// -----

// expected-error@+1 {{expected a positive finite step but got 0.000000e+00 (C2)}}
func.func private @c2_zero() attributes {a = #nn.fixed_point<bits = 8, signed, delta = 0.0>}

// -----

// Too small for an f32.

// expected-error@+1 {{expected a positive finite step but got 0.000000e+00 (C2)}}
func.func private @c2_rounds_to_zero() attributes {a = #nn.fixed_point<bits = 8, signed, delta = 1.0e-46>}

// -----

// expected-error@+1 {{expected a positive finite step but got -1.000000e+00 (C2)}}
func.func private @c2_negative() attributes {a = #nn.fixed_point<bits = 8, signed, delta = [1.0, -1.0]>}

// -----

// expected-error@+1 {{expected a positive finite step but got INF (C2)}}
func.func private @c2_infinite() attributes {a = #nn.fixed_point<bits = 8, signed, delta = 0x7F800000>}

// -----

// expected-error@+1 {{expected a positive finite step but got nan (C2)}}
func.func private @c2_nan() attributes {a = #nn.fixed_point<bits = 8, signed, delta = 0x7FC00000>}

// -----

// expected-error@+1 {{expected at least one step (C3)}}
func.func private @c3() attributes {a = #nn.fixed_point<bits = 8, signed, delta = []>}

// -----

// expected-error@+1 {{expected signed or unsigned but got 'twos'}}
func.func private @sign() attributes {a = #nn.fixed_point<bits = 8, twos, delta = 1.0>}

// -----

// expected-error@+1 {{expected finite numbers of 0 or more (C1)}}
func.func private @conversion_c1_nan() attributes {a = #nn.conversion<source = "W", absmax = 1.0, clipped = 0, error = 0x7FF8000000000000, energy = 1.0>}

// -----

// expected-error@+1 {{expected finite numbers of 0 or more (C1)}}
func.func private @conversion_c1_negative() attributes {a = #nn.conversion<source = "W", absmax = 1.0, clipped = -1, error = 0.0, energy = 1.0>}

// -----

// expected-error@+1 {{expected 'nn.batch_size' to be a size on a function but got -1 : i64}}
func.func private @batch_size_negative() attributes {nn.batch_size = -1 : i64}

// -----

// expected-error@+1 {{expected 'nn.batch_size' to be a size on a function but got -1 : i128}}
func.func private @batch_size_wide() attributes {nn.batch_size = 340282366920938463463374607431768211455 : i128}

// -----

// expected-error@+1 {{expected 'nn.batch_size' to be a size on a function but got 4 : i64}}
module attributes {nn.batch_size = 4 : i64} {}

// -----

// expected-error@+1 {{unknown attribute 'nn.batch' of the nn dialect}}
func.func private @unknown() attributes {nn.batch = 4 : i64}

// -----

// expected-error@+1 {{expected 'nn.name' to be a string but got 1 : i64}}
func.func private @name_of_argument(tensor<4xf32> {nn.name = 1 : i64})

// -----

// expected-error@+1 {{unknown attribute 'nn.label' of the nn dialect}}
func.func private @unknown_of_result() -> (tensor<4xf32> {nn.label = "y"})

// -----

// expected-error@+1 {{unknown attribute 'nn.name' of the nn dialect}}
func.func private @name_of_function() attributes {nn.name = "f"}
