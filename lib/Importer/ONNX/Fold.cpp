//===- Fold.cpp - Computes element by element at import -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Fold.h"

using namespace fpw;
using namespace fpw::onnx;

std::optional<SmallVector<int64_t>> onnx::broadcastShapes(ArrayRef<ArrayRef<int64_t>> shapes) {
  SmallVector<int64_t> result;
  for (ArrayRef<int64_t> shape : shapes) {
    if (shape.size() > result.size())
      result.insert(result.begin(), shape.size() - result.size(), 1);
    MutableArrayRef<int64_t> tail = MutableArrayRef(result).take_back(shape.size());
    for (auto [size, other] : llvm::zip_equal(tail, shape)) {
      if (size != other && size != 1 && other != 1)
        return std::nullopt;
      size = size == 1 ? other : size;
    }
  }
  return result;
}

SmallVector<int64_t> onnx::getBroadcastIndices(ArrayRef<int64_t> from, ArrayRef<int64_t> to) {
  SmallVector<int64_t> strides(to.size(), 0);
  int64_t stride = 1;
  for (size_t i = from.size(), j = to.size(); i-- > 0;) {
    strides[--j] = from[i] == 1 ? 0 : stride;
    stride *= from[i];
  }
  SmallVector<int64_t> indices = {0};
  indices.reserve(countElements(to).value_or(0));
  for (size_t dim = 0; dim < to.size(); ++dim) {
    SmallVector<int64_t> next;
    next.reserve(indices.size() * to[dim]);
    for (int64_t index : indices)
      for (int64_t i = 0; i < to[dim]; ++i)
        next.push_back(index + i * strides[dim]);
    indices = std::move(next);
  }
  return indices;
}

/// Calls `compute` with the indices of the operands' elements for each element of the result.
static bool visit(NodeImporter &importer, size_t first,
                  function_ref<bool(ArrayRef<int64_t>)> compute, SmallVector<int64_t> &shape) {
  SmallVector<ArrayRef<int64_t>> shapes;
  for (size_t i = first; i < importer.getNumInputs(); ++i)
    shapes.push_back(importer.getConstant(i)->shape);
  auto result = broadcastShapes(shapes);
  std::optional<int64_t> count = result ? countElements(*result) : std::nullopt;
  if (!count || !importer.mayCompute(*count * shapes.size()))
    return false;
  shape = *result;
  SmallVector<SmallVector<int64_t>> indices;
  for (ArrayRef<int64_t> from : shapes)
    indices.push_back(getBroadcastIndices(from, shape));
  SmallVector<int64_t> element(shapes.size());
  for (int64_t i = 0; i < *count; ++i) {
    for (size_t operand = 0; operand < shapes.size(); ++operand)
      element[operand] = indices[operand][i];
    if (!compute(element))
      return false;
  }
  return true;
}

bool onnx::foldFloats(NodeImporter &importer, FloatFunction function) {
  size_t count = importer.getNumInputs();
  for (size_t i = 0; i < count; ++i)
    if (!importer.getConstant(i) || !isFloat(importer.getInput(i).type))
      return false;
  std::vector<float> values;
  SmallVector<int64_t> shape;
  SmallVector<float> operands(count);
  auto compute = [&](ArrayRef<int64_t> indices) {
    for (size_t i = 0; i < count; ++i)
      operands[i] = importer.getConstant(i)->floats[indices[i]];
    values.push_back(function(operands));
    return true;
  };
  return visit(importer, 0, compute, shape) &&
         succeeded(importer.addConstant(Constant::makeFloats(shape, std::move(values))));
}

bool onnx::foldIntegers(NodeImporter &importer, IntegerFunction function, ElementType type,
                        size_t first) {
  size_t count = importer.getNumInputs();
  for (size_t i = first; i < count; ++i)
    if (!importer.getConstant(i) || isFloat(importer.getInput(i).type))
      return false;
  std::vector<Number> values;
  SmallVector<int64_t> shape;
  SmallVector<Number> operands(count - first);
  auto compute = [&](ArrayRef<int64_t> indices) {
    for (size_t i = first; i < count; ++i)
      operands[i - first] = importer.getConstant(i)->integers[indices[i - first]];
    std::optional<Number> value = function(operands);
    values.push_back(value.value_or(Number()));
    return value.has_value();
  };
  return visit(importer, first, compute, shape) &&
         succeeded(importer.addConstant(Constant::makeIntegers(shape, std::move(values), type)));
}
