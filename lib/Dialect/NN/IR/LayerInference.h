//===- LayerInference.h - Shapes of layers and of their twins -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_DIALECT_NN_IR_LAYERINFERENCE_H
#define FPW_LIB_DIALECT_NN_IR_LAYERINFERENCE_H

#include "ShapeInference.h"

namespace fpw::nn {

// What the constraints of a layer look at. A float layer and its fixed-point twin differ in element
// types only, so that both fill in the same struct.

struct AffineShape {
  mlir::RankedTensorType input, weight, bias; // bias may be null
  int64_t baseAxis;

  mlir::LogicalResult infer(OptionalLocation loc, Types &types) const;
  ChannelMap channelMap() const;
};

/// The four convolutions.
struct ConvolutionShape {
  enum Kind { Plain, Transposed, Depthwise, DepthwiseTransposed };

  Kind kind;
  mlir::RankedTensorType input, weight, bias; // bias may be null
  int64_t baseAxis;
  llvm::ArrayRef<int64_t> pad, stride, dilation, outputPadding;
  int64_t group; // group, multiplier or divisor
  bool channelLast;

  mlir::LogicalResult infer(OptionalLocation loc, Types &types) const;
  ChannelMap channelMap() const;

private:
  bool isDepthwise() const { return kind == Depthwise || kind == DepthwiseTransposed; }
  bool isTransposed() const { return kind == Transposed || kind == DepthwiseTransposed; }
  int64_t spatialRank() const { return input.getRank() - baseAxis - 1; }
  int64_t channelDim() const { return channelLast ? input.getRank() - 1 : baseAxis; }
  int64_t firstSpatialDim() const { return channelLast ? baseAxis : baseAxis + 1; }
  llvm::ArrayRef<int64_t> kernel() const;
  int64_t weightChannels() const; // channels / group, or outputs / group of a transposed one
  int64_t outputChannels() const;
  mlir::LogicalResult checkWeight(OptionalLocation loc) const;
  std::optional<int64_t> outputSize(int64_t spatialDim) const;
};

} // namespace fpw::nn

#endif // FPW_LIB_DIALECT_NN_IR_LAYERINFERENCE_H
