//===- NNLayerInference.cpp - Shapes of layers and of their twins -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LayerInference.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace fpw::nn;

/// The product of static sizes.
static int64_t product(ArrayRef<int64_t> sizes) { return llvm::product_of(sizes); }

//===----------------------------------------------------------------------===//
// Affine
//===----------------------------------------------------------------------===//

LogicalResult AffineShape::infer(OptionalLocation loc, Types &types) const {
  FailureOr<int64_t> axis = normalizeAxis(loc, "base_axis", baseAxis, input.getRank());
  if (failed(axis))
    return failure();
  ArrayRef<int64_t> rows = input.getShape().take_front(*axis);
  ArrayRef<int64_t> columns = input.getShape().drop_front(*axis);
  if (ShapedType::isDynamicShape(columns))
    return emitOptionalError(loc, "expected static dimensions from base_axis on but got ", input,
                             " (C1)");
  if (weight.getRank() < 2 || !weight.hasStaticShape() || weight.getDimSize(0) != product(columns))
    return emitOptionalError(loc, "expected a weight of ", product(columns),
                             " inputs and at least one output dimension but got ", weight, " (C2)");
  ArrayRef<int64_t> outputs = weight.getShape().drop_front();
  if (bias && bias.getShape() != outputs)
    return emitOptionalError(loc, "expected a bias of shape [", outputs, "] but got ", bias,
                             " (C3)");
  SmallVector<int64_t> shape(rows);
  llvm::append_range(shape, outputs);
  return inferTensor(input.getContext(), loc, shape, types);
}

ChannelMap AffineShape::channelMap() const {
  int64_t outputs = product(weight.getShape().drop_front());
  return {outputs, /*stride=*/1, /*groupSize=*/outputs};
}

//===----------------------------------------------------------------------===//
// Convolutions
//===----------------------------------------------------------------------===//

ArrayRef<int64_t> ConvolutionShape::kernel() const {
  int64_t leading = isDepthwise() || channelLast ? 1 : 2;
  return weight.getShape().slice(leading, spatialRank());
}

int64_t ConvolutionShape::weightChannels() const {
  if (isDepthwise())
    return 1;
  return weight.getDimSize(channelLast ? weight.getRank() - 1 : 1);
}

int64_t ConvolutionShape::outputChannels() const {
  switch (kind) {
  case Plain:
  case Depthwise:
    return weight.getDimSize(0);
  case Transposed:
    return weightChannels() * group;
  case DepthwiseTransposed:
    return weight.getDimSize(0) / group;
  }
  llvm_unreachable("all kinds are handled");
}

/// (C3), (C4): groups and the weight.
LogicalResult ConvolutionShape::checkWeight(OptionalLocation loc) const {
  int64_t channels = input.getDimSize(channelDim());
  int64_t rank = spatialRank() + (isDepthwise() ? 1 : 2);
  if (weight.getRank() != rank || !weight.hasStaticShape())
    return emitOptionalError(loc, "expected a static weight of rank ", rank, " but got ", weight,
                             " (C4)");
  StringRef name = kind == Depthwise             ? "multiplier"
                   : kind == DepthwiseTransposed ? "divisor"
                                                 : "group";
  bool divides = group >= 1 && group <= INT32_MAX;
  if (divides && kind != Depthwise)
    divides = channels % group == 0;
  if (divides && kind == Plain)
    divides = weight.getDimSize(0) % group == 0;
  if (!divides)
    return emitOptionalError(loc, "expected a positive ", name,
                             kind == Depthwise ? "" : " that divides the channels", " but got ",
                             group, " (C3)");
  int64_t first = kind == Depthwise ? channels * group : channels;
  if (kind != Plain && weight.getDimSize(0) != first)
    return emitOptionalError(loc, "expected the weight's first size to be ", first, " but got ",
                             weight, " (C4)");
  if (kind == Plain && weightChannels() != channels / group)
    return emitOptionalError(loc, "expected a weight of ", channels / group,
                             " channels per group but got ", weight, " (C4)");
  return success();
}

std::optional<int64_t> ConvolutionShape::outputSize(int64_t i) const {
  int64_t size = input.getDimSize(firstSpatialDim() + i);
  int64_t step = stride.empty() ? 1 : stride[i];
  int64_t padding = pad.empty() ? 0 : 2 * pad[i];
  int64_t extent = (dilation.empty() ? 1 : dilation[i]) * (kernel()[i] - 1) + 1;
  if (!isTransposed())
    return windowCount(size, padding, extent, step);
  int64_t extra = outputPadding.empty() ? 0 : outputPadding[i];
  int64_t result = step * (size - 1) + extent - padding + extra;
  if (result <= 0)
    return std::nullopt;
  return result;
}

LogicalResult ConvolutionShape::infer(OptionalLocation loc, Types &types) const {
  if (baseAxis < 0 || baseAxis >= input.getRank() || spatialRank() < 1 || spatialRank() > 3)
    return emitOptionalError(loc, "expected base_axis to leave a channel and 1 to 3 spatial ",
                             "dimensions of ", input, " but got ", baseAxis, " (C1)");
  ArrayRef<int64_t> image = input.getShape().drop_front(baseAxis);
  if (!llvm::all_of(image, isImageSize))
    return emitOptionalError(loc, "expected static sizes of 1 to ", kLargestImage,
                             " after the batch but got ", input, " (C1)");
  int64_t count = spatialRank();
  if (failed(checkSizes(loc, "pad", pad, count, 0, "C2")) ||
      failed(checkSizes(loc, "stride", stride, count, 1, "C2")) ||
      failed(checkSizes(loc, "dilation", dilation, count, 1, "C2")) ||
      failed(checkSizes(loc, "output_padding", outputPadding, count, 0, "C7")) ||
      failed(checkWeight(loc)))
    return failure();
  for (auto [i, extra] : llvm::enumerate(outputPadding))
    if (int64_t step = stride.empty() ? 1 : stride[i]; extra >= step)
      return emitOptionalError(loc, "expected output_padding below the stride ", step, " but got ",
                               extra, " (C7)");
  if (!llvm::all_of(kernel(), isImageSize))
    return emitOptionalError(loc, "expected a kernel of positive sizes but got ", weight, " (C4)");
  if (bias && (bias.getRank() != 1 || bias.getDimSize(0) != outputChannels()))
    return emitOptionalError(loc, "expected a bias of ", outputChannels(), " values but got ", bias,
                             " (C6)");
  SmallVector<int64_t> shape(input.getShape());
  shape[channelDim()] = outputChannels();
  for (int64_t i = 0; i < count; ++i) {
    std::optional<int64_t> size = outputSize(i);
    if (!size)
      return emitOptionalError(loc, "expected the kernel of ", weight, " to fit into the padded ",
                               input, " in spatial dimension ", i, " (C5)");
    shape[firstSpatialDim() + i] = *size;
  }
  return inferTensor(input.getContext(), loc, shape, types);
}

ChannelMap ConvolutionShape::channelMap() const {
  int64_t taps = product(kernel());
  switch (kind) {
  case Plain:
  case Depthwise:
    return {outputChannels(), product(weight.getShape().drop_front()), outputChannels()};
  case Transposed:
    return {outputChannels(), channelLast ? 1 : taps, weightChannels(),
            weight.getDimSize(0) / group * weightChannels() * taps};
  case DepthwiseTransposed:
    return {outputChannels(), group * taps, outputChannels()};
  }
  llvm_unreachable("all kinds are handled");
}
