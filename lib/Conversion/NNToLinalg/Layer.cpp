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

/// A matrix of the `leading` dimensions behind the extra ones, and of the others. The extra
/// dimensions stay.
static Value toMatrix(TensorBuilder &t, Value tensor, int64_t extra, int64_t leading) {
  SmallVector<int64_t> counts(extra, 1);
  if (leading > 0)
    counts.push_back(leading);
  counts.push_back(rankOf(tensor) - extra - leading);
  Value matrix = t.collapse(tensor, counts);
  return leading > 0 ? matrix : t.insertUnitDims(matrix, extra);
}

/// The reverse: splits the last two dimensions.
static Value fromMatrix(TensorBuilder &t, Value matrix, int64_t extra, const Sizes &leading,
                        const Sizes &trailing) {
  if (leading.empty())
    matrix = t.collapseDims(matrix, extra, 2);
  SmallVector<Sizes> groups;
  Sizes sizes = t.sizesOf(matrix);
  for (int64_t dim = 0; dim < extra; ++dim)
    groups.push_back({sizes[dim]});
  if (!leading.empty())
    groups.push_back(leading);
  groups.push_back(trailing);
  return t.expand(matrix, groups);
}

template <typename Affine>
static Value multiplyAffine(TensorBuilder &t, Affine op, const Factors &f) {
  int64_t extra = f.extraRank;
  RankedTensorType type = op.getInput().getType();
  int64_t baseAxis = normalizeAxis(op.getBaseAxis(), type.getRank());
  // Several dynamic sizes cannot be found again in their product: all but one of the rows stay
  // apart.
  if (type.getNumDynamicDims() > 1) {
    extra += baseAxis - 1;
    baseAxis = 1;
  }
  Sizes all = t.sizesOf(f.image);
  Sizes rows(all.begin() + extra, all.begin() + extra + baseAxis);
  ArrayRef<int64_t> weightShape = op.getWeight().getType().getShape();
  ArrayRef<int64_t> outputShape = weightShape.drop_front();
  int64_t outputs = llvm::product_of(outputShape);
  Value x = toMatrix(t, f.image, extra, baseAxis);
  Sizes sizes(all.begin(), all.begin() + extra);
  sizes.append({t.product(rows), t.size(outputs)});
  // Loops: extra..., row, output, column.
  auto loops = llvm::to_vector(llvm::seq<int64_t>(0, extra + 2));
  SmallVector<int64_t> ofImage(loops);
  ofImage.back() = extra + 2;
  SmallVector<Value> sums;
  for (const Weight &weight : f.weights) {
    Value w = reshapeWeight(t, weight.value, {weightShape.front(), outputs});
    Value init = f.bias ? t.broadcast(reshapeWeight(t, f.bias, outputs), sizes, extra + 1)
                        : t.zeros(sizes, weight.sum);
    Value y = t.contract(x, w, init,
                         {t.select(extra + 3, ofImage), t.select(extra + 3, {extra + 2, extra + 1}),
                          t.select(extra + 3, loops)},
                         weight.multiplyAdd);
    sums.push_back(fromMatrix(t, y, extra, rows, t.sizes(outputShape)));
  }
  if (!f.finish)
    return sums.front();
  Sizes resultSizes = t.sizesOf(sums.front());
  resultSizes.erase(resultSizes.begin(), resultSizes.begin() + f.extraRank);
  int64_t rank = resultSizes.size(), outputRank = outputShape.size();
  return f.finish(sums, resultSizes, llvm::to_vector(llvm::seq(rank - outputRank, rank)));
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
    windows.push_back({kernel[i], stride[i], dilation[i], resultShape[dim - f.extraRank], -pad[i]});
    padding.cover(dim, tensorType(image).getDimSize(dim), windows.back());
  }
  Sizes sizes = c.resultSizes(t, batchSizes(t, c, image), windows);
  Value prepared = c.prepareImage(t, image, padding);
  auto sums = llvm::map_to_vector(f.weights, [&](const Weight &weight) {
    return c.contract(t, prepared, c.prepareWeight(t, weight.value, kernel),
                      c.initialize(t, sizes, f.bias, weight.sum), windows, weight.multiplyAdd);
  });
  Convolution results = c;
  results.batchRank -= f.extraRank;
  Value y = results.finish(t, f, sums, ArrayRef(sizes).drop_front(f.extraRank));
  return results.mergeGroups(t, y);
}

template <typename Op> static Value multiplyConvolution(TensorBuilder &t, Op op, const Factors &f) {
  ArrayRef<int64_t> weight = op.getWeight().getType().getShape();
  int64_t batchRank = op.getBaseAxis() + f.extraRank, group = op.getGroup();
  int64_t spatialRank = weight.size() - 2;
  bool channelLast = op.getChannelLast();
  Convolution c{batchRank,         spatialRank, group, channelLast ? weight.back() : weight[1],
                weight[0] / group, channelLast};
  return multiplyWindows(t, op, f, c, weight.slice(channelLast ? 1 : 2, spatialRank));
}

template <typename Op>
static Value multiplyDepthwiseConvolution(TensorBuilder &t, Op op, const Factors &f) {
  ArrayRef<int64_t> weight = op.getWeight().getType().getShape();
  int64_t batchRank = op.getBaseAxis() + f.extraRank, multiplier = op.getMultiplier();
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
  return multiply(
      t, cast<nn::LayerOpInterface>(op.getOperation()),
      {operands.getInput(),
       {{operands.getWeight(), t.getBuilder().getF32Type(), TensorBuilder::multiplyAdd}},
       operands.getBias()});
}

void fpw::populateLayerPatterns(RewritePatternSet &patterns) {
  addLowering<nn::AffineOp>(patterns, lowerLayer<nn::AffineOp>);
  addLowering<nn::ConvolutionOp>(patterns, lowerLayer<nn::ConvolutionOp>);
  addLowering<nn::DeconvolutionOp>(patterns, lowerLayer<nn::DeconvolutionOp>);
  addLowering<nn::DepthwiseConvolutionOp>(patterns, lowerLayer<nn::DepthwiseConvolutionOp>);
  addLowering<nn::DepthwiseDeconvolutionOp>(patterns, lowerLayer<nn::DepthwiseDeconvolutionOp>);
}
