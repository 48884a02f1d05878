//===- ResultsToArguments.cpp - Writes results where the caller wants them -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Codegen/CPU/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace fpw::cpu {
#define GEN_PASS_DEF_FPWCPURESULTSTOARGUMENTS
#include "fpw/Codegen/CPU/Passes.h.inc"

using namespace mlir;

namespace {

/// Whether the size is the batch: the first size of an argument.
bool isBatch(func::FuncOp function, Value size) {
  auto dim = size.getDefiningOp<memref::DimOp>();
  return dim && dim.getConstantIndex() == 0 && isa<BlockArgument>(dim.getSource()) &&
         cast<BlockArgument>(dim.getSource()).getOwner() == &function.front();
}

/// The caller knows one size, the batch, and that it comes first.
LogicalResult checkSizes(func::FuncOp function, Type type, ValueRange dynamicSizes,
                         const Twine &what) {
  auto shape = cast<ShapedType>(type).getShape();
  bool known = llvm::none_of(shape.drop_front(shape.empty() ? 0 : 1), ShapedType::isDynamic) &&
               llvm::all_of(dynamicSizes, [&](Value size) { return isBatch(function, size); });
  if (known)
    return success();
  return function.emitError("expected the batch to be the only dynamic size of ")
         << what << ", and its first, but got " << type;
}

/// Lets the buffer be the caller's where it is one that the network allocates, and else copies it.
void replaceResult(func::FuncOp function, Value result, BlockArgument argument) {
  auto alloc = result.getDefiningOp<memref::AllocOp>();
  if (alloc && alloc->getBlock() == &function.front() && alloc.getType() == argument.getType()) {
    alloc.replaceAllUsesWith(Value(argument));
    alloc.erase();
    return;
  }
  OpBuilder builder(function.front().getTerminator());
  memref::CopyOp::create(builder, result.getLoc(), result, argument);
}

LogicalResult passResults(func::FuncOp function) {
  for (auto [i, type] : llvm::enumerate(function.getArgumentTypes()))
    if (failed(checkSizes(function, type, {}, "input " + Twine(i))))
      return failure();
  auto returnOp = cast<func::ReturnOp>(function.front().getTerminator());
  unsigned inputs = function.getNumArguments();
  for (auto [i, operand] : llvm::enumerate(returnOp->getOpOperands())) {
    auto alloc = operand.get().getDefiningOp<memref::AllocOp>();
    if (failed(checkSizes(function, operand.get().getType(),
                          alloc ? alloc.getDynamicSizes() : ValueRange(), "result " + Twine(i))))
      return failure();
    auto type = cast<MemRefType>(operand.get().getType());
    auto contiguous = MemRefType::get(type.getShape(), type.getElementType());
    if (failed(function.insertArgument(inputs + i, contiguous, {}, operand.get().getLoc())))
      return failure();
    replaceResult(function, operand.get(), function.getArgument(inputs + i));
  }
  returnOp->setOperands({});
  for (unsigned i = function.getNumResults(); i-- > 0;)
    if (failed(function.eraseResult(i)))
      return failure();
  function->setAttr(kInputsAttr, Builder(function.getContext()).getI64IntegerAttr(inputs));
  return success();
}

struct ResultsToArguments : impl::FPWCPUResultsToArgumentsBase<ResultsToArguments> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    bool isNetwork = function.isPublic() && !function.isExternal() &&
                     function.getBody().hasOneBlock() &&
                     llvm::all_of(function.getArgumentTypes(), llvm::IsaPred<MemRefType>) &&
                     llvm::all_of(function.getResultTypes(), llvm::IsaPred<MemRefType>);
    if (isNetwork && failed(passResults(function)))
      signalPassFailure();
  }
};

} // namespace
} // namespace fpw::cpu
