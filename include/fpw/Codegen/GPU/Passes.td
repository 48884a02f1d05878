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
    stay once.

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
    machine code for each architecture, made by NVIDIA's `ptxas`, and PTX for newer ones, made of
    the oldest architecture; PTX of `sm_90a` runs on that one only, so that `sm_80` stands in for
    it. Without `ptxas` the object is PTX alone, which the driver compiles. `bitcode` is for
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

#endif // FPW_CODEGEN_GPU_PASSES
