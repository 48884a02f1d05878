//===- ConstantOperators.cpp - Constants, shapes and types -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NodeImporter.h"
#include "llvm/ADT/Sequence.h"
#include <cmath>

using namespace fpw;
using namespace fpw::onnx;
using mlir::ShapedType;

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

static std::vector<Number> makeNumbers(ArrayRef<int64_t> values) {
  std::vector<Number> numbers;
  for (int64_t value : values)
    numbers.push_back({value, 0});
  return numbers;
}

static LogicalResult importConstant(NodeImporter &importer) {
  if (const TensorProto *tensor = importer.getTensor("value")) {
    Expected<Constant> constant = importer.getReader().read(*tensor);
    if (!constant)
      return importer.emitError() << llvm::toString(constant.takeError());
    return importer.addConstant(std::move(*constant));
  }
  if (importer.hasAttribute("value_int"))
    return importer.addConstant(
        Constant::makeIntegers({}, makeNumbers(importer.getInt("value_int", 0))));
  if (importer.hasAttribute("value_float"))
    return importer.addConstant(Constant::makeFloats({}, {importer.getFloat("value_float", 0)}));
  if (auto values = importer.getInts("value_ints"))
    return importer.addConstant(
        Constant::makeIntegers(int64_t(values->size()), makeNumbers(*values)));
  if (auto values = importer.getFloats("value_floats"))
    return importer.addConstant(Constant::makeFloats(int64_t(values->size()), *values));
  return importer.emitError() << "expected a value of numbers";
}

static LogicalResult importConstantOfShape(NodeImporter &importer) {
  NNBuilder &b = importer.getBuilder();
  Constant value = Constant::makeFloats(1, {0.0f});
  if (const TensorProto *tensor = importer.getTensor("value")) {
    Expected<Constant> constant = importer.getReader().read(*tensor);
    if (!constant)
      return importer.emitError() << llvm::toString(constant.takeError());
    value = std::move(*constant);
  }
  const Constant *target = importer.getConstant(0);
  if (!target || isFloat(target->type) || value.size() != 1)
    return importer.emitError() << "expected a shape that is known at import, and one value";
  SmallVector<int64_t> shape;
  std::optional<int64_t> batchDim;
  for (Number size : target->integers) {
    if (!size.isFixed())
      batchDim = size == Number{0, 1} && !batchDim ? int64_t(shape.size()) : int64_t(-1);
    shape.push_back(size.isFixed() ? size.fixed : 1);
  }
  std::optional<int64_t> elements = countElements(shape);
  if (!elements || !importer.mayCompute(*elements))
    return importer.emitError() << "expected sizes of a tensor but got " << printShape(shape);
  Constant constant = value.pick(shape, SmallVector<int64_t>(*elements, 0));
  if (!batchDim)
    return importer.addConstant(std::move(constant));
  std::optional<std::vector<float>> values = constant.getFloats();
  Value result =
      values ? b.expandToBatch(b.makeParameter(shape, std::move(*values)), *batchDim) : Value();
  if (!result)
    return importer.emitError() << "expected one size to be the batch, and none to depend on it "
                                   "otherwise";
  return importer.addLike(GraphTensor::makeKnown(std::move(value)), result);
}

static LogicalResult refuseRange(NodeImporter &importer) {
  return importer.emitError() << "expected numbers that are known at import";
}

static bool foldRange(NodeImporter &importer) {
  const Constant *inputs[] = {importer.getConstant(0), importer.getConstant(1),
                              importer.getConstant(2)};
  for (const Constant *input : inputs)
    if (input->size() != 1 || input->type != inputs[0]->type)
      return false;
  if (isFloat(inputs[0]->type)) {
    float start = inputs[0]->floats[0], limit = inputs[1]->floats[0], delta = inputs[2]->floats[0];
    double count = std::ceil((double(limit) - double(start)) / double(delta));
    if (!(count >= 0 && count < 1e9) || !importer.mayCompute(int64_t(count)))
      return false;
    std::vector<float> values;
    for (int64_t i = 0; i < int64_t(count); ++i)
      values.push_back(start + float(i) * delta);
    return succeeded(importer.addConstant(Constant::makeFloats(int64_t(count), values)));
  }
  Number start = inputs[0]->integers[0], limit = inputs[1]->integers[0],
         delta = inputs[2]->integers[0];
  int64_t span;
  if (!start.isFixed() || !limit.isFixed() || !delta.isFixed() || delta.fixed == 0 ||
      llvm::SubOverflow(limit.fixed, start.fixed, span))
    return false;
  bool isEmpty = (span > 0) != (delta.fixed > 0) || span == 0;
  // The smallest numbers have no opposites.
  uint64_t length = span > 0 ? span : -uint64_t(span);
  uint64_t step = delta.fixed > 0 ? delta.fixed : -uint64_t(delta.fixed);
  int64_t count = isEmpty ? 0 : int64_t((length - 1) / step) + 1;
  if (!importer.mayCompute(count))
    return false;
  std::vector<Number> values;
  for (int64_t i = 0; i < count; ++i)
    values.push_back({start.fixed + i * delta.fixed, 0});
  return succeeded(
      importer.addConstant(Constant::makeIntegers(count, std::move(values), inputs[0]->type)));
}

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

