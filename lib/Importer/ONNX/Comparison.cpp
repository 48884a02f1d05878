//===- Comparison.cpp - Comparisons, truth values and choices -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Fold.h"

using namespace fpw;
using namespace fpw::onnx;

namespace {
struct Comparison {
  Value (*build)(NNBuilder &b, Value x, Value y);
  bool (*onIntegers)(int64_t x, int64_t y);
};
} // namespace

/// Whether a comparison of integers is right although f32 may have rounded one: rounding keeps
/// their order relative to a number that f32 holds.
static bool isComparable(const GraphTensor &x, const GraphTensor &y) {
  auto isKnown = [](const GraphTensor &tensor) { return tensor.constant && tensor.isExact(); };
  return isFloat(x.type) || (x.isExact() && y.isExact()) || isKnown(x) || isKnown(y);
}

static LogicalResult importComparison(NodeImporter &importer, const Comparison &op) {
  if (failed(importer.checkSameType()))
    return failure();
  if (!isComparable(importer.getInput(0), importer.getInput(1)))
    return importer.emitError() << "expected integers of which one is known to lie within 2^24";
  return importer.addTruth(
      op.build(importer.getBuilder(), importer.getAnyInput(0), importer.getAnyInput(1)));
}

static bool foldComparison(NodeImporter &importer, const Comparison &op) {
  auto compare = [&](ArrayRef<Number> x) -> std::optional<Number> {
    if (x[0].perBatch != x[1].perBatch)
      return std::nullopt;
    return Number{op.onIntegers(x[0].fixed, x[1].fixed), 0};
  };
  return foldIntegers(importer, compare, TensorProto::BOOL);
}

template <typename OpT>
static void addComparison(OperatorTable &table, StringRef name,
                          bool (*onIntegers)(int64_t, int64_t)) {
  Comparison op = {[](NNBuilder &b, Value x, Value y) { return b.broadcast<OpT>({x, y}); },
                   onIntegers};
  table.add(
      name, 2, 2, [op](NodeImporter &importer) { return importComparison(importer, op); },
      [op](NodeImporter &importer) { return foldComparison(importer, op); });
}

static LogicalResult importNot(NodeImporter &importer) {
  return importer.addTruth(importer.getBuilder().create<nn::LogicalNotOp>(importer.getAnyInput(0)));
}

static bool foldNot(NodeImporter &importer) {
  return foldIntegers(
      importer, [](ArrayRef<Number> x) { return Number{!x[0].fixed, 0}; }, TensorProto::BOOL);
}

static LogicalResult importWhere(NodeImporter &importer) {
  if (failed(importer.checkSameType(1)))
    return failure();
  const GraphTensor &yes = importer.getInput(1), &no = importer.getInput(2);
  GraphTensor result;
  result.type = yes.type;
  result.least = std::min(yes.least, no.least);
  result.most = std::max(yes.most, no.most);
  return importer.addLike(result, importer.getBuilder().where(importer.getAnyInput(0),
                                                              importer.getAnyInput(1),
                                                              importer.getAnyInput(2)));
}

static bool foldWhere(NodeImporter &importer) {
  ElementType type = importer.getInput(1).type;
  return !isFloat(type) &&
         foldIntegers(
             importer,
             [](ArrayRef<Number> x) -> std::optional<Number> { return x[0].fixed ? x[1] : x[2]; },
             type);
}

void onnx::addComparisonOperators(OperatorTable &table) {
  addComparison<nn::EqualOp>(table, "Equal", [](int64_t x, int64_t y) { return x == y; });
  addComparison<nn::GreaterOp>(table, "Greater", [](int64_t x, int64_t y) { return x > y; });
  addComparison<nn::GreaterEqualOp>(table, "GreaterOrEqual",
                                    [](int64_t x, int64_t y) { return x >= y; });
  addComparison<nn::LessOp>(table, "Less", [](int64_t x, int64_t y) { return x < y; });
  addComparison<nn::LessEqualOp>(table, "LessOrEqual", [](int64_t x, int64_t y) { return x <= y; });
  addComparison<nn::LogicalAndOp>(table, "And", [](int64_t x, int64_t y) { return x && y; });
  addComparison<nn::LogicalOrOp>(table, "Or", [](int64_t x, int64_t y) { return x || y; });
  addComparison<nn::LogicalXorOp>(table, "Xor", [](int64_t x, int64_t y) { return !x != !y; });
  table.add("Not", 1, 1, importNot, foldNot);
  table.add("Where", 3, 3, importWhere, foldWhere);
}
