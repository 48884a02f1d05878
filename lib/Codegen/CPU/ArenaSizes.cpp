//===- ArenaSizes.cpp - The sizes of buffers as functions of the batch -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ArenaSizes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace fpw::cpu {

constexpr int64_t kAlignment = 64;
constexpr int64_t kSmallBatch = 8;

ArenaSizes::ArenaSizes(func::FuncOp network, SymbolTable &symbols)
    : network(network), builder(network) {
  Type index = builder.getIndexType();
  function = func::FuncOp::create(builder, network.getLoc(), (network.getName() + "_arena").str(),
                                  builder.getFunctionType({index, index}, {}));
  function.setPrivate();
  function->remove();
  symbols.insert(function, network->getIterator()); // makes the name unique
  builder.setInsertionPointToStart(function.addEntryBlock());
  estimates[function.getArgument(0)] = kSmallBatch;
  estimates[function.getArgument(1)] = 1;
}

//===----------------------------------------------------------------------===//
// Repeating the network's computations
//===----------------------------------------------------------------------===//

static bool contains(AffineExpr expr, AffineExpr variable) {
  bool found = false;
  expr.walk([&](AffineExpr part) { found |= part == variable; });
  return found;
}

/// Whether the expression surely does not grow with a variable, whose factor is a constant.
static bool isNonIncreasing(AffineExpr expr, AffineExpr variable) {
  if (!contains(expr, variable))
    return true;
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  auto constant = binary ? dyn_cast<AffineConstantExpr>(binary.getRHS()) : AffineConstantExpr();
  if (expr.getKind() == AffineExprKind::Add)
    return isNonIncreasing(binary.getLHS(), variable) && isNonIncreasing(binary.getRHS(), variable);
  if (!constant || expr.getKind() == AffineExprKind::Mod)
    return false;
  return constant.getValue() < 0 ? binary.getLHS() == variable
                                 : isNonIncreasing(binary.getLHS(), variable);
}

/// Whether an op that uses the number of an iteration gives the largest value in the first one.
bool ArenaSizes::isLargestAtFirst(Operation *op) {
  auto isIteration = [](Value value) {
    auto argument = dyn_cast<BlockArgument>(value);
    return argument && isa<scf::ForallOp>(argument.getOwner()->getParentOp());
  };
  if (llvm::none_of(op->getOperands(), isIteration))
    return true;
  AffineMap map = TypeSwitch<Operation *, AffineMap>(op)
                      .Case<affine::AffineApplyOp, affine::AffineMinOp, affine::AffineMaxOp>(
                          [](auto affine) { return affine.getAffineMap(); })
                      .Default([](Operation *) { return AffineMap(); });
  if (!map)
    return false;
  for (auto [i, operand] : llvm::enumerate(op->getOperands())) {
    AffineExpr variable = i < map.getNumDims()
                              ? getAffineDimExpr(i, op->getContext())
                              : getAffineSymbolExpr(i - map.getNumDims(), op->getContext());
    if (isIteration(operand) && !llvm::all_of(map.getResults(), [&](AffineExpr expr) {
          return isNonIncreasing(expr, variable);
        }))
      return false;
  }
  return true;
}

Value ArenaSizes::repeatDim(memref::DimOp dim) {
  std::optional<int64_t> index = dim.getConstantIndex();
  auto type = cast<MemRefType>(dim.getSource().getType());
  if (!index || *index >= type.getRank())
    return {};
  if (!type.isDynamicDim(*index))
    return constant(type.getDimSize(*index));
  if (auto alloc = dim.getSource().getDefiningOp<memref::AllocOp>())
    return repeat(alloc.getDynamicSizes()[type.getDynamicDimIndex(*index)]);
  auto argument = dyn_cast<BlockArgument>(dim.getSource());
  bool isBatch = argument && argument.getOwner() == &network.front();
  return isBatch ? function.getArgument(0) : Value();
}

