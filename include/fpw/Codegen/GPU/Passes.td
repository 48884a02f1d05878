//===- Passes.td - Passes that make code for NVIDIA GPUs ---*- tablegen -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_CODEGEN_GPU_PASSES
#define FPW_CODEGEN_GPU_PASSES

include "mlir/Pass/PassBase.td"

defvar Architectures = ListOption<"architectures", "arch", "std::string",
                                  "The GPUs that code is for: sm_80, sm_86, sm_89, sm_90, sm_90a, sm_100">;

def FPWGPUPadChannels : Pass<"fpw-gpu-pad-channels", "::mlir::func::FuncOp"> {
  let summary = "widens images whose pixels are no whole words";
  let description = [{
    The asynchronous copies of a GPU take 4, 8 or 16 bytes. Where a contraction reads pixels of
    another number of channels, such as three, its image and its weight get channels of zeros, to a
    multiple of 4, or of 16 if there are more than 16. Zeros add nothing to a sum.

    ```mlir
    linalg.generic ... ins(%digits, %w : tensor<3x?x8x8x3xi8>, tensor<16x3x3x3xi8>) outs(%sums : ...)
    ```
    becomes
    ```mlir
    %padded = tensor.pad %digits low[0, 0, 0, 0, 0] high[0, 0, 0, 0, 1] { tensor.yield %zero : i8 } : tensor<3x?x8x8x3xi8> to tensor<3x?x8x8x4xi8>
    linalg.generic ... ins(%padded, %w : tensor<3x?x8x8x4xi8>, tensor<16x3x3x4xi8>) outs(%sums : ...)
    ```

    Example: test/Codegen/GPU/pad-channels.mlir
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"];
}

def FPWGPUSelectKernels : Pass<"fpw-gpu-select-kernels", "::mlir::func::FuncOp"> {
  let summary = "chooses the kernel of each integer contraction";
  let description = [{
    Writes the name of a kernel into each `linalg.generic` that adds products of integers, as
    `fpw.kernel`, by its shape and the oldest of the GPUs that the code is for. Passes that follow
    obey it. `naive` is one thread for each result, which reads what it needs from memory.

    ```mlir
    linalg.generic ... ins(%digits, %codes : tensor<3x?x64xi8>, tensor<10x64xi8>) outs(%zero : tensor<3x?x10xi32>)
    ```
    becomes
    ```mlir
    linalg.generic ... ins(%digits, %codes : tensor<3x?x64xi8>, tensor<10x64xi8>) outs(%zero : tensor<3x?x10xi32>)
        attrs = {fpw.kernel = "naive"}
    ```

    Example: test/Codegen/GPU/select-kernels.mlir @integers
  }];
  let options = [Architectures];
}

def FPWGPUPackWeights : Pass<"fpw-gpu-pack-weights", "::mlir::func::FuncOp"> {
  let summary = "lays weights out as the matrix units read them";
  let description = [{
    A contraction whose `fpw.kernel` is `mma` gets its weight as one row of neighbouring bytes for
    each column of the result: first the loops that the image has, too (groups, phases), then those
    of the columns, then those of the sums, in the order in which they lie in the image.

    ```mlir
    %w = nn.parameter "w" = dense<...> : tensor<64x32xi8>
    linalg.generic {indexing_maps = [..., affine_map<(d, m, n, k) -> (k, n)>, ...]} ins(%digits, %w : ...)
        attrs = {fpw.kernel = "mma"}
    ```
    becomes
    ```mlir
    %w = nn.parameter "w" = dense<...> : tensor<32x64xi8>
    linalg.generic {indexing_maps = [..., affine_map<(d, m, n, k) -> (n, k)>, ...]} ins(%digits, %w : ...)
        attrs = {fpw.kernel = "mma"}
    ```

    Example: test/Codegen/GPU/pack-weights.mlir
  }];
}

def FPWGPUEmitMMA : Pass<"fpw-gpu-emit-mma", "::mlir::func::FuncOp"> {
  let summary = "emits kernels for the matrix units";
  let description = [{
    A contraction of bytes on buffers whose `fpw.kernel` is `mma` becomes a `gpu.launch` of blocks
    that each compute a tile of `fpw.tile` for all digit planes: `cp.async` brings the bytes of
    later stages to shared memory while `mma.sync` multiplies those of the present one. Convolutions
    are products of matrices, too: an element of the image lies at a sum of one term for its row and
    one for its k. If one op consumes the sums, it is computed on the accumulators, and the sums
    never reach memory; else they are added to their buffer.

    ```mlir
    linalg.generic ins(%digits, %codes) outs(%sums) {fpw.kernel = "mma", fpw.tile = ...}
    linalg.generic ins(%sums, %sums, %sums, %step) outs(%y) { ... }
    ```
    becomes
    ```mlir
    gpu.launch blocks(...) in (...) threads(...) in (...) dynamic_shared_memory_size %bytes {
      nvvm.cp.async.shared.global ...
      %results:98 = scf.for ... {
        nvvm.cp.async.wait.group 2
        gpu.barrier
        nvvm.cp.async.shared.global ...
        nvvm.ldmatrix ...
        nvvm.mma.sync ...
      }
      memref.store ..., %y[...]
    }
    ```

    Example: test/Codegen/GPU/emit-mma.mlir
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
                           "::mlir::gpu::GPUDialect", "::mlir::LLVM::LLVMDialect",
                           "::mlir::math::MathDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::NVVM::NVVMDialect", "::mlir::scf::SCFDialect"];
}

def FPWGPUEmitSplit : Pass<"fpw-gpu-emit-split", "::mlir::func::FuncOp"> {
  let summary = "cuts activations into digits, four elements in a thread";
  let description = [{
    The op that cuts activations into digit planes (`fpw.role = "split"`) would read its input once
    for each plane and write single bytes. It becomes a kernel whose threads read four neighbouring
    elements and write a word to each plane.

    ```mlir
    linalg.generic ... ins(%x, %inverse : memref<?x64xf32>, memref<?xf32>) outs(%digits : memref<3x?x64xi8>)
        attrs = {fpw.role = "split"}
    ```
    becomes
    ```mlir
    gpu.launch blocks(...) in (...) threads(...) in (...) {
      %elements = llvm.load %place : !llvm.ptr<1> -> vector<4xf32>
      ...
      llvm.store %low, %place_0 : i32, !llvm.ptr<1>
      llvm.store %middle, %place_1 : i32, !llvm.ptr<1>
      llvm.store %high, %place_2 : i32, !llvm.ptr<1>
    }
    ```

    Example: test/Codegen/GPU/emit-split.mlir
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
                           "::mlir::gpu::GPUDialect", "::mlir::LLVM::LLVMDialect",
                           "::mlir::math::MathDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect"];
}

def FPWGPUStageInterface : Pass<"fpw-gpu-stage-interface", "::mlir::func::FuncOp"> {
  let summary = "copies inputs to the device and results back";
  let description = [{
    Inputs and results of a network (whose results are arguments, see
    `fpw-cpu-results-to-arguments`) are in the memory of the host. Each gets a buffer of the device,
    which the network uses in its place: inputs are copied before the first op, results behind the
    last.

    ```mlir
    func.func @f(%x: memref<?x4xf32>, %y: memref<?x4xf32>) attributes {fpw.inputs = 1} {
      linalg.exp ins(%x : memref<?x4xf32>) outs(%y : memref<?x4xf32>)
    }
    ```
    becomes
    ```mlir
    func.func @f(%x: memref<?x4xf32>, %y: memref<?x4xf32>) attributes {fpw.inputs = 1} {
      %a = memref.alloc(%n) : memref<?x4xf32>
      gpu.memcpy %a, %x : memref<?x4xf32>, memref<?x4xf32>
      %b = memref.alloc(%m) : memref<?x4xf32>
      linalg.exp ins(%a : memref<?x4xf32>) outs(%b : memref<?x4xf32>)
      gpu.memcpy %y, %b : memref<?x4xf32>, memref<?x4xf32>
    }
    ```

    Example: test/Codegen/GPU/stage-interface.mlir @net
  }];
  let dependentDialects = ["::mlir::gpu::GPUDialect", "::mlir::memref::MemRefDialect"];
}

def FPWGPUPlaceParameters : Pass<"fpw-gpu-place-parameters", "::mlir::ModuleOp"> {
  let summary = "keeps parameters in one block of the device's memory";
  let description = [{
    Parameters are globals of the host. They become views of one block on the device, the last
    input of the network, each at a multiple of 256 bytes. A function `@fpw_upload_f` copies them
    there, once for each model; the module's `fpw.parameter_bytes` is the size of the block.

    ```mlir
    memref.global @w : memref<4x4xf32>
    func.func @f(%x: memref<?x4xf32>, %y: memref<?x4xf32>) attributes {fpw.inputs = 1} {
      %w = memref.get_global @w : memref<4x4xf32>
    ```
    becomes
    ```mlir
    module attributes {fpw.parameter_bytes = 64}
    func.func @fpw_upload_f(%block: memref<64xi8>) {
      %w = memref.get_global @w : memref<4x4xf32>
      %place = memref.view %block[%c0][] : memref<64xi8> to memref<4x4xf32>
      gpu.memcpy %place, %w : memref<4x4xf32>, memref<4x4xf32>
    }
    func.func @f(%x: memref<?x4xf32>, %block: memref<64xi8>, %y: memref<?x4xf32>) attributes {fpw.inputs = 2} {
      %w = memref.view %block[%c0][] : memref<64xi8> to memref<4x4xf32>
    ```

    Example: test/Codegen/GPU/place-parameters.mlir @net
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::gpu::GPUDialect",
                           "::mlir::memref::MemRefDialect"];
}

def FPWGPUMapLoops : Pass<"fpw-gpu-map-loops", "::mlir::func::FuncOp"> {
  let summary = "gives the loops of linalg ops on buffers to blocks and threads";
  let description = [{
    Each `linalg.generic` on buffers becomes a `gpu.launch`, together with the op that computes what
    its sums start from and the element-wise op that consumes them. Its parallel loops become one
    range of threads, in the order in which the results lie in memory, so that neighbouring threads
    write neighbouring elements.

    How many threads share a result depends on what the op adds up:

    * one, where docs/Numerics.md (N7) wants a sum in sequence, and for small reductions;
    * sixteen, where N7 wants lanes: each thread is a lane;
    * thirty-two, for large reductions whose order shows in no bit (largest numbers, sums of
      integers). A maximum or a sum of integers over very many elements is shared by several such
      groups, which meet in an atomic operation.

    ```mlir
    linalg.generic ... ins(%x : memref<?x64xf32>) outs(%y : memref<?x64xf32>) { exp }
    ```
    becomes
    ```mlir
    gpu.launch blocks(%b, ...) in (%bx = %blocks, ...) threads(%t, ...) in (%tx = %c256, ...) {
      %i = %b * 256 + %t
      scf.if %i < %n * 64 {
        %v = memref.load %x[%i / 64, %i mod 64] : memref<?x64xf32>
        ...
      }
      gpu.terminator
    }
    ```

    Example: test/Codegen/GPU/map-loops.mlir @elementwise
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
                           "::mlir::gpu::GPUDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::math::MathDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect"];
}

def FPWGPUMergeKernels : Pass<"fpw-gpu-merge-kernels", "::mlir::ModuleOp"> {
  let summary = "puts all kernels into one module, equal ones once";
  let description = [{
    `gpu-kernel-outlining` makes a `gpu.module` for each launch. They become one, which is compiled
    and loaded at once. Kernels that are equal but for their names, as those of repeated layers,
    stay once. From here on, the host only copies and launches: an allocation that has no place in
    the arena, or an access to memory, is an error.

    ```mlir
    gpu.module @f_kernel { gpu.func @f_kernel(...) kernel { ... } }
    gpu.module @f_kernel_0 { gpu.func @f_kernel(...) kernel { ... } }
    gpu.launch_func @f_kernel_0::@f_kernel ...
    ```
    becomes
    ```mlir
    gpu.module @kernels {
      gpu.func @f_kernel(...) kernel { ... }
      gpu.func @f_kernel_0(...) kernel { ... }
    }
    gpu.launch_func @kernels::@f_kernel_0 ...
    ```

    Example: test/Codegen/GPU/merge-kernels.mlir @f
  }];
  let dependentDialects = ["::mlir::gpu::GPUDialect"];
}

def FPWGPULowerMath : Pass<"fpw-gpu-lower-math", "::mlir::gpu::GPUModuleOp"> {
  let summary = "lowers mathematical operations that the device does exactly";
  let description = [{
    What `fpw-expand-math` leaves of the `math` dialect are operations with one result by IEEE 754:
    roundings, square roots, fused multiply-adds. They become LLVM's intrinsics, for which the NVPTX
    backend has instructions that round to nearest even. `convert-gpu-to-nvvm` would call functions of
    NVIDIA's mathematical library instead, which promise other bits. Any other operation is an error.

    ```mlir
    %y = math.roundeven %x : f32
    ```
    becomes
    ```mlir
    %y = llvm.call_intrinsic "llvm.roundeven"(%x) : (f32) -> f32
    ```

    Example: test/Codegen/GPU/lower-math.mlir @exact
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

def FPWGPUEmitBinary : Pass<"fpw-gpu-emit-binary", "::mlir::ModuleOp"> {
  let summary = "compiles kernels for the GPUs that the code is for";
  let description = [{
    Each `gpu.module` in the NVVM dialect becomes a `gpu.binary` with one object. A fat binary holds
    machine code for each architecture, made by NVIDIA's `ptxas`, and the PTX of the oldest one for
    newer ones; that of `sm_90a` runs on `sm_90` only. Without `ptxas` the object is PTX alone, which the driver compiles. `bitcode` is for
    emulators of a GPU.

    ```mlir
    gpu.module @kernels { llvm.func @f_kernel(...) attributes {gpu.kernel, nvvm.kernel} { ... } }
    ```
    becomes
    ```mlir
    gpu.binary @kernels [#gpu.object<#nvvm.target<chip = "sm_80">, assembly = "...">]
    ```

    Example: test/Codegen/GPU/emit-binary.mlir @kernels
  }];
  let options = [
    Architectures,
    Option<"format", "format", "::fpw::gpu::BinaryFormat", /*default=*/"::fpw::gpu::BinaryFormat::Auto",
           "What the binary holds", [{::llvm::cl::values(
      clEnumValN(::fpw::gpu::BinaryFormat::Auto, "auto", "a fat binary where ptxas is found, else PTX"),
      clEnumValN(::fpw::gpu::BinaryFormat::PTX, "isa", "PTX"),
      clEnumValN(::fpw::gpu::BinaryFormat::Fatbin, "fatbin", "machine code and PTX"),
      clEnumValN(::fpw::gpu::BinaryFormat::Bitcode, "offloading", "LLVM's bitcode, for emulators"))}]>
  ];
  let dependentDialects = ["::mlir::gpu::GPUDialect", "::mlir::NVVM::NVVMDialect"];
}

def FPWGPUProfileLayers : Pass<"fpw-gpu-profile-layers", "::mlir::ModuleOp"> {
  let summary = "tells the device which layer each kernel belongs to";
  let description = [{
    Before each launch and copy of a function that launches kernels, a call of `fpw_device_profile` says to which slot
    the device adds the time of what follows: that of the layer in the op's location, or none. The module's
    `fpw.profiled_layers` names the slots. Run it behind `gpu-async-region`, which would let the host wait at each call;
    `fpw bench` reads the slots.

    ```mlir
    %a = gpu.launch_func async [%t] @kernels::@f_kernel ...  loc("conv1")
    ```
    becomes
    ```mlir
    %conv1 = arith.constant 0 : i64
    call @fpw_device_profile(%conv1) : (i64) -> ()
    %a = gpu.launch_func async [%t] @kernels::@f_kernel ...
    ```

    Example: test/Codegen/GPU/profile-layers.mlir
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::func::FuncDialect"];
}

#endif // FPW_CODEGEN_GPU_PASSES
