//===- NNShapeInference.cpp - How nn ops compute their types -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ShapeInference.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace fpw::nn {

SmallVector<int64_t> withDefault(ArrayRef<int64_t> sizes, int64_t count, int64_t value) {
  return sizes.empty() ? SmallVector<int64_t>(count, value) : llvm::to_vector(sizes);
}

bool fitsMemory(ArrayRef<int64_t> shape) {
  int64_t room = int64_t(1) << 40;
  for (int64_t size : shape)
    if (!ShapedType::isDynamic(size) && size != 0)
      room /= size;
  return room > 0;
}

LogicalResult inferTensor(MLIRContext *context, OptionalLocation loc, ArrayRef<int64_t> shape,
                          Types &types) {
  if (!fitsMemory(shape))
    return emitOptionalError(loc, "expected a result of at most 2^40 elements but got shape [",
                             shape, "]");
  types.push_back(RankedTensorType::get(shape, Float32Type::get(context)));
  return success();
}

FailureOr<int64_t> normalizeAxis(OptionalLocation loc, StringRef name, int64_t axis, int64_t rank) {
  if (axis < -rank || axis >= rank)
    return emitOptionalError(loc, "expected ", name, " in [", -rank, ", ", rank, ") but got ", axis,
                             " (C1)");
  return axis < 0 ? axis + rank : axis;
}

std::optional<int64_t> broadcastSize(int64_t a, int64_t b) {
  if (a == b || b == 1)
    return a;
  if (a == 1 || ShapedType::isDynamic(a))
    return b;
  if (ShapedType::isDynamic(b))
    return a;
  return std::nullopt;
}

LogicalResult checkSizes(OptionalLocation loc, StringRef name, ArrayRef<int64_t> values,
                         int64_t count, int64_t least, StringRef constraint) {
  if (!values.empty() && int64_t(values.size()) != count)
    return emitOptionalError(loc, "expected ", name, " to have ", count, " values but got ",
                             values.size(), " (", constraint, ")");
  for (int64_t value : values)
    if (value < least || value > INT32_MAX)
      return emitOptionalError(loc, "expected ", name, " of ", least, " to ", INT32_MAX,
                               " but got ", value, " (", constraint, ")");
  return success();
}

std::optional<int64_t> windowCount(int64_t size, int64_t padding, int64_t extent, int64_t stride) {
  int64_t room = size + padding - extent;
  if (room < 0)
    return std::nullopt;
  return room / stride + 1;
}

} // namespace fpw::nn
