//===- Pooling.cpp - Reductions over windows --------------------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Convolution.h"
#include "Patterns.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/STLExtras.h"
#include <limits>

using namespace mlir;
using namespace fpw;

//===----------------------------------------------------------------------===//
// Windows
//===----------------------------------------------------------------------===//

namespace {
/// The windows of a pooling op.
struct PoolingWindows {
  int64_t firstDim;
  SmallVector<Window> windows;
  SmallVector<int64_t> pad, sizes;

  template <typename Op> explicit PoolingWindows(Op op) {
    ArrayRef<int64_t> kernel = op.getKernel();
    firstDim = rankOf(op.getInput()) - kernel.size() - (op.getChannelLast() ? 1 : 0);
    sizes = llvm::to_vector(op.getInput().getType().getShape().slice(firstDim, kernel.size()));
    pad = nn::withDefault(op.getPad(), kernel.size(), 0);
    SmallVector<int64_t> stride = llvm::to_vector(op.getStride().empty() ? kernel : op.getStride());
    for (size_t i = 0; i < kernel.size(); ++i)
      windows.push_back({kernel[i], stride[i], /*dilation=*/1,
                         op.getType().getDimSize(firstDim + i), /*begin=*/-pad[i]});
  }

  Value reduce(TensorBuilder &t, Value image, float padding, TensorBuilder::Body body) const;
  SmallVector<int64_t> countElements(int64_t dim, bool includingPad) const;
};
} // namespace

/// Combines each window. A tensor without data tells linalg the size of the window.
Value PoolingWindows::reduce(TensorBuilder &t, Value image, float padding,
                             TensorBuilder::Body body) const {
  int64_t rank = rankOf(image);
  Padding around(rank);
  SmallVector<AffineExpr> position, taps;
  for (int64_t dim = 0; dim < rank; ++dim)
    position.push_back(t.dim(dim));
  SmallVector<OpFoldResult> shape, sizes = t.sizesOf(image);
  for (auto [i, window] : llvm::enumerate(windows)) {
    int64_t dim = firstDim + i;
    around.cover(dim, this->sizes[i], window);
    taps.push_back(t.dim(rank + i));
    position[dim] = position[dim] * window.stride + taps.back();
    shape.push_back(t.size(window.taps));
    sizes[dim] = t.size(window.count);
  }
  unsigned loops = rank + windows.size();
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  iterators.append(windows.size(), utils::IteratorType::reduction);
  auto combine = [&](OpBuilder &b, Location loc, ValueRange elements) {
    return body(b, loc, {elements.front(), elements.back()});
  };
  return t.generic(t.fill(sizes, padding),
                   {t.pad(image, around.low, around.high, padding), t.empty(shape)},
                   {AffineMap::get(loops, 0, position, t.getContext()),
                    AffineMap::get(loops, 0, taps, t.getContext()),
                    t.select(loops, llvm::to_vector(llvm::seq(rank)))},
                   iterators, combine);
}

/// How many elements each window along a dimension has, in the image or in the padded image.
SmallVector<int64_t> PoolingWindows::countElements(int64_t dim, bool includingPad) const {
  const Window &window = windows[dim];
  int64_t margin = includingPad ? pad[dim] : 0;
  SmallVector<int64_t> counts;
  for (int64_t i = 0; i < window.count; ++i) {
    int64_t begin = window.begin + i * window.stride;
    counts.push_back(std::min(begin + window.taps, sizes[dim] + margin) - std::max(begin, -margin));
  }
  return counts;
}

//===----------------------------------------------------------------------===//
// Lowerings
//===----------------------------------------------------------------------===//

template <typename ArithOp> static Value combine(OpBuilder &b, Location loc, ValueRange elements) {
  return ArithOp::create(b, loc, elements[1], elements[0]);
}

static Value lowerMaxPooling(nn::MaxPoolingOp op, nn::MaxPoolingOp::Adaptor operands,
                             TensorBuilder &t) {
  float lowest = -std::numeric_limits<float>::infinity();
  return PoolingWindows(op).reduce(t, operands.getInput(), lowest, combine<arith::MaximumFOp>);
}

static Value lowerSumPooling(nn::SumPoolingOp op, nn::SumPoolingOp::Adaptor operands,
                             TensorBuilder &t) {
  return PoolingWindows(op).reduce(t, operands.getInput(), 0.0f, combine<arith::AddFOp>);
}

/// The sum over the number of elements, which is the product of one number per dimension. Where it
/// depends on the place of the window, a table has it.
static Value lowerAveragePooling(nn::AveragePoolingOp op, nn::AveragePoolingOp::Adaptor operands,
                                 TensorBuilder &t) {
  PoolingWindows pooling(op);
  SmallVector<Value> inputs = {
      pooling.reduce(t, operands.getInput(), 0.0f, combine<arith::AddFOp>)};
  unsigned rank = rankOf(inputs.front());
  SmallVector<AffineMap> maps = {t.identity(rank)};
  float common = 1.0f;
  for (int64_t i = 0, e = pooling.windows.size(); i < e; ++i) {
    SmallVector<int64_t> counts = pooling.countElements(i, op.getIncludingPad());
    if (llvm::all_equal(counts)) {
      common *= counts.front();
      continue;
    }
    inputs.push_back(t.table(SmallVector<float>(counts.begin(), counts.end())));
    maps.push_back(t.select(rank, pooling.firstDim + i));
  }
  return t.map(t.sizesOf(inputs.front()), inputs, maps,
               [&](OpBuilder &b, Location loc, ValueRange elements) -> Value {
                 Value count = arith::ConstantOp::create(b, loc, b.getF32FloatAttr(common));
                 for (Value factor : elements.drop_front())
                   count = arith::MulFOp::create(b, loc, count, factor);
                 return arith::DivFOp::create(b, loc, elements.front(), count);
               });
}

static Value lowerGlobalAveragePooling(nn::GlobalAveragePoolingOp op,
                                       nn::GlobalAveragePoolingOp::Adaptor operands,
                                       TensorBuilder &t) {
  int64_t first = op.getChannelLast() ? 1 : 2;
  auto dims = llvm::to_vector(llvm::seq(first, first + rankOf(operands.getInput()) - 2));
  Value sum = t.reduce(operands.getInput(), dims, 0.0f, combine<arith::AddFOp>);
  return t.insertUnitDims(t.divide(sum, t.countOf(operands.getInput(), dims)), dims);
}

static Value lowerUnpooling(nn::UnpoolingOp op, nn::UnpoolingOp::Adaptor operands,
                            TensorBuilder &t) {
  ArrayRef<int64_t> kernel = op.getKernel();
  int64_t first = rankOf(operands.getInput()) - kernel.size() - (op.getChannelLast() ? 1 : 0);
  return t.repeat(operands.getInput(), first, kernel);
}

void fpw::populatePoolingPatterns(RewritePatternSet &patterns) {
  addLowering<nn::MaxPoolingOp>(patterns, lowerMaxPooling);
  addLowering<nn::AveragePoolingOp>(patterns, lowerAveragePooling);
  addLowering<nn::SumPoolingOp>(patterns, lowerSumPooling);
  addLowering<nn::GlobalAveragePoolingOp>(patterns, lowerGlobalAveragePooling);
  addLowering<nn::UnpoolingOp>(patterns, lowerUnpooling);
}
