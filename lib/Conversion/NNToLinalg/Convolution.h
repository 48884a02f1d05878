//===- Convolution.h - What all convolutions share --------------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_CONVERSION_NNTOLINALG_CONVOLUTION_H
#define FPW_LIB_CONVERSION_NNTOLINALG_CONVOLUTION_H

#include "Product.h"
#include "TensorBuilder.h"

namespace fpw {

/// The windows along one spatial dimension: output `u` reads the image at
/// `begin + u * stride + tap * dilation`, and with several phases makes that many outputs of it,
/// each of which begins `phaseStep` after the one before.
struct Window {
  int64_t taps = 0;
  int64_t stride = 1;
  int64_t dilation = 1;
  int64_t count = 0;
  int64_t begin = 0;
  int64_t phases = 1;
  int64_t phaseStep = 0;

  /// The elements of the image from the first to the last that is read.
  int64_t extent() const {
    return (count - 1) * stride + (taps - 1) * dilation + (phases - 1) * phaseStep + 1;
  }
};

/// The elements to add on both sides of an image.
struct Padding {
  SmallVector<int64_t> low, high;

  explicit Padding(int64_t rank) : low(rank, 0), high(rank, 0) {}
  /// Makes room for the windows along a dimension of `size` elements.
  void cover(int64_t dim, int64_t size, const Window &window);
};

/// A sum of products over windows, in groups of channels. Depthwise layers have as many groups as
/// channels. A dimension of groups is left out if there is one group, and of several groups the
/// channels (or outputs) are left out if each has one: no loop without iterations to speak of
/// remains.
///
/// The tensors are
///   image   batch..., [group], [channel], spatial...      or batch..., spatial..., [group],
///   [channel] weight  phase..., [group], [output], [channel], tap...      or with tap... before
///   [channel] result  batch..., [group], [output], (spatial, [phase])...  or with [group],
///   [output] at the end
struct Convolution {
  int64_t batchRank;
  int64_t spatialRank;
  int64_t group;
  int64_t channels; ///< Of the image, per group.
  int64_t outputs;  ///< Per group.
  bool channelLast;

  bool hasGroup() const { return group > 1; }
  bool hasChannel() const { return group == 1 || channels != 1; }
  bool hasOutput() const { return group == 1 || outputs != 1; }

  /// The dimension of the channels in a tensor whose groups are not split.
  int64_t channelDim() const { return channelLast ? batchRank + spatialRank : batchRank; }
  /// The first spatial dimension behind `channelDims` dimensions of channels.
  int64_t spatialDim(int64_t channelDims = 1) const {
    return channelLast ? batchRank : batchRank + channelDims;
  }

  /// Puts dimensions in the order of the layout.
  template <typename T>
  SmallVector<T> arrange(ArrayRef<T> batch, ArrayRef<T> channel, ArrayRef<T> spatial) const {
    SmallVector<T> all(batch);
    llvm::append_range(all, channelLast ? spatial : channel);
    llvm::append_range(all, channelLast ? channel : spatial);
    return all;
  }

  /// Pads the image and splits its groups, if they are not split already.
  Value prepareImage(TensorBuilder &t, Value image, const Padding &padding) const;
  /// The image from where the windows begin, if that is not where the padded image begins.
  Value skipTo(TensorBuilder &t, Value image, const Padding &padding,
               ArrayRef<Window> windows) const;
  /// Splits the groups of a weight (outputs, channels, tap...), where depthwise layers lack the
  /// channels.
  Value prepareWeight(TensorBuilder &t, Value weight, ArrayRef<int64_t> kernel) const;

  Sizes resultSizes(TensorBuilder &t, ArrayRef<OpFoldResult> batch, ArrayRef<Window> windows) const;
  /// A result before the first product: the bias, or zeros of type `sum` if there is none.
  Value initialize(TensorBuilder &t, ArrayRef<OpFoldResult> sizes, Value bias, Type sum) const;
  Value contract(TensorBuilder &t, Value image, Value weight, Value init, ArrayRef<Window> windows,
                 TensorBuilder::Body multiplyAdd) const;
  /// The results of sums, of a convolution whose batch lacks the extra dimensions.
  Value finish(TensorBuilder &t, const Factors &f, ValueRange sums,
               ArrayRef<OpFoldResult> sizes) const;
  /// Joins the groups of a result without phases.
  Value mergeGroups(TensorBuilder &t, Value result) const;

private:
  /// The dimensions of a result that number its channels.
  SmallVector<int64_t> getChannelDims(int64_t rank) const;
  bool splits(int64_t perGroup) const { return group > 1 && perGroup != 1; }
};

} // namespace fpw

#endif // FPW_LIB_CONVERSION_NNTOLINALG_CONVOLUTION_H
