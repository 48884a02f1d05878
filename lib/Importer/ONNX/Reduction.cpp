//===- Reduction.cpp - Reductions -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NodeImporter.h"
#include "llvm/ADT/Sequence.h"

using namespace fpw;
using namespace fpw::onnx;
using Reduce = Value (*)(NNBuilder &b, Value x, ArrayRef<int64_t> axes, bool keepDims);

namespace {
/// What a reduction is over.
struct Axes {
  SmallVector<int64_t> axes;
  bool keepDims;
  bool isNothing; ///< no axes, and the input is the result
};
} // namespace

static FailureOr<Axes> readAxes(NodeImporter &importer, int64_t rank, int64_t inputSince) {
  bool keepDims = importer.getInt("keepdims", 1) != 0;
  bool isNothing = importer.getInt("noop_with_empty_axes", 0) != 0;
  auto axes = importer.getIntsOrInput("axes", 1, inputSince);
  if (failed(axes))
    return failure();
  if (!*axes || (*axes)->empty())
    return Axes{llvm::to_vector(llvm::seq<int64_t>(0, rank)), keepDims, isNothing};
  FailureOr<SmallVector<int64_t>> normalized = importer.normalizeAxes(**axes, rank);
  if (failed(normalized))
    return failure();
  return Axes{*normalized, keepDims, false};
}

static Value buildL1(NNBuilder &b, Value x, ArrayRef<int64_t> axes, bool keepDims) {
  return b.reduce<nn::SumOp>(b.create<nn::AbsOp>(x), axes, keepDims);
}
static Value buildSumSquare(NNBuilder &b, Value x, ArrayRef<int64_t> axes, bool keepDims) {
  return b.reduce<nn::SumOp>(b.mul(x, x), axes, keepDims);
}
static Value buildL2(NNBuilder &b, Value x, ArrayRef<int64_t> axes, bool keepDims) {
  return b.sqrt(buildSumSquare(b, x, axes, keepDims));
}
static Value buildLogSum(NNBuilder &b, Value x, ArrayRef<int64_t> axes, bool keepDims) {
  return b.create<nn::LogOp>(b.reduce<nn::SumOp>(x, axes, keepDims));
}
/// With the maximum taken out, so that nothing overflows.
static Value buildLogSumExp(NNBuilder &b, Value x, ArrayRef<int64_t> axes, bool keepDims) {
  Value most = b.reduce<nn::MaxOp>(x, axes, /*keepDims=*/true);
  // Without an element above -inf there is nothing to take out.
  Value finite =
      b.clamp(most, std::numeric_limits<float>::lowest(), std::numeric_limits<float>::max());
  Value sum = b.reduce<nn::SumOp>(b.create<nn::ExpOp>(b.sub(x, finite)), axes, /*keepDims=*/true);
  Value result = b.add(b.create<nn::LogOp>(sum), finite);
  if (keepDims || !result)
    return result;
  SmallVector<int64_t> shape;
  for (auto [dim, size] : llvm::enumerate(b.getShape(result)))
    if (!llvm::is_contained(axes, int64_t(dim)))
      shape.push_back(mlir::ShapedType::isDynamic(size) ? -1 : size);
  return b.reshape(result, shape);
}
template <typename OpT>
static Value buildPlain(NNBuilder &b, Value x, ArrayRef<int64_t> axes, bool keepDims) {
  return b.reduce<OpT>(x, axes, keepDims);
}

/// Of integers only the largest and the smallest are those of f32, too.
static LogicalResult importReduction(NodeImporter &importer, Reduce build, int64_t inputSince,
                                     bool selects) {
  Value x = selects ? importer.getAnyInput(0) : importer.getFloatInput(0);
  if (!x)
    return failure();
  FailureOr<Axes> axes = readAxes(importer, NNBuilder::getRank(x), inputSince);
  if (failed(axes))
    return failure();
  for (int64_t axis : axes->axes)
    if (!axes->isNothing && NNBuilder::getShape(x)[axis] == 0)
      return importer.emitError() << "expected elements along each axis but got " << x.getType();
  // Without axes each element is reduced on its own.
  Value result =
      build(importer.getBuilder(), x, axes->isNothing ? ArrayRef<int64_t>() : ArrayRef(axes->axes),
            axes->keepDims);
  return importer.addLike(importer.getInput(0), result);
}

/// Integers that are known, reduced to one along all axes.
static bool foldProduct(NodeImporter &importer) {
  const Constant *x = importer.getConstant(0);
  if (isFloat(x->type))
    return false;
  FailureOr<Axes> axes = readAxes(importer, x->shape.size(), /*inputSince=*/18);
  if (failed(axes) || axes->axes.size() != x->shape.size() || axes->isNothing)
    return false;
  Number product = {1, 0};
  for (Number factor : x->integers) {
    if (!factor.isFixed())
      std::swap(product, factor);
    if (!factor.isFixed() || llvm::MulOverflow(product.fixed, factor.fixed, product.fixed) ||
        llvm::MulOverflow(product.perBatch, factor.fixed, product.perBatch))
      return false;
  }
  SmallVector<int64_t> shape(axes->keepDims ? x->shape.size() : 0, 1);
  return succeeded(importer.addConstant(Constant::makeIntegers(shape, {product}, x->type)));
}

static void add(OperatorTable &table, StringRef name, Reduce build, int64_t inputSince = 18,
                bool selects = false, std::function<bool(NodeImporter &)> fold = nullptr) {
  table.add(
      name, 1, 2,
      [=](NodeImporter &importer) { return importReduction(importer, build, inputSince, selects); },
      std::move(fold));
}

void onnx::addReductionOperators(OperatorTable &table) {
  add(table, "ReduceSum", buildPlain<nn::SumOp>, /*inputSince=*/13);
  add(table, "ReduceMean", buildPlain<nn::MeanOp>);
  add(table, "ReduceMax", buildPlain<nn::MaxOp>, 18, /*selects=*/true);
  add(table, "ReduceMin", buildPlain<nn::MinOp>, 18, /*selects=*/true);
  add(table, "ReduceProd", buildPlain<nn::ProdOp>, 18, /*selects=*/false, foldProduct);
  add(table, "ReduceL1", buildL1);
  add(table, "ReduceL2", buildL2);
  add(table, "ReduceLogSum", buildLogSum);
  add(table, "ReduceLogSumExp", buildLogSumExp);
  add(table, "ReduceSumSquare", buildSumSquare);
}
