//===- Passes.td - Passes that make native code for the CPU -*- tablegen -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_CODEGEN_CPU_PASSES
#define FPW_CODEGEN_CPU_PASSES

include "mlir/Pass/PassBase.td"

defvar VectorBits = Option<"vectorBits", "vector-bits", "unsigned", /*default=*/"512",
                           "Bits of a vector register: 128, 256 or 512">;

defvar DotUnit = Option<"dotUnit", "dot-unit", "::fpw::cpu::DotUnit", /*default=*/"::fpw::cpu::DotUnit::Plain",
                        "How products are added within lanes", [{::llvm::cl::values(
  clEnumValN(::fpw::cpu::DotUnit::Plain, "plain", "one after the other"),
  clEnumValN(::fpw::cpu::DotUnit::Multiply, "multiply", "pairs of words (SSE2, AVX2, AVX-512BW)"),
  clEnumValN(::fpw::cpu::DotUnit::Accumulate, "accumulate", "words or bytes onto a sum (VNNI)"))}]>;

def FPWCPUBandLayers : Pass<"fpw-cpu-band-layers", "::mlir::func::FuncOp"> {
  let summary = "takes a few lines of an image through several layers at a time";
  let description = [{
    Layers that need no more than one line of their input for a line of their
    result (pointwise convolutions, element-wise ops, digits with a step per pixel) move into an
    `scf.forall` over bands of lines, together with the layer before, if their
    images do not fit into the second-level cache and their weights do.

    ```mlir
    %y = linalg.generic ... ins(%x, %v : tensor<?x58x58x64xf32>, ...) -> tensor<?x56x56x64xf32>   // 3x3
    %z = linalg.generic ... ins(%y, %w : tensor<?x56x56x64xf32>, ...) -> tensor<?x56x56x256xf32>  // 1x1
    ```
    becomes
    ```mlir
    %z = scf.forall (%b, %h) = (0, 0) to (%n, 56) step (1, 4) shared_outs(%o = %empty) {
      %lines = tensor.extract_slice %x[%b, %h, 0, 0] [1, 6, 58, 64] [1, 1, 1, 1]
      %y = linalg.generic ... ins(%lines, %v : tensor<1x6x58x64xf32>, ...) -> tensor<1x4x56x64xf32>
      %z = linalg.generic ... ins(%y, %w : tensor<1x4x56x64xf32>, ...) -> tensor<1x4x56x256xf32>
      ...
    }
    ```

    Example: test/Codegen/CPU/band-layers.mlir @expand
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::scf::SCFDialect",
                           "::mlir::tensor::TensorDialect"];
}

def FPWCPUSelectTiles : Pass<"fpw-cpu-select-tiles", "::mlir::func::FuncOp"> {
  let summary = "chooses the vector loop and the register tile of each contraction";
  let description = [{
    Writes into each `linalg.generic` with a reduction which loop runs along
    vectors (`fpw.vector_loop`) and how many elements of each loop stay in
    registers together (`fpw.tile`). Passes that follow obey these attributes.

    The choice minimises an estimate of the cycles: the loops that the weight
    does not depend on give rows, the output channel gives vectors, and rows
    times vectors fill the registers of the machine.

    ```mlir
    %y = linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%x, %w : tensor<56x64xf32>, tensor<64x64xf32>) outs(%init : tensor<56x64xf32>) { ... }
    ```
    becomes
    ```mlir
    %y = linalg.generic {..., fpw.tile = array<i64: 14, 32, 1>, fpw.vector_loop = 1 : i64} ...
    ```

    Example: test/Codegen/CPU/select-tiles.mlir @convolution
  }];
  let options = [VectorBits];
}

def FPWCPUFuseElementwise : Pass<"fpw-cpu-fuse-elementwise", "::mlir::func::FuncOp"> {
  let summary = "makes one op of element-wise ops that follow each other";
  let description = [{
    An element-wise op whose only user is another one becomes part of it. Unlike
    `linalg-fuse-elementwise-ops`, this leaves reductions alone: they would
    compute the element-wise op again for each element of their windows. An op
    that broadcasts its result stays, too, unless it is a copy. Between the two may
    be a view that takes dimensions together: the user goes through the separate
    dimensions then, and the view comes after it.

    ```mlir
    %a = linalg.generic ... ins(%x : tensor<?x4xf32>) { exp }
    %b = linalg.generic ... ins(%a : tensor<?x4xf32>) { add 1 }
    ```
    becomes
    ```mlir
    %b = linalg.generic ... ins(%x : tensor<?x4xf32>) { exp, add 1 }
    ```

    Example: test/Codegen/CPU/fuse-elementwise.mlir @chain
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect"];
}

def FPWCPUPackWeights : Pass<"fpw-cpu-pack-weights", "::mlir::func::FuncOp"> {
  let summary = "lays the weights of contractions out in the order in which they are read";
  let description = [{
    A contraction reads one vector tile of its weight for each step of the
    reduction. This pass permutes the data of `nn.parameter` weights at compile
    time to `[outer loops][tile][reduction loops][element of the tile]`, padded
    with zeros to whole tiles, and gives the op a blocked indexing map. It reads
    the choice of `fpw-cpu-select-tiles`. Two ops that want the same data in the
    same order share one packed parameter.

    ```mlir
    %w = nn.parameter "W" = dense_resource<W> : tensor<64x100xf32>     // (d0, d1, d2) -> (d2, d1)
    ```
    becomes, with a tile of 64 elements along `d1`,
    ```mlir
    %w = nn.parameter "W" = dense_resource<W_packed> : tensor<2x64x64xf32> // (d0, d1, d2) -> (d1 floordiv 64, d2, d1 mod 64)
    ```

    Example: test/Codegen/CPU/pack-weights.mlir @affine
  }];
  let dependentDialects = ["::fpw::nn::NNDialect"];
}

def FPWCPUSelectKernels : Pass<"fpw-cpu-select-kernels", "::mlir::func::FuncOp"> {
  let summary = "chooses the kernel of each integer contraction";
  let description = [{
    Writes `fpw.kernel = "amx"` on contractions of bytes with a trained tensor that
    the matrix unit of the target can do: enough channels, which are the last
    dimension of the image. Outputs may have groups, with weights and a part of the
    image of their own.
    Others get the kernel for
    lanes of 32 bits that needs the fewest instructions, if their sums fit into
    32 bits (see `fpw-cpu-group-digits`): `dot-bytes` for signed codes of 8 bits on
    machines with VNNI, `dot-words` for two digits together, `dot-digits` for a digit
    per word, where sums of words would be too large. What has no kernel becomes
    vector code.

    ```mlir
    linalg.generic ... ins(%digits, %w : tensor<3x?x64xi8>, tensor<64x10xi8>)
    ```
    becomes
    ```mlir
    linalg.generic ... ins(%digits, %w : tensor<3x?x64xi8>, tensor<64x10xi8>) attrs = {fpw.kernel = "amx"}
    ```

    Example: test/Codegen/CPU/select-kernels.mlir @affine
  }];
  let options = [
    Option<"amx", "amx", "bool", "false", "Whether the target has the matrix unit AMX with int8">,
    DotUnit
  ];
}

def FPWCPUFoldWindows : Pass<"fpw-cpu-fold-windows", "::mlir::func::FuncOp"> {
  let summary = "makes windows over few channels contiguous";
  let description = [{
    For contractions of digits with windows whose pixels do not fill the 64 bytes
    that the matrix unit multiplies at a time: the pixels that one line of the
    window covers become one loop over contiguous bytes. Where the window moves by
    several lines, those are interleaved pixel by pixel first, on the image that the
    digits are taken from, if fewer blocks of 64 bytes are the result. Weights
    follow.

    ```mlir
    %d = linalg.generic ... -> tensor<3x?x224x224x3xi8>
    %p = tensor.pad %d low[0, 0, 3, 3, 0] high[0, 0, 2, 2, 0] ...
    linalg.generic ... ins(%p, %w : tensor<3x?x229x229x3xi8>, tensor<64x7x7x3xi8>)
      // (d, b, y, x, o, i, j, c) -> (d, b, y * 2 + i, x * 2 + j, c)
    ```
    becomes
    ```mlir
    %f = linalg.generic ... -> tensor<?x115x233x2x3xf32>   // line / 2, column, line mod 2, channel
    %d = linalg.generic ... -> tensor<3x?x115x1398xi8>
    %p = tensor.pad %d low[0, 0, 0, 0] high[0, 0, 0, 10] ...
    linalg.generic ... ins(%p, %w : tensor<3x?x115x1408xi8>, tensor<64x4x64xi8>)
      // (d, b, y, x, o, i, c) -> (d, b, y + i, x * 12 + c)
    ```

    Example: test/Codegen/CPU/fold-windows.mlir @stem
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::fpw::nn::NNDialect",
                           "::mlir::tensor::TensorDialect"];
}

def FPWCPUGroupDigits : Pass<"fpw-cpu-group-digits", "::mlir::func::FuncOp"> {
  let summary = "puts digits that are added anyway into one lane";
  let description = [{
    For contractions with a kernel for lanes (`fpw.kernel = "dot-..."`): codes are cut
    into words or bytes that lie together along a run of channels or, where windows
    extend along a line of pixels, of pixels with their channels. Four bytes or two
    words are a lane of 32 bits: the innermost loop of the contraction, which
    `fpw-cpu-vectorize` turns into one instruction. The contraction gets a result
    per element of a code, so that what combines them can follow in registers.
    Weights are cut into lanes at compile time.

    Elements can have an offset that makes them fit their type; pads hold it, too,
    and sums start from what takes it away again.

    ```mlir
    %digits = linalg.generic ... -> tensor<3x?x16x16x3xi8>
    %sums = linalg.generic ... ins(%digits, %w : tensor<3x?x16x16x3xi8>, tensor<16x5x5x3xi8>) -> tensor<3x?x12x12x16xi32>
    ```
    becomes
    ```mlir
    %words = linalg.generic ... -> tensor<?x16x2x48xi16>
    %sums:2 = linalg.generic ... ins(%words, %words, %w : tensor<?x16x2x49xi16>, tensor<?x16x2x49xi16>, tensor<16x5x8x2xi16>)
        -> tensor<?x12x12x16xi32>, tensor<?x12x12x16xi32>
    ```

    Example: test/Codegen/CPU/group-digits.mlir @convolution
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::fpw::nn::NNDialect",
                           "::mlir::tensor::TensorDialect"];
}

def FPWCPUInterleaveDigits : Pass<"fpw-cpu-interleave-digits", "::mlir::func::FuncOp"> {
  let summary = "puts the digits of a pixel side by side";
  let description = [{
    Gives images of digits that only kernels of the matrix unit read the layout
    `[batch...][position...][digit][channel]`, with channels in multiples of 64,
    filled up with zeros. Weights follow.

    ```mlir
    %digits = linalg.generic ... -> tensor<3x?x8x8x40xi8>
    %padded = tensor.pad %digits low[0, 0, 1, 1, 0] high[0, 0, 1, 1, 0]
    ```
    becomes
    ```mlir
    %digits = linalg.generic ... -> tensor<?x8x8x3x40xi8>
    %padded = tensor.pad %digits low[0, 1, 1, 0, 0] high[0, 1, 1, 0, 24]
    ```

    Example: test/Codegen/CPU/interleave-digits.mlir @convolution
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::fpw::nn::NNDialect",
                           "::mlir::tensor::TensorDialect"];
}

def FPWCPUPackTiles : Pass<"fpw-cpu-pack-tiles", "::mlir::func::FuncOp"> {
  let summary = "lays codes out as tiles of the matrix unit";
  let description = [{
    For contractions with `fpw.kernel = "amx"`: permutes the codes of their
    weight, an `nn.parameter` of 8-bit integers, at compile time to
    `[groups][outputs / 32][outer reduction loops][channels / 64][2][16][64]`, with
    zeros for outputs that do not exist, and changes the indexing map. The channels
    are the loop along which the other operand is contiguous, in multiples of 64; of
    several loops over outputs, the last that indexes the sums is that of the tiles,
    and the others are groups. What does not fit stays, and becomes vector code.

    Codes of 9 to 16 bits are for two contractions, over a high byte with the
    sign of the code and a low byte without: this pass sees two parameters.

    ```mlir
    %w = nn.parameter "W" = dense_resource<W> : tensor<40x3x3x64xsi8> // (b, y, x, d, o, i, j, c) -> (o, i, j, c)
    ```
    becomes
    ```mlir
    %w = nn.parameter "W" = dense_resource<W_packed> : tensor<2x3x3x1x2x16x64xsi8>
      // (b, y, x, d, o, i, j, c) -> (o floordiv 32, i, j, c floordiv 64, (o mod 32) floordiv 16,
      //                              (c mod 64) floordiv 4, (o mod 16) * 4 + c mod 4)
    ```

    Example: test/Codegen/CPU/pack-tiles.mlir
  }];
  let dependentDialects = ["::fpw::nn::NNDialect", "::mlir::tensor::TensorDialect"];
}

def FPWCPUDecomposePads : Pass<"fpw-cpu-decompose-pads", "::mlir::func::FuncOp"> {
  let summary = "turns pads into places that their producers write to";
  let description = [{
    A `tensor.pad` with a constant becomes a tensor with filled borders that stands
    before the producer of the padded value, and an insertion into it. Bufferisation
    (`eliminate-empty-tensors`) then lets the producer write between the borders:
    nothing is copied, and nothing is written twice.

    ```mlir
    %p = tensor.pad %x low[0, 1, 1, 0] high[0, 1, 1, 0] { tensor.yield %zero : f32 }
    ```
    becomes
    ```mlir
    %0 = bufferization.alloc_tensor(%n) : tensor<?x10x10x4xf32>
    %top = tensor.extract_slice %0[0, 0, 0, 0] [%n, 1, 10, 4] [1, 1, 1, 1]
    %1 = linalg.fill ins(%zero : f32) outs(%top : tensor<?x1x10x4xf32>) -> tensor<?x1x10x4xf32>
    %2 = tensor.insert_slice %1 into %0[0, 0, 0, 0] [%n, 1, 10, 4] [1, 1, 1, 1]
    ... // below, left, right: %f
    %p = tensor.insert_slice %x into %f[0, 1, 1, 0] [%n, 8, 8, 4] [1, 1, 1, 1]
    ```

    Example: test/Codegen/CPU/decompose-pads.mlir @argument
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
                           "::mlir::bufferization::BufferizationDialect",
                           "::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect"];
}

def FPWCPUSplitBatch : Pass<"fpw-cpu-split-batch", "::mlir::func::FuncOp"> {
  let summary = "takes a few samples through the whole network at a time";
  let description = [{
    Where the samples of a batch do not depend on each other, the body of the
    function moves into an `scf.forall` over groups of samples. The values of a
    group stay in the cache from layer to layer, groups run on different threads,
    and the memory for intermediate values does not grow with the batch.

    A function where some op mixes samples (statistics of the batch, a reshape
    across the first dimension) is left as it is.

    ```mlir
    func.func @f(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
      %y = linalg.generic ... ins(%x : tensor<?x4xf32>) ...
      return %y : tensor<?x4xf32>
    }
    ```
    becomes
    ```mlir
    func.func @f(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
      %r = scf.forall (%i) = (0) to (%n) step (24) shared_outs(%o = %empty) -> (tensor<?x4xf32>) {
        %s = tensor.extract_slice %x[%i, 0] [%size, 4] [1, 1]
        %y = linalg.generic ... ins(%s : tensor<?x4xf32>) ...
        scf.forall.in_parallel { tensor.parallel_insert_slice %y into %o[%i, 0] [%size, 4] [1, 1] }
      }
      return %r : tensor<?x4xf32>
    }
    ```

    Example: test/Codegen/CPU/split-batch.mlir @apart
  }];
  let options = [
    Option<"maxSamples", "max-samples", "int64_t", /*default=*/"24",
           "The largest number of samples in a group, four times that where the weights "
           "exceed `max-bytes`; 0 leaves the batch whole">,
    Option<"maxBytes", "max-bytes", "int64_t", /*default=*/"1048576",
           "The size that the largest value of a group should not exceed">
  ];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::scf::SCFDialect",
                           "::mlir::tensor::TensorDialect"];
}

def FPWCPUMarkInterface : Pass<"fpw-cpu-mark-interface", "::mlir::func::FuncOp"> {
  let summary = "says what callers of a network may expect";
  let description = [{
    The arguments of a public function are never written to.

    ```mlir
    func.func @f(%x: tensor<?x4xf32>) -> tensor<?x4xf32>
    ```
    becomes
    ```mlir
    func.func @f(%x: tensor<?x4xf32> {bufferization.writable = false}) -> tensor<?x4xf32>
    ```

    Example: test/Codegen/CPU/mark-interface.mlir @public
  }];
}

def FPWCPUReuseOperands : Pass<"fpw-cpu-reuse-operands", "::mlir::func::FuncOp"> {
  let summary = "lets results take the place of what they are made of";
  let description = [{
    An element-wise op that is the last to read an image writes its result into that
    image: what is read to be added need not be fetched again to be written.

    ```mlir
    %z = linalg.generic ... ins(%x, %y : tensor<?x8xf32>, tensor<?x8xf32>) outs(%empty : tensor<?x8xf32>)
    ```
    becomes
    ```mlir
    %z = linalg.generic ... ins(%x, %y : tensor<?x8xf32>, tensor<?x8xf32>) outs(%y : tensor<?x8xf32>)
    ```

    Example: test/Codegen/CPU/reuse-operands.mlir @last
  }];
}

def FPWCPUUnshareDestinations : Pass<"fpw-cpu-unshare-destinations", "::mlir::func::FuncOp"> {
  let summary = "gives each op a destination of its own";
  let description = [{
    On tensors, layers that start from the same zeros or the same bias share one
    value, and common subexpression elimination makes sure of it. As memory they
    could not: bufferisation would copy it. This pass repeats empty and filled
    tensors per user, next to where they are written. Results of a network that
    are one tensor, or views of one, become copies, as the caller frees each.

    ```mlir
    %zeros = linalg.fill ...
    %a = linalg.generic ... outs(%zeros : tensor<4xf32>)
    %b = linalg.generic ... outs(%zeros : tensor<4xf32>)
    ```
    becomes
    ```mlir
    %0 = linalg.fill ...
    %a = linalg.generic ... outs(%0 : tensor<4xf32>)
    %1 = linalg.fill ...
    %b = linalg.generic ... outs(%1 : tensor<4xf32>)
    ```

    Example: test/Codegen/CPU/unshare-destinations.mlir @zeros
  }];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect"];
}

def FPWCPUExternalizeParameters : Pass<"fpw-cpu-externalize-parameters", "::mlir::ModuleOp"> {
  let summary = "makes parameters external symbols";
  let description = [{
    Each `nn.parameter` becomes a public `memref.global` without initial value:
    the data never passes through LLVM. The module's attribute `fpw.parameters`
    maps the symbols to the data, for whoever loads or writes the code.

    ```mlir
    %w = nn.parameter "fc/W" = dense_resource<W> : tensor<8x4xf32>
    ```
    becomes
    ```mlir
    module attributes {fpw.parameters = {fpw_parameter_0 = dense_resource<W> : tensor<8x4xf32>}} {
      memref.global @fpw_parameter_0 : memref<8x4xf32> {alignment = 64 : i64}
      ...
      %g = memref.get_global @fpw_parameter_0 : memref<8x4xf32>
      %w = bufferization.to_tensor %g restrict : memref<8x4xf32> to tensor<8x4xf32>
    ```

    Example: test/Codegen/CPU/externalize-parameters.mlir @g
  }];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect", "::mlir::memref::MemRefDialect"];
}

def FPWCPUPadPitch : Pass<"fpw-cpu-pad-pitch", "::mlir::func::FuncOp"> {
  let summary = "keeps the rows of a tile in different sets of the caches";
  let description = [{
    Gives buffers of digits whose pixels are a multiple of 256 bytes apart 64 bytes
    more per digit, which nobody touches: the rows that a kernel of the matrix
    unit goes through again and again would share a few sets of the caches.

    ```mlir
    %planes = memref.alloc(%n) : memref<?x9x9x3x512xi8>
    ```
    becomes
    ```mlir
    %0 = memref.alloc(%n) : memref<?x9x9x3x576xi8>
    %planes = memref.subview %0[0, 0, 0, 0, 0] [%n, 9, 9, 3, 512] [1, 1, 1, 1, 1]
    ```

    Example: test/Codegen/CPU/pad-pitch.mlir @strided
  }];
}

def FPWCPUEmitAMX : Pass<"fpw-cpu-emit-amx", "::mlir::func::FuncOp"> {
  let summary = "emits tiles of the matrix unit for inner products of bytes";
  let description = [{
    A contraction `i32 += ext(i8) * ext(i8)` on buffers with `fpw.kernel = "amx"`
    and the element-wise op that consumes its sums become one kernel for the
    AMX unit of x86: loops over blocks of rows and outputs, in them loops over the
    reduction with sums in tile registers, and the body of the element-wise op on
    vectors of 16 outputs, which runs while the next block is multiplied. The
    sums never exist as a whole. The weights are packed already (see
    `fpw-cpu-pack-tiles`). Several planes of digits are a parallel loop of the
    contraction; the consumer reads each at a constant index. Two contractions of
    the same planes, with the bytes of 16-bit codes, whose sums meet in one consumer,
    become one kernel.

    Rows are read where they lie, also those of overlapping windows. A tile may
    read, and ignore, up to 15 rows behind the last: the memory must be there.
    `fpw.amx_plan` overrides the choice of tiles. A contraction that does not
    fit is left to `fpw-cpu-vectorize`, with a remark.

    ```mlir
    linalg.generic ... ins(%planes, %w : memref<?x3x64xi8>, memref<2x1x2x16x64xi8>) outs(%sums : memref<?x3x64xi32>)
        attrs = {fpw.kernel = "amx"} { multiply and add }
    linalg.generic ... ins(%sums, %sums, %sums, %step : ...) outs(%y : memref<?x64xf32>) { combine }
    ```
    becomes
    ```mlir
    scf.forall (%chunk) = ... { scf.for %item = ... {
      %t:6 = scf.for %k = ... iter_args(...) -> (!amx.tile<16x16xi32>, ...) {
        %a = amx.tile_load %planes[...]
        %b = amx.tile_load %w[...]
        %c = amx.tile_muli %a, %b, ...
        scf.if ... { combine a row of the item before }
      }
      amx.tile_store %scratch[...], %t#0
    } }
    ```

    Example: test/Codegen/CPU/emit-amx.mlir
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::amx::AMXDialect",
                           "::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect"];
}

def FPWCPUVectorize : Pass<"fpw-cpu-vectorize", "::mlir::func::FuncOp"> {
  let summary = "emits loops and vectors for linalg ops on buffers";
  let description = [{
    Every `linalg.generic` on buffers whose body is arithmetic becomes a nest of
    loops over register tiles (see `fpw-cpu-select-tiles`) with vectors inside; a
    reduction keeps its results in vectors while it runs. The op that computes
    the initial value of the result and an element-wise op that consumes it
    become part of the same code, so that bias and activation cost no memory
    traffic. Sums of floats run in ascending order with one rounding per
    multiply-add, or in sixteen lanes, as docs/Numerics.md (N7) wants it for any
    width of vectors. Outer loops with enough work are `scf.forall`.

    What cannot be vectorised becomes scalar loops. Other linalg ops and
    `memref.copy` are generalised first.

    ```mlir
    linalg.generic ... ins(%x, %w : ...) outs(%y : memref<56x64xf32>) { multiply and add }
    ```
    becomes
    ```mlir
    scf.for %o = ... { scf.for %i = ... {
      %s:28 = scf.for %k = ... iter_args(...) -> (vector<16xf32>, ...) {
        %b = vector.load %w[...]
        %a = vector.broadcast ...
        %f = math.fma %a, %b, ...
      }
      vector.store %s#0, %y[...]
    } }
    ```

    Example: test/Codegen/CPU/vectorize.mlir @sum_along_vectors
  }];
  let options = [VectorBits];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect",
                           "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect"];
}

def FPWCPUOutlineParallelLoops : Pass<"fpw-cpu-outline-parallel-loops", "::mlir::ModuleOp"> {
  let summary = "moves parallel loops into functions for the thread pool";
  let description = [{
    The body of each `scf.forall` becomes a function over a range of iterations,
    which is called through the runtime's `fpw_parallel_for(function, context,
    count, grain)`; the context holds what the body uses. The `grain` is the
    smallest number of iterations that is worth a thread. A loop with less work
    than two grains runs in place.

    ```mlir
    scf.forall (%i) in (%n) { use(%i, %x) }
    ```
    becomes
    ```mlir
    func.func private @f_parallel_0(%context: !llvm.ptr, %begin: i64, %end: i64) { ... }
    ...
    call @fpw_parallel_for(%function, %context, %n, %grain) : (!llvm.ptr, !llvm.ptr, i64, i64) -> ()
    ```

    Example: test/Codegen/CPU/outline-parallel-loops.mlir @net
  }];
  let options = [
    Option<"grain", "grain", "int64_t", /*default=*/"65536",
           "The element operations that are worth a thread">
  ];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
                           "::mlir::func::FuncDialect", "::mlir::LLVM::LLVMDialect",
                           "::mlir::scf::SCFDialect"];
}

def FPWCPUStreamTiles : Pass<"fpw-cpu-stream-tiles", "::mlir::func::FuncOp"> {
  let summary = "loads tiles past the cache";
  let description = [{
    An `amx.tile_load` of bytes with the attribute `fpw.stream` becomes the
    instruction that asks the L1 cache not to keep what it loads. The `amx`
    dialect has no op for it, so this pass runs shortly before the conversion to
    the LLVM dialect.

    ```mlir
    %t = amx.tile_load %bytes[%i], %pitch {fpw.stream} : memref<?xi8> into !amx.tile<16x64xi8>
    ```
    becomes
    ```mlir
    %p = llvm.inttoptr ...
    %x = llvm.call_intrinsic "llvm.x86.tileloaddt164.internal"(%rows, %columns, %p, %pitch)
    %t = builtin.unrealized_conversion_cast %x : !llvm.x86_amx to !amx.tile<16x64xi8>
    ```

    Example: test/Codegen/CPU/stream-tiles.mlir
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::LLVM::LLVMDialect",
                           "::mlir::memref::MemRefDialect"];
}

def FPWCPULowerDots : Pass<"fpw-cpu-lower-dots", "::mlir::func::FuncOp"> {
  let summary = "chooses instructions for products that lanes add";
  let description = [{
    A `vector.contract` over the two words or four bytes of each lane of 32 bits
    becomes what the machine has for it: an instruction that adds the products to
    the sums (VNNI), one that multiplies words and adds pairs (SSE2, AVX2,
    AVX-512BW), or a multiplication and an addition per element. Bytes are unsigned
    times signed.

    ```mlir
    %a = arith.extsi %x : vector<16x2xi16> to vector<16x2xi32>
    %b = arith.extsi %w : vector<16x2xi16> to vector<16x2xi32>
    %c = vector.contract {...} %a, %b, %sum : vector<16x2xi32>, vector<16x2xi32> into vector<16xi32>
    ```
    becomes
    ```mlir
    %c = llvm.call_intrinsic "llvm.x86.avx512.vpdpwssd.512"(%sum, %x, %w)
        : (vector<16xi32>, vector<32xi16>, vector<32xi16>) -> vector<16xi32>
    ```

    Example: test/Codegen/CPU/lower-dots.mlir
  }];
  let options = [DotUnit];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::LLVM::LLVMDialect",
                           "::mlir::vector::VectorDialect"];
}

def FPWCPUIsolateTiles : Pass<"fpw-cpu-isolate-tiles", "::mlir::ModuleOp"> {
  let summary = "gives each kernel on tiles a function of its own";
  let description = [{
    Of a function with several kernels for the matrix unit, each becomes a
    function that is not inlined again. LLVM configures tile registers once per
    function, so kernels with tiles of different shapes do not fit into one.

    ```mlir
    func.func @f(...) {
      scf.for ... { amx.tile_zero : !amx.tile<16x16xi32> ... }
      scf.for ... { amx.tile_zero : !amx.tile<14x16xi32> ... }
    }
    ```
    becomes
    ```mlir
    func.func private @f_tiles(...) attributes {passthrough = ["noinline"]} { scf.for ... }
    func.func private @f_tiles_0(...) attributes {passthrough = ["noinline"]} { scf.for ... }
    func.func @f(...) {
      call @f_tiles(...)
      call @f_tiles_0(...)
    }
    ```

    Example: test/Codegen/CPU/isolate-tiles.mlir
  }];
  let dependentDialects = ["::mlir::func::FuncDialect", "::mlir::scf::SCFDialect"];
}

def FPWCPUHoistReads : Pass<"fpw-cpu-hoist-reads", "::mlir::func::FuncOp"> {
  let summary = "reads biases and scales once, before the loops that use them";
  let description = [{
    Moves reads out of loops that neither write to the buffer nor change the place,
    and what is computed of such values with them. LLVM cannot: it does not know that the
    buffers are different ones.

    ```mlir
    scf.for %i = %c0 to %c16 step %c1 {
      %b = vector.load %bias[%o] : memref<64xf32>, vector<16xf32>
      vector.store ..., %y[%i, %o] : memref<16x64xf32>, vector<16xf32>
    }
    ```
    becomes
    ```mlir
    %b = vector.load %bias[%o] : memref<64xf32>, vector<16xf32>
    scf.for %i = %c0 to %c16 step %c1 {
      vector.store ..., %y[%i, %o] : memref<16x64xf32>, vector<16xf32>
    }
    ```

    Example: test/Codegen/CPU/hoist-reads.mlir @bias
  }];
}

def FPWCPUHoistScratch : Pass<"fpw-cpu-hoist-scratch", "::mlir::func::FuncOp"> {
  let summary = "moves scratch buffers out of loops";
  let description = [{
    A `memref.alloca` of constant size inside a loop would take more of the
    stack in each iteration once loops are branches. It moves to the beginning
    of the function. Run it when parallel loops are functions already.

    ```mlir
    scf.for %i = ... { %s = memref.alloca() : memref<2x16xi32> ... }
    ```
    becomes
    ```mlir
    %s = memref.alloca() : memref<2x16xi32>
    scf.for %i = ... { ... }
    ```

    Example: test/Codegen/CPU/hoist-scratch.mlir
  }];
}

def FPWCPUResultsToArguments
    : Pass<"fpw-cpu-results-to-arguments", "::mlir::func::FuncOp"> {
  let summary = "writes the results of networks where the caller wants them";
  let description = [{
    Each result of a public function becomes an argument behind its inputs. A
    buffer that the network allocates for it goes; another one is copied. The
    caller knows one size, the batch, so that this is the only dynamic one, and
    the first, in an input or a result.

    ```mlir
    func.func @f(%x: memref<?x4xf32>) -> memref<?x4xf32> {
      %n = memref.dim %x, %c0 : memref<?x4xf32>
      %y = memref.alloc(%n) : memref<?x4xf32>
      linalg.exp ins(%x : memref<?x4xf32>) outs(%y : memref<?x4xf32>)
      return %y : memref<?x4xf32>
    }
    ```
    becomes
    ```mlir
    func.func @f(%x: memref<?x4xf32>, %y: memref<?x4xf32>) attributes {fpw.inputs = 1} {
      linalg.exp ins(%x : memref<?x4xf32>) outs(%y : memref<?x4xf32>)
      return
    }
    ```

    Example: test/Codegen/CPU/results-to-arguments.mlir @allocated
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect"];
}

def FPWCPUPlanArena : Pass<"fpw-cpu-plan-arena", "::mlir::ModuleOp"> {
  let summary = "gives the buffers of a network places in one block of memory";
  let description = [{
    A network whose results are arguments gets two more: an arena, in which all
    of its buffers become views, and the number of workers that parallel loops
    run on. A function `@f_arena` of the batch and the number of workers computes
    the places and, last, the size of the arena, so that the caller can allocate
    it once for many runs.

    A buffer lives from the first to the last op that uses it or a view of it.
    Buffers that do not live at the same time share a slot: the largest, for a
    batch of 8, choose first. A slot is as large as its largest tenant, a
    multiple of 64 bytes. A parallel loop has a frame of its own for the buffers
    in its body, once for each worker: `@fpw_get_worker` of the runtime tells
    which one runs. A size in a loop is the first iteration's, where the sizes
    cannot grow. What no function of the batch describes stays an allocation.

    ```mlir
    func.func @f(%x: memref<?x4xf32>, %y: memref<?x4xf32>) attributes {fpw.inputs = 1} {
      %n = memref.dim %x, %c0 : memref<?x4xf32>
      %a = memref.alloc(%n) : memref<?x4xf32>
      ...
    }
    ```
    becomes
    ```mlir
    func.func private @f_arena(%batch: index, %workers: index) -> (index, index)
    func.func @f(%x: memref<?x4xf32>, %y: memref<?x4xf32>, %arena: memref<?xi8>, %workers: index)
        attributes {fpw.arena = @f_arena, fpw.inputs = 1} {
      %n = memref.dim %x, %c0 : memref<?x4xf32>
      %offset, %size = call @f_arena(%n, %workers)
      %a = memref.view %arena[%offset][%n] : memref<?xi8> to memref<?x4xf32>
      ...
    }
    ```

    Example: test/Codegen/CPU/plan-arena.mlir @chain
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect"];
}

def FPWCPUEmitEntryPoints : Pass<"fpw-cpu-emit-entry-points", "::mlir::ModuleOp"> {
  let summary = "gives each network functions that a host program can call";
  let description = [{
    For a network `@f` whose results are arguments and that has an arena, adds
    `int64_t fpw_arena_f(int64_t batch, int64_t workers)`, the bytes of the arena, and
    `void fpw_entry_f(const void *const *inputs, void *const *outputs, void *arena,
    int64_t batch, int64_t workers)`. The latter makes buffers of the pointers and
    calls the network, which nobody else does.

    ```mlir
    func.func @f(%x: memref<?x4xf32>, %y: memref<2xf32>, %arena: memref<?xi8>, %workers: index)
        attributes {fpw.arena = @f_arena, fpw.inputs = 1}
    ```
    gets
    ```mlir
    func.func @fpw_entry_f(%inputs: !llvm.ptr, %outputs: !llvm.ptr, %arena: !llvm.ptr,
                           %batch: i64, %workers: i64) {
      %p = llvm.getelementptr %inputs[0] : (!llvm.ptr) -> !llvm.ptr, !llvm.ptr
      %data = llvm.load %p : !llvm.ptr -> !llvm.ptr
      ... // the descriptor of a memref<?x4xf32>, from %data and %batch, and so on
      call @f(%x, %y, %memory, %n)
    }
    ```

    Example: test/Codegen/CPU/emit-entry-points.mlir @net
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::LLVM::LLVMDialect"];
}

def FPWCPUProfileLayers : Pass<"fpw-cpu-profile-layers", "::mlir::ModuleOp"> {
  let summary = "brackets the code of each layer with time stamps";
  let description = [{
    What an op of the network became knows its layer by the name in its location. Where the code of
    one layer ends and other code begins, a call of `fpw_profile_stamp` adds the time that went by to
    the layer's slot. The module's `fpw.profiled_layers` names the slots. Loops over groups of samples
    belong to no layer and are entered. Run it when loops are emitted and not outlined yet; `fpw bench`
    reads the slots.

    Example: test/Codegen/CPU/profile-layers.mlir
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::func::FuncDialect"];
}

#endif // FPW_CODEGEN_CPU_PASSES
