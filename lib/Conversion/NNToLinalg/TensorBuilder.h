//===- TensorBuilder.h - Tensor and linalg ops in few words -----*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_CONVERSION_NNTOLINALG_TENSORBUILDER_H
#define FPW_LIB_CONVERSION_NNTOLINALG_TENSORBUILDER_H

#include "fpw/Support/LLVM.h"
#include "mlir/Dialect/Utils/StructuredOpsUtils.h"
#include "mlir/IR/AffineMap.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"

namespace fpw {

using mlir::AffineExpr;
using mlir::AffineMap;
using mlir::OpFoldResult;

/// The shape of a tensor: attributes for static sizes, values for dynamic ones.
using Sizes = SmallVector<OpFoldResult>;

/// Builds the tensor and linalg ops of a lowering at one location. Sizes may be static or dynamic
/// alike.
class TensorBuilder {
public:
  /// Computes an element of the result from one element of each input, and for reductions the
  /// result so far as the last one.
  using Body = llvm::function_ref<Value(OpBuilder &, Location, ValueRange)>;

  TensorBuilder(OpBuilder &builder, Location loc) : builder(builder), loc(loc) {}

  OpBuilder &getBuilder() const { return builder; }
  Location getLoc() const { return loc; }
  mlir::MLIRContext *getContext() const { return builder.getContext(); }

  // Shapes.

  OpFoldResult sizeOf(Value tensor, int64_t dim);
  Sizes sizesOf(Value tensor);
  OpFoldResult size(int64_t value) { return builder.getIndexAttr(value); }
  Sizes sizes(ArrayRef<int64_t> values);
  /// The product of sizes; 1 if there are none.
  OpFoldResult product(ArrayRef<OpFoldResult> factors);

  // Constants.

  Value constant(float value);
  Value table(ArrayRef<float> values);
  Value table(ArrayRef<float> values, ArrayRef<int64_t> shape);
  Value table(ArrayRef<int64_t> values);

  // Tensors.

  /// An uninitialised tensor, of f32 unless another type is given.
  Value empty(ArrayRef<OpFoldResult> sizes, Type element = {});
  Value fill(ArrayRef<OpFoldResult> sizes, float value);
  Value zeros(ArrayRef<OpFoldResult> sizes, Type element);
  Value cast(Value tensor, Type type);
  /// Adds elements at both ends of each dimension; the tensor itself if there are none to add.
  Value pad(Value tensor, ArrayRef<int64_t> low, ArrayRef<int64_t> high, float value);
  Value padWithZeros(Value tensor, ArrayRef<int64_t> low, ArrayRef<int64_t> high);
  Value transpose(Value tensor, ArrayRef<int64_t> axes);
  /// Puts tensors one after the other along a dimension.
  Value concatenate(ValueRange tensors, int64_t dim);

  /// A part of a tensor. `strides` is empty for all 1.
  struct Slice {
    Sizes offsets, sizes, strides;
    /// All of a tensor of these sizes.
    static Slice whole(TensorBuilder &t, ArrayRef<OpFoldResult> sizes);
    /// Restricts one dimension.
    void restrict(TensorBuilder &t, int64_t dim, int64_t offset, OpFoldResult size,
                  int64_t stride = 1);
    bool isWhole(ArrayRef<OpFoldResult> all) const;
  };
  /// Reads a slice, without the dimensions `dropped`, whose size must be 1.
  Value extract(Value tensor, const Slice &slice, ArrayRef<int64_t> dropped = {});
  /// Replaces a slice of `dest`.
  Value insert(Value tensor, Value dest, const Slice &slice);

  // Other shapes for the same elements.

  /// Merges consecutive dimensions: `counts` of them make one.
  Value collapse(Value tensor, ArrayRef<int64_t> counts);
  /// Splits each dimension into the sizes of a group.
  Value expand(Value tensor, ArrayRef<Sizes> groups);
  /// One dimension of all elements.
  Value flatten(Value tensor);
  Value collapseDims(Value tensor, int64_t first, int64_t count);
  Value expandDim(Value tensor, int64_t dim, ArrayRef<int64_t> sizes);
  /// Adds dimensions of size 1 at `positions` of the result, in ascending order.
  Value insertUnitDims(Value tensor, ArrayRef<int64_t> positions);
  /// Any other shape. Sizes that are the same value in both lists help to keep the structure.
  Value reshape(Value tensor, ArrayRef<OpFoldResult> from, ArrayRef<OpFoldResult> to);

  // Loops.

  /// A linalg.generic that computes on top of `init`; the last map is that of the result.
  Value generic(Value init, ValueRange inputs, ArrayRef<AffineMap> maps,
                ArrayRef<mlir::utils::IteratorType> iterators, Body body);
  /// Computes each element of a new tensor, of f32 unless another type is given. The inputs have
  /// maps from the dimensions of the result.
  Value map(ArrayRef<OpFoldResult> sizes, ValueRange inputs, ArrayRef<AffineMap> maps, Body body,
            Type element = {});
  /// The same for inputs of the result's shape.
  Value map(ValueRange inputs, Body body);
  /// Adds the products of `a` and `b` to `init`. Loops that the result's map lacks are reductions.
  /// `body` adds the product of its first two elements to the third.
  Value contract(Value a, Value b, Value init, ArrayRef<AffineMap> maps, Body body = multiplyAdd);
  /// The body for floats.
  static Value multiplyAdd(OpBuilder &b, Location loc, ValueRange elements);
  /// Combines the elements along `dims`, which disappear, with `initial`, in ascending order.
  Value reduce(Value tensor, ArrayRef<int64_t> dims, float initial, Body body);
  /// The number of elements along `dims`, as a float.
  Value countOf(Value tensor, ArrayRef<int64_t> dims);
  /// Divides each element by a scalar.
  Value divide(Value tensor, Value scalar);
  /// Repeats a tensor along the dimensions of `sizes` that are not in `dims`.
  Value broadcast(Value tensor, ArrayRef<OpFoldResult> sizes, ArrayRef<int64_t> dims);
  /// Repeats each element along consecutive dimensions `counts` times.
  Value repeat(Value tensor, int64_t firstDim, ArrayRef<int64_t> counts);
  /// Element `i` along dimension `dim` of the result is element `indices[i]`.
  Value gather(Value tensor, int64_t dim, ArrayRef<int64_t> indices);

  // Maps.

  AffineExpr dim(unsigned position) { return builder.getAffineDimExpr(position); }
  AffineMap identity(unsigned rank) { return builder.getMultiDimIdentityMap(rank); }
  /// Keeps some of `rank` dimensions.
  AffineMap select(unsigned rank, ArrayRef<int64_t> dims);

private:
  Value pad(Value tensor, ArrayRef<int64_t> low, ArrayRef<int64_t> high, mlir::TypedAttr value);

  OpBuilder &builder;
  Location loc;
};

/// The numbers 0 ... rank - 1 without those in `dims`.
SmallVector<int64_t> otherDims(int64_t rank, ArrayRef<int64_t> dims);

inline RankedTensorType tensorType(Value v) { return llvm::cast<RankedTensorType>(v.getType()); }
inline int64_t rankOf(Value v) { return tensorType(v).getRank(); }

} // namespace fpw

#endif // FPW_LIB_CONVERSION_NNTOLINALG_TENSORBUILDER_H
