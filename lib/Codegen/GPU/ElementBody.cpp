//===- ElementBody.cpp - The body of an op on one element -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ElementBody.h"
#include "fpw/Codegen/CPU/TilePlan.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

namespace fpw::gpu {

ElementBody::ElementBody(linalg::GenericOp op, AffineMap toLoops)
    : op(op), toLoops(toLoops), fuses(op.getNumReductionLoops() > 0 && cpu::isVectorizable(op)) {
  for (AffineMap map : op.getIndexingMapsArray())
    maps.push_back(map.compose(toLoops));
}

SmallVector<Value> ElementBody::getIndices(OpBuilder &builder, unsigned operand,
                                           ArrayRef<OpFoldResult> position) {
  SmallVector<OpFoldResult> indices = affine::makeComposedFoldedMultiResultAffineApply(
      builder, op.getLoc(), maps[operand], position);
  return getValueOrCreateConstantIndexOp(builder, op.getLoc(), indices);
}

Value ElementBody::load(OpBuilder &builder, unsigned operand, ArrayRef<OpFoldResult> position) {
  Value source = op->getOperand(operand);
  if (!isa<MemRefType>(source.getType()))
    return source;
  return memref::LoadOp::create(builder, op.getLoc(), source,
                                getIndices(builder, operand, position));
}

void ElementBody::store(OpBuilder &builder, unsigned result, Value element,
                        ArrayRef<OpFoldResult> position) {
  unsigned operand = op.getNumDpsInputs() + result;
  memref::StoreOp::create(builder, op.getLoc(), element, op->getOperand(operand),
                          getIndices(builder, operand, position));
}

Value ElementBody::fuseMultiplyAdd(OpBuilder &builder, Operation &inner, ValueRange operands) {
  auto add = dyn_cast<arith::AddFOp>(inner);
  std::optional<unsigned> product = fuses && add ? cpu::getFusedProduct(op, add) : std::nullopt;
  if (!product)
    return nullptr;
  auto factors = operands[*product].getDefiningOp<arith::MulFOp>();
  return math::FmaOp::create(builder, add.getLoc(), factors.getLhs(), factors.getRhs(),
                             operands[1 - *product]);
}

SmallVector<Value> ElementBody::compute(OpBuilder &builder, ArrayRef<OpFoldResult> position,
                                        const DenseMap<unsigned, Value> &known) {
  Block *body = op.getBody();
  IRMapping values;
  for (BlockArgument argument : body->getArguments()) {
    Value value = known.lookup(argument.getArgNumber());
    if (!value && !argument.use_empty())
      value = load(builder, argument.getArgNumber(), position);
    if (value)
      values.map(argument, value);
  }
  for (Operation &inner : body->without_terminator()) {
    if (auto index = dyn_cast<linalg::IndexOp>(inner)) {
      OpFoldResult place = affine::makeComposedFoldedAffineApply(
          builder, inner.getLoc(), toLoops.getSubMap(index.getDim()), position);
      values.map(index.getResult(),
                 getValueOrCreateConstantIndexOp(builder, inner.getLoc(), place));
      continue;
    }
    SmallVector<Value> operands = llvm::map_to_vector(
        inner.getOperands(), [&](Value operand) { return values.lookupOrDefault(operand); });
    if (Value fused = fuseMultiplyAdd(builder, inner, operands))
      values.map(inner.getResult(0), fused);
    else
      builder.clone(inner, values);
  }
  return llvm::map_to_vector(body->getTerminator()->getOperands(),
                             [&](Value result) { return values.lookupOrDefault(result); });
}

} // namespace fpw::gpu
