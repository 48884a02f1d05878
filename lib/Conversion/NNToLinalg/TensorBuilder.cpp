//===- TensorBuilder.cpp - Tensor and linalg ops in few words ---*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TensorBuilder.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace fpw;

SmallVector<int64_t> fpw::otherDims(int64_t rank, ArrayRef<int64_t> dims) {
  SmallVector<int64_t> others;
  for (int64_t dim = 0; dim < rank; ++dim)
    if (!llvm::is_contained(dims, dim))
      others.push_back(dim);
  return others;
}

//===----------------------------------------------------------------------===//
// Shapes and constants
//===----------------------------------------------------------------------===//

/// The size as the producer of a tensor knows it, so that the sizes of a whole network lead back to
/// those of its arguments.
OpFoldResult TensorBuilder::sizeOf(Value tensor, int64_t dim) {
  if (int64_t size = tensorType(tensor).getDimSize(dim); !ShapedType::isDynamic(size))
    return this->size(size);
  Operation *producer = tensor.getDefiningOp();
  if (auto op = dyn_cast_or_null<tensor::EmptyOp>(producer))
    return op.getMixedSizes()[dim];
  if (auto op = dyn_cast_or_null<tensor::ExpandShapeOp>(producer))
    return op.getMixedOutputShape()[dim];
  if (auto op = dyn_cast_or_null<tensor::CastOp>(producer))
    return sizeOf(op.getSource(), dim);
  if (auto op = dyn_cast_or_null<DestinationStyleOpInterface>(producer))
    return sizeOf(op.getTiedOpOperand(llvm::cast<OpResult>(tensor))->get(), dim);
  if (auto op = dyn_cast_or_null<tensor::PadOp>(producer);
      op && isZeroInteger(op.getMixedLowPad()[dim]) && isZeroInteger(op.getMixedHighPad()[dim]))
    return sizeOf(op.getSource(), dim);
  if (auto op = dyn_cast_or_null<tensor::CollapseShapeOp>(producer))
    if (ReassociationIndices group = op.getReassociationIndices()[dim]; group.size() == 1)
      return sizeOf(op.getSrc(), group.front());
  return tensor::getMixedSize(builder, loc, tensor, dim);
}

Sizes TensorBuilder::sizesOf(Value tensor) {
  Sizes sizes;
  for (int64_t dim = 0, rank = rankOf(tensor); dim < rank; ++dim)
    sizes.push_back(sizeOf(tensor, dim));
  return sizes;
}

Sizes TensorBuilder::sizes(ArrayRef<int64_t> values) {
  return getAsIndexOpFoldResult(getContext(), values);
}

OpFoldResult TensorBuilder::product(ArrayRef<OpFoldResult> factors) {
  if (factors.size() == 1)
    return factors.front();
  AffineExpr expr = builder.getAffineConstantExpr(1);
  for (auto [i, factor] : llvm::enumerate(factors))
    expr = expr * builder.getAffineSymbolExpr(i);
  return affine::makeComposedFoldedAffineApply(builder, loc,
                                               AffineMap::get(0, factors.size(), expr), factors);
}

Value TensorBuilder::constant(float value) {
  return arith::ConstantOp::create(builder, loc, builder.getF32FloatAttr(value));
}

Value TensorBuilder::table(ArrayRef<float> values) { return table(values, values.size()); }

Value TensorBuilder::table(ArrayRef<float> values, ArrayRef<int64_t> shape) {
  auto type = RankedTensorType::get(shape, builder.getF32Type());
  return arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(type, values));
}

Value TensorBuilder::table(ArrayRef<int64_t> values) {
  auto type = RankedTensorType::get(values.size(), builder.getI64Type());
  return arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(type, values));
}

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

Value TensorBuilder::empty(ArrayRef<OpFoldResult> sizes, Type element) {
  return tensor::EmptyOp::create(builder, loc, sizes, element ? element : builder.getF32Type());
}

Value TensorBuilder::zeros(ArrayRef<OpFoldResult> sizes, Type element) {
  Value zero = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(element));
  return linalg::FillOp::create(builder, loc, zero, empty(sizes, element)).getResult(0);
}

Value TensorBuilder::fill(ArrayRef<OpFoldResult> sizes, float value) {
  return linalg::FillOp::create(builder, loc, constant(value), empty(sizes)).getResult(0);
}

Value TensorBuilder::cast(Value tensor, Type type) {
  if (tensor.getType() == type)
    return tensor;
  return tensor::CastOp::create(builder, loc, type, tensor);
}

Value TensorBuilder::pad(Value tensor, ArrayRef<int64_t> low, ArrayRef<int64_t> high, float value) {
  return pad(tensor, low, high, mlir::TypedAttr(builder.getF32FloatAttr(value)));
}

