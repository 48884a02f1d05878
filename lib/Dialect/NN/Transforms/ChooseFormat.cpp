//===- ChooseFormat.cpp - The format that suits a tensor --------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChooseFormat.h"

#include "fpw/Dialect/NN/IR/Encoding.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace fpw;
using namespace fpw::nn;

/// Reports the first element that no number stands for.
static LogicalResult reportNotFinite(ParameterOp source, ArrayRef<float> values) {
  size_t index = 0;
  while (std::isfinite(values[index]))
    ++index;
  return source.emitError("expected finite values in parameter '")
         << source.getName() << "' but element " << index << " is "
         << (std::isnan(values[index]) ? "NaN" : "infinite");
}

/// The largest magnitude in each output channel.
static SmallVector<float> getAbsMaxOfChannels(ArrayRef<float> values, const ChannelMap &channels) {
  SmallVector<float> absMax(channels.numChannels, 0.0f);
  forEachRun(values, channels, [&](ArrayRef<float> run, int64_t channel) {
    absMax[channel] = std::max(absMax[channel], getAbsMax(run));
  });
  return absMax;
}

/// Counts what satisfies a condition on an element and the largest number of its format.
template <typename Condition>
static int64_t count(ArrayRef<float> values, FixedPointAttr format, const ChannelMap &channels,
                     Condition condition) {
  SmallVector<float> largest;
  for (float delta : format.getDeltas())
    largest.push_back(FixedPoint(format.getBits(), format.getIsSigned(), delta).getMaxValue());
  if (!format.isPerChannel())
    return llvm::count_if(values, [&](float value) { return condition(value, largest.front()); });
  int64_t count = 0;
  forEachRun(values, channels, [&](ArrayRef<float> run, int64_t channel) {
    count += llvm::count_if(run, [&](float value) { return condition(value, largest[channel]); });
  });
  return count;
}

/// Warns if a larger fraction of a parameter than `limit` counts.
static void warnAboutCount(ParameterOp source, int64_t count, double limit, StringRef what) {
  int64_t total = cast<RankedTensorType>(source.getType()).getNumElements();
  if (source.isSplat())
    count *= total;
  if (count > 0 && double(count) > limit * double(total))
    source.emitWarning() << count << " of " << total << " elements of '" << source.getName()
                         << "' (" << llvm::formatv("{0:f1} %", 100.0 * count / total).str()
                         << ") are " << what;
}

/// Warns about what the format cannot represent.
static void warnAboutRange(ParameterOp source, ArrayRef<float> values, FixedPointAttr format,
                           const ChannelMap &channels, double limit) {
  warnAboutCount(source,
                 count(values, format, channels,
                       [](float value, float largest) { return std::fabs(value) > largest; }),
                 limit, "beyond the largest number of their format and clipped");
  if (!format.getIsSigned())
    warnAboutCount(source,
                   count(values, format, channels, [](float value, float) { return value < 0.0f; }),
                   limit, "negative, which unsigned numbers cannot be, and become 0");
}

FailureOr<FixedPointAttr> fpw::nn::chooseFormat(ParameterOp source,
                                                const FixedPointWeightOptions::Numbers &numbers,
                                                const FixedPointWeightOptions &options,
                                                const ChannelMap &channels) {
  ArrayRef<float> values = getFloatValues(source);
  float absMax = getAbsMax(values);
  if (!std::isfinite(absMax))
    return reportNotFinite(source, values);

  SmallVector<float> deltas;
  auto addStep = [&](float magnitude) {
    deltas.push_back(
        getPowerOfTwoStep(magnitude, numbers.bits, numbers.isSigned, options.rounding));
  };
  if (numbers.delta)
    deltas.push_back(*numbers.delta);
  else if (channels.numChannels == 0 || source.isSplat() || values.empty())
    addStep(absMax);
  else
    llvm::for_each(getAbsMaxOfChannels(values, channels), addStep);
  auto format = FixedPointAttr::get(source.getContext(), numbers.bits, numbers.isSigned, deltas);
  warnAboutRange(source, values, format, channels, options.clipLimit);
  return format;
}
