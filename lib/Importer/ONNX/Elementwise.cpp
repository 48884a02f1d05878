//===- Elementwise.cpp - Functions of one element per input -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Fold.h"
#include <cmath>

using namespace fpw;
using namespace fpw::onnx;

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

/// The value of an input if it is known and a single float.
static std::optional<float> getSingle(NodeImporter &importer, size_t i) {
  const Constant *constant = importer.getConstant(i);
  if (!constant || constant->size() != 1)
    return std::nullopt;
  std::optional<std::vector<float>> values = constant->getFloats();
  return values ? std::optional(values->front()) : std::nullopt;
}

/// Whether an input has at most as many dimensions as another one.
static bool fitsInto(NodeImporter &importer, size_t i, size_t other) {
  return importer.getShape(i).size() <= importer.getShape(other).size();
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

namespace {
struct Range {
  double least, most;
};

/// An operator of two operands.
struct Arithmetic {
  Value (*build)(NNBuilder &b, Value x, Value y);
  /// With a number on the right, or on the left; null if there is no op for it.
  Value (*buildRight)(NNBuilder &b, Value x, float value);
  Value (*buildLeft)(NNBuilder &b, float value, Value y);
  float (*onFloats)(float x, float y);
  std::optional<Number> (*onIntegers)(Number x, Number y);
  /// The range of the result; null if integers are not supported.
  Range (*onRanges)(Range x, Range y);
};
} // namespace

static Range rangeOf(const GraphTensor &tensor) { return {tensor.least, tensor.most}; }

/// The result of an operation that wraps around where it overflows.
template <typename Operation> static int64_t wrap(int64_t x, int64_t y, Operation operation) {
  return int64_t(operation(uint64_t(x), uint64_t(y)));
}

static std::optional<Number> addNumbers(Number x, Number y) {
  return Number{wrap(x.fixed, y.fixed, std::plus<uint64_t>()),
                wrap(x.perBatch, y.perBatch, std::plus<uint64_t>())};
}

static std::optional<Number> subtractNumbers(Number x, Number y) {
  return Number{wrap(x.fixed, y.fixed, std::minus<uint64_t>()),
                wrap(x.perBatch, y.perBatch, std::minus<uint64_t>())};
}

static std::optional<Number> multiplyNumbers(Number x, Number y) {
  if (!x.isFixed())
    std::swap(x, y);
  if (!x.isFixed())
    return std::nullopt;
  return Number{wrap(x.fixed, y.fixed, std::multiplies<uint64_t>()),
                wrap(x.fixed, y.perBatch, std::multiplies<uint64_t>())};
}

static std::optional<Number> divideNumbers(Number x, Number y) {
  if (!y.isFixed() || y.fixed == 0)
    return std::nullopt;
  if (y.fixed == -1) // of the smallest number the processor knows no quotient
    return subtractNumbers({}, x);
  if (!x.isFixed() && (x.perBatch % y.fixed != 0 || x.fixed % y.fixed != 0))
    return std::nullopt;
  return Number{x.fixed / y.fixed, x.isFixed() ? 0 : x.perBatch / y.fixed};
}

/// Computes with numbers that do not depend on the batch.
template <typename Function>
static std::optional<Number> onFixed(Number x, Number y, Function function) {
  if (!x.isFixed() || !y.isFixed())
    return std::nullopt;
  return Number{function(x.fixed, y.fixed), 0};
}

static Range rangeOfProduct(Range x, Range y) {
  double corners[] = {x.least * y.least, x.least * y.most, x.most * y.least, x.most * y.most};
  return {*std::min_element(corners, corners + 4), *std::max_element(corners, corners + 4)};
}

static Value divideBy(NNBuilder &b, Value x, float value) {
  int exponent;
  bool isPowerOfTwo = std::frexp(std::fabs(value), &exponent) == 0.5f && std::abs(exponent) < 120;
  if (isPowerOfTwo)
    return b.mul(x, 1.0f / value);
  return b.div(x, b.makeSplat(SmallVector<int64_t>(b.getRank(x), 1), value));
}

static const Arithmetic kAdd = {
    [](NNBuilder &b, Value x, Value y) { return b.add(x, y); },
    [](NNBuilder &b, Value x, float value) { return b.add(x, value); },
    [](NNBuilder &b, float value, Value y) { return b.add(y, value); },
    [](float x, float y) { return x + y; },
    addNumbers,
    [](Range x, Range y) { return Range{x.least + y.least, x.most + y.most}; }};
static const Arithmetic kSub = {
    [](NNBuilder &b, Value x, Value y) { return b.sub(x, y); },
    [](NNBuilder &b, Value x, float value) { return b.add(x, -value); },
    [](NNBuilder &b, float value, Value y) { return b.createScalar<nn::RSubScalarOp>(y, value); },
    [](float x, float y) { return x - y; },
    subtractNumbers,
    [](Range x, Range y) { return Range{x.least - y.most, x.most - y.least}; }};
static const Arithmetic kMul = {[](NNBuilder &b, Value x, Value y) { return b.mul(x, y); },
                                [](NNBuilder &b, Value x, float value) { return b.mul(x, value); },
                                [](NNBuilder &b, float value, Value y) { return b.mul(y, value); },
                                [](float x, float y) { return x * y; },
                                multiplyNumbers,
                                rangeOfProduct};
static const Arithmetic kDiv = {
    [](NNBuilder &b, Value x, Value y) { return b.div(x, y); },
    divideBy,
    [](NNBuilder &b, float value, Value y) { return b.createScalar<nn::RDivScalarOp>(y, value); },
    [](float x, float y) { return x / y; },
    divideNumbers,
    nullptr};
static const Arithmetic kMax = {
    [](NNBuilder &b, Value x, Value y) { return b.broadcast<nn::Maximum2Op>({x, y}); },
    [](NNBuilder &b, Value x, float value) {
      return b.createScalar<nn::MaximumScalarOp>(x, value);
    },
    [](NNBuilder &b, float value, Value y) {
      return b.createScalar<nn::MaximumScalarOp>(y, value);
    },
    [](float x, float y) { return std::isnan(x)            ? x
                                  : y > x || std::isnan(y) ? y
                                                           : x; },
    [](Number x, Number y) {
      return onFixed(x, y, [](int64_t a, int64_t b) { return std::max(a, b); });
    },
    [](Range x, Range y) { return Range{std::max(x.least, y.least), std::max(x.most, y.most)}; }};
static const Arithmetic kMin = {
    [](NNBuilder &b, Value x, Value y) { return b.broadcast<nn::Minimum2Op>({x, y}); },
    [](NNBuilder &b, Value x, float value) {
      return b.createScalar<nn::MinimumScalarOp>(x, value);
    },
    [](NNBuilder &b, float value, Value y) {
      return b.createScalar<nn::MinimumScalarOp>(y, value);
    },
    [](float x, float y) { return std::isnan(x)            ? x
                                  : y < x || std::isnan(y) ? y
                                                           : x; },
    [](Number x, Number y) {
      return onFixed(x, y, [](int64_t a, int64_t b) { return std::min(a, b); });
    },
    [](Range x, Range y) { return Range{std::min(x.least, y.least), std::min(x.most, y.most)}; }};

static bool foldArithmetic(NodeImporter &importer, const Arithmetic &op) {
  if (importer.getNumInputs() != 2 || failed(importer.checkSameType()))
    return false;
  ElementType type = importer.getInput(0).type;
  if (isFloat(type))
    return foldFloats(importer, [&](ArrayRef<float> x) { return op.onFloats(x[0], x[1]); });
  bool isWide = type == TensorProto::INT64 || type == TensorProto::INT32;
  return isWide &&
         foldIntegers(
             importer, [&](ArrayRef<Number> x) { return op.onIntegers(x[0], x[1]); }, type);
}

/// Combines the result of the first inputs with one more; a null value stands for the first input.
static Value combine(NodeImporter &importer, const Arithmetic &op, Value left, size_t i) {
  NNBuilder &b = importer.getBuilder();
  std::optional<float> right = getSingle(importer, i);
  if (!left && i == 1) {
    std::optional<float> number = getSingle(importer, 0);
    if (number && fitsInto(importer, 0, 1))
      return op.buildLeft(b, *number, importer.getAnyInput(1));
  }
  bool isScalar = right && fitsInto(importer, i, 0);
  if (!left)
    left = importer.getAnyInput(0);
  return isScalar ? op.buildRight(b, left, *right) : op.build(b, left, importer.getAnyInput(i));
}

static LogicalResult importArithmetic(NodeImporter &importer, const Arithmetic &op) {
  if (importer.getOpset() < 7)
    importer.ignore({"broadcast"}); // without an axis, which is refused, as later opsets do it
  if (failed(importer.checkSameType()))
    return failure();
  ElementType type = importer.getInput(0).type;
  Range range = rangeOf(importer.getInput(0));
  bool isExact = importer.getInput(0).isExact();
  Value result;
  for (size_t i = 1; i < importer.getNumInputs(); ++i) {
    if (!isFloat(type)) {
      isExact &= op.onRanges && importer.getInput(i).isExact();
      if (isExact)
        range = op.onRanges(range, rangeOf(importer.getInput(i)));
    }
    result = combine(importer, op, result, i);
    if (!result)
      return failure();
  }
  if (importer.getNumInputs() == 1)
    return importer.addLike(importer.getInput(0), importer.getAnyInput(0));
  if (isFloat(type))
    return importer.addFloats(result);
  GraphTensor bounds;
  bounds.type = type;
  bounds.least = range.least;
  bounds.most = range.most;
  if (!isExact || !bounds.isExact() || type == TensorProto::BOOL)
    return importer.emitError()
           << "expected floats, or integers whose results are known to lie within 2^24, but got "
           << onnx::getName(type);
  return importer.addLike(bounds, result);
}

static void addArithmetic(OperatorTable &table, StringRef name, unsigned minInputs,
                          unsigned maxInputs, const Arithmetic &op) {
  table.add(
      name, minInputs, maxInputs,
      [&op](NodeImporter &importer) { return importArithmetic(importer, op); },
      [&op](NodeImporter &importer) { return foldArithmetic(importer, op); });
}

static LogicalResult importMean(NodeImporter &importer) {
  NNBuilder &b = importer.getBuilder();
  Value sum = importer.getFloatInput(0);
  for (size_t i = 1; i < importer.getNumInputs(); ++i)
    sum = b.add(sum, importer.getFloatInput(i));
  return importer.addFloats(sum ? divideBy(b, sum, importer.getNumInputs()) : Value());
}

static LogicalResult importPow(NodeImporter &importer) {
  NNBuilder &b = importer.getBuilder();
  Value x = importer.getFloatInput(0);
  std::optional<float> exponent = getSingle(importer, 1);
  if (exponent && fitsInto(importer, 1, 0))
    return importer.addFloats(b.pow(x, *exponent));
  std::optional<float> base = getSingle(importer, 0);
  if (base && fitsInto(importer, 0, 1))
    return importer.addFloats(b.createScalar<nn::RPowScalarOp>(importer.getAnyInput(1), *base));
  return importer.addFloats(b.broadcast<nn::Pow2Op>({x, importer.getAnyInput(1)}));
}

static bool foldPow(NodeImporter &importer) {
  return foldFloats(importer, [](ArrayRef<float> x) { return std::pow(x[0], x[1]); });
}

/// Modulo of integers that are known.
static bool foldMod(NodeImporter &importer) {
  bool truncates = importer.getInt("fmod", 0) != 0;
  auto modulo = [&](ArrayRef<Number> x) -> std::optional<Number> {
    if (!x[0].isFixed() || !x[1].isFixed() || x[1].fixed == 0 || x[1].fixed == -1)
      return std::nullopt;
    int64_t rest = x[0].fixed % x[1].fixed;
    bool differs = rest != 0 && (rest < 0) != (x[1].fixed < 0);
    return Number{differs && !truncates ? rest + x[1].fixed : rest, 0};
  };
  return foldIntegers(importer, modulo, importer.getInput(0).type);
}

static LogicalResult refuseMod(NodeImporter &importer) {
  importer.ignore({"fmod"});
  return importer.emitError() << "expected integers that are known at import";
}

//===----------------------------------------------------------------------===//
// Functions of one input
//===----------------------------------------------------------------------===//

template <typename OpT> static LogicalResult importUnary(NodeImporter &importer) {
  return importer.addFloats(importer.getBuilder().create<OpT>(importer.getFloatInput(0)));
}

/// A function that is also computed at import, where one operation of f32 gives it.
template <typename OpT>
static void addFoldable(OperatorTable &table, StringRef name, float (*function)(float)) {
  table.add(name, 1, 1, importUnary<OpT>, [function](NodeImporter &importer) {
    return foldFloats(importer, [&](ArrayRef<float> x) { return function(x[0]); });
  });
}

static LogicalResult importNeg(NodeImporter &importer) {
  const GraphTensor &x = importer.getInput(0);
  Value result = importer.getBuilder().mul(importer.getAnyInput(0), -1.0f);
  return isFloat(x.type) ? importer.addFloats(result)
                         : importer.addIntegers(result, x.type, -x.most, -x.least);
}

static bool foldNeg(NodeImporter &importer) {
  return foldFloats(importer, [](ArrayRef<float> x) { return -x[0]; }) ||
         foldIntegers(
             importer, [](ArrayRef<Number> x) { return subtractNumbers({}, x[0]); },
             importer.getInput(0).type);
}

static LogicalResult importSign(NodeImporter &importer) {
  NNBuilder &b = importer.getBuilder();
  nn::SignOp::Properties properties;
  properties.alpha = b.getFloat(0.0f);
  return importer.addFloats(b.create<nn::SignOp>(properties, importer.getFloatInput(0)));
}

static LogicalResult importSqrt(NodeImporter &importer) {
  return importer.addFloats(importer.getBuilder().sqrt(importer.getFloatInput(0)));
}

static LogicalResult importReciprocal(NodeImporter &importer) {
  return importer.addFloats(
      importer.getBuilder().createScalar<nn::RDivScalarOp>(importer.getFloatInput(0), 1.0f));
}

static LogicalResult importIsNaN(NodeImporter &importer) {
  return importer.addTruth(importer.getBuilder().create<nn::IsNaNOp>(importer.getFloatInput(0)));
}

void onnx::addElementwiseOperators(OperatorTable &table) {
  constexpr unsigned any = OperatorTable::kAnyNumber;
  addArithmetic(table, "Add", 2, 2, kAdd);
  addArithmetic(table, "Sub", 2, 2, kSub);
  addArithmetic(table, "Mul", 2, 2, kMul);
  addArithmetic(table, "Div", 2, 2, kDiv);
  addArithmetic(table, "Sum", 1, any, kAdd);
  addArithmetic(table, "Max", 1, any, kMax);
  addArithmetic(table, "Min", 1, any, kMin);
  table.add("Mean", 1, any, importMean);
  table.add("Pow", 2, 2, importPow, foldPow);
  table.add("Mod", 2, 2, refuseMod, foldMod);

  addFoldable<nn::AbsOp>(table, "Abs", [](float x) { return std::fabs(x); });
  addFoldable<nn::FloorOp>(table, "Floor", [](float x) { return std::floor(x); });
  addFoldable<nn::CeilOp>(table, "Ceil", [](float x) { return std::ceil(x); });
  addFoldable<nn::RoundEvenOp>(table, "Round", [](float x) { return std::nearbyint(x); });
  table.add("Neg", 1, 1, importNeg, foldNeg);
  table.add("Sqrt", 1, 1, importSqrt, [](NodeImporter &importer) {
    return foldFloats(importer, [](ArrayRef<float> x) { return std::sqrt(x[0]); });
  });
  table.add("Reciprocal", 1, 1, importReciprocal, [](NodeImporter &importer) {
    return foldFloats(importer, [](ArrayRef<float> x) { return 1.0f / x[0]; });
  });
  table.add("Sign", 1, 1, importSign);
  table.add("IsNaN", 1, 1, importIsNaN);
  table.add("Exp", 1, 1, importUnary<nn::ExpOp>);
  table.add("Log", 1, 1, importUnary<nn::LogOp>);
  table.add("Sin", 1, 1, importUnary<nn::SinOp>);
  table.add("Cos", 1, 1, importUnary<nn::CosOp>);
  table.add("Sinh", 1, 1, importUnary<nn::SinhOp>);
  table.add("Cosh", 1, 1, importUnary<nn::CoshOp>);
  table.add("Atan", 1, 1, importUnary<nn::ATanOp>);
  table.add("Erf", 1, 1, importUnary<nn::ErfOp>);
}
