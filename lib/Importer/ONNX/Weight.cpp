//===- Weight.cpp - Weights of layers -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Weight.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include <cmath>

using namespace fpw;
using namespace fpw::onnx;

/// A matrix in row-major order, transposed.
template <typename T>
static std::vector<T> transposeMatrix(const std::vector<T> &values, ArrayRef<int64_t> shape) {
  std::vector<T> result(values.size());
  for (int64_t row = 0; row < shape[0]; ++row)
    for (int64_t column = 0; column < shape[1]; ++column)
      result[column * shape[0] + row] = values[row * shape[1] + column];
  return result;
}

/// The format of codes, which is symmetric around 0; null if there is none.
static nn::FixedPointAttr getFormat(NNBuilder &b, const QuantizedTensor &tensor,
                                    int64_t channelAxis) {
  bool isPlain = tensor.steps.size() == 1 || tensor.axis == channelAxis;
  for (float step : tensor.steps)
    isPlain &= std::isfinite(step) && step > 0;
  int64_t largest = 0;
  for (int64_t code : tensor.codes)
    largest = std::max(largest, std::abs(code));
  constexpr unsigned mostBits = 16;
  unsigned bits = 8;
  while (bits <= mostBits && largest > (int64_t(1) << (bits - 1)) - 1)
    ++bits;
  if (!isPlain || bits > mostBits || tensor.codes.empty())
    return {};
  return nn::FixedPointAttr::get(b.getBuilder().getContext(), bits, /*isSigned=*/true,
                                 ArrayRef<float>(tensor.steps));
}

template <typename T>
static Value makeCodes(NNBuilder &b, StringRef name, RankedTensorType type,
                       ArrayRef<int64_t> codes) {
  std::vector<T> narrow(codes.begin(), codes.end());
  ArrayRef bytes(reinterpret_cast<const char *>(narrow.data()), narrow.size() * sizeof(T));
  auto value = mlir::DenseResourceElementsAttr::get(
      type, name, mlir::HeapAsmResourceBlob::allocateAndCopyWithAlign(bytes, /*align=*/64));
  return nn::ParameterOp::create(b.getBuilder(), b.getLoc(), type, name, value,
                                 /*conversion=*/nullptr);
}

static Weight makeCodes(NNBuilder &b, StringRef name, ArrayRef<int64_t> shape,
                        ArrayRef<int64_t> codes, nn::FixedPointAttr format) {
  auto type = RankedTensorType::get(shape, format.getStorageType());
  return {format.getBits() <= 8 ? makeCodes<int8_t>(b, name, type, codes)
                                : makeCodes<int16_t>(b, name, type, codes),
          format};
}

Weight onnx::getWeight(NodeImporter &importer, size_t i, ArrayRef<int64_t> shape,
                       int64_t channelAxis) {
  const GraphTensor &tensor = importer.getInput(i);
  if (tensor.quantized && !tensor.value)
    if (nn::FixedPointAttr format =
            getFormat(importer.getBuilder(), *tensor.quantized, channelAxis))
      return makeCodes(importer.getBuilder(), tensor.name, shape, tensor.quantized->codes, format);
  return {importer.getReshapedInput(i, shape), {}};
}

Weight onnx::getMatrix(NodeImporter &importer, size_t i, bool isTransposed) {
  NNBuilder &b = importer.getBuilder();
  const GraphTensor &tensor = importer.getInput(i);
  SmallVector<int64_t> shape = importer.getShape(i);
  if (!isTransposed)
    return getWeight(importer, i, shape, /*channelAxis=*/1);
  SmallVector<int64_t> transposed = {shape[1], shape[0]};
  if (tensor.quantized)
    if (nn::FixedPointAttr format = getFormat(b, *tensor.quantized, /*channelAxis=*/0))
      return makeCodes(b, tensor.name, transposed, transposeMatrix(tensor.quantized->codes, shape),
                       format);
  if (!tensor.constant || !isFloat(tensor.type))
    return {b.swap(importer.getFloatInput(i), 0, 1), {}};
  b.setName(tensor.name);
  return {b.makeParameter(transposed, transposeMatrix(tensor.constant->floats, shape)), {}};
}
