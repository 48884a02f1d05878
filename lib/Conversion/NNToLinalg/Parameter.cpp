//===- Parameter.cpp - Weights computed beforehand --------------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Parameter.h"

#include "fpw/Support/FixedPoint.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include <cstring>

using namespace mlir;
using namespace fpw;

namespace {
/// The elements of a parameter by their row-major index.
template <typename T> class Elements {
public:
  explicit Elements(nn::ParameterOp parameter)
      : data(parameter.getRawData().data()), step(parameter.isSplat() ? 0 : sizeof(T)) {}

  T operator[](int64_t i) const {
    T element;
    std::memcpy(&element, data + i * step, sizeof(T)); // Bytes of a file need not be aligned.
    return element;
  }

private:
  const char *data;
  size_t step;
};
} // namespace

/// A parameter of the same name with new values, which `fill` writes.
static Value createParameter(TensorBuilder &t, nn::ParameterOp source, ArrayRef<int64_t> shape,
                             function_ref<void(MutableArrayRef<float>)> fill) {
  auto type = RankedTensorType::get(shape, t.getBuilder().getF32Type());
  AsmResourceBlob blob =
      HeapAsmResourceBlob::allocate(type.getNumElements() * sizeof(float), /*align=*/64);
  MutableArrayRef<char> bytes = blob.getMutableData();
  fill({reinterpret_cast<float *>(bytes.data()), size_t(type.getNumElements())});
  auto value = DenseResourceElementsAttr::get(type, source.getName(), std::move(blob));
  return nn::ParameterOp::create(t.getBuilder(), source.getLoc(), source.getNameAttr(), value,
                                 source.getConversionAttr());
}

//===----------------------------------------------------------------------===//
// Another shape, another order
//===----------------------------------------------------------------------===//

/// The same data under another type.
static ElementsAttr reshapeData(ElementsAttr value, RankedTensorType type) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value))
    return DenseResourceElementsAttr::get(type, resource.getRawHandle());
  return cast<DenseElementsAttr>(value).reshape(type);
}

Value fpw::reshapeWeight(TensorBuilder &t, Value weight, ArrayRef<int64_t> shape) {
  RankedTensorType type = tensorType(weight).clone(shape);
  if (weight.getType() == type)
    return weight;
  if (auto parameter = weight.getDefiningOp<nn::ParameterOp>())
    return nn::ParameterOp::create(t.getBuilder(), parameter.getLoc(), parameter.getNameAttr(),
                                   reshapeData(parameter.getValue(), type),
                                   parameter.getConversionAttr());
  return t.reshape(weight, t.sizesOf(weight), t.sizes(shape));
}

namespace {
/// A linear walk over the elements of a tensor.
struct Walk {
  int64_t start;
  SmallVector<int64_t> strides;

  /// The walk that visits the row-major tensor of `shape` at map(0), map(1), ...
  Walk(AffineMap map, ArrayRef<int64_t> shape) {
    SmallVector<int64_t> strideOf = computeStrides(shape);
    SmallVector<int64_t> position(map.getNumDims(), 0);
    start = linearize(map.compose(position), strideOf);
    for (int64_t &coordinate : position) {
      coordinate = 1;
      strides.push_back(linearize(map.compose(position), strideOf) - start);
      coordinate = 0;
    }
  }

  void copy(Elements<float> from, ArrayRef<int64_t> sizes, MutableArrayRef<float> to) const {
    float *next = to.data();
    copy(from, start, sizes, strides, next);
  }

private:
  static void copy(const Elements<float> &from, int64_t offset, ArrayRef<int64_t> sizes,
                   ArrayRef<int64_t> strides, float *&next) {
    if (sizes.empty()) {
      *next++ = from[offset];
      return;
    }
    for (int64_t i = 0; i < sizes.front(); ++i)
      copy(from, offset + i * strides.front(), sizes.drop_front(), strides.drop_front(), next);
  }
};
} // namespace

Value fpw::rearrange(TensorBuilder &t, Value weight, ArrayRef<int64_t> sizes, AffineMap map) {
  if (auto parameter = weight.getDefiningOp<nn::ParameterOp>())
    return createParameter(t, parameter, sizes, [&](MutableArrayRef<float> values) {
      Walk(map, tensorType(weight).getShape()).copy(Elements<float>(parameter), sizes, values);
    });
  return t.map(t.sizes(sizes), {}, {}, [&](OpBuilder &b, Location loc, ValueRange) -> Value {
    SmallVector<OpFoldResult> position;
    for (unsigned dim = 0; dim < sizes.size(); ++dim)
      position.push_back(linalg::IndexOp::create(b, loc, dim).getResult());
    SmallVector<Value> source;
    for (AffineExpr expr : map.getResults())
      source.push_back(affine::makeComposedAffineApply(
          b, loc, AffineMap::get(map.getNumDims(), 0, expr), position));
    return tensor::ExtractOp::create(b, loc, weight, source);
  });
}

