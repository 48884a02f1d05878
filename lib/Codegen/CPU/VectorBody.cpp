//===- VectorBody.cpp - The body of an op on vectors of elements -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "VectorBody.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace fpw::cpu {

VectorBody::VectorBody(linalg::GenericOp op, AffineMap toLoops, std::optional<unsigned> vectorLoop)
    : op(op), toLoops(toLoops), vectorLoop(vectorLoop) {
  for (AffineMap map : op.getIndexingMapsArray())
    maps.push_back(map.compose(toLoops));
}

static VectorType getVectorType(Type element, const Point &point) {
  return VectorType::get({point.lanes}, element);
}

/// The mask of the lanes that exist, or null for all.
static Value createMask(OpBuilder &builder, Location loc, const Point &point) {
  if (point.active >= point.lanes)
    return nullptr;
  return vector::ConstantMaskOp::create(builder, loc, getVectorType(builder.getI1Type(), point),
                                        ArrayRef<int64_t>{point.active});
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

Access VectorBody::getAccess(unsigned operand) const {
  if (!vectorLoop)
    return Access::Uniform;
  Access access = classifyAccess(maps[operand], *vectorLoop);
  auto type = dyn_cast<MemRefType>(op->getOperand(operand).getType());
  if (access == Access::Contiguous && !type.isLastDimUnitStride())
    return Access::Strided;
  return access;
}

SmallVector<Value> VectorBody::getIndices(OpBuilder &builder, unsigned operand,
                                          ArrayRef<OpFoldResult> loops, ArrayRef<int64_t> offsets) {
  SmallVector<AffineExpr> positions;
  for (auto [loop, offset] : llvm::enumerate(offsets))
    positions.push_back(builder.getAffineDimExpr(loop) + offset);
  AffineMap shift = AffineMap::get(loops.size(), 0, positions, builder.getContext());
  SmallVector<OpFoldResult> indices = affine::makeComposedFoldedMultiResultAffineApply(
      builder, op.getLoc(), maps[operand].compose(shift), loops);
  return getValueOrCreateConstantIndexOp(builder, op.getLoc(), indices);
}

Value VectorBody::load(OpBuilder &builder, unsigned operand, ArrayRef<OpFoldResult> loops,
                       const Point &point) {
  std::vector<int64_t> key;
  for (auto [loop, offset] : llvm::enumerate(point.offsets))
    key.push_back(maps[operand].isFunctionOfDim(loop) ? offset : 0);
  Value &value = loaded[{operand, key}];
  if (!value)
    value = loadAnew(builder, operand, loops, point);
  return value;
}

Value VectorBody::loadAnew(OpBuilder &builder, unsigned operand, ArrayRef<OpFoldResult> loops,
                           const Point &point) {
  Location loc = op.getLoc();
  Value source = op->getOperand(operand);
  auto memref = dyn_cast<MemRefType>(source.getType());
  auto type = getVectorType(getElementTypeOrSelf(source.getType()), point);
  if (!memref)
    return vector::BroadcastOp::create(builder, loc, type, source);
  auto loadElement = [&](int64_t lane) -> Value {
    SmallVector<int64_t> offsets = point.offsets;
    if (vectorLoop)
      offsets[*vectorLoop] += lane;
    return memref::LoadOp::create(builder, loc, source,
                                  getIndices(builder, operand, loops, offsets));
  };
  switch (getAccess(operand)) {
  case Access::Uniform:
    return vector::BroadcastOp::create(builder, loc, type, loadElement(0));
  case Access::Strided: {
    SmallVector<Value> elements;
    for (int64_t lane = 0; lane < point.active; ++lane)
      elements.push_back(loadElement(lane));
    elements.resize(point.lanes, elements.back());
    return vector::FromElementsOp::create(builder, loc, type, elements);
  }
  case Access::Contiguous:
    break;
  }
  SmallVector<Value> indices = getIndices(builder, operand, loops, point.offsets);
  Value mask = createMask(builder, loc, point);
  // Blocked operands are padded to whole vectors.
  bool isPadded = isa<AffineBinaryOpExpr>(maps[operand].getResults().back()) &&
                  memref.getShape().back() % point.lanes == 0;
  if (!mask || isPadded)
    return vector::LoadOp::create(builder, loc, type, source, indices);
  Value zero = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
  return vector::MaskedLoadOp::create(builder, loc, type, source, indices, mask, zero);
}

void VectorBody::store(OpBuilder &builder, unsigned result, Value vector,
                       ArrayRef<OpFoldResult> loops, const Point &point) {
  Location loc = op.getLoc();
  unsigned operand = op.getNumDpsInputs() + result;
  Value target = op->getOperand(operand);
  if (getAccess(operand) == Access::Strided || point.lanes == 1) {
    for (int64_t lane = 0; lane < point.active; ++lane) {
      SmallVector<int64_t> offsets = point.offsets;
      if (vectorLoop)
        offsets[*vectorLoop] += lane;
      Value element = vector::ExtractOp::create(builder, loc, vector, lane);
      memref::StoreOp::create(builder, loc, element, target,
                              getIndices(builder, operand, loops, offsets));
    }
    return;
  }
  SmallVector<Value> indices = getIndices(builder, operand, loops, point.offsets);
  if (Value mask = createMask(builder, loc, point))
    vector::MaskedStoreOp::create(builder, loc, target, indices, mask, vector);
  else
    vector::StoreOp::create(builder, loc, vector, target, indices);
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

Value VectorBody::computeIndex(OpBuilder &builder, unsigned dim, ArrayRef<OpFoldResult> loops,
                               const Point &point) {
  Location loc = op.getLoc();
  SmallVector<AffineExpr> positions;
  for (auto [loop, offset] : llvm::enumerate(point.offsets))
    positions.push_back(builder.getAffineDimExpr(loop) + offset);
  AffineMap shift = AffineMap::get(loops.size(), 0, positions, builder.getContext());
  AffineExpr expr = toLoops.getResult(dim).compose(shift);
  Value first = getValueOrCreateConstantIndexOp(
      builder, loc,
      affine::makeComposedFoldedAffineApply(
          builder, loc, AffineMap::get(loops.size(), 0, expr, builder.getContext()), loops));
  VectorType type = getVectorType(builder.getIndexType(), point);
  Value index = vector::BroadcastOp::create(builder, loc, type, first);
  if (!vectorLoop || !toLoops.getResult(dim).isFunctionOfDim(*vectorLoop))
    return index;
  Value step = vector::StepOp::create(builder, loc, type);
  return arith::AddIOp::create(builder, loc, index, step);
}

Value VectorBody::computeOp(OpBuilder &builder, Operation &inner, ValueRange operands,
                            ArrayRef<OpFoldResult> loops, const Point &point) {
  Location loc = inner.getLoc();
  if (auto index = dyn_cast<linalg::IndexOp>(inner))
    return computeIndex(builder, index.getDim(), loops, point);
  VectorType type = getVectorType(inner.getResult(0).getType(), point);
  if (auto constant = dyn_cast<arith::ConstantOp>(inner))
    return arith::ConstantOp::create(builder, loc,
                                     DenseElementsAttr::get(type, constant.getValue()));
  // A multiplication whose only use is the sum of a reduction rounds once, where the machine can.
  auto add = dyn_cast<arith::AddFOp>(inner);
  if (add && op.getNumReductionLoops() > 0)
    for (unsigned i : {0, 1}) {
      auto product = add->getOperand(i).getDefiningOp<arith::MulFOp>();
      auto sum = dyn_cast<BlockArgument>(add->getOperand(1 - i));
      if (!product || !product->hasOneUse() || !sum || sum.getArgNumber() < op.getNumDpsInputs())
        continue;
      if (auto factors = operands[i].getDefiningOp<arith::MulFOp>())
        return vector::FMAOp::create(builder, loc, factors.getLhs(), factors.getRhs(),
                                     operands[1 - i]);
    }
  OperationState state(loc, inner.getName(), operands, TypeRange{type}, inner.getAttrs());
  return builder.create(state)->getResult(0);
}

SmallVector<Value> VectorBody::compute(OpBuilder &builder, ArrayRef<OpFoldResult> loops,
                                       const Point &point,
                                       const DenseMap<unsigned, Value> &values) {
  Block *body = op.getBody();
  DenseMap<Value, Value> vectors;
  auto lookup = [&](Value value) -> Value {
    if (Value vector = vectors.lookup(value))
      return vector;
    auto argument = dyn_cast<BlockArgument>(value);
    if (argument && argument.getOwner() == body) {
      Value known = values.lookup(argument.getArgNumber());
      return vectors[value] = known ? known : load(builder, argument.getArgNumber(), loops, point);
    }
    VectorType type = getVectorType(value.getType(), point); // a value from outside of the body
    return vectors[value] = vector::BroadcastOp::create(builder, op.getLoc(), type, value);
  };
  for (Operation &inner : body->without_terminator()) {
    SmallVector<Value> operands = llvm::map_to_vector(inner.getOperands(), lookup);
    vectors[inner.getResult(0)] = computeOp(builder, inner, operands, loops, point);
  }
  return llvm::map_to_vector(body->getTerminator()->getOperands(), lookup);
}

} // namespace fpw::cpu
