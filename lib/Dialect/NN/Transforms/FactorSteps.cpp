//===- FactorSteps.cpp - Multiplies by codes first and by steps afterwards -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A code times its step need not be an f32, but each of the two is one. With the steps behind the
// sums, every parameter of a converted network is exact, which a reference in f64 relies on.

#include "fpw/Dialect/NN/IR/LayerDims.h"
#include "fpw/Dialect/NN/IR/LayerTwins.h"
#include "fpw/Dialect/NN/Transforms/Passes.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cstring>

namespace fpw::nn {
#define GEN_PASS_DEF_FACTORSTEPSPASS
#include "fpw/Dialect/NN/Transforms/Passes.h.inc"
} // namespace fpw::nn

using namespace mlir;
using namespace fpw::nn;

//===----------------------------------------------------------------------===//
// Codes as numbers
//===----------------------------------------------------------------------===//

template <typename Code> static void convertCodes(ArrayRef<char> from, MutableArrayRef<float> to) {
  for (auto [i, number] : llvm::enumerate(to)) {
    Code code;
    std::memcpy(&code, from.data() + i * sizeof(Code), sizeof(Code));
    number = code;
  }
}

static void convertCodes(IntegerType type, ArrayRef<char> from, MutableArrayRef<float> to) {
  if (type.getWidth() == 8)
    return type.isSigned() ? convertCodes<int8_t>(from, to) : convertCodes<uint8_t>(from, to);
  return type.isSigned() ? convertCodes<int16_t>(from, to) : convertCodes<uint16_t>(from, to);
}

/// The codes of a parameter as f32 numbers.
static Value convertParameter(OpBuilder &builder, ParameterOp codes) {
  auto type = cast<RankedTensorType>(codes.getType());
  auto codeType = cast<IntegerType>(type.getElementType());
  RankedTensorType floats = type.clone(builder.getF32Type());
  ElementsAttr value;
  if (codes.isSplat()) {
    float number;
    convertCodes(codeType, codes.getRawData(), number);
    value = DenseElementsAttr::get(floats, number);
  } else {
    AsmResourceBlob blob =
        HeapAsmResourceBlob::allocate(type.getNumElements() * sizeof(float), /*align=*/64);
    auto *numbers = reinterpret_cast<float *>(blob.getMutableData().data());
    convertCodes(codeType, codes.getRawData(), {numbers, size_t(type.getNumElements())});
    value = DenseResourceElementsAttr::get(floats, codes.getName(), std::move(blob));
  }
  return ParameterOp::create(builder, codes.getLoc(), codes.getNameAttr(), value, ConversionAttr());
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

namespace {

/// The ops behind the sums of a layer.
class Epilogue {
public:
  Epilogue(OpBuilder &builder, LayerOpInterface layer)
      : builder(builder), loc(layer.getLoc()),
        channelShape(cast<RankedTensorType>(layer->getResult(0).getType()).getRank(), 1) {
    for (int64_t dim : getChannelDims(layer))
      channelShape[dim] = cast<RankedTensorType>(layer->getResult(0).getType()).getDimSize(dim);
  }

  Value scale(Value sums, FixedPointAttr format, StringRef name) {
    if (!format.isPerChannel())
      return MulScalarOp::create(builder, loc, sums, builder.getF32FloatAttr(format.getDelta(0)));
    auto type = RankedTensorType::get(channelShape, builder.getF32Type());
    Value steps =
        ParameterOp::create(builder, loc, (name + "/step").str(),
                            DenseElementsAttr::get(type, format.getDeltas()), ConversionAttr());
    return Mul2Op::create(builder, loc, sums, steps);
  }

  Value add(Value sums, Value bias) {
    Value perChannel = ReshapeOp::create(builder, loc, bias, channelShape);
    return Add2Op::create(builder, loc, sums, perChannel);
  }

private:
  OpBuilder &builder;
  Location loc;
  SmallVector<int64_t> channelShape;
};

} // namespace

/// The float layer of the codes, without bias.
template <typename FixedPointOp>
static Value multiplyCodes(OpBuilder &builder, FixedPointOp op, Value codes) {
  return FloatTwinOf<FixedPointOp>::create(builder, op.getLoc(), TypeRange(op.getType()),
                                           ValueRange{op.getInput(), codes},
                                           getFloatAttributes(op));
}

template <typename FixedPointOp>
static LogicalResult factorSteps(OpBuilder &builder, FixedPointOp op) {
  auto weight = op.getWeight().template getDefiningOp<ParameterOp>();
  Value bias = op.getBias();
  auto biasCodes = bias ? bias.getDefiningOp<ParameterOp>() : ParameterOp();
  if (!weight || (op.getBiasFormat() && !biasCodes))
    return op.emitOpError("expected codes that are parameters");
  builder.setInsertionPoint(op);
  Epilogue epilogue(builder, cast<LayerOpInterface>(op.getOperation()));
  Value result = multiplyCodes(builder, op, convertParameter(builder, weight));
  result = epilogue.scale(result, op.getWeightFormat(), weight.getName());
  if (op.getBiasFormat())
    bias = MulScalarOp::create(builder, op.getLoc(), convertParameter(builder, biasCodes),
                               builder.getF32FloatAttr(op.getBiasFormat()->getDelta(0)));
  if (bias)
    result = epilogue.add(result, bias);
  op.getResult().replaceAllUsesWith(result);
  op.erase();
  return success();
}

namespace {
struct FactorStepsPass : fpw::nn::impl::FactorStepsPassBase<FactorStepsPass> {
  void runOnOperation() override {
    OpBuilder builder(&getContext());
    WalkResult result = getOperation()->walk([&](LayerOpInterface layer) -> WalkResult {
      return TypeSwitch<Operation *, LogicalResult>(layer)
          .Case<FixedPointQuantizedAffineOp, FixedPointQuantizedConvolutionOp,
                FixedPointQuantizedDeconvolutionOp, FixedPointQuantizedDepthwiseConvolutionOp,
                FixedPointQuantizedDepthwiseDeconvolutionOp>(
              [&](auto op) { return factorSteps(builder, op); })
          .Default(success());
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace
