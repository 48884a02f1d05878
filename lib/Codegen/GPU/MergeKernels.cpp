//===- MergeKernels.cpp - Puts all kernels into one module -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Codegen/GPU/Passes.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/OperationSupport.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/MapVector.h"

namespace fpw::gpu {
#define GEN_PASS_DEF_FPWGPUMERGEKERNELS
#include "fpw/Codegen/GPU/Passes.h.inc"

using namespace mlir;

namespace {

/// Equal kernels, whatever their names.
class KernelSet {
public:
  /// The first kernel that was equal to this one.
  mlir::gpu::GPUFuncOp insert(mlir::gpu::GPUFuncOp kernel) {
    auto &bucket = kernels[hash(kernel)];
    for (mlir::gpu::GPUFuncOp other : bucket)
      if (isEqual(kernel, other))
        return other;
    bucket.push_back(kernel);
    return kernel;
  }

private:
  static unsigned hash(mlir::gpu::GPUFuncOp kernel) {
    llvm::hash_code code = llvm::hash_value(kernel.getFunctionType().getAsOpaquePointer());
    kernel.getBody().walk([&](Operation *op) {
      code = llvm::hash_combine(code, op->getName().getAsOpaquePointer());
    });
    return unsigned(size_t(code));
  }

  static bool isEqual(mlir::gpu::GPUFuncOp a, mlir::gpu::GPUFuncOp b) {
    auto attributes = [](mlir::gpu::GPUFuncOp kernel) {
      NamedAttrList list(kernel->getAttrDictionary());
      list.erase(SymbolTable::getSymbolAttrName());
      return list.getDictionary(kernel.getContext());
    };
    return attributes(a) == attributes(b) &&
           OperationEquivalence::isRegionEquivalentTo(&a.getBody(), &b.getBody(),
                                                      OperationEquivalence::IgnoreLocations);
  }

  DenseMap<unsigned, SmallVector<mlir::gpu::GPUFuncOp>> kernels;
};

/// Makes sure that the host leaves memory to kernels: it can neither allocate nor reach what they
/// use.
LogicalResult checkHost(ModuleOp module) {
  WalkResult result = module.walk<WalkOrder::PreOrder>([](Operation *op) -> WalkResult {
    if (isa<mlir::gpu::GPUModuleOp>(op))
      return WalkResult::skip();
    if (isa<memref::AllocOp>(op))
      return op->emitError("expected a buffer whose size follows from the batch");
    if (isa<memref::LoadOp, memref::StoreOp>(op))
      return op->emitError("expected a kernel to compute this");
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

struct MergeKernels : impl::FPWGPUMergeKernelsBase<MergeKernels> {
  void runOnOperation() override {
    if (failed(checkHost(getOperation())))
      return signalPassFailure();
    SmallVector<mlir::gpu::GPUModuleOp> modules(getOperation().getOps<mlir::gpu::GPUModuleOp>());
    if (modules.empty())
      return;
    OpBuilder builder(modules.front());
    auto merged = mlir::gpu::GPUModuleOp::create(builder, getOperation().getLoc(), "kernels");
    SymbolTable symbols(getOperation()), kernels(merged);
    symbols.insert(merged, Block::iterator(modules.front()));
    KernelSet known;
    DenseMap<Attribute, SymbolRefAttr> names;
    auto getName = [](mlir::gpu::GPUModuleOp module, mlir::gpu::GPUFuncOp kernel) {
      return SymbolRefAttr::get(module.getNameAttr(),
                                {FlatSymbolRefAttr::get(kernel.getNameAttr())});
    };
    for (mlir::gpu::GPUModuleOp module : modules)
      for (auto kernel : llvm::make_early_inc_range(module.getOps<mlir::gpu::GPUFuncOp>())) {
        SymbolRefAttr before = getName(module, kernel);
        mlir::gpu::GPUFuncOp kept = known.insert(kernel);
        if (kept == kernel) {
          kernel->remove();
          kernels.insert(kernel);
        }
        names[before] = getName(merged, kept);
      }
    getOperation().walk([&](mlir::gpu::LaunchFuncOp launch) {
      launch.setKernelAttr(names.lookup(launch.getKernelAttr()));
    });
    for (mlir::gpu::GPUModuleOp module : modules)
      module.erase();
  }
};

} // namespace
} // namespace fpw::gpu
