//===- KernelPasses.td - Passes for kernels of integers ---*- tablegen -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_CODEGEN_CPU_KERNELPASSES
#define FPW_CODEGEN_CPU_KERNELPASSES

include "mlir/Pass/PassBase.td"

defvar VectorBits = Option<"vectorBits", "vector-bits", "unsigned", /*default=*/"512",
                           "Bits of a vector register: 128, 256 or 512">;

defvar DotUnit = Option<"dotUnit", "dot-unit", "::fpw::cpu::DotUnit", /*default=*/"::fpw::cpu::DotUnit::Plain",
                        "How products are added within lanes", [{::llvm::cl::values(
  clEnumValN(::fpw::cpu::DotUnit::Plain, "plain", "one after the other"),
  clEnumValN(::fpw::cpu::DotUnit::Multiply, "multiply", "pairs of words (SSE2, AVX2, AVX-512BW)"),
  clEnumValN(::fpw::cpu::DotUnit::Accumulate, "accumulate", "words or bytes onto a sum (VNNI)"))}]>;

def FPWCPUSelectKernels : Pass<"fpw-cpu-select-kernels", "::mlir::func::FuncOp"> {
  let summary = "chooses the kernel of each integer contraction";
  let description = [{
    Writes `fpw.kernel = "amx"` on contractions of bytes with a trained tensor that
    the matrix unit of the target can do: enough channels, which are the last
    dimension of the image. Outputs may have groups, with weights and a part of the
    image of their own. Where there are at most four rows and no groups, or without
    a matrix unit a number of rows that is not known, the kernel is `"stream"`: it
    reads the weights once and multiplies bytes or words in vectors (`dot-unit` says
    what the machine has for that).

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

def FPWCPUSelectStreams : Pass<"fpw-cpu-select-streams", "::mlir::ModuleOp"> {
  let summary = "chooses how kernels of few rows read their weights";
  let description = [{
    A contraction of bytes with one to four rows takes as long as reading its
    weights. Those that can have so few, affine layers of any batch and
    pointwise layers on single pixels, get `fpw.streams`: the bits in which all
    their codes fit. Codes of at most four or two bits are packed at compile
    time to the layout of the tiles with two or four rows in one, as another
    parameter, with an offset that makes them unsigned.

    ```mlir
    %w = memref.get_global @fpw_parameter_0 : memref<1x4x2x16x64xi8>
    linalg.generic ... ins(%planes, %w : memref<?x3x256xi8>, memref<1x4x2x16x64xi8>) attrs = {fpw.kernel = "amx"}
    ```
    becomes
    ```mlir
    memref.global @fpw_parameter_0_packed : memref<4096xi8> {alignment = 64 : i64}
    ...
    linalg.generic ... ins(%planes, %w : memref<?x3x256xi8>, memref<1x4x2x16x64xi8>)
        attrs = {fpw.kernel = "amx", fpw.streams = {bits = 4, offset = 8, packed = @fpw_parameter_0_packed}}
    ```

    Example: test/Codegen/CPU/select-streams.mlir @affine
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect"];
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

    With `fpw.streams` (see `fpw-cpu-select-streams`), up to four rows are
    multiplied without tiles: the weights pass once through the vector
    registers, packed codes are unpacked there, and meet all digits of all rows.
    Rows of unknown number choose between the two kernels at run time. For
    `fpw.kernel = "stream"`, all rows do so, four at a time.

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
  let options = [VectorBits, DotUnit];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::amx::AMXDialect",
                           "::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect"];
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

def FPWCPULowerSplits : Pass<"fpw-cpu-lower-splits", "::mlir::func::FuncOp"> {
  let summary = "chooses AVX-512 instructions that round codes and store digits";
  let description = [{
    A conversion of rounded numbers to integers becomes the instruction that rounds
    by itself. Four stores of neighbouring bytes, each the same byte of 16 codes of
    32 bits, become one: words of two registers are packed into one, bytes of words
    likewise, and the dwords of the result put in order.

    ```mlir
    %r = math.roundeven %x : vector<16xf32>
    %c = arith.fptosi %r : vector<16xf32> to vector<16xi32>
    %b = arith.trunci %c : vector<16xi32> to vector<16xi8>
    vector.store %b, %m[%i] : memref<?xi8>, vector<16xi8> // and so for three more
    ```
    becomes
    ```mlir
    %c = llvm.call_intrinsic "llvm.x86.avx512.mask.cvtps2dq.512"(%x, ...)
        : (vector<16xf32>, vector<16xi32>, i16, i32) -> vector<16xi32>
    %w = llvm.call_intrinsic "llvm.x86.avx512.packusdw.512"(...)
        : (vector<16xi32>, vector<16xi32>) -> vector<32xi16>
    %p = llvm.call_intrinsic "llvm.x86.avx512.packuswb.512"(%w, ...)
        : (vector<32xi16>, vector<32xi16>) -> vector<64xi8>
    ...
    vector.store %o, %m[%i] : memref<?xi8>, vector<64xi8>
    ```

    Example: test/Codegen/CPU/lower-splits.mlir
  }];
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

#endif // FPW_CODEGEN_CPU_KERNELPASSES
