//===- TosaToNN.cpp - From layers of TOSA to nn -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Dialect/NN/IR/NN.h"
#include "fpw/Support/LLVM.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Pass/Pass.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/TypeSwitch.h"
#include <map>

namespace fpw {
#define GEN_PASS_DEF_CONVERTTOSATONN
#include "fpw/Conversion/Passes.h.inc"
} // namespace fpw

using namespace mlir;
using namespace fpw;

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

/// The f32 numbers of a constant; nothing if the value is no such constant.
static std::optional<std::vector<float>> getNumbers(Value value) {
  ElementsAttr elements;
  if (!matchPattern(value, m_Constant(&elements)) || !elements.getElementType().isF32())
    return std::nullopt;
  if (auto dense = dyn_cast<DenseFPElementsAttr>(elements))
    return std::vector<float>(dense.value_begin<float>(), dense.value_end<float>());
  if (auto resource = dyn_cast<DenseF32ResourceElementsAttr>(elements))
    if (std::optional<ArrayRef<float>> numbers = resource.tryGetAsArrayRef())
      return numbers->vec();
  return std::nullopt;
}

/// The numbers of a tensor of `shape` whose dimensions get another order.
static std::vector<float> permute(ArrayRef<float> numbers, ArrayRef<int64_t> shape,
                                  ArrayRef<int64_t> order) {
  SmallVector<int64_t> sizes = applyPermutation(shape, order);
  SmallVector<int64_t> strides = computeStrides(sizes);
  SmallVector<int64_t> sourceStrides = applyPermutation(computeStrides(shape), order);
  std::vector<float> result(numbers.size());
  for (auto [i, number] : llvm::enumerate(result))
    number = numbers[linearize(delinearize(i, strides), sourceStrides)];
  return result;
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

namespace {
/// Why an op stays as it is.
using Reason = std::optional<StringRef>;

/// Converts the layers of one function.
class LayerConverter {
public:
  explicit LayerConverter(func::FuncOp func) : func(func), builder(func.getContext()) {
    func.walk([&](nn::ParameterOp parameter) { names.insert(parameter.getName()); });
  }

  /// Replaces an op, or says why not.
  Reason convert(Operation *op) {
    builder.setInsertionPoint(op);
    return llvm::TypeSwitch<Operation *, Reason>(op)
        .Case<tosa::Conv2DOp, tosa::Conv3DOp>([&](auto op) { return convertConvolution(op); })
        .Case([&](tosa::DepthwiseConv2DOp op) { return convertDepthwise(op); })
        .Case([&](tosa::TransposeConv2DOp op) { return convertTransposed(op); })
        .Case([&](tosa::MatMulOp op) { return convertMatMul(op); });
  }

private:
  /// A weight or bias in the making: its numbers, and how the dialect wants them.
  struct Weight {
    Value constant;
    SmallVector<int64_t> order, shape;
  };

  template <typename OpT> Reason convertConvolution(OpT op);
  Reason convertDepthwise(tosa::DepthwiseConv2DOp op);
  Reason convertTransposed(tosa::TransposeConv2DOp op);
  Reason convertMatMul(tosa::MatMulOp op);

  /// What convolutions have in common.
  template <typename OpT> Reason check(OpT op);
  /// The input with the padding that is not the same on both sides of a dimension; what is the same
  /// stays for the layer.
  Value pad(Operation *op, Value input, ArrayRef<int64_t> pads, SmallVectorImpl<int64_t> &left);
  Value getParameter(Operation *op, const Weight &weight, StringRef suffix);
  Value getBias(Operation *op, Value bias, int64_t channels);
  std::string makeName(Operation *op, Value constant, StringRef suffix);
  void replace(Operation *op, Value result) {
    op->replaceAllUsesWith(ValueRange(result));
    op->erase();
  }

  func::FuncOp func;
  OpBuilder builder;
  llvm::StringSet<> names;
  /// The prefix of the parameters of an op whose constants have no names.
  DenseMap<Operation *, std::string> prefixes;
  std::map<std::pair<void *, SmallVector<int64_t>>, Value> parameters;
};
} // namespace

static bool hasStaticInner(Value value, unsigned leading) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.getElementType().isF32() &&
         !ShapedType::isDynamicShape(type.getShape().drop_front(leading));
}

