//===- Parameters.cpp - The parameters of a file, by name -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Parameters.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace fpw;
using namespace fpw::nnp;
using llvm::createStringError;

std::optional<int64_t> nnp::countElements(ArrayRef<int64_t> shape) {
  constexpr size_t maxRank = 32;
  constexpr int64_t maxElements = int64_t(1) << 40;
  if (shape.size() > maxRank)
    return std::nullopt;
  int64_t count = 1;
  for (int64_t size : shape) {
    if (size < 1 || size > maxElements / count)
      return std::nullopt;
    count *= size;
  }
  return count;
}

std::string nnp::printShape(ArrayRef<int64_t> shape) {
  if (shape.empty())
    return "scalar";
  return llvm::join(llvm::map_range(shape, [](int64_t size) { return std::to_string(size); }), "x");
}

Error ParameterTable::add(StringRef name, Parameter parameter, uint64_t storedElements) {
  if (name.empty())
    return createStringError("expected a parameter to have a name");
  std::optional<int64_t> count = countElements(parameter.shape);
  if (!count)
    return createStringError("parameter '" + name +
                             "': expected positive sizes, at most 32, and at most "
                             "2^40 elements, but got " +
                             printShape(parameter.shape));
  if (uint64_t(*count) != storedElements)
    return createStringError("parameter '" + name + "': expected " + Twine(*count) + " elements (" +
                             printShape(parameter.shape) + ") but got " + Twine(storedElements));
  if (!parameters.try_emplace(name, std::move(parameter)).second)
    return createStringError("parameter '" + name + "' is there twice");
  return Error::success();
}

const Parameter *ParameterTable::find(StringRef name) const {
  auto it = parameters.find(name);
  return it == parameters.end() ? nullptr : &it->second;
}