Value TensorBuilder::padWithZeros(Value tensor, ArrayRef<int64_t> low, ArrayRef<int64_t> high) {
  return pad(tensor, low, high, builder.getZeroAttr(tensorType(tensor).getElementType()));
}

Value TensorBuilder::pad(Value tensor, ArrayRef<int64_t> low, ArrayRef<int64_t> high,
                         mlir::TypedAttr value) {
  auto isZero = [](int64_t width) { return width == 0; };
  if (llvm::all_of(low, isZero) && llvm::all_of(high, isZero))
    return tensor;
  Value element = arith::ConstantOp::create(builder, loc, value);
  return tensor::PadOp::create(builder, loc, RankedTensorType(), tensor, sizes(low), sizes(high),
                               element);
}

Value TensorBuilder::transpose(Value tensor, ArrayRef<int64_t> axes) {
  Sizes from = sizesOf(tensor), to;
  for (int64_t axis : axes)
    to.push_back(from[axis]);
  return linalg::TransposeOp::create(builder, loc, tensor,
                                     empty(to, tensorType(tensor).getElementType()), axes)
      ->getResult(0);
}

Value TensorBuilder::concatenate(ValueRange tensors, int64_t dim) {
  Sizes sizes = sizesOf(tensors.front());
  int64_t total = 0;
  for (Value tensor : tensors)
    total += tensorType(tensor).getDimSize(dim);
  sizes[dim] = size(total);
  Value result = empty(sizes);
  int64_t offset = 0;
  for (Value tensor : tensors) {
    int64_t count = tensorType(tensor).getDimSize(dim);
    Slice slice = Slice::whole(*this, sizesOf(tensor));
    slice.restrict(*this, dim, offset, size(count));
    result = insert(tensor, result, slice);
    offset += count;
  }
  return result;
}

TensorBuilder::Slice TensorBuilder::Slice::whole(TensorBuilder &t, ArrayRef<OpFoldResult> sizes) {
  return {Sizes(sizes.size(), t.size(0)), Sizes(sizes), Sizes(sizes.size(), t.size(1))};
}

void TensorBuilder::Slice::restrict(TensorBuilder &t, int64_t dim, int64_t offset,
                                    OpFoldResult size, int64_t stride) {
  offsets[dim] = t.size(offset);
  sizes[dim] = size;
  strides[dim] = t.size(stride);
}

bool TensorBuilder::Slice::isWhole(ArrayRef<OpFoldResult> all) const { return sizes == all; }

/// Whether there is nothing to move. A slice of no elements may have no valid offset.
static bool isEmpty(const TensorBuilder::Slice &slice) {
  return llvm::any_of(slice.sizes, [](OpFoldResult size) { return isConstantIntValue(size, 0); });
}

Value TensorBuilder::extract(Value tensor, const Slice &slice, ArrayRef<int64_t> dropped) {
  SmallVector<int64_t> shape;
  SmallVector<Value> dynamicSizes;
  for (int64_t dim : otherDims(slice.sizes.size(), dropped))
    dispatchIndexOpFoldResult(slice.sizes[dim], dynamicSizes, shape);
  auto type = RankedTensorType::get(shape, tensorType(tensor).getElementType());
  if (isEmpty(slice))
    return tensor::EmptyOp::create(builder, loc, type, dynamicSizes);
  return tensor::ExtractSliceOp::create(builder, loc, type, tensor, slice.offsets, slice.sizes,
                                        slice.strides);
}

