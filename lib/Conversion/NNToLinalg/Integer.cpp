//===- Integer.cpp - Integers at the edges of a network ---------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Patterns.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace fpw;

static Value makeFloat(OpBuilder &b, Location loc, double value) {
  return arith::ConstantOp::create(b, loc, b.getF32FloatAttr(static_cast<float>(value)));
}

static Value isNotZero(OpBuilder &b, Location loc, Value x) {
  return arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UNE, x, makeFloat(b, loc, 0.0));
}

//===----------------------------------------------------------------------===//
// Conversions
//===----------------------------------------------------------------------===//

static bool holdsTruth(Type element) { return element.isInteger(8); }

static Value lowerToFloat(nn::ToFloatOp op, nn::ToFloatOp::Adaptor operands, TensorBuilder &t) {
  Type type = op.getInput().getType().getElementType();
  return t.map(operands.getInput(), [&](OpBuilder &b, Location loc, ValueRange elements) -> Value {
    Value x = elements.front();
    if (!holdsTruth(type))
      return arith::SIToFPOp::create(b, loc, b.getF32Type(), x);
    Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(type));
    Value isTrue = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, x, zero);
    return arith::UIToFPOp::create(b, loc, b.getF32Type(), isTrue);
  });
}

/// x where it converts to an integer of so many bits, else the nearest number that does.
static Value saturate(OpBuilder &b, Location loc, Value x, unsigned bits) {
  double end = std::ldexp(1.0, bits - 1);
  Value most = makeFloat(b, loc, std::nextafterf(static_cast<float>(end), 0.0f));
  Value least = makeFloat(b, loc, -end);
  auto replace = [&](arith::CmpFPredicate predicate, Value bound, Value replacement) {
    Value applies = arith::CmpFOp::create(b, loc, predicate, x, bound);
    x = arith::SelectOp::create(b, loc, applies, replacement, x);
  };
  replace(arith::CmpFPredicate::UNO, x, makeFloat(b, loc, 0.0));
  replace(arith::CmpFPredicate::OGT, most, most);
  replace(arith::CmpFPredicate::OLT, least, least);
  return x;
}

static Value lowerFromFloat(nn::FromFloatOp op, nn::FromFloatOp::Adaptor operands,
                            TensorBuilder &t) {
  Type type = op.getElement();
  Value x = operands.getInput();
  auto convert = [&](OpBuilder &b, Location loc, ValueRange elements) -> Value {
    Value element = elements.front();
    if (holdsTruth(type))
      return arith::ExtUIOp::create(b, loc, type, isNotZero(b, loc, element));
    element = saturate(b, loc, element, type.getIntOrFloatBitWidth());
    return arith::FPToSIOp::create(b, loc, type, element);
  };
  return t.map(t.sizesOf(x), x, t.identity(rankOf(x)), convert, type);
}

//===----------------------------------------------------------------------===//
// Embed
//===----------------------------------------------------------------------===//

namespace {
/// A row of a table, and whether there is one.
struct Row {
  Value index, exists;
};
} // namespace

/// The row that a float asks for; row 0 where there is none.
static Row findRow(OpBuilder &b, Location loc, Value number, int64_t rows) {
  auto compare = [&](arith::CmpFPredicate predicate, double bound) -> Value {
    return arith::CmpFOp::create(b, loc, predicate, number, makeFloat(b, loc, bound));
  };
  Value exists = arith::AndIOp::create(b, loc, compare(arith::CmpFPredicate::OGE, -double(rows)),
                                       compare(arith::CmpFPredicate::OLT, double(rows)));
  Value some = arith::SelectOp::create(b, loc, exists, number, makeFloat(b, loc, 0.0));
  Value row = arith::FPToSIOp::create(b, loc, b.getI64Type(), some);
  auto makeInteger = [&](int64_t value) -> Value {
    return arith::ConstantOp::create(b, loc, b.getI64IntegerAttr(value));
  };
  Value isBehind = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, row, makeInteger(0));
  Value fromEnd = arith::AddIOp::create(b, loc, row, makeInteger(rows));
  Value integer = arith::SelectOp::create(b, loc, isBehind, fromEnd, row);
  return {arith::IndexCastOp::create(b, loc, b.getIndexType(), integer), exists};
}

static Value lowerEmbed(nn::EmbedOp, nn::EmbedOp::Adaptor operands, TensorBuilder &t) {
  Value indices = operands.getInput(), table = operands.getWeight();
  int64_t indexRank = rankOf(indices), rowRank = rankOf(table) - 1, rank = indexRank + rowRank;
  Sizes sizes = t.sizesOf(indices);
  llvm::append_range(sizes, ArrayRef(t.sizesOf(table)).drop_front());
  auto indexDims = llvm::to_vector(llvm::seq<int64_t>(0, indexRank));
  return t.map(sizes, indices, t.select(rank, indexDims),
               [&](OpBuilder &b, Location loc, ValueRange elements) -> Value {
                 Row row = findRow(b, loc, elements.front(), tensorType(table).getDimSize(0));
                 SmallVector<Value> position = {row.index};
                 for (int64_t dim = indexRank; dim < rank; ++dim)
                   position.push_back(linalg::IndexOp::create(b, loc, dim));
                 Value element = tensor::ExtractOp::create(b, loc, table, position);
                 Value missing = makeFloat(b, loc, std::numeric_limits<double>::quiet_NaN());
                 return arith::SelectOp::create(b, loc, row.exists, element, missing);
               });
}

void fpw::populateIntegerPatterns(RewritePatternSet &patterns) {
  addLowering<nn::ToFloatOp>(patterns, lowerToFloat);
  addLowering<nn::FromFloatOp>(patterns, lowerFromFloat);
  addLowering<nn::EmbedOp>(patterns, lowerEmbed);
}