Value ArenaSizes::repeat(Value value) {
  if (Value known = repeated.lookupOrNull(value))
    return known;
  Value result;
  Operation *op = value.getDefiningOp();
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    auto loop = dyn_cast<scf::ForallOp>(argument.getOwner()->getParentOp());
    if (!loop || argument.getArgNumber() >= loop.getRank())
      return {};
    OpFoldResult begin = loop.getMixedLowerBound()[argument.getArgNumber()];
    if (std::optional<int64_t> number = getConstantIntValue(begin))
      result = constant(*number);
  } else if (auto dim = dyn_cast<memref::DimOp>(op)) {
    result = repeatDim(dim);
  } else if (isPure(op) && op->getNumRegions() == 0 && op->getNumResults() == 1 &&
             isLargestAtFirst(op) &&
             llvm::all_of(op->getOperands(), [&](Value operand) { return repeat(operand); })) {
    result = builder.clone(*op, repeated)->getResult(0);
  }
  if (result)
    repeated.map(value, result);
  return result;
}

std::optional<ArenaSizes::Size> ArenaSizes::getBytes(memref::AllocOp alloc) {
  MemRefType type = alloc.getType();
  if (!type.getLayout().isIdentity() || !type.getElementType().isIntOrFloat())
    return std::nullopt;
  int64_t factor = llvm::divideCeil(type.getElementTypeBitWidth(), 8);
  for (int64_t size : type.getShape())
    factor *= ShapedType::isDynamic(size) ? 1 : size;
  Value bytes = constant(factor);
  for (Value size : alloc.getDynamicSizes()) {
    Value again = repeat(size);
    if (!again)
      return std::nullopt;
    bytes = multiply(bytes, again);
  }
  Value aligned = builder.createOrFold<arith::AndIOp>(
      alloc.getLoc(), add(bytes, constant(kAlignment - 1)), constant(-kAlignment));
  return Size{aligned, estimate(aligned)};
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

Value ArenaSizes::constant(int64_t value) {
  return arith::ConstantIndexOp::create(builder, function.getLoc(), value);
}
Value ArenaSizes::add(Value a, Value b) {
  return builder.createOrFold<arith::AddIOp>(function.getLoc(), a, b);
}
Value ArenaSizes::multiply(Value a, Value b) {
  return builder.createOrFold<arith::MulIOp>(function.getLoc(), a, b);
}
Value ArenaSizes::max(Value a, Value b) {
  return builder.createOrFold<arith::MaxSIOp>(function.getLoc(), a, b);
}

/// Folds what the value is computed from; what does not fold counts as large.
int64_t ArenaSizes::estimate(Value value) {
  if (auto it = estimates.find(value); it != estimates.end())
    return it->second;
  Operation *op = value.getDefiningOp();
  SmallVector<Attribute> operands;
  for (Value operand : op->getOperands())
    operands.push_back(builder.getIndexAttr(estimate(operand)));
  SmallVector<OpFoldResult> results;
  std::optional<int64_t> number;
  if (succeeded(op->fold(operands, results)) && results.size() == 1)
    number = getConstantIntValue(results[0]);
  return estimates[value] = number.value_or(INT64_MAX);
}

func::FuncOp ArenaSizes::finish(ArrayRef<Value> values) {
  func::ReturnOp::create(builder, function.getLoc(), values);
  function.setFunctionType(builder.getFunctionType(
      function.getArgumentTypes(), SmallVector<Type>(values.size(), builder.getIndexType())));
  return function;
}

Value ArenaSizes::getBatch(OpBuilder &builder, Location loc) {
  for (BlockArgument argument : network.getArguments()) {
    auto type = dyn_cast<MemRefType>(argument.getType());
    if (type && type.getRank() > 0 && type.isDynamicDim(0))
      return memref::DimOp::create(builder, loc, argument, 0);
  }
  return arith::ConstantIndexOp::create(builder, loc, 1);
}

} // namespace fpw::cpu
