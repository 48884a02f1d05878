//===- TensorReshape.cpp - Other shapes for the same elements ---*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TensorBuilder.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace fpw;

/// Consecutive numbers in groups of `counts`.
static SmallVector<ReassociationIndices> getReassociation(ArrayRef<int64_t> counts) {
  SmallVector<ReassociationIndices> groups;
  int64_t next = 0;
  for (int64_t count : counts) {
    groups.push_back(llvm::to_vector<2>(llvm::seq(next, next + count)));
    next += count;
  }
  return groups;
}

Value TensorBuilder::collapse(Value tensor, ArrayRef<int64_t> counts) {
  if (llvm::all_of(counts, [](int64_t count) { return count == 1; }) &&
      rankOf(tensor) == int64_t(counts.size()))
    return tensor;
  return tensor::CollapseShapeOp::create(builder, loc, tensor, getReassociation(counts));
}

Value TensorBuilder::expand(Value tensor, ArrayRef<Sizes> groups) {
  SmallVector<int64_t> counts, shape;
  SmallVector<Value> unused;
  Sizes all;
  for (const Sizes &group : groups) {
    counts.push_back(group.size());
    llvm::append_range(all, group);
  }
  if (int64_t(all.size()) == rankOf(tensor))
    return tensor;
  dispatchIndexOpFoldResults(all, unused, shape);
  auto type = RankedTensorType::get(shape, tensorType(tensor).getElementType());
  return tensor::ExpandShapeOp::create(builder, loc, type, tensor, getReassociation(counts), all);
}

Value TensorBuilder::flatten(Value tensor) {
  int64_t rank = rankOf(tensor);
  return rank == 0 ? insertUnitDims(tensor, 0) : collapse(tensor, rank);
}

Value TensorBuilder::collapseDims(Value tensor, int64_t first, int64_t count) {
  SmallVector<int64_t> counts(rankOf(tensor) - count + 1, 1);
  counts[first] = count;
  return collapse(tensor, counts);
}

Value TensorBuilder::expandDim(Value tensor, int64_t dim, ArrayRef<int64_t> parts) {
  SmallVector<Sizes> groups;
  for (OpFoldResult size : sizesOf(tensor))
    groups.push_back({size});
  groups[dim] = sizes(parts);
  return expand(tensor, groups);
}

Value TensorBuilder::insertUnitDims(Value tensor, ArrayRef<int64_t> positions) {
  Sizes sizes = sizesOf(tensor);
  int64_t rank = sizes.size() + positions.size();
  if (sizes.empty()) {
    auto type = RankedTensorType::get(SmallVector<int64_t>(rank, 1), builder.getF32Type());
    return tensor::ExpandShapeOp::create(builder, loc, type, tensor,
                                         ArrayRef<ReassociationIndices>());
  }
  // Units join the dimension before them; those in front join the first one.
  SmallVector<Sizes> groups(1);
  auto next = sizes.begin();
  for (int64_t position = 0; position < rank; ++position) {
    bool isUnit = llvm::is_contained(positions, position);
    if (!isUnit && next != sizes.begin())
      groups.emplace_back();
    groups.back().push_back(isUnit ? size(1) : *next++);
  }
  return expand(tensor, groups);
}

namespace {
/// Consecutive dimensions of two shapes that hold the same elements, as far as one can see.
struct ReshapeGroup {
  Sizes from, to;

  static std::pair<int64_t, SmallVector<Value>> count(ArrayRef<OpFoldResult> sizes) {
    std::pair<int64_t, SmallVector<Value>> count{1, {}};
    for (OpFoldResult size : sizes)
      if (std::optional<int64_t> constant = getConstantIntValue(size))
        count.first *= *constant;
      else
        count.second.push_back(cast<Value>(size));
    return count;
  }
  bool isBalanced() const { return !from.empty() && !to.empty() && count(from) == count(to); }
  bool needsMoreFrom() const {
    auto [fromStatic, fromDynamic] = count(from);
    auto [toStatic, toDynamic] = count(to);
    if (fromDynamic.size() != toDynamic.size())
      return fromDynamic.size() < toDynamic.size();
    return from.empty() || (!to.empty() && fromStatic < toStatic);
  }
};
} // namespace

/// Splits two shapes of the same number of elements into groups; the last one takes what is left.
static SmallVector<ReshapeGroup> getReshapeGroups(ArrayRef<OpFoldResult> from,
                                                  ArrayRef<OpFoldResult> to) {
  SmallVector<ReshapeGroup> groups(1);
  while (!from.empty() || !to.empty()) {
    if (groups.back().isBalanced() && !from.empty() && !to.empty())
      groups.emplace_back();
    ReshapeGroup &group = groups.back();
    bool takeFrom = to.empty() || (!from.empty() && group.needsMoreFrom());
    ArrayRef<OpFoldResult> &source = takeFrom ? from : to;
    (takeFrom ? group.from : group.to).push_back(source.front());
    source = source.drop_front();
  }
  return groups;
}

Value TensorBuilder::reshape(Value tensor, ArrayRef<OpFoldResult> from, ArrayRef<OpFoldResult> to) {
  if (from.empty()) {
    auto positions = llvm::to_vector(llvm::seq<int64_t>(0, to.size()));
    return to.empty() ? tensor : insertUnitDims(tensor, positions);
  }
  if (to.empty())
    return tensor::CollapseShapeOp::create(builder, loc, tensor, ArrayRef<ReassociationIndices>());
  SmallVector<int64_t> counts;
  SmallVector<Sizes> groups;
  for (ReshapeGroup &group : getReshapeGroups(from, to)) {
    counts.push_back(group.from.size());
    groups.push_back(std::move(group.to));
  }
  return expand(collapse(tensor, counts), groups);
}
