//===- ChannelMap.h - Which output channel a weight belongs to --*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_DIALECT_NN_IR_CHANNELMAP_H
#define FPW_DIALECT_NN_IR_CHANNELMAP_H

#include <cstdint>

namespace fpw::nn {

/// Maps an element of a weight, by its row-major index i, to its output channel:
///
///   channel(i) = (i / groupStride) * groupSize + (i / stride) % groupSize
///
/// An affine weight (inputs, outputs) has stride 1; a convolution's (outputs, ...) has the size of
/// one kernel. Only a deconvolution, whose weight is (groups * inputs, outputs / group, ...), has
/// groups.
struct ChannelMap {
  int64_t numChannels = 0;
  int64_t stride = 1;
  int64_t groupSize = 0;
  int64_t groupStride = INT64_MAX;

  int64_t operator()(int64_t i) const {
    return (i / groupStride) * groupSize + (i / stride) % groupSize;
  }

  bool operator==(const ChannelMap &other) const {
    return numChannels == other.numChannels && stride == other.stride &&
           groupSize == other.groupSize && groupStride == other.groupStride;
  }
};

} // namespace fpw::nn

#endif // FPW_DIALECT_NN_IR_CHANNELMAP_H
