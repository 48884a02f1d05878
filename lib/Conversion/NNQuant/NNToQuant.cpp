//===- NNToQuant.cpp - Fixed-point weights as quantised types --- -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "QuantType.h"
#include "fpw/Dialect/NN/IR/LayerTwins.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Pass/Pass.h"
#include "llvm/ADT/TypeSwitch.h"

namespace fpw {
#define GEN_PASS_DEF_NNTOQUANT
#include "fpw/Conversion/Passes.h.inc"
} // namespace fpw

using namespace mlir;
using namespace fpw;

/// The numbers that codes stand for.
static Value dequantize(OpBuilder &builder, Operation *layer, Value codes,
                        nn::FixedPointAttr format, const nn::ChannelMap &channels) {
  auto type = cast<RankedTensorType>(codes.getType());
  quant::QuantizedType quantized = getQuantType([&] { return layer->emitOpError(); }, format,
                                                getChannelDim(type.getShape(), channels));
  if (!quantized)
    return nullptr;
  Location loc = layer->getLoc();
  Type storage = builder.getIntegerType(type.getElementTypeBitWidth());
  Value signless = tensor::BitcastOp::create(builder, loc, type.clone(storage), codes);
  Value stored = quant::StorageCastOp::create(builder, loc, type.clone(quantized), signless);
  return quant::DequantizeCastOp::create(builder, loc, type.clone(builder.getF32Type()), stored);
}

/// What the float layer keeps of the attributes; what it has no place for gets names of ours.
template <typename FixedPointOp>
static SmallVector<NamedAttribute> getAttributes(OpBuilder &builder, FixedPointOp op) {
  SmallVector<NamedAttribute> attributes = nn::getFloatAttributes(op);
  llvm::append_range(attributes, op->getDiscardableAttrs());
  if (op.getNonNegative())
    attributes.push_back(builder.getNamedAttr(kNonNegativeAttr, builder.getUnitAttr()));
  if (FloatAttr maximum = op.getActivationMaximumAttr())
    attributes.push_back(builder.getNamedAttr(kActivationMaximumAttr, maximum));
  return attributes;
}

template <typename FixedPointOp> static LogicalResult convert(OpBuilder &builder, FixedPointOp op) {
  builder.setInsertionPoint(op);
  auto layer = cast<nn::LayerOpInterface>(op.getOperation());
  SmallVector<Value> operands{op.getInput()};
  operands.push_back(
      dequantize(builder, op, op.getWeight(), op.getWeightFormat(), layer.getChannelMap()));
  if (!operands.back())
    return failure();
  if (Value bias = op.getBias()) {
    if (op.getBiasFormat())
      bias = dequantize(builder, op, bias, *op.getBiasFormat(), nn::ChannelMap());
    if (!bias)
      return failure();
    operands.push_back(bias);
  }
  auto result = nn::FloatTwinOf<FixedPointOp>::create(builder, op.getLoc(), TypeRange(op.getType()),
                                                      operands, getAttributes(builder, op));
  op.getResult().replaceAllUsesWith(result.getResult());
  op.erase();
  return success();
}

namespace {
struct NNToQuant : fpw::impl::NNToQuantBase<NNToQuant> {
  void runOnOperation() override {
    using namespace nn;
    OpBuilder builder(&getContext());
    WalkResult result = getOperation()->walk([&](LayerOpInterface layer) -> WalkResult {
      return TypeSwitch<Operation *, LogicalResult>(layer)
          .Case<FixedPointQuantizedAffineOp, FixedPointQuantizedConvolutionOp,
                FixedPointQuantizedDeconvolutionOp, FixedPointQuantizedDepthwiseConvolutionOp,
                FixedPointQuantizedDepthwiseDeconvolutionOp>(
              [&](auto op) { return convert(builder, op); })
          .Default(success());
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace
