//===- SinkTranspose.cpp - Lets transposes sink through ops -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Notation: t = transpose(x, p) has t's dimension i = x's dimension p[i]. An op that acts along
// axis a of t acts along axis p[a] of x.

#include "SinkTranspose.h"
#include "ParameterLayout.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"

using namespace mlir;
using namespace fpw::nn;

/// Replaces `op` by `transpose(newOp, order)`, where `newOp` is a clone of `op` over `operands`,
/// whose result is in the order before the transpose.
template <typename Op>
static Op replaceBelow(PatternRewriter &rewriter, Op op, ValueRange operands,
                       ArrayRef<int64_t> order) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  auto below = cast<Op>(rewriter.clone(*op.getOperation()));
  rewriter.modifyOpInPlace(below, [&] {
    below->setOperands(operands);
    below->getResult(0).setType(
        type.clone(applyPermutation(type.getShape(), invertPermutationVector(order))));
  });
  rewriter.replaceOpWithNewOp<TransposeOp>(op, below->getResult(0), order);
  return below;
}

static int64_t axisBelow(int64_t axis, ArrayRef<int64_t> order) {
  return order[axis < 0 ? axis + order.size() : axis];
}

/// Whether the order moves the dimension after the leading ones to the front of `spatial`
/// dimensions that stand behind it: the way from channel last to channel first.
static bool isLastToFirst(ArrayRef<int64_t> order, int64_t spatial) {
  int64_t rank = order.size(), leading = rank - spatial - 1;
  for (int64_t dim = 0; dim < rank; ++dim) {
    int64_t source = dim < leading ? dim : dim == leading ? rank - 1 : dim - 1;
    if (order[dim] != source)
      return false;
  }
  return leading >= 0;
}

/// Whether the order is the way from channel last to channel first and, with two or more spatial
/// dimensions, not also the way back.
static bool isFromChannelLast(ArrayRef<int64_t> order) {
  int64_t rank = order.size(), leading = llvm::find(order, rank - 1) - order.begin();
  int64_t spatial = rank - 1 - leading;
  return spatial >= 2 && isLastToFirst(order, spatial);
}

namespace {

/// transpose(parameter) -> parameter
struct FoldIntoParameter : OpRewritePattern<TransposeOp> {
  FoldIntoParameter(MLIRContext *context, ParameterLayouts &layouts)
      : OpRewritePattern(context), layouts(layouts) {}

  LogicalResult matchAndRewrite(TransposeOp op, PatternRewriter &rewriter) const override {
    auto parameter = op.getInput().getDefiningOp<ParameterOp>();
    if (!parameter || isIdentityPermutation(op.getAxes()))
      return rewriter.notifyMatchFailure(op, "not another order of a parameter");
    rewriter.replaceOp(op, layouts.permute(rewriter, parameter, op.getAxes()));
    return success();
  }

  ParameterLayouts &layouts;
};

/// A transpose that moves only dimensions of size 1 -> reshape
struct TransposeToReshape : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(TransposeOp op, PatternRewriter &rewriter) const override {
    RankedTensorType input = op.getInput().getType();
    SmallVector<int64_t> kept;
    for (int64_t dim : op.getAxes())
      if (input.getDimSize(dim) != 1)
        kept.push_back(dim);
    if (!llvm::is_sorted(kept) || input.getNumDynamicDims() > 1)
      return rewriter.notifyMatchFailure(op, "the transpose moves elements");
    SmallVector<int64_t> shape = applyPermutation(input.getShape(), op.getAxes());
    llvm::replace(shape, int64_t(ShapedType::kDynamic), int64_t(-1));
    rewriter.replaceOpWithNewOp<ReshapeOp>(op, op.getType(), op.getInput(), shape);
    return success();
  }
};