//===----------------------------------------------------------------------===//
// From codes to numbers
//===----------------------------------------------------------------------===//

template <typename Code>
static Value decodeParameter(TensorBuilder &t, nn::ParameterOp codes, nn::FixedPointAttr format,
                             const nn::ChannelMap &channels) {
  auto shape = cast<RankedTensorType>(codes.getType()).getShape();
  Elements<Code> elements(codes);
  return createParameter(t, codes, shape, [&](MutableArrayRef<float> values) {
    for (auto [i, value] : llvm::enumerate(values))
      value = float(elements[i]) * format.getDelta(format.isPerChannel() ? channels(i) : 0);
  });
}

static Value decodeParameter(TensorBuilder &t, nn::ParameterOp codes, nn::FixedPointAttr format,
                             const nn::ChannelMap &channels) {
  auto type = cast<IntegerType>(cast<RankedTensorType>(codes.getType()).getElementType());
  bool isSigned = type.isSigned();
  if (type.getWidth() == 8)
    return isSigned ? decodeParameter<int8_t>(t, codes, format, channels)
                    : decodeParameter<uint8_t>(t, codes, format, channels);
  return isSigned ? decodeParameter<int16_t>(t, codes, format, channels)
                  : decodeParameter<uint16_t>(t, codes, format, channels);
}

/// The step of the element that is computed, inside the body of a linalg.generic.
static Value getStep(OpBuilder &b, Location loc, ArrayRef<int64_t> shape, Value steps,
                     const nn::ChannelMap &channels) {
  AffineExpr linear = getAffineConstantExpr(0, b.getContext());
  SmallVector<OpFoldResult> position;
  for (auto [dim, stride] : llvm::enumerate(computeStrides(shape))) {
    linear = linear + b.getAffineDimExpr(dim) * stride;
    position.push_back(linalg::IndexOp::create(b, loc, dim).getResult());
  }
  AffineExpr channel = linear.floorDiv(channels.groupStride) * channels.groupSize +
                       linear.floorDiv(channels.stride) % channels.groupSize;
  Value index =
      affine::makeComposedAffineApply(b, loc, AffineMap::get(shape.size(), 0, channel), position);
  return tensor::ExtractOp::create(b, loc, steps, index);
}

Value fpw::decode(TensorBuilder &t, Value codes, nn::FixedPointAttr format,
                  const nn::ChannelMap &channels) {
  if (auto parameter = codes.getDefiningOp<nn::ParameterOp>())
    return decodeParameter(t, parameter, format, channels);
  Value steps = t.table(format.getDeltas());
  auto type = tensorType(codes);
  return t.map(codes, [&](OpBuilder &b, Location loc, ValueRange elements) -> Value {
    auto integer = cast<IntegerType>(type.getElementType());
    Value code = UnrealizedConversionCastOp::create(b, loc, b.getIntegerType(integer.getWidth()),
                                                    elements.front())
                     .getResult(0);
    Value number = integer.isSigned()
                       ? arith::SIToFPOp::create(b, loc, b.getF32Type(), code).getResult()
                       : arith::UIToFPOp::create(b, loc, b.getF32Type(), code).getResult();
    Value step = format.isPerChannel()
                     ? getStep(b, loc, type.getShape(), steps, channels)
                     : arith::ConstantOp::create(b, loc, b.getF32FloatAttr(format.getDelta(0)));
    return arith::MulFOp::create(b, loc, number, step);
  });
}

Value fpw::quantize(TensorBuilder &t, nn::ParameterOp parameter, nn::FixedPointAttr format,
                    const nn::ChannelMap &channels) {
  SmallVector<FixedPoint> formats;
  for (float delta : format.getDeltas())
    formats.emplace_back(format.getBits(), format.getIsSigned(), delta);
  Elements<float> elements(parameter);
  auto shape = cast<RankedTensorType>(parameter.getType()).getShape();
  return createParameter(t, parameter, shape, [&](MutableArrayRef<float> values) {
    for (auto [i, value] : llvm::enumerate(values))
      value = formats[format.isPerChannel() ? channels(i) : 0].quantize(elements[i]);
  });
}
