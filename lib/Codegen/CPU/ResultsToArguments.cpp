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
#include "mlir/Interfaces/ValueBoundsOpInterface.h"

namespace fpw::cpu {
#define GEN_PASS_DEF_FPWCPURESULTSTOARGUMENTS
#include "fpw/Codegen/CPU/Passes.h.inc"

using namespace mlir;

namespace {

/// The first size of a buffer, or nothing if it cannot be told.
std::optional<OpFoldResult> getFirstSize(Value buffer) {
  Operation *op = buffer.getDefiningOp();
  OpBuilder builder(buffer.getContext());
  if (auto argument = dyn_cast<BlockArgument>(buffer))
    builder.setInsertionPointToStart(argument.getOwner());
  else
    builder.setInsertionPointAfter(op);
  if (!op || isa<memref::AllocOp>(op))
    return memref::getMixedSize(builder, buffer.getLoc(), buffer, 0);
  if (auto view = dyn_cast<memref::SubViewOp>(op))
    return view.getMixedSizes().front();
  if (auto view = dyn_cast<memref::ExpandShapeOp>(op))
    return view.getMixedOutputShape().front();
  if (auto view = dyn_cast<memref::CastOp>(op))
    return getFirstSize(view.getSource());
  if (auto view = dyn_cast<memref::CollapseShapeOp>(op))
    if (view.getReassociationIndices().front().size() == 1)
      return getFirstSize(view.getSrc());
  return std::nullopt;
}

/// Whether the first size of a buffer is the batch, the first size of an argument.
bool hasBatch(func::FuncOp function, Value buffer) {
  std::optional<OpFoldResult> size = getFirstSize(buffer);
  return size && llvm::any_of(function.getArguments(), [&](BlockArgument argument) {
           auto type = cast<ShapedType>(argument.getType());
           if (type.getRank() == 0 || !type.isDynamicDim(0))
             return false;
           FailureOr<bool> isSame =
               ValueBoundsConstraintSet::areEqual(ValueBoundsConstraintSet::Variable(*size),
                                                  ValueBoundsConstraintSet::Variable(argument, 0));
           return succeeded(isSame) && *isSame;
         });
}

/// The caller knows one size, the batch, and that it comes first.
LogicalResult checkSizes(func::FuncOp function, Value buffer, const Twine &what) {
  auto type = cast<ShapedType>(buffer.getType());
  ArrayRef<int64_t> shape = type.getShape();
  if (!ShapedType::isDynamicShape(shape))
    return success();
  if (!ShapedType::isDynamicShape(shape.drop_front()) && hasBatch(function, buffer))
    return success();
  return function.emitError("expected the batch to be the only dynamic size of ")
         << what << ", and its first, but got " << buffer.getType();
}

/// The allocation that a result is, in another shape or in its own, or null.
memref::AllocOp getReshapedAlloc(Value result) {
  auto isOtherSizeDynamic = [](Value buffer) {
    return ShapedType::isDynamicShape(cast<MemRefType>(buffer.getType()).getShape().drop_front());
  };
  while (isa_and_nonnull<memref::CollapseShapeOp, memref::ExpandShapeOp>(result.getDefiningOp())) {
    result = result.getDefiningOp()->getOperand(0);
    if (cast<MemRefType>(result.getType()).getRank() == 0 || isOtherSizeDynamic(result))
      return {};
  }
  return result.getDefiningOp<memref::AllocOp>();
}

/// The argument in the shape of what the result, a chain of reshapes, was at its beginning.
Value undoReshapes(OpBuilder &builder, memref::AllocOp alloc, Value result, Value argument) {
  if (result == alloc)
    return argument;
  Operation *reshape = result.getDefiningOp();
  Location loc = reshape->getLoc();
  Value source = reshape->getOperand(0);
  auto type = cast<MemRefType>(source.getType());
  if (auto expand = dyn_cast<memref::ExpandShapeOp>(reshape))
    argument = memref::CollapseShapeOp::create(builder, loc, type, argument,
                                               expand.getReassociationIndices());
  else
    argument = memref::ExpandShapeOp::create(
        builder, loc, type, argument,
        cast<memref::CollapseShapeOp>(reshape).getReassociationIndices());
  return undoReshapes(builder, alloc, source, argument);
}

/// Lets the buffer be the caller's where it is one that the network allocates, and else copies it.
void replaceResult(func::FuncOp function, Value result, BlockArgument argument) {
  memref::AllocOp alloc = getReshapedAlloc(result);
  OpBuilder builder(function.front().getTerminator());
  if (!alloc || alloc->getBlock() != &function.front() || result.getType() != argument.getType()) {
    memref::CopyOp::create(builder, result.getLoc(), result, argument);
    return;
  }
  builder.setInsertionPoint(alloc);
  alloc.replaceAllUsesWith(undoReshapes(builder, alloc, result, argument));
  alloc.erase();
}

LogicalResult passResults(func::FuncOp function) {
  for (auto [i, argument] : llvm::enumerate(function.getArguments()))
    if (failed(checkSizes(function, argument, "input " + Twine(i))))
      return failure();
  auto returnOp = cast<func::ReturnOp>(function.front().getTerminator());
  unsigned inputs = function.getNumArguments();
  for (auto [i, operand] : llvm::enumerate(returnOp->getOpOperands())) {
    if (failed(checkSizes(function, operand.get(), "result " + Twine(i))))
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
