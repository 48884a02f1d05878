//===- Passes.td - Passes that make native code for the CPU -*- tablegen -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_CODEGEN_CPU_PASSES
#define FPW_CODEGEN_CPU_PASSES

include "fpw/Codegen/CPU/KernelPasses.td"
include "mlir/Pass/PassBase.td"

def FPWCPUBandLayers : Pass<"fpw-cpu-band-layers", "::mlir::func::FuncOp"> {
  let summary = "takes a few lines of an image through several layers at a time";
  let description = [{
    Layers that need no more than one line of their input for a line of their
    result (pointwise convolutions, element-wise ops, digits with a step per pixel) move into an
    `scf.forall` over bands of lines, together with the layer before, if their
    images do not fit into the second-level cache and their weights do. A band makes
    the digits itself that only the windows of its first layer read; those of lines
    that two bands read are made twice. It then begins with the last lines of the
    image, which are in the cache. Of the largest magnitude of a sample, each band
    finds that of its lines (test/Codegen/CPU/band-windows.mlir).

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

def FPWCPUSplitMaxima : Pass<"fpw-cpu-split-maxima", "::mlir::func::FuncOp"> {
  let summary = "finds the largest magnitude of a sample line by line";
  let description = [{
    The largest magnitude of a sample becomes that of its lines' largest magnitudes,
    which several threads find. (Where bands make the lines, they do it already:
    `fpw-cpu-band-layers`.)

    ```mlir
    %a = linalg.generic ... ins(%x : tensor<?x56x56x64xf32>) -> tensor<?xi32>   // maximum
    ```
    becomes
    ```mlir
    %l = linalg.generic ... ins(%x : tensor<?x56x56x64xf32>) -> tensor<?x56xi32>
    %a = linalg.generic ... ins(%l : tensor<?x56xi32>) -> tensor<?xi32>
    ```

    Example: test/Codegen/CPU/split-maxima.mlir @images
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"];
}

def FPWCPUFuseUnits : Pass<"fpw-cpu-fuse-units", "::mlir::func::FuncOp"> {
  let summary = "finds the step of a row or pixel right before its digits";
  let description = [{
    Where the elements of a unit that shares a step fit into the first-level cache,
    the unit's largest magnitude is found right before its digits are: one loop over
    units, instead of two passes over the image.

    ```mlir
    %a = linalg.generic ... ins(%x : tensor<?x1024xf32>) -> tensor<?xi32>  // maximum
    %i = linalg.generic ... ins(%a : tensor<?xi32>) -> tensor<?xf32>       // 2^-e
    %d = linalg.generic ... ins(%x, %i : tensor<?x1024xf32>, tensor<?xf32>) -> tensor<?x3x1024xi8>
    ```
    becomes
    ```mlir
    %d, %a = scf.forall (%row) in (...) {
      %ar = linalg.generic ... ins(%xr : tensor<1x1024xf32>) -> tensor<1xi32>
      %ir = linalg.generic ... ins(%ar : tensor<1xi32>) -> tensor<1xf32>
      %dr = linalg.generic ... ins(%xr, %ir : tensor<1x1024xf32>, tensor<1xf32>) -> tensor<1x3x1024xi8>
      ...
    }
    ```

    Example: test/Codegen/CPU/fuse-units.mlir @rows
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

    Where the step of a layer's input is fixed beforehand and its codes have one
    digit, the op that ends the layer before it writes these codes: no image of
    f32 is between the two. The loop over the only digit goes, since the kernel
    that the op becomes a part of has none.

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

def FPWCPUMergeCopies : Pass<"fpw-cpu-merge-copies", "::mlir::func::FuncOp"> {
  let summary = "copies what lies together in one loop";
  let description = [{
    A copy between buffers whose inner dimensions lie together in both, as the lines of
    an image do that is copied into a padded one, goes through them as one. Vectors
    are full then, also where a pixel has three channels.

    ```mlir
    memref.copy %x, %y : memref<?x224x224x3xf32> to memref<?x224x224x3xf32, strided<[162150, 705, 3, 1]>>
    ```
    becomes
    ```mlir
    %lines = memref.collapse_shape %x [[0], [1], [2, 3]] : memref<?x224x224x3xf32> into memref<?x224x672xf32>
    %places = memref.collapse_shape %y [[0], [1], [2, 3]] : ...
    linalg.generic ... ins(%lines : ...) outs(%places : ...)
    ```

    Example: test/Codegen/CPU/merge-copies.mlir @lines
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect", "::mlir::memref::MemRefDialect"];
}

def FPWCPUInterleaveCopies : Pass<"fpw-cpu-interleave-copies", "::mlir::func::FuncOp"> {
  let summary = "interleaves lines of memory in registers";
  let description = [{
    A copy that brings up to four lines together pixel by pixel, as from an image of three
    planes to one of pixels with three channels, or two lines of an image to one
    line, reads and writes whole vectors, and puts elements in their order by shuffles.

    ```mlir
    linalg.generic ... ins(%x : memref<3x224xf32>) outs(%y : memref<224x3xf32>) { copy with indices exchanged }
    ```
    becomes
    ```mlir
    scf.for %i = %c0 to %c224 step %c16 {
      %r = vector.load %x[%c0, %i], %g = vector.load %x[%c1, %i], %b = vector.load %x[%c2, %i]
      %rg = vector.shuffle %r, %g [0, 16, 2, 1, 17, 5, ...]
      %rgb = vector.shuffle %rg, %b [0, 1, 16, 3, 4, 17, ...]
      vector.store %rgb, %y[%i, 0]
      ... two vectors more
    }
    ```

    Example: test/Codegen/CPU/interleave-copies.mlir @planes
  }];
  let options = [VectorBits];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect",
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
