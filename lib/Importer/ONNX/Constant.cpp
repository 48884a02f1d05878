//===- Constant.cpp - A tensor that is known at import -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Constant.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace fpw;
using namespace fpw::onnx;

bool onnx::isFloat(ElementType type) {
  return llvm::is_contained(
      {TensorProto::FLOAT, TensorProto::FLOAT16, TensorProto::BFLOAT16, TensorProto::DOUBLE}, type);
}

bool onnx::isInteger(ElementType type) {
  return llvm::is_contained({TensorProto::BOOL, TensorProto::INT4, TensorProto::UINT4,
                             TensorProto::INT8, TensorProto::UINT8, TensorProto::INT16,
                             TensorProto::UINT16, TensorProto::INT32, TensorProto::UINT32,
                             TensorProto::INT64, TensorProto::UINT64},
                            type);
}

std::string onnx::getName(int type) {
  if (type != TensorProto::UNDEFINED && TensorProto::DataType_IsValid(type))
    return StringRef(TensorProto::DataType_Name(static_cast<ElementType>(type))).lower();
  return "type " + std::to_string(type);
}

Constant Constant::makeFloats(ArrayRef<int64_t> shape, std::vector<float> values) {
  return {TensorProto::FLOAT, SmallVector<int64_t>(shape), std::move(values), {}};
}

Constant Constant::makeIntegers(ArrayRef<int64_t> shape, std::vector<Number> values,
                                ElementType type) {
  return {type, SmallVector<int64_t>(shape), {}, std::move(values)};
}

size_t Constant::getBytes() const {
  return floats.size() * sizeof(float) + integers.size() * sizeof(Number);
}

std::optional<SmallVector<int64_t>> Constant::getFixedIntegers() const {
  SmallVector<int64_t> values;
  for (Number number : integers) {
    if (!number.isFixed())
      return std::nullopt;
    values.push_back(number.fixed);
  }
  return values;
}

std::optional<std::vector<float>> Constant::getFloats() const {
  if (isFloat(type))
    return floats;
  constexpr int64_t limit = int64_t(1) << 24;
  std::vector<float> values;
  values.reserve(integers.size());
  for (Number number : integers) {
    if (!number.isFixed() || number.fixed < -limit || number.fixed > limit)
      return std::nullopt;
    values.push_back(static_cast<float>(number.fixed));
  }
  return values;
}

Constant Constant::pick(ArrayRef<int64_t> newShape, ArrayRef<int64_t> indices) const {
  Constant result{type, SmallVector<int64_t>(newShape), {}, {}};
  if (isFloat(type)) {
    result.floats.reserve(indices.size());
    for (int64_t index : indices)
      result.floats.push_back(floats[index]);
  } else {
    result.integers.reserve(indices.size());
    for (int64_t index : indices)
      result.integers.push_back(integers[index]);
  }
  return result;
}

std::optional<int64_t> onnx::countElements(ArrayRef<int64_t> shape) {
  constexpr size_t maxRank = 32;
  constexpr int64_t maxElements = int64_t(1) << 40;
  if (shape.size() > maxRank)
    return std::nullopt;
  int64_t count = 1;
  for (int64_t size : shape) {
    if (size < 0 || size > maxElements || (size > 0 && count > maxElements / size))
      return std::nullopt;
    count *= size;
  }
  return count;
}

std::string onnx::printShape(ArrayRef<int64_t> shape) {
  if (shape.empty())
    return "scalar";
  return llvm::join(llvm::map_range(shape, [](int64_t size) { return std::to_string(size); }), "x");
}
