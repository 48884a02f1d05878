//===- Reshape.cpp - Operators that give tensors another shape -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NodeImporter.h"
#include "llvm/Support/MathExtras.h"

using namespace fpw;
using namespace fpw::onnx;
using mlir::ShapedType;

/// Adds the first input in another shape, with one open size at most; of a constant there is none.
static LogicalResult addReshaped(NodeImporter &importer, ArrayRef<int64_t> shape) {
  const Constant *constant = importer.getConstant(0);
  if (!constant)
    return importer.addLike(importer.getInput(0),
                            importer.getBuilder().reshape(importer.getAnyInput(0), shape));
  if (countElements(shape) != int64_t(constant->size()))
    return importer.emitError() << "expected a shape of " << constant->size()
                                << " elements but got " << printShape(shape);
  Constant result = *constant;
  result.shape.assign(shape.begin(), shape.end());
  return importer.mayCompute(constant->size()) ? importer.addConstant(std::move(result))
                                               : failure();
}

/// The product of numbers, at most one of which depends on the batch.
static std::optional<Number> multiply(ArrayRef<Number> factors) {
  Number product = {1, 0};
  for (Number factor : factors) {
    if (!product.isFixed() && !factor.isFixed())
      return std::nullopt;
    if (!factor.isFixed())
      std::swap(product, factor);
    if (llvm::MulOverflow(product.fixed, factor.fixed, product.fixed) ||
        llvm::MulOverflow(product.perBatch, factor.fixed, product.perBatch))
      return std::nullopt;
  }
  return product;
}

/// What times `divisor` gives `total`.
static std::optional<Number> divide(Number total, Number divisor) {
  if (divisor.isFixed() && divisor.fixed > 0 && total.fixed % divisor.fixed == 0 &&
      total.perBatch % divisor.fixed == 0)
    return Number{total.fixed / divisor.fixed, total.perBatch / divisor.fixed};
  if (divisor.fixed == 0 && divisor.perBatch > 0 && total.fixed == 0 &&
      total.perBatch % divisor.perBatch == 0)
    return Number{total.perBatch / divisor.perBatch, 0};
  return std::nullopt;
}

/// The sizes of an input.
static FailureOr<SmallVector<Number>> getSizes(NodeImporter &importer, size_t i) {
  if (const Constant *constant = importer.getConstant(i))
    return llvm::map_to_vector(constant->shape, [](int64_t size) { return Number{size, 0}; });
  auto sizes = importer.getBuilder().getSizes(importer.getInput(i).value);
  if (!sizes)
    return importer.emitError() << "it is unknown how the sizes of the input depend on the batch";
  return *sizes;
}

static LogicalResult importReshape(NodeImporter &importer) {
  const Constant *target = importer.getConstant(1);
  bool allowsZero = importer.getInt("allowzero", 0) != 0;
  if (!target || isFloat(target->type))
    return importer.emitError() << "expected the shape to be known at import";
  FailureOr<SmallVector<Number>> sizes = getSizes(importer, 0);
  if (failed(sizes))
    return failure();
  SmallVector<Number> shape(target->integers.begin(), target->integers.end()), known;
  Number *open = nullptr;
  for (auto [i, size] : llvm::enumerate(shape)) {
    if (size == Number{0, 0} && !allowsZero) {
      if (i >= sizes->size())
        return importer.emitError() << "expected a size for dimension " << i << " but got 0";
      size = (*sizes)[i];
    }
    if (size == Number{-1, 0} && !open)
      open = &size;
    else if (size.fixed < 0 || size.perBatch < 0)
      return importer.emitError() << "expected sizes, at most one of them -1";
    else
      known.push_back(size);
  }
  std::optional<Number> total = multiply(*sizes), product = multiply(known);
  std::optional<Number> rest = total && product ? divide(*total, *product) : std::nullopt;
  if (open && rest)
    *open = *rest;
  else if (open || !total || !product || !(*total == *product))
    return importer.emitError() << "expected a shape of as many elements as the input has";
  return addReshaped(importer, llvm::map_to_vector(shape, [](Number size) {
                       return size.isFixed() ? size.fixed : int64_t(-1);
                     }));
}

static LogicalResult importFlatten(NodeImporter &importer) {
  SmallVector<int64_t> shape = importer.getShape(0), flat = {1, 1};
  int64_t rank = shape.size(), axis = importer.getInt("axis", 1);
  if (axis < -rank || axis > rank)
    return importer.emitError() << "expected an axis of " << rank << " dimensions but got " << axis;
  axis = axis < 0 ? axis + rank : axis;
  for (int64_t dim = 0; dim < rank; ++dim) {
    int64_t &size = flat[dim < axis ? 0 : 1];
    size = ShapedType::isDynamic(shape[dim]) || size < 0 ? -1 : size * shape[dim];
  }
  return addReshaped(importer, flat);
}

static LogicalResult importSqueeze(NodeImporter &importer) {
  SmallVector<int64_t> shape = importer.getShape(0), squeezed;
  auto axes = importer.getIntsOrInput("axes", 1, 13);
  if (failed(axes))
    return failure();
  FailureOr<SmallVector<int64_t>> dims =
      importer.normalizeAxes(*axes ? ArrayRef<int64_t>(**axes) : ArrayRef<int64_t>(), shape.size());
  if (failed(dims))
    return failure();
  for (auto [dim, size] : llvm::enumerate(shape)) {
    bool isNamed = llvm::is_contained(*dims, int64_t(dim));
    if (isNamed && size != 1)
      return importer.emitError() << "expected dimension " << dim << " to have size 1 but got "
                                  << size;
    if (!isNamed && (*axes || size != 1))
      squeezed.push_back(size);
  }
  return addReshaped(importer, NNBuilder::getOpenShape(squeezed));
}

static LogicalResult importUnsqueeze(NodeImporter &importer) {
  SmallVector<int64_t> shape = importer.getShape(0), result;
  auto axes = importer.getIntsOrInput("axes", 1, 13);
  if (failed(axes))
    return failure();
  if (!*axes)
    return importer.emitError() << "expected axes";
  int64_t rank = shape.size() + (*axes)->size();
  FailureOr<SmallVector<int64_t>> dims = importer.normalizeAxes(**axes, rank);
  if (failed(dims))
    return failure();
  size_t next = 0;
  for (int64_t dim = 0; dim < rank; ++dim)
    result.push_back(llvm::is_contained(*dims, dim) ? 1 : shape[next++]);
  return addReshaped(importer, NNBuilder::getOpenShape(result));
}

void onnx::addReshapeOperators(OperatorTable &table) {
  table.add("Reshape", 2, 2, importReshape);
  table.add("Flatten", 1, 1, importFlatten);
  table.add("Squeeze", 1, 2, importSqueeze);
  table.add("Unsqueeze", 1, 2, importUnsqueeze);
}
