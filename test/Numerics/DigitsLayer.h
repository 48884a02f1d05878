//===- DigitsLayer.h - A layer with fixed-point weights, and what meets in it -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_TEST_NUMERICS_DIGITSLAYER_H
#define FPW_TEST_NUMERICS_DIGITSLAYER_H

#include "fpw/Support/LLVM.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include <cstdint>
#include <utility>
#include <vector>

namespace fpw::test {

/// A layer with fixed-point weights: all that decides its numbers. The attributes are those of the
/// op of the nn dialect; empty lists stand for their defaults.
struct DigitsLayer {
  enum Kind { Affine, Convolution, Deconvolution, DepthwiseConvolution, DepthwiseDeconvolution };

  Kind kind = Affine;
  int64_t baseAxis = 1;
  std::vector<int64_t> pad = {}, stride = {}, dilation = {}, outputPadding = {};
  int64_t group = 1; ///< The multiplier or the divisor of a depthwise layer.
  bool channelLast = false;

  std::vector<int64_t> weightShape = {};
  std::vector<int32_t> weight = {}; ///< The codes.
  std::vector<float> deltas = {};   ///< One step, or one per output channel.
  std::vector<float> bias = {};     ///< Values, not codes; empty if there is none.

  unsigned activationBits = 24;
  bool hasUnsignedCodes = false; ///< Of the activations: the input is proved non-negative.
  float activationMaximum = 0;   ///< For static steps; 0 if each unit has its own.
};

/// What a layer computes one output from.
struct Output {
  int64_t index;   ///< Row-major, in the result.
  int64_t channel; ///< The output channel, which has a step and a bias.
  int64_t unit;    ///< The unit whose elements it sums up (N1).
  /// The indices of the inputs and of the weights that are multiplied.
  std::vector<std::pair<int64_t, int64_t>> products;
};

/// Which inputs and weights of a layer meet.
struct Geometry {
  std::vector<int64_t> outputShape;
  int64_t numUnits = 0;
  std::vector<int64_t> unitOfInput; ///< For each element of the input.
  std::vector<Output> outputs;
};

Geometry getGeometry(const DigitsLayer &layer, ArrayRef<int64_t> inputShape);

} // namespace fpw::test

#endif // FPW_TEST_NUMERICS_DIGITSLAYER_H