Value TensorBuilder::insert(Value tensor, Value dest, const Slice &slice) {
  if (isEmpty(slice))
    return dest;
  return tensor::InsertSliceOp::create(builder, loc, tensor, dest, slice.offsets, slice.sizes,
                                       slice.strides);
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

AffineMap TensorBuilder::select(unsigned rank, ArrayRef<int64_t> dims) {
  return AffineMap::getMultiDimIdentityMap(rank, getContext())
      .getSubMap(SmallVector<unsigned>(dims.begin(), dims.end()));
}

Value TensorBuilder::generic(Value init, ValueRange inputs, ArrayRef<AffineMap> maps,
                             ArrayRef<utils::IteratorType> iterators, Body body) {
  auto buildBody = [&](OpBuilder &b, Location loc, ValueRange elements) {
    linalg::YieldOp::create(b, loc, body(b, loc, elements));
  };
  return linalg::GenericOp::create(builder, loc, init.getType(), inputs, init, maps, iterators,
                                   buildBody)
      .getResult(0);
}

Value TensorBuilder::map(ArrayRef<OpFoldResult> sizes, ValueRange inputs, ArrayRef<AffineMap> maps,
                         Body body, Type element) {
  SmallVector<AffineMap> allMaps(maps);
  allMaps.push_back(identity(sizes.size()));
  SmallVector<utils::IteratorType> iterators(sizes.size(), utils::IteratorType::parallel);
  return generic(empty(sizes, element), inputs, allMaps, iterators,
                 [&](OpBuilder &b, Location loc, ValueRange elements) {
                   return body(b, loc, elements.drop_back());
                 });
}

Value TensorBuilder::map(ValueRange inputs, Body body) {
  SmallVector<AffineMap> maps(inputs.size(), identity(rankOf(inputs.front())));
  return map(sizesOf(inputs.front()), inputs, maps, body);
}

/// Loops that the map of the result lacks are reductions.
static SmallVector<utils::IteratorType> getIterators(AffineMap result) {
  SmallVector<utils::IteratorType> iterators;
  for (unsigned dim = 0; dim < result.getNumDims(); ++dim)
    iterators.push_back(result.isFunctionOfDim(dim) ? utils::IteratorType::parallel
                                                    : utils::IteratorType::reduction);
  return iterators;
}

Value TensorBuilder::contract(Value a, Value b, Value init, ArrayRef<AffineMap> maps, Body body) {
  return generic(init, {a, b}, maps, getIterators(maps.back()), body);
}

Value TensorBuilder::multiplyAdd(OpBuilder &b, Location loc, ValueRange elements) {
  Value product = arith::MulFOp::create(b, loc, elements[0], elements[1]);
  return arith::AddFOp::create(b, loc, elements[2], product);
}

Value TensorBuilder::reduce(Value tensor, ArrayRef<int64_t> dims, float initial, Body body) {
  SmallVector<int64_t> kept = otherDims(rankOf(tensor), dims);
  Sizes sizes = sizesOf(tensor), keptSizes;
  for (int64_t dim : kept)
    keptSizes.push_back(sizes[dim]);
  AffineMap result = select(sizes.size(), kept);
  return generic(fill(keptSizes, initial), tensor, {identity(sizes.size()), result},
                 getIterators(result), body);
}

Value TensorBuilder::countOf(Value tensor, ArrayRef<int64_t> dims) {
  Sizes all = sizesOf(tensor), factors;
  for (int64_t dim : dims)
    factors.push_back(all[dim]);
  OpFoldResult count = product(factors);
  if (std::optional<int64_t> value = getConstantIntValue(count))
    return constant(float(*value));
  Value integer = arith::IndexCastOp::create(builder, loc, builder.getI64Type(),
                                             getValueOrCreateConstantIndexOp(builder, loc, count));
  return arith::SIToFPOp::create(builder, loc, builder.getF32Type(), integer);
}

Value TensorBuilder::divide(Value tensor, Value scalar) {
  return map(tensor, [&](OpBuilder &b, Location loc, ValueRange elements) -> Value {
    return arith::DivFOp::create(b, loc, elements.front(), scalar);
  });
}

Value TensorBuilder::broadcast(Value tensor, ArrayRef<OpFoldResult> sizes, ArrayRef<int64_t> dims) {
  return linalg::BroadcastOp::create(builder, loc, tensor, empty(sizes),
                                     otherDims(sizes.size(), dims))
      ->getResult(0);
}

Value TensorBuilder::repeat(Value tensor, int64_t firstDim, ArrayRef<int64_t> counts) {
  Sizes sizes = sizesOf(tensor);
  SmallVector<int64_t> kept, joined;
  Sizes all;
  for (int64_t dim = 0, rank = sizes.size(); dim < rank; ++dim) {
    kept.push_back(all.size());
    all.push_back(sizes[dim]);
    bool isRepeated = dim >= firstDim && dim < firstDim + int64_t(counts.size());
    if (isRepeated)
      all.push_back(size(counts[dim - firstDim]));
    joined.push_back(isRepeated ? 2 : 1);
  }
  return collapse(broadcast(tensor, all, kept), joined);
}

Value TensorBuilder::gather(Value tensor, int64_t dim, ArrayRef<int64_t> indices) {
  Sizes to = sizesOf(tensor);
  to[dim] = size(indices.size());
  return map(to, table(indices), select(to.size(), dim),
             [&](OpBuilder &b, Location loc, ValueRange elements) -> Value {
               SmallVector<Value> position;
               for (int64_t i : llvm::seq<int64_t>(0, to.size()))
                 position.push_back(linalg::IndexOp::create(b, loc, i));
               position[dim] =
                   arith::IndexCastOp::create(b, loc, b.getIndexType(), elements.front());
               return tensor::ExtractOp::create(b, loc, tensor, position);
             });
}
