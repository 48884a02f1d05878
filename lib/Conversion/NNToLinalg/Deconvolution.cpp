//===- Deconvolution.cpp - Transposed convolutions by phase -----*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An input p and a tap k of a transposed convolution meet in the output q = p * stride - pad + k *
// dilation. Seen from the outputs, those with the same q mod stride, one phase, need the same taps,
// and read the image like an ordinary convolution of stride 1 with these taps in reverse order. Its
// outputs go to every stride-th place of the result. Where all phases have equally many taps, they
// are computed together, as more outputs of one convolution.
//
//===----------------------------------------------------------------------===//

#include "Convolution.h"
#include "Parameter.h"
#include "Product.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/TypeSwitch.h"
#include <numeric>

using namespace mlir;
using namespace fpw;

namespace {
/// A phase along one dimension, or all phases of it.
struct Phases {
  int64_t first = 0;
  /// The taps of the first phase are firstTap, firstTap + tapStep ...; each next phase begins
  /// tapShift taps later.
  int64_t firstTap = 0;
  int64_t tapStep = 1;
  int64_t tapShift = 0;
  Window window;
};

/// More parts than this are refused: each is a contraction, and only a large stride together with a
/// dilation makes so many.
constexpr int64_t kMaxParts = 1024;

/// The geometry along one dimension.
struct Axis {
  int64_t kernel, stride, dilation, pad, outputs;

  /// How often all phases fit into the outputs, rounded up.
  int64_t periods() const { return llvm::divideCeil(outputs, stride); }
  /// Each phase; of more than `maxCount` only some, but more than that.
  SmallVector<Phases> getPhases(int64_t maxCount) const;
  /// All phases as outputs of one convolution, if they have equally many taps and from phase to
  /// phase move equally far.
  std::optional<Phases> mergePhases() const;
};

struct Deconvolution {
  Convolution c;
  SmallVector<Axis> axes;
  /// The phases along each axis.
  SmallVector<SmallVector<Phases>> phases;

  void addAxis(const Axis &axis);
  int64_t countParts() const {
    int64_t count = 1;
    for (ArrayRef<Phases> list : phases)
      count *= list.size();
    return count;
  }
  SmallVector<Phases> getPart(int64_t index) const;
  Padding getPadding(RankedTensorType image) const;
  Value getWeight(TensorBuilder &t, Value weight, ArrayRef<Phases> part) const;
  TensorBuilder::Slice getSlot(TensorBuilder &t, ArrayRef<OpFoldResult> sizes,
                               ArrayRef<Phases> part) const;
  Value multiply(TensorBuilder &t, const Factors &f) const;
  Value join(TensorBuilder &t, Value result) const;
};
} // namespace

SmallVector<Phases> Axis::getPhases(int64_t maxCount) const {
  int64_t common = std::gcd(stride, dilation);
  int64_t tapStep = stride / common;
  llvm::DenseMap<int64_t, int64_t> firstTaps;
  for (int64_t tap = 0; tap < std::min(kernel, tapStep); ++tap)
    firstTaps[tap * dilation % stride] = tap;
  SmallVector<Phases> phases;
  for (int64_t q = 0; q < std::min(stride, outputs) && int64_t(phases.size()) <= maxCount; ++q) {
    Phases phase;
    phase.first = q;
    phase.tapStep = tapStep;
    phase.window.count = llvm::divideCeil(outputs - q, stride);
    if (auto it = firstTaps.find((q + pad) % stride); it != firstTaps.end()) {
      phase.firstTap = it->second;
      phase.window.taps = (kernel - 1 - phase.firstTap) / tapStep + 1;
      phase.window.dilation = dilation / common;
      phase.window.begin = (q + pad - phase.firstTap * dilation) / stride -
                           (phase.window.taps - 1) * phase.window.dilation;
    }
    phases.push_back(phase);
  }
  return phases;
}

std::optional<Phases> Axis::mergePhases() const {
  if (stride == 1 || stride > std::min(kernel, outputs)) // some phase has no taps, or no outputs
    return std::nullopt;
  SmallVector<Phases> list = getPhases(stride);
  Phases all = list[0];
  all.window.count = periods();
  all.window.phases = stride;
  all.window.phaseStep = list[1].window.begin - list[0].window.begin;
  all.tapShift = list[1].firstTap - list[0].firstTap;
  if (all.window.phaseStep < 0)
    return std::nullopt;
  for (auto [i, phase] : llvm::enumerate(list))
    if (phase.window.taps == 0 || phase.window.taps != all.window.taps ||
        phase.window.begin != all.window.begin + int64_t(i) * all.window.phaseStep ||
        phase.firstTap != all.firstTap + int64_t(i) * all.tapShift)
      return std::nullopt;
  return all;
}

