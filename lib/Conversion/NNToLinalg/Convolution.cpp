//===- Convolution.cpp - What all convolutions share ------------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Convolution.h"
#include "Parameter.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace fpw;

void Padding::cover(int64_t dim, int64_t size, const Window &window) {
  low[dim] = std::max(low[dim], -window.begin);
  high[dim] = std::max(high[dim], window.begin + window.extent() - size);
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

Value Convolution::prepareImage(TensorBuilder &t, Value image, const Padding &padding) const {
  Value padded = t.padWithZeros(image, padding.low, padding.high);
  bool isSplit = rankOf(image) > batchRank + spatialRank + 1;
  return splits(channels) && !isSplit ? t.expandDim(padded, channelDim(), {group, channels})
                                      : padded;
}

Value Convolution::skipTo(TensorBuilder &t, Value image, const Padding &padding,
                          ArrayRef<Window> windows) const {
  Sizes sizes = t.sizesOf(image);
  auto slice = TensorBuilder::Slice::whole(t, sizes);
  bool isWhole = true;
  for (auto [i, window] : llvm::enumerate(windows)) {
    int64_t offset = window.begin + padding.low[spatialDim() + i];
    isWhole &= offset == 0;
    slice.restrict(t, spatialDim(hasGroup() + hasChannel()) + i, offset, t.size(window.extent()));
  }
  return isWhole ? image : t.extract(image, slice);
}

Value Convolution::prepareWeight(TensorBuilder &t, Value weight, ArrayRef<int64_t> kernel) const {
  SmallVector<int64_t> shape, channel, batchless;
  if (hasGroup())
    shape.push_back(group);
  if (hasOutput())
    shape.push_back(outputs);
  if (hasChannel())
    channel.push_back(channels);
  llvm::append_range(shape, arrange<int64_t>(batchless, channel, kernel));
  return reshapeWeight(t, weight, shape);
}

//===----------------------------------------------------------------------===//
// Result
//===----------------------------------------------------------------------===//

Sizes Convolution::resultSizes(TensorBuilder &t, ArrayRef<OpFoldResult> batch,
                               ArrayRef<Window> windows) const {
  Sizes channel, spatial;
  if (hasGroup())
    channel.push_back(t.size(group));
  if (hasOutput())
    channel.push_back(t.size(outputs));
  for (const Window &window : windows) {
    spatial.push_back(t.size(window.count));
    if (window.phases > 1)
      spatial.push_back(t.size(window.phases));
  }
  return arrange<OpFoldResult>(batch, channel, spatial);
}

Value Convolution::initialize(TensorBuilder &t, ArrayRef<OpFoldResult> sizes, Value bias,
                              Type sum) const {
  if (!bias)
    return t.zeros(sizes, sum);
  if (splits(outputs))
    bias = reshapeWeight(t, bias, {group, outputs});
  return t.broadcast(bias, sizes, getChannelDims(sizes.size()));
}

SmallVector<int64_t> Convolution::getChannelDims(int64_t rank) const {
  int64_t count = hasGroup() + hasOutput();
  int64_t first = channelLast ? rank - count : batchRank;
  return llvm::to_vector(llvm::seq(first, first + count));
}

Value Convolution::finish(TensorBuilder &t, const Factors &f, ValueRange sums,
                          ArrayRef<OpFoldResult> sizes) const {
  return f.finish ? f.finish(sums, sizes, getChannelDims(sizes.size())) : sums.front();
}

Value Convolution::mergeGroups(TensorBuilder &t, Value result) const {
  return splits(outputs) ? t.collapseDims(result, channelDim(), 2) : result;
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

namespace {
/// The loops of a convolution; those of a missing dimension are empty lists.
struct Loops {
  using List = SmallVector<AffineExpr>;

  List batch, group, output, channel, out, window;
  SmallVector<List> phase;
  unsigned count = 0;

  void add(TensorBuilder &t, List &list, int64_t number) {
    for (int64_t i = 0; i < number; ++i)
      list.push_back(t.dim(count++));
  }
};
} // namespace

/// The loops in the order of the result, then of the window and its channels: sums of floats are
/// added in this order, whatever the layout.
static Loops getLoops(TensorBuilder &t, const Convolution &c, ArrayRef<Window> windows) {
  Loops loops;
  auto addChannels = [&] {
    loops.add(t, loops.group, c.hasGroup());
    loops.add(t, loops.output, c.hasOutput());
  };
  loops.add(t, loops.batch, c.batchRank);
  if (!c.channelLast)
    addChannels();
  for (const Window &window : windows) {
    loops.add(t, loops.out, 1);
    loops.add(t, loops.phase.emplace_back(), window.phases > 1);
  }
  if (c.channelLast)
    addChannels();
  loops.add(t, loops.window, c.spatialRank);
  loops.add(t, loops.channel, c.hasChannel());
  return loops;
}

template <typename... Lists> static Loops::List concat(const Lists &...lists) {
  Loops::List all;
  (llvm::append_range(all, lists), ...);
  return all;
}

Value Convolution::contract(TensorBuilder &t, Value image, Value weight, Value init,
                            ArrayRef<Window> windows, TensorBuilder::Body multiplyAdd) const {
  Loops loops = getLoops(t, *this, windows);
  Loops::List position, result, phases;
  for (auto [i, window] : llvm::enumerate(windows)) {
    position.push_back(loops.out[i] * window.stride + loops.window[i] * window.dilation);
    for (AffineExpr phase : loops.phase[i])
      position.back() = position.back() + phase * window.phaseStep;
    result.push_back(loops.out[i]);
    llvm::append_range(result, loops.phase[i]);
    llvm::append_range(phases, loops.phase[i]);
  }
  auto makeMap = [&](const Loops::List &results) {
    return AffineMap::get(loops.count, 0, results, t.getContext());
  };
  Loops::List batchless;
  return t.contract(
      image, weight, init,
      {makeMap(arrange<AffineExpr>(loops.batch, concat(loops.group, loops.channel), position)),
       makeMap(concat(phases, loops.group, loops.output,
                      arrange<AffineExpr>(batchless, loops.channel, loops.window))),
       makeMap(arrange<AffineExpr>(loops.batch, concat(loops.group, loops.output), result))},
      multiplyAdd);
}