/// f(transpose(x), y) -> transpose(f(x, y')), where y is a transpose of the same order, or a
/// parameter, which then is permuted. Another y gets a transpose of its own, if x comes from
/// channel last: one arm in the old order shall not split a network of layers that all have
/// channels last.
struct SinkThroughElementwise : OpInterfaceRewritePattern<ElementwiseOpInterface> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(ElementwiseOpInterface op,
                                PatternRewriter &rewriter) const override {
    TransposeOp transpose;
    for (Value operand : op->getOperands()) {
      auto producer = operand.getDefiningOp<TransposeOp>();
      if (producer && producer.getInput().getDefiningOp<ParameterOp>())
        return rewriter.notifyMatchFailure(op, "the parameter is permuted first");
      if (producer && !transpose)
        transpose = producer;
    }
    if (!transpose)
      return rewriter.notifyMatchFailure(op, "no operand is a transpose");
    SmallVector<int64_t> order(transpose.getAxes()), inverse = invertPermutationVector(order);
    for (Value operand : op->getOperands()) {
      auto producer = operand.getDefiningOp<TransposeOp>();
      if (producer ? producer.getAxes() != transpose.getAxes()
                   : !operand.getDefiningOp<ParameterOp>() && !isFromChannelLast(order))
        return rewriter.notifyMatchFailure(op, "the operands come in different orders");
    }
    SmallVector<Value> operands;
    for (Value operand : op->getOperands()) {
      auto producer = operand.getDefiningOp<TransposeOp>();
      operands.push_back(producer ? producer.getInput()
                                  : TransposeOp::create(rewriter, op.getLoc(), operand, inverse));
    }
    replaceBelow(rewriter, op, operands, order);
    return success();
  }
};

/// Base of the patterns for ops whose first operand is the transpose.
template <typename Op> struct SinkThrough : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;

  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    auto transpose = op->getOperand(0).template getDefiningOp<TransposeOp>();
    if (!transpose)
      return rewriter.notifyMatchFailure(op, "the operand is not a transpose");
    SmallVector<int64_t> order(transpose.getAxes());
    if (!commutes(op, order))
      return rewriter.notifyMatchFailure(op, "the transpose moves more than the channel");
    SmallVector<Value> operands(op->getOperands());
    operands[0] = transpose.getInput();
    renameAxes(replaceBelow(rewriter, op, operands, order), order);
    return success();
  }

  virtual bool commutes(Op op, ArrayRef<int64_t> order) const { return true; }
  virtual void renameAxes(Op below, ArrayRef<int64_t> order) const = 0;
};

struct SinkThroughQuantize : SinkThrough<FixedPointQuantizeOp> {
  using SinkThrough::SinkThrough;
  bool commutes(FixedPointQuantizeOp op, ArrayRef<int64_t>) const override {
    return !op.getFormat().isPerChannel();
  }
  void renameAxes(FixedPointQuantizeOp, ArrayRef<int64_t>) const override {}
};

/// Ops with one attribute `axis`.
template <typename Op> struct SinkThroughAxis : SinkThrough<Op> {
  using SinkThrough<Op>::SinkThrough;
  void renameAxes(Op below, ArrayRef<int64_t> order) const override {
    below.setAxis(axisBelow(below.getAxis(), order));
  }
};

struct SinkThroughPReLU : SinkThrough<PReLUOp> {
  using SinkThrough::SinkThrough;
  void renameAxes(PReLUOp below, ArrayRef<int64_t> order) const override {
    below.setBaseAxis(axisBelow(below.getBaseAxis(), order));
  }
};

struct SinkThroughBatchNormalization : SinkThrough<BatchNormalizationOp> {
  using SinkThrough::SinkThrough;
  void renameAxes(BatchNormalizationOp below, ArrayRef<int64_t> order) const override {
    below.setAxes({axisBelow(below.getAxes()[0], order)});
  }
};

/// Ops over windows, which have a `channel_last` form of their own.
template <typename Op> struct SinkThroughWindow : SinkThrough<Op> {
  using SinkThrough<Op>::SinkThrough;
  bool commutes(Op op, ArrayRef<int64_t> order) const override {
    return !op.getChannelLast() && isLastToFirst(order, spatialRank(op));
  }
  void renameAxes(Op below, ArrayRef<int64_t>) const override { below.setChannelLast(true); }

private:
  static int64_t spatialRank(Op op) {
    if constexpr (std::is_same_v<Op, GlobalAveragePoolingOp>)
      return cast<RankedTensorType>(op.getType()).getRank() - 2;
    else if constexpr (std::is_same_v<Op, InterpolateOp>)
      return op.getOutputSize().size();
    else
      return op.getKernel().size();
  }
};