template <typename OpT> Reason LayerConverter::check(OpT op) {
  if (!hasStaticInner(op.getInput(), 1) || !hasStaticInner(op.getOutput(), 1))
    return StringRef("expected f32 images of static sizes");
  if (!getNumbers(op.getWeight()) || !hasStaticInner(op.getWeight(), 0))
    return StringRef("expected a weight that is a constant of f32");
  if (!getNumbers(op.getBias()))
    return StringRef("expected a bias that is a constant of f32");
  FailureOr<int64_t> inputZero = op.getInputZeroPoint(), weightZero = op.getWeightZeroPoint();
  if (failed(inputZero) || failed(weightZero) || *inputZero != 0 || *weightZero != 0)
    return StringRef("expected zero points that are the constant 0");
  return std::nullopt;
}

std::string LayerConverter::makeName(Operation *op, Value constant, StringRef suffix) {
  auto unique = [&](const std::string &wanted) {
    std::string name = wanted;
    for (unsigned number = 1; !names.insert(name).second; ++number)
      name = wanted + "_" + std::to_string(number);
    return name;
  };
  if (auto name = constant.getLoc()->findInstanceOf<NameLoc>())
    return unique(name.getName().str());
  std::string &prefix = prefixes[op];
  if (prefix.empty())
    prefix = unique(op->getName().stripDialect().str());
  return unique(prefix + "/" + suffix.str());
}

Value LayerConverter::getParameter(Operation *op, const Weight &weight, StringRef suffix) {
  auto type = cast<RankedTensorType>(weight.constant.getType());
  SmallVector<int64_t> key = weight.order;
  llvm::append_range(key, weight.shape);
  Value &parameter = parameters[{weight.constant.getAsOpaquePointer(), key}];
  if (parameter)
    return parameter;
  std::vector<float> numbers = *getNumbers(weight.constant);
  if (!isIdentityPermutation(weight.order))
    numbers = permute(numbers, type.getShape(), weight.order);
  std::string name = makeName(op, weight.constant, suffix);
  AsmResourceBlob blob = HeapAsmResourceBlob::allocateAndCopyWithAlign(
      {reinterpret_cast<const char *>(numbers.data()), numbers.size() * sizeof(float)}, 64);
  auto value = DenseResourceElementsAttr::get(type.clone(weight.shape), name, std::move(blob));
  // At the beginning, where it serves all uses.
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(&func.getBody().front());
  parameter = nn::ParameterOp::create(builder, weight.constant.getLoc(), value.getType(), name,
                                      value, /*conversion=*/nullptr);
  return parameter;
}

/// A bias of one element is that of all channels; one of zeros is none.
Value LayerConverter::getBias(Operation *op, Value bias, int64_t channels) {
  std::vector<float> numbers = *getNumbers(bias);
  if (llvm::all_of(numbers, [](float x) { return x == 0.0f; }))
    return nullptr;
  if (int64_t(numbers.size()) == channels)
    return getParameter(op, {bias, {0}, {channels}}, "b");
  auto type = RankedTensorType::get({channels}, builder.getF32Type());
  std::string name = makeName(op, bias, "b");
  return nn::ParameterOp::create(builder, bias.getLoc(), type, name,
                                 DenseElementsAttr::get(type, numbers.front()),
                                 /*conversion=*/nullptr);
}

Value LayerConverter::pad(Operation *op, Value input, ArrayRef<int64_t> pads,
                          SmallVectorImpl<int64_t> &left) {
  SmallVector<int64_t> width;
  for (size_t i = 0; i < pads.size(); i += 2) {
    left.push_back(std::min(pads[i], pads[i + 1]));
    width.push_back(pads[i] - left.back());
    width.push_back(pads[i + 1] - left.back());
  }
  if (llvm::all_of(width, [](int64_t size) { return size == 0; }))
    return input;
  width.append(2, 0); // of the channel
  auto type = cast<RankedTensorType>(input.getType());
  SmallVector<int64_t> shape(type.getShape());
  for (size_t i = 0; i < width.size(); i += 2)
    shape[1 + i / 2] += width[i] + width[i + 1];
  return nn::PadOp::create(builder, op->getLoc(), type.clone(shape), input, width, "constant",
                           APFloat(0.0f));
}

template <typename OpT> Reason LayerConverter::convertConvolution(OpT op) {
  if (Reason reason = check(op))
    return reason;
  SmallVector<int64_t> shape(cast<ShapedType>(op.getWeight().getType()).getShape()), pads;
  auto order = llvm::to_vector(llvm::seq<int64_t>(shape.size()));
  Value input = pad(op, op.getInput(), op.getPad(), pads);
  Value weight = getParameter(op, {op.getWeight(), order, shape}, "W");
  replace(op, nn::ConvolutionOp::create(builder, op.getLoc(), op.getType(), input, weight,
                                        getBias(op, op.getBias(), shape.front()), /*base_axis=*/1,
                                        pads, op.getStride(), op.getDilation(), /*group=*/1,
                                        /*channel_last=*/true));
  return std::nullopt;
}

