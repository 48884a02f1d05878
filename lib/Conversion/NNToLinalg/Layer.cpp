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
#include "Product.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/TypeSwitch.h"

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

template <typename Affine>
static Value multiplyAffine(TensorBuilder &t, Affine op, const Factors &f) {
  int64_t baseAxis = normalizeAxis(op.getBaseAxis(), op.getInput().getType().getRank());
  baseAxis += f.extraRank(op);
  Sizes rows = t.sizesOf(f.image);
  rows.truncate(baseAxis);
  ArrayRef<int64_t> weightShape = op.getWeight().getType().getShape();
  ArrayRef<int64_t> outputShape = weightShape.drop_front();
  int64_t outputs = llvm::product_of(outputShape);
  Value x = toMatrix(t, f.image, baseAxis);
  Value w = reshapeWeight(t, f.weight, {weightShape.front(), outputs});
  Sizes sizes = {t.product(rows), t.size(outputs)};
  Value init =
      f.bias ? t.broadcast(reshapeWeight(t, f.bias, outputs), sizes, 1) : t.zeros(sizes, f.sum);
  Value y = t.contract(x, w, init, {t.select(3, {0, 2}), t.select(3, {2, 1}), t.select(3, {0, 1})},
                       f.multiplyAdd);
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
static Value multiplyWindows(TensorBuilder &t, Op op, const Factors &f, const Convolution &c,
                             ArrayRef<int64_t> kernel) {
  Value image = f.image;
  ArrayRef<int64_t> resultShape = op.getType().getShape();
  SmallVector<int64_t> pad = nn::withDefault(op.getPad(), c.spatialRank, 0);
  SmallVector<int64_t> stride = nn::withDefault(op.getStride(), c.spatialRank, 1);
  SmallVector<int64_t> dilation = nn::withDefault(op.getDilation(), c.spatialRank, 1);
  SmallVector<Window> windows;
  Padding padding(rankOf(image));
  for (int64_t i = 0; i < c.spatialRank; ++i) {
    int64_t dim = c.spatialDim() + i;
    windows.push_back({kernel[i], stride[i], dilation[i], resultShape[dim - f.extraRank(op)],
                       -pad[i]});
    padding.cover(dim, tensorType(image).getDimSize(dim), windows.back());
  }
  Sizes sizes = c.resultSizes(t, batchSizes(t, c, image), windows);
  Value init = c.initialize(t, sizes, f.bias, f.sum);
  Value weight = c.prepareWeight(t, f.weight, kernel);
  Value y = c.contract(t, c.prepareImage(t, image, padding), weight, init, windows, f.multiplyAdd);
  return c.mergeGroups(t, y);
}

template <typename Op>
static Value multiplyConvolution(TensorBuilder &t, Op op, const Factors &f) {
  ArrayRef<int64_t> weight = op.getWeight().getType().getShape();
  int64_t batchRank = op.getBaseAxis() + f.extraRank(op), group = op.getGroup();
  int64_t spatialRank = weight.size() - 2;
  bool channelLast = op.getChannelLast();
  Convolution c{batchRank,         spatialRank, group, channelLast ? weight.back() : weight[1],
                weight[0] / group, channelLast};
  return multiplyWindows(t, op, f, c, weight.slice(channelLast ? 1 : 2, spatialRank));
}

template <typename Op>
static Value multiplyDepthwiseConvolution(TensorBuilder &t, Op op, const Factors &f) {
  ArrayRef<int64_t> weight = op.getWeight().getType().getShape();
  int64_t batchRank = op.getBaseAxis() + f.extraRank(op), multiplier = op.getMultiplier();
  int64_t spatialRank = weight.size() - 1;
  Convolution c{batchRank,      spatialRank, weight[0] / multiplier,
                /*channels=*/1, multiplier,  op.getChannelLast()};
  return multiplyWindows(t, op, f, c, weight.drop_front());
}

//===----------------------------------------------------------------------===//
// All layers
//===----------------------------------------------------------------------===//

Value fpw::multiply(TensorBuilder &t, nn::LayerOpInterface layer, const Factors &f) {
  return TypeSwitch<Operation *, Value>(layer)
      .Case<nn::AffineOp, nn::FixedPointQuantizedAffineOp>(
          [&](auto op) { return multiplyAffine(t, op, f); })
      .Case<nn::ConvolutionOp, nn::FixedPointQuantizedConvolutionOp>(
          [&](auto op) { return multiplyConvolution(t, op, f); })
      .Case<nn::DepthwiseConvolutionOp, nn::FixedPointQuantizedDepthwiseConvolutionOp>(
          [&](auto op) { return multiplyDepthwiseConvolution(t, op, f); })
      .Default([&](Operation *) { return multiplyTransposed(t, layer, f); });
}

template <typename Op>
static Value lowerLayer(Op op, typename Op::Adaptor operands, TensorBuilder &t) {
  return multiply(t, cast<nn::LayerOpInterface>(op.getOperation()),
                  {operands.getInput(), operands.getWeight(), operands.getBias(),
                   t.getBuilder().getF32Type(), TensorBuilder::multiplyAdd});
}

void fpw::populateLayerPatterns(RewritePatternSet &patterns) {
  addLowering<nn::AffineOp>(patterns, lowerLayer<nn::AffineOp>);
  addLowering<nn::ConvolutionOp>(patterns, lowerLayer<nn::ConvolutionOp>);
  addLowering<nn::DeconvolutionOp>(patterns, lowerLayer<nn::DeconvolutionOp>);
  addLowering<nn::DepthwiseConvolutionOp>(patterns, lowerLayer<nn::DepthwiseConvolutionOp>);
  addLowering<nn::DepthwiseDeconvolutionOp>(patterns, lowerLayer<nn::DepthwiseDeconvolutionOp>);
}
