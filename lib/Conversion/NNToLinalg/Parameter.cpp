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
#include <cmath>
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

/// A parameter of the same name with new values of type T, which `fill` writes.
template <typename T>
static Value createParameter(TensorBuilder &t, nn::ParameterOp source, RankedTensorType type,
                             function_ref<void(MutableArrayRef<T>)> fill) {
  AsmResourceBlob blob =
      HeapAsmResourceBlob::allocate(type.getNumElements() * sizeof(T), /*align=*/64);
  MutableArrayRef<char> bytes = blob.getMutableData();
  fill({reinterpret_cast<T *>(bytes.data()), size_t(type.getNumElements())});
  auto value = DenseResourceElementsAttr::get(type, source.getName(), std::move(blob));
  return nn::ParameterOp::create(t.getBuilder(), source.getLoc(), source.getNameAttr(), value,
                                 source.getConversionAttr());
}

static Value createFloats(TensorBuilder &t, nn::ParameterOp source,
                          function_ref<void(MutableArrayRef<float>)> fill) {
  auto shape = cast<RankedTensorType>(source.getType()).getShape();
  return createParameter<float>(t, source,
                                RankedTensorType::get(shape, t.getBuilder().getF32Type()), fill);
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

  template <typename T>
  void copy(Elements<T> from, ArrayRef<int64_t> sizes, MutableArrayRef<T> to) const {
    T *next = to.data();
    copy(from, start, sizes, strides, next);
  }

private:
  template <typename T>
  static void copy(const Elements<T> &from, int64_t offset, ArrayRef<int64_t> sizes,
                   ArrayRef<int64_t> strides, T *&next) {
    if (sizes.empty()) {
      *next++ = from[offset];
      return;
    }
    for (int64_t i = 0; i < sizes.front(); ++i)
      copy(from, offset + i * strides.front(), sizes.drop_front(), strides.drop_front(), next);
  }
};
} // namespace

/// The same for a parameter whose elements have the size of T.
template <typename T>
static Value rearrangeParameter(TensorBuilder &t, nn::ParameterOp weight, ArrayRef<int64_t> sizes,
                                AffineMap map) {
  auto type = cast<RankedTensorType>(weight.getType());
  return createParameter<T>(t, weight, type.clone(sizes), [&](MutableArrayRef<T> values) {
    Walk(map, type.getShape()).copy(Elements<T>(weight), sizes, values);
  });
}

Value fpw::rearrange(TensorBuilder &t, Value weight, ArrayRef<int64_t> sizes, AffineMap map) {
  Type element = tensorType(weight).getElementType();
  if (auto parameter = weight.getDefiningOp<nn::ParameterOp>()) {
    switch (element.getIntOrFloatBitWidth()) {
    case 8:
      return rearrangeParameter<uint8_t>(t, parameter, sizes, map);
    case 16:
      return rearrangeParameter<uint16_t>(t, parameter, sizes, map);
    default:
      return rearrangeParameter<float>(t, parameter, sizes, map);
    }
  }
  auto read = [&](OpBuilder &b, Location loc, ValueRange) -> Value {
    SmallVector<OpFoldResult> position;
    for (unsigned dim = 0; dim < sizes.size(); ++dim)
      position.push_back(linalg::IndexOp::create(b, loc, dim).getResult());
    SmallVector<Value> source;
    for (AffineExpr expr : map.getResults())
      source.push_back(affine::makeComposedAffineApply(
          b, loc, AffineMap::get(map.getNumDims(), 0, expr), position));
    return tensor::ExtractOp::create(b, loc, weight, source);
  };
  return t.map(t.sizes(sizes), {}, {}, read, element);
}

//===----------------------------------------------------------------------===//
// From codes to numbers
//===----------------------------------------------------------------------===//

