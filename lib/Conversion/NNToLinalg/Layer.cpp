//===- Layer.cpp - Affine layers and convolutions ---------------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Convolution.h"
#include "Parameter.h"
#include "Patterns.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace fpw;

//===----------------------------------------------------------------------===//
// Affine
//===----------------------------------------------------------------------===//

/// A matrix of the first `leading` dimensions and the others.
static Value toMatrix(TensorBuilder &t, Value tensor, int64_t leading) {
  if (leading > 0)
    return t.collapse(tensor, {leading, rankOf(tensor) - leading});
  return t.insertUnitDims(t.flatten(tensor), 0);
}

/// The reverse: splits the two dimensions of a matrix.
static Value fromMatrix(TensorBuilder &t, Value matrix, const Sizes &leading,
                        const Sizes &trailing) {
  if (!leading.empty())
    return t.expand(matrix, {leading, trailing});
  return t.expand(t.flatten(matrix), trailing);
}

static Value lowerAffine(nn::AffineOp op, nn::AffineOp::Adaptor operands, TensorBuilder &t) {
  int64_t baseAxis = normalizeAxis(op.getBaseAxis(), rankOf(operands.getInput()));
  Sizes rows = t.sizesOf(operands.getInput());
  rows.truncate(baseAxis);
  ArrayRef<int64_t> weightShape = op.getWeight().getType().getShape();
  ArrayRef<int64_t> outputShape = weightShape.drop_front();
  int64_t outputs = llvm::product_of(outputShape);
  Value x = toMatrix(t, operands.getInput(), baseAxis);
  Value w = reshapeWeight(t, operands.getWeight(), {weightShape.front(), outputs});
  Sizes sizes = {t.product(rows), t.size(outputs)};
  Value bias = operands.getBias();
  Value init = bias ? t.broadcast(reshapeWeight(t, bias, outputs), sizes, 1) : t.fill(sizes, 0.0f);
  Value y = t.contract(x, w, init, {t.select(3, {0, 2}), t.select(3, {2, 1}), t.select(3, {0, 1})});
  return fromMatrix(t, y, rows, t.sizes(outputShape));
}

//===----------------------------------------------------------------------===//
// Convolutions
//===----------------------------------------------------------------------===//

/// The batch dimensions of an image.
static Sizes batchSizes(TensorBuilder &t, const Convolution &c, Value image) {
  Sizes sizes = t.sizesOf(image);
  sizes.truncate(c.batchRank);
  return sizes;
}

template <typename Op>
static Value lowerConvolution(Op op, typename Op::Adaptor operands, TensorBuilder &t,
                              const Convolution &c, ArrayRef<int64_t> kernel) {
  Value image = operands.getInput();
  SmallVector<int64_t> pad = nn::withDefault(op.getPad(), c.spatialRank, 0);
  SmallVector<int64_t> stride = nn::withDefault(op.getStride(), c.spatialRank, 1);
  SmallVector<int64_t> dilation = nn::withDefault(op.getDilation(), c.spatialRank, 1);
  SmallVector<Window> windows;
  Padding padding(rankOf(image));
  for (int64_t i = 0; i < c.spatialRank; ++i) {
    int64_t dim = c.spatialDim() + i;
    windows.push_back({kernel[i], stride[i], dilation[i], op.getType().getDimSize(dim), -pad[i]});
    padding.cover(dim, tensorType(image).getDimSize(dim), windows.back());
  }
  Sizes sizes = c.resultSizes(t, batchSizes(t, c, image), windows);
  Value init = c.initialize(t, sizes, operands.getBias());
  Value weight = c.prepareWeight(t, operands.getWeight(), kernel);
  Value y = c.contract(t, c.prepareImage(t, image, padding), weight, init, windows);
  return c.mergeGroups(t, y);
}

static Value lowerConvolution(nn::ConvolutionOp op, nn::ConvolutionOp::Adaptor operands,
                              TensorBuilder &t) {
  ArrayRef<int64_t> weight = op.getWeight().getType().getShape();
  int64_t baseAxis = op.getBaseAxis(), group = op.getGroup();
  int64_t spatialRank = weight.size() - 2;
  bool channelLast = op.getChannelLast();
  Convolution c{baseAxis,          spatialRank, group, channelLast ? weight.back() : weight[1],
                weight[0] / group, channelLast};
  return lowerConvolution(op, operands, t, c, weight.slice(channelLast ? 1 : 2, spatialRank));
}

static Value lowerDepthwiseConvolution(nn::DepthwiseConvolutionOp op,
                                       nn::DepthwiseConvolutionOp::Adaptor operands,
                                       TensorBuilder &t) {
  ArrayRef<int64_t> weight = op.getWeight().getType().getShape();
  int64_t baseAxis = op.getBaseAxis(), multiplier = op.getMultiplier();
  int64_t spatialRank = weight.size() - 1;
  Convolution c{baseAxis,       spatialRank, weight[0] / multiplier,
                /*channels=*/1, multiplier,  op.getChannelLast()};
  return lowerConvolution(op, operands, t, c, weight.drop_front());
}

void fpw::populateLayerPatterns(RewritePatternSet &patterns) {
  addLowering<nn::AffineOp>(patterns, lowerAffine);
  addLowering<nn::ConvolutionOp>(patterns, lowerConvolution);
  addLowering<nn::DepthwiseConvolutionOp>(patterns, lowerDepthwiseConvolution);
}
