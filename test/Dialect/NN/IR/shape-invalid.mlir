// RUN: fpw-opt %s --split-input-file --verify-diagnostics

func.func @reshape_c1_negative(%x: tensor<6x4xf32>) {
  // expected-error@+2 {{expected sizes, at most one of them -1, but got [-2, 4] (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.reshape %x shape [-2, 4] : (tensor<6x4xf32>) -> tensor<6x4xf32>
  return
}

// -----

func.func @reshape_c1_two_open(%x: tensor<6x4xf32>) {
  // expected-error@+2 {{expected sizes, at most one of them -1, but got [-1, -1] (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.reshape %x shape [-1, -1] : (tensor<6x4xf32>) -> tensor<6x4xf32>
  return
}

// -----

func.func @reshape_c1_overflow(%x: tensor<6x4xf32>) {
  // expected-error@+2 {{expected the number of elements to fit 64 bits (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.reshape %x shape [4294967296, 4294967296, 24] : (tensor<6x4xf32>) -> tensor<6x4xf32>
  return
}

// -----

func.func @reshape_c2(%x: tensor<6x4xf32>) {
  // expected-error@+2 {{expected a shape of 24 elements but got [5, 5] (C2)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.reshape %x shape [5, 5] : (tensor<6x4xf32>) -> tensor<5x5xf32>
  return
}

// -----

func.func @reshape_c2_open(%x: tensor<6x4xf32>) {
  // expected-error@+2 {{expected a shape of 24 elements but got [-1, 5] (C2)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.reshape %x shape [-1, 5] : (tensor<6x4xf32>) -> tensor<?x5xf32>
  return
}

// -----

func.func @reshape_c2_open_of_empty(%x: tensor<6x4xf32>) {
  // expected-error@+2 {{expected a shape of 24 elements but got [-1, 0] (C2)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.reshape %x shape [-1, 0] : (tensor<6x4xf32>) -> tensor<?x0xf32>
  return
}

// -----

func.func @reshape_c3(%x: tensor<?x3x4xf32>) {
  // expected-error@+2 {{expected a -1 in the shape, as 'tensor<?x3x4xf32>' is dynamic (C3)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.reshape %x shape [2, 12] : (tensor<?x3x4xf32>) -> tensor<2x12xf32>
  return
}

// -----

func.func @transpose_c1_count(%x: tensor<6x4xf32>) {
  // expected-error@+2 {{expected a permutation of 2 dimensions but got [0] (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.transpose %x axes [0] : (tensor<6x4xf32>) -> tensor<6xf32>
  return
}

// -----

func.func @transpose_c1_twice(%x: tensor<6x4xf32>) {
  // expected-error@+2 {{expected a permutation of 2 dimensions but got [1, 1] (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.transpose %x axes [1, 1] : (tensor<6x4xf32>) -> tensor<4x4xf32>
  return
}

// -----

func.func @transpose_c1_range(%x: tensor<6x4xf32>) {
  // expected-error@+2 {{expected a permutation of 2 dimensions but got [9223372036854775807, -9223372036854775808] (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.transpose %x axes [9223372036854775807, -9223372036854775808] : (tensor<6x4xf32>) -> tensor<4x4xf32>
  return
}

// -----

func.func @slice_c1_count(%x: tensor<6x4xf32>) {
  // expected-error@+2 {{expected start, stop and a step other than 0 for each of 2 dimensions (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.slice %x start [0] stop [6, 4] step [1, 1] : (tensor<6x4xf32>) -> tensor<6x4xf32>
  return
}

// -----

func.func @slice_c1_step(%x: tensor<6x4xf32>) {
  // expected-error@+2 {{expected start, stop and a step other than 0 for each of 2 dimensions (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.slice %x start [0, 0] stop [6, 4] step [1, 0] : (tensor<6x4xf32>) -> tensor<6x4xf32>
  return
}

// -----

func.func @slice_c2(%x: tensor<?x3x4xf32>) {
  // expected-error@+2 {{expected the dynamic dimension 0 to be taken whole but got 0:-1:1 (C2)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.slice %x start [0, 0, 0] stop [-1, 3, 4] step [1, 1, 1] : (tensor<?x3x4xf32>) -> tensor<?x3x4xf32>
  return
}

// -----

func.func @pad_c1_odd(%x: tensor<6x4xf32>) {
  // expected-error@+2 {{expected pairs of pads for at most 2 dimensions but got [1, 1, 1] (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.pad %x pad_width [1, 1, 1] : (tensor<6x4xf32>) -> tensor<6x6xf32>
  return
}

// -----

func.func @pad_c1_many(%x: tensor<6x4xf32>) {
  // expected-error@+2 {{expected pairs of pads for at most 2 dimensions but got [0, 0, 0, 0, 0, 0] (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.pad %x pad_width [0, 0, 0, 0, 0, 0] : (tensor<6x4xf32>) -> tensor<6x4xf32>
  return
}

// -----

func.func @pad_c1_negative(%x: tensor<6x4xf32>) {
  // expected-error@+2 {{expected pad_width of 0 to 2147483647 but got -1 (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.pad %x pad_width [0, -1] : (tensor<6x4xf32>) -> tensor<6x3xf32>
  return
}

// -----

func.func @pad_c2_dynamic(%x: tensor<?x3x4xf32>) {
  // expected-error@+2 {{expected padded dimensions of 'tensor<?x3x4xf32>' to be static and larger than reflected pads (C2)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.pad %x pad_width [0, 1, 0, 0, 0, 0] : (tensor<?x3x4xf32>) -> tensor<?x3x4xf32>
  return
}

// -----

