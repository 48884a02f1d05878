//===- EmitEntryPoints.cpp - Gives each network a function that a host program can call -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Codegen/CPU/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"

namespace fpw::cpu {
#define GEN_PASS_DEF_FPWCPUEMITENTRYPOINTS
#include "fpw/Codegen/CPU/Passes.h.inc"

using namespace mlir;

namespace {

struct EmitEntryPoints : impl::FPWCPUEmitEntryPointsBase<EmitEntryPoints> {
  void runOnOperation() override {
    SmallVector<LLVM::LLVMFuncOp> functions(getOperation().getOps<LLVM::LLVMFuncOp>());
    for (LLVM::LLVMFuncOp function : functions) {
      StringRef name = function.getName();
      if (name.consume_front("_mlir_ciface_") && !function.isExternal())
        emitEntryPoint(function, name);
    }
  }

private:
  static void emitEntryPoint(LLVM::LLVMFuncOp function, StringRef name) {
    Location loc = function.getLoc();
    OpBuilder builder(function);
    auto pointer = LLVM::LLVMPointerType::get(builder.getContext());
    auto type = LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(builder.getContext()), pointer);
    auto entry = LLVM::LLVMFuncOp::create(builder, loc, (kEntryPrefix + name).str(), type);
    builder.setInsertionPointToStart(entry.addEntryBlock(builder));
    SmallVector<Value> arguments;
    for (unsigned i = 0; i < function.getNumArguments(); ++i) {
      Value place = LLVM::GEPOp::create(builder, loc, pointer, pointer, entry.getArgument(0),
                                        ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(i)});
      arguments.push_back(LLVM::LoadOp::create(builder, loc, pointer, place));
    }
    LLVM::CallOp::create(builder, loc, function, arguments);
    LLVM::ReturnOp::create(builder, loc, ValueRange());
  }
};

} // namespace
} // namespace fpw::cpu