template <typename Code>
static Value decodeParameter(TensorBuilder &t, nn::ParameterOp codes, nn::FixedPointAttr format,
                             const nn::ChannelMap &channels) {
  Elements<Code> elements(codes);
  return createFloats(t, codes, [&](MutableArrayRef<float> values) {
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

Value fpw::computeScale(TensorBuilder &t, Value variance, Value gamma, float eps) {
  auto known = variance.getDefiningOp<nn::ParameterOp>();
  auto factor = gamma ? gamma.getDefiningOp<nn::ParameterOp>() : nn::ParameterOp();
  if (!known || (gamma && !factor))
    return nullptr;
  Elements<float> variances(known);
  return createFloats(t, factor ? factor : known, [&](MutableArrayRef<float> values) {
    for (auto [i, value] : llvm::enumerate(values))
      value = (factor ? Elements<float>(factor)[i] : 1.0f) / std::sqrt(variances[i] + eps);
  });
}

Value fpw::quantize(TensorBuilder &t, nn::ParameterOp parameter, nn::FixedPointAttr format,
                    const nn::ChannelMap &channels) {
  SmallVector<FixedPoint> formats;
  for (float delta : format.getDeltas())
    formats.emplace_back(format.getBits(), format.getIsSigned(), delta);
  Elements<float> elements(parameter);
  return createFloats(t, parameter, [&](MutableArrayRef<float> values) {
    for (auto [i, value] : llvm::enumerate(values))
      value = formats[format.isPerChannel() ? channels(i) : 0].quantize(elements[i]);
  });
}

//===----------------------------------------------------------------------===//
// Codes as integers
//===----------------------------------------------------------------------===//

Value fpw::toSignless(TensorBuilder &t, Value codes) {
  unsigned width = tensorType(codes).getElementTypeBitWidth();
  RankedTensorType type = tensorType(codes).clone(t.getBuilder().getIntegerType(width));
  auto parameter = codes.getDefiningOp<nn::ParameterOp>();
  if (!parameter)
    return tensor::BitcastOp::create(t.getBuilder(), t.getLoc(), type, codes);
  ElementsAttr value = parameter.getValue();
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value))
    value = DenseResourceElementsAttr::get(type, resource.getRawHandle());
  else
    value = cast<DenseElementsAttr>(value).bitcast(type.getElementType());
  return nn::ParameterOp::create(t.getBuilder(), parameter.getLoc(), parameter.getNameAttr(), value,
                                 parameter.getConversionAttr());
}

SmallVector<Value> fpw::splitBytes(TensorBuilder &t, Value codes) {
  RankedTensorType type = tensorType(codes);
  auto integer = cast<IntegerType>(type.getElementType());
  if (integer.getWidth() == 8)
    return {codes};
  SmallVector<Value> bytes;
  for (unsigned shift : {0, 8}) {
    Type element = IntegerType::get(t.getContext(), 8,
                                    shift > 0 ? integer.getSignedness() : IntegerType::Unsigned);
    if (auto parameter = codes.getDefiningOp<nn::ParameterOp>()) {
      Elements<uint16_t> elements(parameter);
      bytes.push_back(createParameter<uint8_t>(t, parameter, type.clone(element),
                                               [&](MutableArrayRef<uint8_t> values) {
                                                 for (auto [i, value] : llvm::enumerate(values))
                                                   value = uint8_t(elements[i] >> shift);
                                               }));
      continue;
    }
    Value byte = t.map(
        t.sizesOf(codes), toSignless(t, codes), t.identity(type.getRank()),
        [&](OpBuilder &b, Location loc, ValueRange in) -> Value {
          Value amount = arith::ConstantIntOp::create(b, loc, shift, 16);
          Value shifted = arith::ShRUIOp::create(b, loc, in.front(), amount);
          return arith::TruncIOp::create(b, loc, b.getI8Type(), shifted);
        },
        t.getBuilder().getI8Type());
    bytes.push_back(
        tensor::BitcastOp::create(t.getBuilder(), t.getLoc(), type.clone(element), byte));
  }
  return bytes;
}

template <typename Code>
static int64_t sumMagnitudes(nn::ParameterOp codes, const nn::ChannelMap &channels) {
  Elements<Code> elements(codes);
  SmallVector<int64_t> sums(channels.numChannels, 0);
  int64_t count = cast<RankedTensorType>(codes.getType()).getNumElements();
  for (int64_t i = 0; i < count; ++i)
    sums[channels(i)] += std::abs(int64_t(elements[i]));
  return sums.empty() ? 0 : *llvm::max_element(sums);
}

int64_t fpw::sumMagnitudes(Value codes, const nn::ChannelMap &channels) {
  auto type = cast<IntegerType>(tensorType(codes).getElementType());
  bool isSigned = type.isSigned();
  auto parameter = codes.getDefiningOp<nn::ParameterOp>();
  if (!parameter) {
    int64_t perChannel =
        tensorType(codes).getNumElements() / std::max<int64_t>(channels.numChannels, 1);
    return perChannel << (type.getWidth() - (isSigned ? 1 : 0));
  }
  if (type.getWidth() == 8)
    return isSigned ? ::sumMagnitudes<int8_t>(parameter, channels)
                    : ::sumMagnitudes<uint8_t>(parameter, channels);
  return isSigned ? ::sumMagnitudes<int16_t>(parameter, channels)
                  : ::sumMagnitudes<uint16_t>(parameter, channels);
}