static FailureOr<SmallVector<Number>> getSizes(NodeImporter &importer) {
  if (const Constant *constant = importer.getConstant(0))
    return SmallVector<Number>(
        llvm::map_range(constant->shape, [](int64_t size) { return Number{size, 0}; }));
  auto sizes = importer.getBuilder().getSizes(importer.getInput(0).value);
  if (!sizes)
    return importer.emitError() << "it is unknown how the sizes of the input depend on the batch";
  return *sizes;
}

static LogicalResult importShape(NodeImporter &importer) {
  FailureOr<SmallVector<Number>> sizes = getSizes(importer);
  if (failed(sizes))
    return failure();
  int64_t rank = sizes->size();
  auto place = [&](int64_t axis) {
    return std::clamp(axis < 0 ? axis + rank : axis, int64_t(0), rank);
  };
  int64_t start = place(importer.getInt("start", 0)), end = place(importer.getInt("end", rank));
  ArrayRef<Number> part = ArrayRef(*sizes).slice(start, std::max<int64_t>(end - start, 0));
  return importer.addConstant(
      Constant::makeIntegers(int64_t(part.size()), std::vector<Number>(part.begin(), part.end())));
}

static LogicalResult importSize(NodeImporter &importer) {
  FailureOr<SmallVector<Number>> sizes = getSizes(importer);
  if (failed(sizes))
    return failure();
  Number product = {1, 0};
  for (Number size : *sizes) {
    if (!size.isFixed())
      std::swap(product, size);
    product = {product.fixed * size.fixed, product.perBatch * size.fixed};
  }
  return importer.addConstant(Constant::makeIntegers({}, {product}));
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

/// The integers that a type has; nothing for 64 bits, which no number here leaves.
static std::optional<std::pair<int64_t, int64_t>> getLimits(ElementType type) {
  auto limits = [](auto number) {
    using T = decltype(number);
    return std::pair<int64_t, int64_t>(std::numeric_limits<T>::min(),
                                       std::numeric_limits<T>::max());
  };
  switch (type) {
  case TensorProto::INT8:
    return limits(int8_t());
  case TensorProto::UINT8:
    return limits(uint8_t());
  case TensorProto::INT16:
    return limits(int16_t());
  case TensorProto::UINT16:
    return limits(uint16_t());
  case TensorProto::INT32:
    return limits(int32_t());
  case TensorProto::UINT32:
    return limits(uint32_t());
  default:
    return std::nullopt;
  }
}

/// x without its fraction.
static Value truncate(NNBuilder &b, Value x) {
  return b.where(b.broadcast<nn::LessOp>({x, b.makeSplat({}, 0.0f)}), b.create<nn::CeilOp>(x),
                 b.create<nn::FloorOp>(x));
}

static LogicalResult castTo(NodeImporter &importer, ElementType to) {
  NNBuilder &b = importer.getBuilder();
  const GraphTensor &input = importer.getInput(0);
  if (!isFloat(to) && !isInteger(to))
    return importer.emitError() << "a cast to " << onnx::getName(to) << " is not supported";
  Value x = importer.getAnyInput(0);
  if (!x)
    return failure();
  bool isNarrow = to == TensorProto::BFLOAT16 && input.type != to;
  if (isNarrow)
    return importer.emitError() << "a cast to bfloat16, which loses digits, is not supported";
  if (isFloat(to))
    return importer.addFloats(x);
  if (to == TensorProto::BOOL)
    return importer.addTruth(input.type == TensorProto::BOOL
                                 ? x
                                 : b.broadcast<nn::NotEqualOp>({x, b.makeSplat({}, 0.0f)}));
  constexpr double infinity = std::numeric_limits<double>::infinity();
  bool isWide = to == TensorProto::INT32 || to == TensorProto::INT64;
  if (isFloat(input.type)) {
    if (!isWide)
      return importer.emitError() << "a cast of floats to " << onnx::getName(to)
                                  << " is not supported";
    return importer.addIntegers(truncate(b, x), to, -infinity, infinity);
  }
  auto limits = getLimits(to);
  bool fits = !limits || (input.least >= limits->first && input.most <= limits->second);
  if (!fits && !isWide)
    return importer.emitError() << "a cast to " << onnx::getName(to)
                                << " that may overflow is not supported";
  return importer.addIntegers(x, to, input.least, input.most);
}

static bool foldCast(NodeImporter &importer, ElementType to) {
  const Constant *x = importer.getConstant(0);
  if (!importer.mayCompute(x->size()) || (!isFloat(to) && !isInteger(to)))
    return false;
  Constant result{to, x->shape, {}, {}};
  auto limits = getLimits(to);
  for (size_t i = 0; i < x->size(); ++i) {
    if (isFloat(x->type) && isFloat(to)) {
      result.floats.push_back(x->floats[i]);
    } else if (isFloat(x->type)) {
      float value = x->floats[i];
      if (!(std::fabs(value) < 0x1p63f))
        return false;
      result.integers.push_back({to == TensorProto::BOOL ? value != 0 : int64_t(value), 0});
    } else if (isFloat(to)) {
      if (!x->integers[i].isFixed())
        return false;
      result.floats.push_back(float(x->integers[i].fixed));
    } else {
      Number value = x->integers[i];
      if (to == TensorProto::BOOL && !value.isFixed())
        return false;
      result.integers.push_back(to == TensorProto::BOOL ? Number{value.fixed != 0, 0} : value);
    }
    if (limits && !isFloat(to) &&
        (result.integers[i].fixed < limits->first || result.integers[i].fixed > limits->second))
      return false;
  }
  return succeeded(importer.addConstant(std::move(result)));
}

static ElementType getTarget(NodeImporter &importer) {
  importer.ignore({"saturate", "round_mode"}); // of types of 8 bits, which are refused
  int64_t to = importer.getInt("to", 0);
  return TensorProto::DataType_IsValid(int(to)) ? static_cast<ElementType>(to)
                                                : TensorProto::UNDEFINED;
}

/// The input itself.
static LogicalResult importIdentity(NodeImporter &importer) {
  return importer.addLike(importer.getInput(0), importer.getAnyInput(0));
}

static bool foldIdentity(NodeImporter &importer) {
  return succeeded(importer.addConstant(*importer.getConstant(0)));
}

/// Dropout acts in training only.
static LogicalResult importDropout(NodeImporter &importer) {
  importer.ignore({"ratio", "seed"});
  if (importer.getOpset() < 7 && importer.getInt("is_test", 0) == 0)
    return importer.emitError() << "is_test 0 is not supported";
  if (importer.hasInput(2)) {
    FailureOr<SmallVector<int64_t>> training = importer.getIntegers(2, "training_mode");
    if (failed(training))
      return failure();
    if (*training != SmallVector<int64_t>{0})
      return importer.emitError() << "training_mode is not supported";
  }
  return importer.addFloats(importer.getFloatInput(0));
}

void onnx::addConstantOperators(OperatorTable &table) {
  table.add("Constant", 0, 0, importConstant);
  table.add("ConstantOfShape", 1, 1, importConstantOfShape);
  table.add("Range", 3, 3, refuseRange, foldRange);
  table.add("Shape", 1, 1, importShape);
  table.add("Size", 1, 1, importSize);
  table.add("Identity", 1, 1, importIdentity, foldIdentity);
  table.add("Dropout", 1, 3, importDropout);
  table.add(
      "Cast", 1, 1, [](NodeImporter &importer) { return castTo(importer, getTarget(importer)); },
      [](NodeImporter &importer) { return foldCast(importer, getTarget(importer)); });
  table.add(
      "CastLike", 2, 2,
      [](NodeImporter &importer) {
        importer.ignore({"saturate", "round_mode"});
        return castTo(importer, importer.getInput(1).type);
      },
      [](NodeImporter &importer) {
        importer.ignore({"saturate", "round_mode"});
        return foldCast(importer, importer.getInput(1).type);
      });
}
