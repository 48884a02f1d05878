//===- FixedPoint.cpp - Fixed-point layers and the quantiser ----*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Parameter.h"
#include "Patterns.h"

#include "fpw/Dialect/NN/IR/LayerTwins.h"
#include "fpw/Dialect/NN/IR/ScalarExpr.h"
#include "fpw/Support/FixedPoint.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace fpw;

/// The bias as numbers; nothing if there is none.
static Value decodeBias(TensorBuilder &t, Value bias, nn::FixedPointAttr format) {
  return format ? decode(t, bias, format, nn::ChannelMap()) : bias;
}

/// A layer with codes becomes the float layer with the numbers that the codes stand for.
template <typename FixedPointOp>
static Value lowerToFloatLayer(FixedPointOp op, typename FixedPointOp::Adaptor operands,
                               TensorBuilder &t) {
  SmallVector<Value> inputs = {
      operands.getInput(),
      decode(t, operands.getWeight(), op.getWeightFormat(), op.getChannelMap())};
  if (Value bias = decodeBias(t, operands.getBias(), op.getBiasFormatAttr()))
    inputs.push_back(bias);
  return nn::FloatTwinOf<FixedPointOp>::create(t.getBuilder(), t.getLoc(), TypeRange(op.getType()),
                                               inputs, nn::getFloatAttributes(op));
}

/// The output channels of the layer that a parameter feeds through a quantiser.
static nn::ChannelMap getChannelMapOfUser(nn::FixedPointQuantizeOp op) {
  for (Operation *user : op->getUsers())
    if (auto layer = dyn_cast<nn::LayerOpInterface>(user))
      return layer.getChannelMap();
  return {};
}

/// Ties away from zero, as roundf(|x| / delta): for quotients up to 2^24 the same as nnabla's
/// int(double(|x| / delta) + 0.5), and a vector instruction or two.
static Value lowerQuantize(nn::FixedPointQuantizeOp op, nn::FixedPointQuantizeOp::Adaptor operands,
                           TensorBuilder &t) {
  nn::FixedPointAttr format = op.getFormat();
  if (auto parameter = operands.getInput().getDefiningOp<nn::ParameterOp>())
    return quantize(t, parameter, format, getChannelMapOfUser(op));
  FixedPoint numbers(format.getBits(), format.getIsSigned(), format.getDelta(0));
  return t.map(operands.getInput(), [&](OpBuilder &b, Location loc, ValueRange elements) -> Value {
    nn::ScalarBuilder s(b, loc);
    nn::Scalar x = s(elements.front());
    float largest = numbers.getMaxValue();
    float smallest = format.getIsSigned() ? -largest : 0.0f;
    nn::Scalar magnitude = round(abs(x) / s(numbers.getDelta())) * numbers.getDelta();
    nn::Scalar rounded = select(x < 0.0f, -magnitude, magnitude);
    nn::Scalar clipped = select(x < smallest, s(smallest), rounded);
    return select(x > largest, s(largest), clipped).value();
  });
}

void fpw::populateFixedPointPatterns(RewritePatternSet &patterns) {
  using namespace nn;
  addLowering<FixedPointQuantizedAffineOp>(patterns,
                                           lowerToFloatLayer<FixedPointQuantizedAffineOp>);
  addLowering<FixedPointQuantizedConvolutionOp>(
      patterns, lowerToFloatLayer<FixedPointQuantizedConvolutionOp>);
  addLowering<FixedPointQuantizedDeconvolutionOp>(
      patterns, lowerToFloatLayer<FixedPointQuantizedDeconvolutionOp>);
  addLowering<FixedPointQuantizedDepthwiseConvolutionOp>(
      patterns, lowerToFloatLayer<FixedPointQuantizedDepthwiseConvolutionOp>);
  addLowering<FixedPointQuantizedDepthwiseDeconvolutionOp>(
      patterns, lowerToFloatLayer<FixedPointQuantizedDepthwiseDeconvolutionOp>);
  addLowering<FixedPointQuantizeOp>(patterns, lowerQuantize);
}
