//===- MarkInterface.cpp - Says what callers of a network may expect -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Codegen/CPU/Passes.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace fpw::cpu {
#define GEN_PASS_DEF_FPWCPUMARKINTERFACE
#include "fpw/Codegen/CPU/Passes.h.inc"

using namespace mlir;

namespace {

struct MarkInterface : impl::FPWCPUMarkInterfaceBase<MarkInterface> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (!function.isPublic() || function.isExternal())
      return;
    Builder builder(&getContext());
    for (unsigned i = 0; i < function.getNumArguments(); ++i)
      if (isa<TensorType>(function.getArgumentTypes()[i]))
        function.setArgAttr(i, bufferization::BufferizationDialect::kWritableAttrName,
                            builder.getBoolAttr(false));
  }
};

} // namespace
} // namespace fpw::cpu
