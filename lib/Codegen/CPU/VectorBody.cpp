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
#include "mlir/Dialect/Math/IR/Math.h"
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

/// How many neighbouring elements of an operand share a lane.
int64_t VectorBody::getElementsPerLane(unsigned operand) const {
  return dot && maps[operand].isFunctionOfDim(dot->loop) ? dot->size : 1;
}

/// Where the lanes of an operand are.
AffineMap VectorBody::getLaneMap(unsigned operand) const {
  AffineMap map = maps[operand];
  return dot && hasLaneDimension(map, *dot) ? map.dropResult(map.getNumResults() - 1) : map;
}

Access VectorBody::getAccess(unsigned operand, std::optional<unsigned> loop) const {
  if (!loop)
    return Access::Uniform;
  Access access =
      dot ? classifyLaneAccess(maps[operand], *loop, *dot) : classifyAccess(maps[operand], *loop);
  auto type = cast<MemRefType>(op->getOperand(operand).getType());
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

VectorBody::Key VectorBody::getKey(unsigned operand, ArrayRef<int64_t> offsets) const {
  Key key{operand, {}};
  for (auto [loop, offset] : llvm::enumerate(offsets))
    key.second.push_back(maps[operand].isFunctionOfDim(loop) ? offset : 0);
  return key;
}

Value VectorBody::load(OpBuilder &builder, unsigned operand, ArrayRef<OpFoldResult> loops,
                       const Point &point) {
  Key key = getKey(operand, point.offsets);
  if (Value value = loaded[key])
    return value;
  Value value = loadAnew(builder, operand, loops, point);
  return loaded[key] = value;
}

Value VectorBody::loadAnew(OpBuilder &builder, unsigned operand, ArrayRef<OpFoldResult> loops,
                           const Point &point) {
  Location loc = op.getLoc();
  Value source = op->getOperand(operand);
  if (!isa<MemRefType>(source.getType()))
    return vector::BroadcastOp::create(builder, loc, getVectorType(source.getType(), point),
                                       source);
  switch (getAccess(operand, vectorLoop)) {
  case Access::Uniform: {
    Value lane = loadLane(builder, operand, loops, point.offsets);
    return vector::BroadcastOp::create(builder, loc, getVectorType(lane.getType(), point), lane);
  }
  case Access::Strided:
    return loadStrided(builder, operand, loops, point);
  case Access::Contiguous:
    return loadContiguous(builder, operand, loops, point);
  }
  llvm_unreachable("all accesses are handled");
}

/// The element of an operand, or the elements that share a lane as the bits of an i32.
Value VectorBody::loadLane(OpBuilder &builder, unsigned operand, ArrayRef<OpFoldResult> loops,
                           ArrayRef<int64_t> offsets) {
  Location loc = op.getLoc();
  Value source = op->getOperand(operand);
  SmallVector<Value> indices = getIndices(builder, operand, loops, offsets);
  int64_t count = getElementsPerLane(operand);
  if (count == 1)
    return memref::LoadOp::create(builder, loc, source, indices);
  auto type = VectorType::get({count}, getElementTypeOrSelf(source.getType()));
  Value elements = vector::LoadOp::create(builder, loc, type, source, indices);
  Value lane =
      vector::BitCastOp::create(builder, loc, VectorType::get({1}, builder.getI32Type()), elements);
  return vector::ExtractOp::create(builder, loc, lane, 0);
}

Value VectorBody::loadContiguous(OpBuilder &builder, unsigned operand, ArrayRef<OpFoldResult> loops,
                                 const Point &point) {
  Location loc = op.getLoc();
  Value source = op->getOperand(operand);
  auto memref = cast<MemRefType>(source.getType());
  int64_t perLane = getElementsPerLane(operand);
  auto type = VectorType::get({point.lanes * perLane}, memref.getElementType());
  SmallVector<Value> indices = getIndices(builder, operand, loops, point.offsets);
  Value mask =
      createMask(builder, loc, {point.offsets, point.lanes * perLane, point.active * perLane});
  // Blocked operands are padded to whole vectors.
  AffineMap map = getLaneMap(operand);
  bool isPadded = map.getResults().back().getKind() == AffineExprKind::Mod &&
                  memref.getDimSize(map.getNumResults() - 1) % point.lanes == 0;
  Value elements;
  if (!mask || isPadded) {
    elements = vector::LoadOp::create(builder, loc, type, source, indices);
  } else {
    Value zero = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
    elements = vector::MaskedLoadOp::create(builder, loc, type, source, indices, mask, zero);
  }
  if (perLane == 1)
    return elements;
  VectorType lanes = getVectorType(builder.getI32Type(), point);
  return vector::BitCastOp::create(builder, loc, lanes, elements);
}

/// Elements that do not lie together: a transposed block where one loop finds them together, else
/// one by one.
Value VectorBody::loadStrided(OpBuilder &builder, unsigned operand, ArrayRef<OpFoldResult> loops,
                              const Point &point) {
  if (std::optional<unsigned> rowLoop = findContiguousLoop(operand, point)) {
    loadTransposed(builder, operand, loops, point, *rowLoop);
    return loaded[getKey(operand, point.offsets)];
  }
  Location loc = op.getLoc();
  SmallVector<Value> elements;
  for (int64_t lane = 0; lane < point.active; ++lane) {
    SmallVector<int64_t> offsets = point.offsets;
    offsets[*vectorLoop] += lane;
    elements.push_back(loadLane(builder, operand, loops, offsets));
  }
  elements.resize(point.lanes, elements.back());
  VectorType type = getVectorType(elements[0].getType(), point);
  return vector::FromElementsOp::create(builder, loc, type, elements);
}

/// A loop of the tile along which the operand's elements lie together, few enough for a vector.
std::optional<unsigned> VectorBody::findContiguousLoop(unsigned operand, const Point &point) const {
  for (unsigned loop = 0; loop < extents.size(); ++loop)
    if (loop != vectorLoop && extents[loop] > 1 && extents[loop] <= point.lanes &&
        getAccess(operand, loop) == Access::Contiguous)
      return loop;
  return std::nullopt;
}

/// The transpose of a square of vectors: each round interleaves the rows of the two halves.
static SmallVector<Value> transpose(OpBuilder &builder, Location loc, SmallVector<Value> rows) {
  int64_t size = rows.size(), half = size / 2;
  SmallVector<int64_t> low, high;
  for (int64_t i = 0; i < half; ++i) {
    low.append({i, size + i});
    high.append({half + i, size + half + i});
  }
  for (int64_t round = 1; round < size; round *= 2) {
    SmallVector<Value> next;
    for (int64_t i = 0; i < half; ++i) {
      next.push_back(vector::ShuffleOp::create(builder, loc, rows[i], rows[half + i], low));
      next.push_back(vector::ShuffleOp::create(builder, loc, rows[i], rows[half + i], high));
    }
    rows = std::move(next);
  }
  return rows;
}

/// Loads the point's vector for each element of `rowLoop` in the tile.
void VectorBody::loadTransposed(OpBuilder &builder, unsigned operand, ArrayRef<OpFoldResult> loops,
                                const Point &point, unsigned rowLoop) {
  Point row{point.offsets, point.lanes, extents[rowLoop]};
  row.offsets[rowLoop] = 0;
  SmallVector<Value> rows;
  for (int64_t lane = 0; lane < point.active; ++lane) {
    row.offsets[*vectorLoop] = point.offsets[*vectorLoop] + lane;
    rows.push_back(loadContiguous(builder, operand, loops, row));
  }
  Location loc = op.getLoc();
  if (point.active < point.lanes) {
    auto type = cast<VectorType>(rows[0].getType());
    rows.resize(point.lanes, arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type)));
  }
  SmallVector<Value> columns = transpose(builder, loc, rows);
  SmallVector<int64_t> offsets = point.offsets;
  for (int64_t i = 0; i < extents[rowLoop]; ++i) {
    offsets[rowLoop] = i;
    loaded[getKey(operand, offsets)] = columns[i];
  }
}

