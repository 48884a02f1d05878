//===- ChannelLast.cpp - Moves channels to the last dimension -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A convolution vectorises over its channels when they are the innermost dimension of the image.
// This pass therefore turns each layer into its `channel_last` form, between two transposes, and
// lets the transposes sink through whatever commutes with them until they meet and cancel, or reach
// an affine layer, whose weight takes over the new order. Weights are permuted here, at compile
// time.

#include "ParameterLayout.h"
#include "SinkTranspose.h"

#include "fpw/Dialect/NN/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace fpw::nn {
#define GEN_PASS_DEF_CHANNELLASTPASS
#include "fpw/Dialect/NN/Transforms/Passes.h.inc"
} // namespace fpw::nn

using namespace mlir;
using namespace fpw::nn;

/// The order that moves dimension `channel` to the end.
static SmallVector<int64_t> channelToLast(int64_t rank, int64_t channel) {
  SmallVector<int64_t> order;
  for (int64_t dim = 0; dim < rank; ++dim)
    if (dim != channel)
      order.push_back(dim);
  order.push_back(channel);
  return order;
}

namespace {

/// layer(x, w) -> transpose(layer channel_last (transpose(x), w'))
template <typename Layer> struct MakeChannelLast : OpRewritePattern<Layer> {
  MakeChannelLast(MLIRContext *context, ParameterLayouts &layouts)
      : OpRewritePattern<Layer>(context), layouts(layouts) {}

  LogicalResult matchAndRewrite(Layer layer, PatternRewriter &rewriter) const override {
    if (layer.getChannelLast())
      return rewriter.notifyMatchFailure(layer, "channels are last already");
    FailureOr<Value> weight = permuteWeight(layer, rewriter);
    if (failed(weight))
      return failure();
    auto inputOrder = channelToLast(layer.getInput().getType().getRank(), layer.getBaseAxis());
    auto resultOrder = invertPermutationVector(inputOrder);
    Value input = TransposeOp::create(rewriter, layer.getLoc(), layer.getInput(), inputOrder);
    auto resultType = cast<RankedTensorType>(layer.getType());
    auto newType = resultType.clone(applyPermutation(resultType.getShape(), inputOrder));
    auto result = cast<Layer>(rewriter.clone(*layer.getOperation()));
    rewriter.modifyOpInPlace(result, [&] {
      result.getInputMutable().assign(input);
      result.getWeightMutable().assign(*weight);
      result.setChannelLast(true);
      result.getResult().setType(newType);
    });
    rewriter.replaceOpWithNewOp<TransposeOp>(layer, result.getResult(), resultOrder);
    return success();
  }

private:
  /// The weight with its channels last. Depthwise weights have no channel dimension of their own.
  FailureOr<Value> permuteWeight(Layer layer, PatternRewriter &rewriter) const {
    int64_t spatial = layer.getInput().getType().getRank() - layer.getBaseAxis() - 1;
    int64_t rank = layer.getWeight().getType().getRank();
    if (rank == spatial + 1)
      return Value(layer.getWeight());
    SmallVector<int64_t> order = channelToLast(rank, /*channel=*/1);
    // A quantiser with one step per channel stays next to its layer, which tells it the channels.
    auto quantize = layer.getWeight().template getDefiningOp<FixedPointQuantizeOp>();
    Value source = quantize ? quantize.getInput() : layer.getWeight();
    if (auto parameter = source.template getDefiningOp<ParameterOp>()) {
      Value weight = layouts.permute(rewriter, parameter, order);
      if (quantize)
        weight =
            FixedPointQuantizeOp::create(rewriter, quantize.getLoc(), weight, quantize.getFormat());
      return weight;
    }
    if (!layer.getWeight().getType().getElementType().isF32())
      return rewriter.notifyMatchFailure(layer, "codes that are not a parameter keep their layout");
    return Value(TransposeOp::create(rewriter, layer.getLoc(), layer.getWeight(), order));
  }

  ParameterLayouts &layouts;
};

struct ChannelLastPass : fpw::nn::impl::ChannelLastPassBase<ChannelLastPass> {
  void runOnOperation() override {
    ParameterLayouts layouts;
    RewritePatternSet patterns(&getContext());
    patterns.add<MakeChannelLast<ConvolutionOp>, MakeChannelLast<DeconvolutionOp>,
                 MakeChannelLast<DepthwiseConvolutionOp>, MakeChannelLast<DepthwiseDeconvolutionOp>,
                 MakeChannelLast<FixedPointQuantizedConvolutionOp>,
                 MakeChannelLast<FixedPointQuantizedDeconvolutionOp>,
                 MakeChannelLast<FixedPointQuantizedDepthwiseConvolutionOp>,
                 MakeChannelLast<FixedPointQuantizedDepthwiseDeconvolutionOp>>(&getContext(),
                                                                               layouts);
    populateSinkTransposePatterns(patterns, layouts);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