/// concatenate(transpose(x), transpose(y)) -> transpose(concatenate(x, y))
struct SinkThroughConcatenate : OpRewritePattern<ConcatenateOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ConcatenateOp op, PatternRewriter &rewriter) const override {
    SmallVector<Value> operands;
    TransposeOp first = op.getInputs().front().getDefiningOp<TransposeOp>();
    for (Value input : op.getInputs()) {
      auto transpose = input.getDefiningOp<TransposeOp>();
      if (!transpose || transpose.getAxes() != first.getAxes())
        return rewriter.notifyMatchFailure(op, "the operands come in different orders");
      operands.push_back(transpose.getInput());
    }
    SmallVector<int64_t> order(first.getAxes());
    auto below = replaceBelow(rewriter, op, operands, order);
    below.setAxis(axisBelow(below.getAxis(), order));
    return success();
  }
};

/// affine(transpose(x), w) -> affine(x, w'), where the rows of w' are in x's order
template <typename Affine> struct AbsorbIntoAffine : OpRewritePattern<Affine> {
  AbsorbIntoAffine(MLIRContext *context, ParameterLayouts &layouts)
      : OpRewritePattern<Affine>(context), layouts(layouts) {}

  LogicalResult matchAndRewrite(Affine op, PatternRewriter &rewriter) const override {
    auto transpose = op.getInput().template getDefiningOp<TransposeOp>();
    auto weight = op.getWeight().template getDefiningOp<ParameterOp>();
    if (!transpose || !weight)
      return rewriter.notifyMatchFailure(op, "not a transpose and a parameter");
    ArrayRef<int64_t> order = transpose.getAxes();
    int64_t rank = order.size();
    int64_t baseAxis = int64_t(op.getBaseAxis()) < 0 ? op.getBaseAxis() + rank : op.getBaseAxis();
    if (!isIdentityPermutation(order.take_front(baseAxis)))
      return rewriter.notifyMatchFailure(op, "the transpose moves a row dimension");

    // The weight as (flattened dimensions of the input..., outputs), its rows back in x's order.
    auto weightType = cast<RankedTensorType>(weight.getType());
    ArrayRef<int64_t> columns = op.getInput().getType().getShape().drop_front(baseAxis);
    SmallVector<int64_t> shape(columns), permutation;
    shape.push_back(ShapedType::getNumElements(weightType.getShape().drop_front()));
    for (int64_t dim : order.drop_front(baseAxis))
      permutation.push_back(dim - baseAxis);
    permutation = invertPermutationVector(permutation);
    permutation.push_back(columns.size());
    Value permuted = layouts.permute(rewriter, weight, shape, permutation, weightType.getShape());
    rewriter.modifyOpInPlace(op, [&] {
      op.getInputMutable().assign(transpose.getInput());
      op.getWeightMutable().assign(permuted);
    });
    return success();
  }

  ParameterLayouts &layouts;
};

} // namespace

void fpw::nn::populateSinkTransposePatterns(RewritePatternSet &patterns,
                                            ParameterLayouts &layouts) {
  MLIRContext *context = patterns.getContext();
  patterns.add<FoldIntoParameter, AbsorbIntoAffine<AffineOp>,
               AbsorbIntoAffine<FixedPointQuantizedAffineOp>>(context, layouts);
  patterns.add<TransposeToReshape, SinkThroughElementwise, SinkThroughQuantize,
               SinkThroughAxis<SoftmaxOp>, SinkThroughAxis<LogSoftmaxOp>, SinkThroughAxis<CReLUOp>,
               SinkThroughAxis<CELUOp>, SinkThroughPReLU, SinkThroughBatchNormalization,
               SinkThroughWindow<MaxPoolingOp>, SinkThroughWindow<AveragePoolingOp>,
               SinkThroughWindow<SumPoolingOp>, SinkThroughWindow<GlobalAveragePoolingOp>,
               SinkThroughWindow<UnpoolingOp>, SinkThroughWindow<InterpolateOp>,
               SinkThroughConcatenate>(context);
}