void Deconvolution::addAxis(const Axis &axis) {
  std::optional<Phases> all = axis.mergePhases();
  axes.push_back(axis);
  phases.push_back(all ? SmallVector<Phases>{*all} : axis.getPhases(kMaxParts));
}

/// One combination of phases of all axes.
SmallVector<Phases> Deconvolution::getPart(int64_t index) const {
  SmallVector<int64_t> counts;
  for (ArrayRef<Phases> list : phases)
    counts.push_back(list.size());
  SmallVector<Phases> part;
  for (auto [list, i] : llvm::zip(phases, delinearize(index, computeStrides(counts))))
    part.push_back(list[i]);
  return part;
}

/// One padded image serves all parts.
Padding Deconvolution::getPadding(RankedTensorType image) const {
  Padding padding(image.getRank());
  for (auto [i, list] : llvm::enumerate(phases))
    for (const Phases &phase : list)
      if (int64_t dim = c.spatialDim() + i; phase.window.taps > 0)
        padding.cover(dim, image.getDimSize(dim), phase.window);
  return padding;
}

/// The taps of some phases in reverse order, in the layout of `Convolution`.
Value Deconvolution::getWeight(TensorBuilder &t, Value weight, ArrayRef<Phases> part) const {
  SmallVector<int64_t> sizes;
  auto add = [&](bool isPresent, int64_t size) {
    if (!isPresent)
      return t.getBuilder().getAffineConstantExpr(0);
    sizes.push_back(size);
    return t.dim(sizes.size() - 1);
  };
  SmallVector<AffineExpr> taps;
  for (const Phases &phase : part)
    taps.push_back(add(phase.window.phases > 1, phase.window.phases) * phase.tapShift +
                   phase.firstTap);
  AffineExpr group = add(c.hasGroup(), c.group);
  AffineExpr output = add(c.hasOutput(), c.outputs);
  AffineExpr channel;
  if (!c.channelLast)
    channel = add(c.hasChannel(), c.channels);
  for (auto [tap, phase] : llvm::zip(taps, part))
    tap = tap + (add(true, phase.window.taps) * -1 + (phase.window.taps - 1)) * phase.tapStep;
  if (c.channelLast)
    channel = add(c.hasChannel(), c.channels);

  SmallVector<AffineExpr> outputs;
  if (rankOf(weight) == c.spatialRank + 2)
    outputs.push_back(output);
  AffineExpr input = group * c.channels + channel;
  SmallVector<AffineExpr> source = c.arrange<AffineExpr>(input, outputs, taps);
  return rearrange(t, weight, sizes, AffineMap::get(sizes.size(), 0, source, t.getContext()));
}

/// The place of a part in the result: every stride-th position from its first one on.
TensorBuilder::Slice Deconvolution::getSlot(TensorBuilder &t, ArrayRef<OpFoldResult> sizes,
                                            ArrayRef<Phases> part) const {
  auto slot = TensorBuilder::Slice::whole(t, sizes);
  int64_t dim = c.spatialDim(c.hasGroup() + c.hasOutput());
  for (auto [axis, phase] : llvm::zip(axes, part)) {
    if (phase.window.phases == 1)
      slot.restrict(t, dim, phase.first, t.size(phase.window.count), axis.stride);
    dim += phase.window.phases == 1 ? 1 : 2;
  }
  return slot;
}

/// Joins (period, phase) to one dimension, where phases were computed together, and cuts it to the
/// size of the output.
Value Deconvolution::join(TensorBuilder &t, Value result) const {
  SmallVector<int64_t> batch(c.batchRank, 1), channel(c.hasGroup() + c.hasOutput(), 1), spatial;
  for (ArrayRef<Phases> list : phases)
    spatial.push_back(list.front().window.phases == 1 ? 1 : 2);
  Value joined = t.collapse(result, c.arrange<int64_t>(batch, channel, spatial));
  Sizes sizes = t.sizesOf(joined);
  auto slice = TensorBuilder::Slice::whole(t, sizes);
  for (auto [i, axis] : llvm::enumerate(axes))
    slice.restrict(t, c.spatialDim(c.hasGroup() + c.hasOutput()) + i, 0, t.size(axis.outputs));
  return c.mergeGroups(t, slice.isWhole(sizes) ? joined : t.extract(joined, slice));
}