func.func @pad_c2_reflect(%x: tensor<6x4xf32>) {
  // expected-error@+2 {{to be static and larger than reflected pads (C2)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.pad %x pad_width [0, 4] mode "reflect" : (tensor<6x4xf32>) -> tensor<6x8xf32>
  return
}

// -----

func.func @pad_c2_repeat_of_nothing(%x: tensor<6x0xf32>) {
  // expected-error@+2 {{to be static and larger than reflected pads (C2)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.pad %x pad_width [0, 4] mode "repeat" : (tensor<6x0xf32>) -> tensor<6x4xf32>
  return
}

// -----

func.func @pad_c2_large(%x: tensor<6x4xf32>) {
  // expected-error@+2 {{expected at most 16777216 indices after padding with mode repeat but got 16777217 (C2)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.pad %x pad_width [0, 16777213] mode "repeat" : (tensor<6x4xf32>) -> tensor<6x16777217xf32>
  return
}

// -----

func.func @pad_c3(%x: tensor<6x4xf32>) {
  // expected-error@+2 {{expected mode constant, reflect or repeat but got wrap (C3)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.pad %x pad_width [0, 4] mode "wrap" : (tensor<6x4xf32>) -> tensor<6x8xf32>
  return
}

// -----

func.func @pad_too_large(%x: tensor<6x4xf32>) {
  // expected-error@+2 {{expected a result of at most 2^40 elements but got shape [2147483653, 2147483651]}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.pad %x pad_width [2147483647, 0, 2147483647, 0] : (tensor<6x4xf32>) -> tensor<?x?xf32>
  return
}

// -----

func.func @broadcast_c1(%x: tensor<6x4xf32>) {
  // expected-error@+2 {{expected 2 sizes but got [5, 6, 4] (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.broadcast %x shape [5, 6, 4] : (tensor<6x4xf32>) -> tensor<5x6x4xf32>
  return
}

// -----

func.func @broadcast_c2(%x: tensor<6x4xf32>) {
  // expected-error@+2 {{expected sizes of 'tensor<6x4xf32>' or -1, or to repeat 1, but got [12, 4] (C2)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.broadcast %x shape [12, 4] : (tensor<6x4xf32>) -> tensor<12x4xf32>
  return
}

// -----

func.func @broadcast_c2_dynamic(%x: tensor<?x3x4xf32>) {
  // expected-error@+2 {{but got [5, 3, 4] (C2)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.broadcast %x shape [5, 3, 4] : (tensor<?x3x4xf32>) -> tensor<5x3x4xf32>
  return
}

// -----

func.func @broadcast_c2_negative(%x: tensor<1xf32>) {
  // expected-error@+2 {{but got [-2] (C2)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.broadcast %x shape [-2] : (tensor<1xf32>) -> tensor<?xf32>
  return
}

// -----

func.func @interpolate_c1_none(%x: tensor<?x3x4xf32>) {
  // expected-error@+2 {{expected output sizes for 1 to 3 static spatial dimensions but got 'tensor<?x3x4xf32>' (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.interpolate %x output_size [] : (tensor<?x3x4xf32>) -> tensor<?x3x4xf32>
  return
}

// -----

func.func @interpolate_c1_dynamic(%x: tensor<?x3x4xf32>) {
  // expected-error@+2 {{expected output sizes for 1 to 3 static spatial dimensions but got 'tensor<?x3x4xf32>' (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.interpolate %x output_size [2, 6] channel_last : (tensor<?x3x4xf32>) -> tensor<2x6x4xf32>
  return
}

// -----

func.func @interpolate_c1_rank(%x: tensor<6x4xf32>) {
  // expected-error@+2 {{expected output sizes for 1 to 3 static spatial dimensions but got 'tensor<6x4xf32>' (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.interpolate %x output_size [2, 6] channel_last : (tensor<6x4xf32>) -> tensor<2x6xf32>
  return
}

// -----

func.func @interpolate_c1_size(%x: tensor<6x4xf32>) {
  // expected-error@+2 {{expected output sizes of 1 to 16777216 but got [0] (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.interpolate %x output_size [0] : (tensor<6x4xf32>) -> tensor<6x0xf32>
  return
}

// -----

func.func @interpolate_c1_large(%x: tensor<6x4xf32>) {
  // expected-error@+2 {{expected output sizes of 1 to 16777216 but got [16777217] (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.interpolate %x output_size [16777217] : (tensor<6x4xf32>) -> tensor<6x16777217xf32>
  return
}

// -----

func.func @interpolate_c2(%x: tensor<6x4xf32>) {
  // expected-error@+2 {{expected mode nearest or linear but got cubic (C2)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.interpolate %x output_size [8] mode "cubic" : (tensor<6x4xf32>) -> tensor<6x8xf32>
  return
}

// -----

func.func @take_c1(%x: tensor<?x4xf32>) {
  // expected-error@+2 {{expected a static dimension 0 but got 'tensor<?x4xf32>' (C1)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.take %x axis 0 indices [0] : (tensor<?x4xf32>) -> tensor<1x4xf32>
  return
}

// -----

func.func @take_c2_none(%x: tensor<?x4xf32>) {
  // expected-error@+2 {{expected 1 to 16777216 indices but got 0 (C2)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.take %x axis 1 indices [] : (tensor<?x4xf32>) -> tensor<?x0xf32>
  return
}

// -----

func.func @take_c2_beyond(%x: tensor<?x4xf32>) {
  // expected-error@+2 {{expected indices of dimension 1 of 'tensor<?x4xf32>' but got 4 (C2)}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.take %x axis 1 indices [0, 4] : (tensor<?x4xf32>) -> tensor<?x2xf32>
  return
}
