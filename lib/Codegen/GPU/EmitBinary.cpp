//===- EmitBinary.cpp - Compiles kernels -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CUDAToolkit.h"
#include "fpw/Codegen/GPU/Passes.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

namespace fpw::gpu {
#define GEN_PASS_DEF_FPWGPUEMITBINARY
#include "fpw/Codegen/GPU/Passes.h.inc"

using namespace mlir;
using mlir::gpu::CompilationTarget;

namespace {

NVVM::NVVMTargetAttr getTarget(MLIRContext *context, const Architecture &architecture) {
  return NVVM::NVVMTargetAttr::get(context, /*optLevel=*/3, "nvptx64-nvidia-cuda",
                                   architecture.name, architecture.features);
}

/// The launch says how large the array in dynamic shared memory is, so that it is declared as
/// CUDA's compiler does: `.extern`. From MLIR it comes defined, and would have one byte.
void declareSharedMemory(mlir::gpu::GPUModuleOp module) {
  constexpr unsigned kSharedSpace = 3;
  for (auto global : module.getOps<LLVM::GlobalOp>()) {
    auto type = dyn_cast<LLVM::LLVMArrayType>(global.getGlobalType());
    if (global.getAddrSpace() == kSharedSpace && type && type.getNumElements() == 0)
      global.setLinkage(LLVM::Linkage::External);
  }
}

class BinaryEmitter {
public:
  BinaryEmitter(mlir::gpu::GPUModuleOp module, ArrayRef<Architecture> architectures)
      : module(module), architectures(architectures) {}

  /// Puts a gpu.binary in the place of the module.
  LogicalResult emit(BinaryFormat format) {
    declareSharedMemory(module);
    std::optional<CUDAToolkit> toolkit;
    if (format == BinaryFormat::Auto || format == BinaryFormat::Fatbin)
      toolkit = CUDAToolkit::find();
    if (format == BinaryFormat::Fatbin && !toolkit)
      return module.emitError(
          "expected ptxas and fatbinary of CUDA for machine code but found none");
    if (toolkit)
      return emitFatbin(*toolkit);
    bool isBitcode = format == BinaryFormat::Bitcode;
    Architecture architecture = isBitcode ? architectures.front() : chooseForward();
    auto kind = isBitcode ? CompilationTarget::Offload : CompilationTarget::Assembly;
    FailureOr<std::string> object = serialize(architecture, kind);
    return failed(object) ? failure() : replace(architecture, kind, *object);
  }

private:
  /// The architecture whose PTX most others can run, too.
  Architecture chooseForward() {
    Architecture best = architectures.front();
    for (const Architecture &other : architectures)
      if (!other.isExact && (best.isExact || other.number < best.number))
        best = other;
    return best;
  }

  FailureOr<std::string> serialize(const Architecture &architecture, CompilationTarget kind) {
    auto target = cast<mlir::gpu::TargetAttrInterface>(
        Attribute(getTarget(module.getContext(), architecture)));
    mlir::gpu::TargetOptions options({}, {}, {}, {}, kind);
    std::optional<SmallVector<char, 0>> object = target.serializeToObject(module, options);
    if (!object)
      return module.emitError("cannot compile kernels for ") << architecture.name;
    return std::string(object->begin(), object->end());
  }

  LogicalResult emitFatbin(const CUDAToolkit &toolkit) {
    std::vector<PTXModule> modules;
    for (const Architecture &architecture : architectures) {
      FailureOr<std::string> ptx = serialize(architecture, CompilationTarget::Assembly);
      if (failed(ptx))
        return failure();
      modules.push_back({architecture, StringRef(*ptx).rtrim('\0').str()});
    }
    Architecture forward = chooseForward();
    auto text = llvm::find_if(
        modules, [&](const PTXModule &module) { return module.architecture.name == forward.name; });
    Expected<std::string> fatbin = toolkit.makeFatbin(modules, *text);
    if (!fatbin)
      return module.emitError(llvm::toString(fatbin.takeError()));
    return replace(architectures.front(), CompilationTarget::Fatbin, *fatbin);
  }

  LogicalResult replace(const Architecture &architecture, CompilationTarget kind,
                        StringRef object) {
    OpBuilder builder(module);
    auto attribute = mlir::gpu::ObjectAttr::get(
        module.getContext(), getTarget(module.getContext(), architecture), kind,
        builder.getStringAttr(object), /*properties=*/nullptr, /*kernels=*/nullptr);
    mlir::gpu::BinaryOp::create(builder, module.getLoc(), module.getName(),
                                /*offloadingHandler=*/nullptr, ArrayRef<Attribute>{attribute});
    module.erase();
    return success();
  }

  mlir::gpu::GPUModuleOp module;
  ArrayRef<Architecture> architectures;
};

struct EmitBinary : impl::FPWGPUEmitBinaryBase<EmitBinary> {
  using FPWGPUEmitBinaryBase::FPWGPUEmitBinaryBase;

  void runOnOperation() override {
    FailureOr<SmallVector<Architecture>> known = parseArchitectures(getOperation(), architectures);
    if (failed(known))
      return signalPassFailure();
    SmallVector<mlir::gpu::GPUModuleOp> modules(getOperation().getOps<mlir::gpu::GPUModuleOp>());
    for (mlir::gpu::GPUModuleOp module : modules)
      if (failed(BinaryEmitter(module, *known).emit(format)))
        return signalPassFailure();
  }
};

} // namespace
} // namespace fpw::gpu