/// (kernel..., channels, multiplier) becomes (channels * multiplier, kernel...).
Reason LayerConverter::convertDepthwise(tosa::DepthwiseConv2DOp op) {
  if (Reason reason = check(op))
    return reason;
  ArrayRef<int64_t> shape = cast<ShapedType>(op.getWeight().getType()).getShape();
  int64_t channels = shape[2] * shape[3], multiplier = shape[3];
  SmallVector<int64_t> pads;
  Value input = pad(op, op.getInput(), op.getPad(), pads);
  Value weight =
      getParameter(op, {op.getWeight(), {2, 3, 0, 1}, {channels, shape[0], shape[1]}}, "W");
  replace(op, nn::DepthwiseConvolutionOp::create(builder, op.getLoc(), op.getType(), input, weight,
                                                 getBias(op, op.getBias(), channels),
                                                 /*base_axis=*/1, pads, op.getStride(),
                                                 op.getDilation(), multiplier,
                                                 /*channel_last=*/true));
  return std::nullopt;
}

/// (outputs, kernel..., inputs) becomes (inputs, kernel..., outputs). What TOSA adds around the
/// output, nn takes away; at the end, it may add less than a stride.
Reason LayerConverter::convertTransposed(tosa::TransposeConv2DOp op) {
  if (Reason reason = check(op))
    return reason;
  SmallVector<int64_t> pads, outputPadding;
  for (unsigned i : {0, 1}) {
    int64_t begin = op.getOutPad()[2 * i], end = op.getOutPad()[2 * i + 1];
    if (begin > 0 || end < begin || end - begin >= op.getStride()[i])
      return StringRef("expected an out_pad that is not positive at the beginning, and larger by "
                       "less than the stride at the end");
    pads.push_back(-begin);
    outputPadding.push_back(end - begin);
  }
  ArrayRef<int64_t> shape = cast<ShapedType>(op.getWeight().getType()).getShape();
  Value weight = getParameter(
      op, {op.getWeight(), {3, 1, 2, 0}, {shape[3], shape[1], shape[2], shape[0]}}, "W");
  replace(op, nn::DeconvolutionOp::create(builder, op.getLoc(), op.getType(), op.getInput(), weight,
                                          getBias(op, op.getBias(), shape.front()), /*base_axis=*/1,
                                          pads, op.getStride(),
                                          /*dilation=*/ArrayRef<int64_t>(), /*group=*/1,
                                          /*channel_last=*/true, outputPadding));
  return std::nullopt;
}

/// Rows times one constant matrix.
Reason LayerConverter::convertMatMul(tosa::MatMulOp op) {
  auto type = dyn_cast<RankedTensorType>(op.getB().getType());
  if (!getNumbers(op.getB()) || !type.hasStaticShape() || type.getDimSize(0) != 1)
    return StringRef("expected a second operand that is one constant matrix of f32");
  if (!hasStaticInner(op.getA(), 2))
    return StringRef("expected rows of static size");
  FailureOr<int64_t> zeroA = op.getAZeroPoint(), zeroB = op.getBZeroPoint();
  if (failed(zeroA) || failed(zeroB) || *zeroA != 0 || *zeroB != 0)
    return StringRef("expected zero points that are the constant 0");
  Value weight =
      getParameter(op, {op.getB(), {0, 1, 2}, {type.getDimSize(1), type.getDimSize(2)}}, "W");
  replace(op, nn::AffineOp::create(builder, op.getLoc(), op.getType(), op.getA(), weight,
                                   /*bias=*/Value(),
                                   /*base_axis=*/2));
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {
struct ConvertTosaToNNPass : fpw::impl::ConvertTosaToNNBase<ConvertTosaToNNPass> {
  void runOnOperation() override {
    func::FuncOp func = getOperation();
    if (func.isExternal())
      return;
    LayerConverter converter(func);
    SmallVector<Operation *> layers;
    func.walk([&](Operation *op) {
      if (isa<tosa::Conv2DOp, tosa::Conv3DOp, tosa::DepthwiseConv2DOp, tosa::MatMulOp,
              tosa::TransposeConv2DOp>(op))
        layers.push_back(op);
    });
    for (Operation *layer : layers)
      if (Reason reason = converter.convert(layer))
        layer->emitRemark("stays in TOSA: ") << *reason;
  }
};
} // namespace
