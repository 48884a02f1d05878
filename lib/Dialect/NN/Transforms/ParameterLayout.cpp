//===- ParameterLayout.cpp - Permutes parameters at compile time -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ParameterLayout.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace fpw::nn;

/// Copies elements of `T` from row-major `shape` to row-major `shape[permutation]`.
template <typename T>
static void permuteElements(const T *from, T *to, ArrayRef<int64_t> shape,
                            ArrayRef<int64_t> permutation) {
  SmallVector<int64_t> strides = applyPermutation(computeSuffixProduct(shape), permutation);
  SmallVector<int64_t> sizes = applyPermutation(shape, permutation);
  SmallVector<int64_t> index(sizes.size(), 0);
  int64_t innerSize = sizes.back(), innerStride = strides.back();
  for (int64_t rows = computeProduct(sizes) / innerSize, offset = 0; rows > 0; --rows) {
    for (int64_t i = 0; i < innerSize; ++i)
      *to++ = from[offset + i * innerStride];
    for (int64_t dim = int64_t(sizes.size()) - 2; dim >= 0; --dim) {
      offset += strides[dim];
      if (++index[dim] < sizes[dim])
        break;
      offset -= sizes[dim] * strides[dim];
      index[dim] = 0;
    }
  }
}

/// The permuted elements as a resource of the given type.
static ElementsAttr permuteData(ParameterOp parameter, ArrayRef<int64_t> shape,
                                ArrayRef<int64_t> permutation, RankedTensorType type) {
  if (parameter.isSplat())
    return cast<DenseElementsAttr>(parameter.getValue()).resizeSplat(type);
  ArrayRef<char> from = parameter.getRawData();
  AsmResourceBlob to = HeapAsmResourceBlob::allocate(from.size(), /*align=*/64);
  char *data = to.getMutableData().data();
  if (!from.empty()) {
    switch (type.getElementTypeBitWidth()) {
    case 8:
      permuteElements(from.data(), data, shape, permutation);
      break;
    case 16:
      permuteElements(reinterpret_cast<const uint16_t *>(from.data()),
                      reinterpret_cast<uint16_t *>(data), shape, permutation);
      break;
    case 32:
      permuteElements(reinterpret_cast<const uint32_t *>(from.data()),
                      reinterpret_cast<uint32_t *>(data), shape, permutation);
      break;
    default:
      llvm_unreachable("the verifier admits no other element types");
    }
  }
  return DenseResourceElementsAttr::get(type, parameter.getName(), std::move(to));
}

ElementsAttr ParameterLayouts::permuteOnce(ParameterOp parameter, ArrayRef<int64_t> shape,
                                           ArrayRef<int64_t> permutation, RankedTensorType type) {
  for (const Layout &layout : known)
    if (layout.value == parameter.getValue() && layout.result.getType() == type &&
        ArrayRef(layout.shape) == shape && ArrayRef(layout.permutation) == permutation)
      return layout.result;
  ElementsAttr result = permuteData(parameter, shape, permutation, type);
  known.push_back(
      {parameter.getValue(), llvm::to_vector(shape), llvm::to_vector(permutation), result});
  return result;
}

ParameterOp ParameterLayouts::permute(RewriterBase &rewriter, ParameterOp parameter,
                                      ArrayRef<int64_t> shape, ArrayRef<int64_t> permutation,
                                      ArrayRef<int64_t> resultShape) {
  auto type = cast<RankedTensorType>(parameter.getType()).clone(resultShape);
  return ParameterOp::create(rewriter, parameter.getLoc(), type, parameter.getNameAttr(),
                             permuteOnce(parameter, shape, permutation, type),
                             parameter.getConversionAttr());
}

ParameterOp ParameterLayouts::permute(RewriterBase &rewriter, ParameterOp parameter,
                                      ArrayRef<int64_t> permutation) {
  ArrayRef<int64_t> shape = cast<RankedTensorType>(parameter.getType()).getShape();
  return permute(rewriter, parameter, shape, permutation, applyPermutation(shape, permutation));
}
