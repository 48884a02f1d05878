//===- ParameterData.cpp - The numbers of a parameter -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ParameterData.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"
#include <cstring>

using namespace mlir;
using namespace fpw;

std::string fpw::getBytes(nn::ParameterOp parameter) {
  ArrayRef<char> data = parameter.getRawData();
  if (!parameter.isSplat())
    return std::string(data.data(), data.size());
  std::string bytes;
  for (int64_t i = 0, e = cast<ShapedType>(parameter.getType()).getNumElements(); i < e; ++i)
    bytes.append(data.data(), data.size());
  return bytes;
}

template <typename Element>
static std::vector<float> decode(StringRef bytes, ArrayRef<float> steps,
                                 const nn::ChannelMap &channels) {
  std::vector<float> numbers(bytes.size() / sizeof(Element));
  for (auto [i, number] : llvm::enumerate(numbers)) {
    Element element;
    std::memcpy(&element, bytes.data() + i * sizeof(Element), sizeof(Element));
    number = float(element) * steps[steps.size() > 1 ? channels(i) : 0];
  }
  return numbers;
}

std::vector<float> fpw::getNumbers(nn::ParameterOp parameter, nn::FixedPointAttr format,
                                   const nn::ChannelMap &channels) {
  std::string bytes = getBytes(parameter);
  if (!format) {
    std::vector<float> numbers(bytes.size() / sizeof(float));
    std::memcpy(numbers.data(), bytes.data(), bytes.size());
    return numbers;
  }
  ArrayRef<float> steps = format.getDeltas();
  if (format.getStorageType().getWidth() == 8)
    return format.getIsSigned() ? decode<int8_t>(bytes, steps, channels)
                                : decode<uint8_t>(bytes, steps, channels);
  return format.getIsSigned() ? decode<int16_t>(bytes, steps, channels)
                              : decode<uint16_t>(bytes, steps, channels);
}

std::string fpw::permuteElements(std::string bytes, size_t elementSize, ArrayRef<int64_t> shape,
                                 ArrayRef<int64_t> order) {
  if (isIdentityPermutation(order))
    return bytes;
  SmallVector<int64_t> sizes = applyPermutation(shape, order);
  SmallVector<int64_t> strides = applyPermutation(computeStrides(shape), order);
  std::string result(bytes.size(), '\0');
  SmallVector<int64_t> position(sizes.size(), 0);
  int64_t source = 0;
  for (size_t target = 0; target < bytes.size(); target += elementSize) {
    std::memcpy(&result[target], &bytes[source * elementSize], elementSize);
    // The next position, the last dimension first.
    for (int64_t dim = sizes.size() - 1; dim >= 0; --dim) {
      source += strides[dim];
      if (++position[dim] < sizes[dim])
        break;
      source -= strides[dim] * sizes[dim];
      position[dim] = 0;
    }
  }
  return result;
}
