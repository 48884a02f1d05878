//===- DotLoop.cpp - Products that are added within a lane ------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DotLoop.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace fpw::cpu {

//===----------------------------------------------------------------------===//
// Matching
//===----------------------------------------------------------------------===//

/// The number of the input that is extended, if the value is one.
template <typename Extension>
static std::optional<unsigned> matchExtended(Value value, linalg::GenericOp op, unsigned bits) {
  auto extension = value.getDefiningOp<Extension>();
  auto argument = extension ? dyn_cast<BlockArgument>(extension.getIn()) : BlockArgument();
  if (!argument || argument.getOwner() != op.getBody() || !argument.getType().isInteger(bits) ||
      argument.getArgNumber() >= op.getNumDpsInputs())
    return std::nullopt;
  return argument.getArgNumber();
}

/// The number of the input of 32 bits whose words are extended, if the value is one.
static std::optional<unsigned> matchHalf(Value value, linalg::GenericOp op) {
  auto extension = value.getDefiningOp<arith::ExtSIOp>();
  auto word = extension ? extension.getIn().getDefiningOp<arith::TruncIOp>() : arith::TruncIOp();
  auto shifted = word ? word.getIn().getDefiningOp<arith::ShRUIOp>() : arith::ShRUIOp();
  auto amount = shifted ? shifted.getRhs().getDefiningOp<arith::MulIOp>() : arith::MulIOp();
  auto cast = amount ? amount.getLhs().getDefiningOp<arith::IndexCastOp>() : arith::IndexCastOp();
  auto index = cast ? cast.getIn().getDefiningOp<linalg::IndexOp>() : linalg::IndexOp();
  if (!index || index.getDim() != op.getNumLoops() - 1 || !word.getType().isInteger(16) ||
      getConstantIntValue(amount.getRhs()) != 16)
    return std::nullopt;
  auto argument = dyn_cast<BlockArgument>(shifted.getLhs());
  if (!argument || argument.getOwner() != op.getBody() || !argument.getType().isInteger(32) ||
      argument.getArgNumber() >= op.getNumDpsInputs())
    return std::nullopt;
  return argument.getArgNumber();
}

/// The factors of `result = sum + ext(x) * ext(w)`.
static std::optional<std::pair<unsigned, unsigned>> matchFactors(linalg::GenericOp op,
                                                                 unsigned result, int64_t size) {
  auto add = op.getBody()->getTerminator()->getOperand(result).getDefiningOp<arith::AddIOp>();
  if (!add || !add.getType().isInteger(32))
    return std::nullopt;
  Value sum = op.getRegionOutputArgs()[result];
  Value product = add.getLhs() == sum ? add.getRhs() : add.getLhs();
  auto multiply = product.getDefiningOp<arith::MulIOp>();
  if (!multiply || (add.getLhs() != sum && add.getRhs() != sum))
    return std::nullopt;
  auto x = size == 2 ? matchExtended<arith::ExtSIOp>(multiply.getLhs(), op, 16)
                     : matchExtended<arith::ExtUIOp>(multiply.getLhs(), op, 8);
  if (!x && size == 2)
    x = matchHalf(multiply.getLhs(), op);
  auto w = matchExtended<arith::ExtSIOp>(multiply.getRhs(), op, size == 2 ? 16 : 8);
  if (!x || !w)
    return std::nullopt;
  return std::pair(*x, *w);
}

/// Whether neighbouring steps of the loop read neighbouring elements.
static bool isContiguous(AffineMap map, unsigned loop) {
  return map.isFunctionOfDim(loop) && classifyAccess(map, loop) == Access::Contiguous;
}

std::optional<DotLoop> matchDotLoop(linalg::GenericOp op) {
  if (op.getNumReductionLoops() == 0)
    return std::nullopt;
  DotLoop dot{op.getNumLoops() - 1, op.getStaticLoopRanges().back(), {}};
  if (!isReduction(op, dot.loop) || (dot.size != 2 && dot.size != 4))
    return std::nullopt;
  for (int64_t result = 0; result < op.getNumDpsInits(); ++result) {
    auto factors = matchFactors(op, result, dot.size);
    if (!factors)
      return std::nullopt;
    for (unsigned operand : {factors->first, factors->second})
      if (!op.getRegionInputArgs()[operand].getType().isInteger(32) &&
          !isContiguous(op.getIndexingMapsArray()[operand], dot.loop))
        return std::nullopt;
    dot.factors.push_back(*factors);
  }
  return dot;
}

bool hasLaneDimension(AffineMap map, const DotLoop &dot) {
  return map.getResults().back() == getAffineDimExpr(dot.loop, map.getContext());
}

Access classifyLaneAccess(AffineMap map, unsigned loop, const DotLoop &dot) {
  if (!map.isFunctionOfDim(dot.loop))
    return classifyAccess(map, loop);
  if (hasLaneDimension(map, dot))
    return classifyAccess(map.dropResult(map.getNumResults() - 1), loop);
  // Lanes may overlap.
  return map.isFunctionOfDim(loop) ? Access::Strided : Access::Uniform;
}

//===----------------------------------------------------------------------===//
// Emission
//===----------------------------------------------------------------------===//

Value emitDot(OpBuilder &builder, Location loc, int64_t size, Value x, Value w, Value sum) {
  int64_t lanes = cast<VectorType>(sum.getType()).getNumElements();
  Type element = builder.getIntegerType(32 / size);
  auto flat = VectorType::get({lanes * size}, element);
  auto split = VectorType::get({lanes, size}, element);
  auto extended = split.cloneWith(std::nullopt, builder.getI32Type());
  auto getElements = [&](Value vector) -> Value {
    Value elements = vector::BitCastOp::create(builder, loc, flat, vector);
    return vector::ShapeCastOp::create(builder, loc, split, elements);
  };
  Value a = getElements(x), b = getElements(w);
  if (size == 4)
    a = arith::ExtUIOp::create(builder, loc, extended, a);
  else
    a = arith::ExtSIOp::create(builder, loc, extended, a);
  b = arith::ExtSIOp::create(builder, loc, extended, b);
  AffineExpr lane, part;
  bindDims(builder.getContext(), lane, part);
  return vector::ContractionOp::create(
      builder, loc, a, b, sum, ArrayRef<ArrayRef<AffineExpr>>{{lane, part}, {lane, part}, {lane}},
      {vector::IteratorType::parallel, vector::IteratorType::reduction});
}

} // namespace fpw::cpu
