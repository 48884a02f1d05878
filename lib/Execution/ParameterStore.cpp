//===- ParameterStore.cpp - The parameters of several codes, each once -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ParameterStore.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/xxhash.h"
#include <unistd.h>

using namespace mlir;

namespace fpw {

/// The bytes of a tensor's elements, in row-major order.
static ArrayRef<char> getBytes(Attribute value) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value))
    return resource.getData();
  return cast<DenseElementsAttr>(value).getRawData();
}

/// Whether the machine has so much memory at all: some systems promise more.
static bool fitsMemory(size_t bytes) {
  return bytes / sysconf(_SC_PAGESIZE) < size_t(sysconf(_SC_PHYS_PAGES));
}

static Expected<ExternalData> copyParameter(Attribute value) {
  constexpr size_t kAlignment = 64;
  auto type = cast<ShapedType>(cast<TypedAttr>(value).getType());
  size_t size = type.getNumElements() * (type.getElementTypeBitWidth() / 8);
  size_t allocated = llvm::alignTo(std::max<size_t>(size, 1), kAlignment);
  std::unique_ptr<char, ExternalData::Free> data(
      fitsMemory(size) ? static_cast<char *>(std::aligned_alloc(kAlignment, allocated)) : nullptr);
  if (!data)
    return llvm::createStringError("out of memory for a parameter of " + Twine(size) + " bytes");
  ArrayRef<char> bytes = getBytes(value);
  for (size_t at = 0; at < size; at += bytes.size()) // a splat repeats one element
    std::memcpy(data.get() + at, bytes.data(), std::min(bytes.size(), size - at));
  return ExternalData{"", std::move(data), size};
}

Expected<std::string> ParameterStore::add(Attribute value) {
  Expected<ExternalData> data = copyParameter(value);
  if (!data)
    return data.takeError();
  auto getContents = [](const ExternalData &parameter) {
    return StringRef(parameter.data.get(), parameter.size);
  };
  StringRef contents = getContents(*data);
  uint64_t hash = llvm::xxh3_64bits(contents);
  for (auto [it, end] = numbers.equal_range(hash); it != end; ++it)
    if (getContents(parameters[it->second]) == contents)
      return parameters[it->second].symbol;
  numbers.emplace(hash, parameters.size());
  data->symbol = "fpw_parameter_" + std::to_string(parameters.size());
  parameters.push_back(std::move(*data));
  return parameters.back().symbol;
}

} // namespace fpw