void VectorBody::store(OpBuilder &builder, unsigned result, Value vector,
                       ArrayRef<OpFoldResult> loops, const Point &point) {
  Location loc = op.getLoc();
  unsigned operand = op.getNumDpsInputs() + result;
  Value target = op->getOperand(operand);
  // A masked store of one truncated element writes four bytes in LLVM 22's x86 backend: a single
  // element is stored by itself.
  if (getAccess(operand, vectorLoop) == Access::Strided || point.active == 1) {
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
  auto add = dyn_cast<arith::AddFOp>(inner);
  if (std::optional<unsigned> product = add ? getFusedProduct(op, add) : std::nullopt)
    if (auto factors = operands[*product].getDefiningOp<arith::MulFOp>())
      return math::FmaOp::create(builder, loc, factors.getLhs(), factors.getRhs(),
                                 operands[1 - *product]);
  OperationState state(loc, inner.getName(), operands, TypeRange{type}, inner.getAttrs());
  return builder.create(state)->getResult(0);
}

SmallVector<Value> VectorBody::computeDots(OpBuilder &builder, ArrayRef<OpFoldResult> loops,
                                           const Point &point,
                                           const DenseMap<unsigned, Value> &values) {
  SmallVector<Value> sums;
  for (auto [result, factors] : llvm::enumerate(dot->factors)) {
    Value x = load(builder, factors.first, loops, point);
    Value w = load(builder, factors.second, loops, point);
    Value sum = values.lookup(op.getNumDpsInputs() + result);
    sums.push_back(emitDot(builder, op.getLoc(), dot->size, x, w, sum));
  }
  return sums;
}

SmallVector<Value> VectorBody::compute(OpBuilder &builder, ArrayRef<OpFoldResult> loops,
                                       const Point &point,
                                       const DenseMap<unsigned, Value> &values) {
  if (dot)
    return computeDots(builder, loops, point, values);
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