Value Deconvolution::multiply(TensorBuilder &t, const Factors &f) const {
  Padding padding = getPadding(tensorType(f.image));
  Value padded = c.prepareImage(t, f.image, padding);
  Sizes batch = t.sizesOf(f.image);
  batch.truncate(c.batchRank);

  Deconvolution results = *this;
  results.c.batchRank -= f.extraRank;
  SmallVector<Window> all;
  for (auto [axis, list] : llvm::zip(axes, phases))
    all.push_back(list.size() == 1 ? list.front().window : Window{0, 1, 1, axis.outputs});
  Sizes sizes = c.resultSizes(t, batch, all);
  sizes.erase(sizes.begin(), sizes.begin() + f.extraRank);
  Value result;
  for (int64_t index = 0; index < countParts(); ++index) {
    SmallVector<Phases> part = getPart(index);
    auto windows = llvm::map_to_vector(part, [](const Phases &phase) { return phase.window; });
    bool hasTaps = llvm::all_of(windows, [](const Window &window) { return window.taps > 0; });
    Sizes partSizes = c.resultSizes(t, batch, windows);
    SmallVector<Value> sums;
    for (const Weight &weight : f.weights) {
      if (!hasTaps && f.finish)
        break;
      sums.push_back(c.initialize(t, partSizes, f.bias, weight.sum));
      if (hasTaps)
        sums.back() =
            c.contract(t, c.skipTo(t, padded, padding, windows), getWeight(t, weight.value, part),
                       sums.back(), windows, weight.multiplyAdd);
    }
    Value y = results.c.finish(t, f, sums, ArrayRef(partSizes).drop_front(f.extraRank));
    TensorBuilder::Slice slot = results.getSlot(t, sizes, part);
    result = slot.isWhole(sizes) ? y : t.insert(y, result ? result : t.empty(sizes), slot);
  }
  return results.join(t, result);
}

template <typename Op>
static Value multiplyPhases(TensorBuilder &t, Op op, const Factors &f, const Convolution &c,
                            ArrayRef<int64_t> kernel) {
  SmallVector<int64_t> pad = nn::withDefault(op.getPad(), c.spatialRank, 0);
  SmallVector<int64_t> stride = nn::withDefault(op.getStride(), c.spatialRank, 1);
  SmallVector<int64_t> dilation = nn::withDefault(op.getDilation(), c.spatialRank, 1);
  Deconvolution d{c, {}, {}};
  for (int64_t i = 0; i < c.spatialRank; ++i) {
    int64_t outputs = op.getType().getDimSize(c.spatialDim() + i - f.extraRank);
    d.addAxis({kernel[i], stride[i], dilation[i], pad[i], outputs});
    if (int64_t count = d.countParts(); count > kMaxParts) {
      op.emitOpError("expected at most ")
          << kMaxParts << " combinations of output phases but stride and dilation make " << count;
      return nullptr;
    }
  }
  return d.multiply(t, f);
}

template <typename Op>
static Value multiplyDeconvolution(TensorBuilder &t, Op op, const Factors &f) {
  ArrayRef<int64_t> weight = op.getWeight().getType().getShape();
  int64_t batchRank = op.getBaseAxis() + f.extraRank, group = op.getGroup();
  int64_t spatialRank = weight.size() - 2;
  bool channelLast = op.getChannelLast();
  Convolution c{
      batchRank,  spatialRank, group, weight[0] / group, channelLast ? weight.back() : weight[1],
      channelLast};
  return multiplyPhases(t, op, f, c, weight.slice(channelLast ? 1 : 2, spatialRank));
}

template <typename Op>
static Value multiplyDepthwiseDeconvolution(TensorBuilder &t, Op op, const Factors &f) {
  ArrayRef<int64_t> weight = op.getWeight().getType().getShape();
  int64_t batchRank = op.getBaseAxis() + f.extraRank, divisor = op.getDivisor();
  int64_t spatialRank = weight.size() - 1;
  Convolution c{batchRank, spatialRank,   weight[0] / divisor,
                divisor,   /*outputs=*/1, op.getChannelLast()};
  return multiplyPhases(t, op, f, c, weight.drop_front());
}

Value fpw::multiplyTransposed(TensorBuilder &t, nn::LayerOpInterface layer, const Factors &f) {
  return TypeSwitch<Operation *, Value>(layer)
      .Case<nn::DeconvolutionOp, nn::FixedPointQuantizedDeconvolutionOp>(
          [&](auto op) { return multiplyDeconvolution(t, op, f); })
      .Case<nn::DepthwiseDeconvolutionOp, nn::FixedPointQuantizedDepthwiseDeconvolutionOp>(
          [&](auto op) { return multiplyDepthwiseDeconvolution(t, op, f); });
}
