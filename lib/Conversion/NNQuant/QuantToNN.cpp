//===- QuantToNN.cpp - Weights of quantised types as fixed-point numbers --- -*- C++ -*-===//
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
#include "mlir/IR/Matchers.h"
#include "mlir/Pass/Pass.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/TypeSwitch.h"

namespace fpw {
#define GEN_PASS_DEF_QUANTTONN
#include "fpw/Conversion/Passes.h.inc"
} // namespace fpw

using namespace mlir;
using namespace fpw;

namespace {

/// A weight or bias as codes.
struct Codes {
  Value value;
  nn::FixedPointAttr format;
};

class LayerConverter {
public:
  explicit LayerConverter(Operation *root) : builder(root->getContext()) {
    root->walk([&](nn::ParameterOp parameter) { names.insert(parameter.getName()); });
  }

  /// Gives a layer codes, if its weight is of a quantised type with a format; else says why not.
  template <typename FloatOp> void convert(FloatOp op);

private:
  FailureOr<Codes> match(Operation *layer, Value operand, std::optional<int64_t> channelDim);
  Value getStored(Value storage, IntegerType type);
  nn::ParameterOp makeParameter(Location loc, DenseElementsAttr codes);

  OpBuilder builder;
  llvm::StringSet<> names;
};

nn::ParameterOp getParameter(Value value) { return value.getDefiningOp<nn::ParameterOp>(); }

/// Whether all codes are at least that of the format: types may have one more.
template <typename Code> bool areInRange(ArrayRef<char> data, int64_t least) {
  for (size_t i = 0; i + sizeof(Code) <= data.size(); i += sizeof(Code)) {
    Code code;
    std::memcpy(&code, data.data() + i, sizeof(Code));
    if (code < least)
      return false;
  }
  return true;
}

bool areInRange(nn::ParameterOp codes, nn::FixedPointAttr format) {
  if (!format.getIsSigned())
    return true;
  bool isWide = format.getStorageType().getWidth() == 16;
  return isWide ? areInRange<int16_t>(codes.getRawData(), format.getMinCode())
                : areInRange<int8_t>(codes.getRawData(), format.getMinCode());
}

/// A parameter of constant codes, with a name of its own.
nn::ParameterOp LayerConverter::makeParameter(Location loc, DenseElementsAttr codes) {
  std::string name = "weight";
  if (auto named = loc->findInstanceOf<NameLoc>())
    name = named.getName().str();
  std::string unique = name;
  for (unsigned number = 1; !names.insert(unique).second; ++number)
    unique = name + "_" + std::to_string(number);
  return nn::ParameterOp::create(builder, loc, builder.getStringAttr(unique), codes,
                                 nn::ConversionAttr());
}

/// The codes with the sign that the format gives them.
Value LayerConverter::getStored(Value storage, IntegerType type) {
  if (auto view = storage.getDefiningOp<tensor::BitcastOp>())
    if (getElementTypeOrSelf(view.getSource()) == type && getParameter(view.getSource()))
      return view.getSource();
  DenseElementsAttr constant;
  if (!matchPattern(storage, m_Constant(&constant)) ||
      constant.getElementType().getIntOrFloatBitWidth() != type.getWidth())
    return nullptr;
  return makeParameter(storage.getLoc(), constant.bitcast(type));
}

FailureOr<Codes> LayerConverter::match(Operation *layer, Value operand,
                                       std::optional<int64_t> channelDim) {
  auto numbers = operand.getDefiningOp<quant::DequantizeCastOp>();
  auto stored = numbers ? numbers.getInput().getDefiningOp<quant::StorageCastOp>() : nullptr;
  auto type = stored ? dyn_cast<quant::QuantizedType>(getElementTypeOrSelf(stored.getType()))
                     : quant::QuantizedType();
  if (!type)
    return failure(); // no quantised type: nothing to say
  std::string reason;
  FailureOr<nn::FixedPointAttr> format = getFormat(type, channelDim, reason);
  Value codes =
      succeeded(format) ? getStored(stored.getInput(), format->getStorageType()) : Value();
  if (succeeded(format) && !codes)
    reason = "expected constant codes, or a parameter, of as many bits as the format stores";
  if (codes && !areInRange(getParameter(codes), *format))
    reason = "expected codes with the same range on either side of 0";
  if (reason.empty())
    return Codes{codes, *format};
  layer->emitRemark("stays float: ") << reason;
  return failure();
}

template <typename FloatOp> void LayerConverter::convert(FloatOp op) {
  builder.setInsertionPoint(op);
  auto layer = cast<nn::LayerOpInterface>(op.getOperation());
  auto shape = cast<RankedTensorType>(op.getWeight().getType()).getShape();
  FailureOr<Codes> weight = match(op, op.getWeight(), getChannelDim(shape, layer.getChannelMap()));
  if (failed(weight))
    return;
  SmallVector<Value> operands{op.getInput(), weight->value};
  SmallVector<NamedAttribute> attributes;
  for (NamedAttribute attribute : op->getAttrs()) {
    StringRef name = attribute.getName();
    if (name == kNonNegativeAttr)
      attributes.push_back(builder.getNamedAttr("non_negative", attribute.getValue()));
    else if (name == kActivationMaximumAttr)
      attributes.push_back(builder.getNamedAttr("activation_maximum", attribute.getValue()));
    else
      attributes.push_back(attribute);
  }
  attributes.push_back(builder.getNamedAttr("weight_format", weight->format));
  if (Value bias = op.getBias()) {
    FailureOr<Codes> codes = match(op, bias, std::nullopt);
    operands.push_back(succeeded(codes) ? codes->value : bias);
    if (succeeded(codes))
      attributes.push_back(builder.getNamedAttr("bias_format", codes->format));
  }
  auto result = nn::FixedPointTwinOf<FloatOp>::create(builder, op.getLoc(), TypeRange(op.getType()),
                                                      operands, attributes);
  op.getResult().replaceAllUsesWith(result.getResult());
  op.erase();
}

struct QuantToNN : fpw::impl::QuantToNNBase<QuantToNN> {
  void runOnOperation() override {
    using namespace nn;
    LayerConverter converter(getOperation());
    getOperation()->walk([&](LayerOpInterface layer) {
      TypeSwitch<Operation *>(layer)
          .Case<AffineOp, ConvolutionOp, DeconvolutionOp, DepthwiseConvolutionOp,
                DepthwiseDeconvolutionOp>([&](auto op) { converter.convert(op); });
    });
    eraseUnused();
  }

  /// What the layers read before.
  void eraseUnused() {
    SmallVector<Operation *> casts;
    getOperation()->walk([&](Operation *op) {
      if (isa<quant::DequantizeCastOp, quant::StorageCastOp, tensor::BitcastOp>(op))
        casts.push_back(op);
    });
    for (Operation *op : llvm::reverse(casts))
      if (op->use_empty())
        op->erase();
  }
};

} // namespace
