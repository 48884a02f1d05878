//===- Digits.cpp - Fixed-point layers in exact integer arithmetic -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// docs/Numerics.md is the contract; the names N1 to N6 are its sections. A layer becomes
//
//   maximum    the largest |x| of each unit, by its bits            tensor<units x i32>
//   step       the step of each unit and its inverse                tensor<units x f32>
//   split      the D digits of each code roundeven(x * inverse)     tensor<D x input x i8>
//   contract   the sums of digits times weight codes                tensor<D x result x i32>
//   combine    the sums of all digits, scaled, plus the bias        tensor<result x f32>
//
// The digits are D more images of the batch. Signed codes have balanced digits, c = sum d_i * 256^i
// with d_i in [-128, 127]: adding 0x80 to all digits but the top one makes the digits plain bytes,
// from which an exclusive or with 0x80 takes it away again. The marks `fpw.role` tell a code
// generator which op is which; the ops mean what they say without them. A layer with static steps
// has constants instead of the first two.

#include "Parameter.h"
#include "Patterns.h"
#include "Product.h"

#include "fpw/Conversion/NNToLinalg.h"
#include "fpw/Dialect/NN/IR/LayerDims.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;
using namespace fpw;
using nn::Units;

//===----------------------------------------------------------------------===//
// Units (N1)
//===----------------------------------------------------------------------===//

/// The unit of an output, in a result with several dimensions of channels.
static AffineMap getUnitMap(TensorBuilder &t, const Units &units, int64_t resultRank,
                            ArrayRef<int64_t> channelDims) {
  SmallVector<AffineExpr> unit;
  for (auto [dim, stride] : llvm::zip_equal(units.dims, units.strides)) {
    int64_t moved = dim < channelDims.front() ? dim : dim + channelDims.size() - 1;
    unit.push_back(t.dim(moved) * stride);
  }
  return AffineMap::get(resultRank, 0, unit, t.getContext());
}

/// The input with what is multiplied by one weight in a dimension by itself, so that its codes lie
/// in a row: the columns of an affine layer, the channels of a group.
static Value arrangeInput(TensorBuilder &t, nn::LayerOpInterface layer, Value input,
                          const Units &units) {
  int64_t leading = units.dims.size(), columns = rankOf(input) - leading;
  auto splitGroups = [&](auto op) {
    int64_t groups = op.getGroup(), channels = tensorType(input).getShape().back() / groups;
    if (!op.getChannelLast() || groups == 1 || channels == 1)
      return input;
    return t.expandDim(input, rankOf(input) - 1, {groups, channels});
  };
  return TypeSwitch<Operation *, Value>(layer)
      .Case<nn::FixedPointQuantizedAffineOp>(
          [&](auto) { return columns > 1 ? t.collapseDims(input, leading, columns) : input; })
      .Case<nn::FixedPointQuantizedConvolutionOp, nn::FixedPointQuantizedDeconvolutionOp>(
          splitGroups)
      .Default(input);
}

//===----------------------------------------------------------------------===//
// Codes of activations (N2 to N4)
//===----------------------------------------------------------------------===//

namespace {

constexpr int64_t kInfinityBits = 0x7f800000;
constexpr int64_t kMantissaBits = 23;
constexpr int64_t kExponentBias = 127;
constexpr int64_t kSmallestExponent = -124;

/// The exponent of the smallest magnitude whose step need not be a power of two (N3).
constexpr int64_t kSmallestRatio = -100;

/// The codes of an input: `count` digits of eight bits.
struct Digits {
  int64_t count;
  bool isUnsigned;

  /// The largest f32 that is not above Q, by its bits.
  uint32_t getLargestBits() const {
    double largest =
        isUnsigned ? llvm::maxUIntN(8 * count) : double(127 * (llvm::maxUIntN(8 * count) / 255));
    APFloat value(largest);
    bool loses;
    value.convert(APFloat::IEEEsingle(), APFloat::rmTowardZero, &loses);
    return value.bitcastToAPInt().getZExtValue();
  }

  float getLargest() const { return llvm::bit_cast<float>(getLargestBits()); }

  /// Whether steps are ratios, which use all codes, and not powers of two, which are exact.
  bool haveRatios() const { return count == 1; }

  int64_t getExponentOfLargest() const { return getLargestBits() >> kMantissaBits; }

  /// What carries from the mantissa of a number into its exponent if it is above that of the
  /// largest.
  int64_t getCarry() const {
    return llvm::maskTrailingOnes<uint32_t>(kMantissaBits) & ~getLargestBits();
  }

  /// What makes plain bytes of balanced digits.
  int64_t getOffset() const {
    return isUnsigned ? 0 : int64_t(0x80808080u & llvm::maxUIntN(8 * (count - 1)));
  }

  /// The largest magnitude of a digit, and of a pair of digits.
  int64_t getLargestDigit() const { return isUnsigned ? 255 : 128; }
  int64_t getLargestPair() const { return isUnsigned ? 65535 : 32896; }
};

/// Integer and bit operations inside the body of a linalg.generic.
struct Bits {
  OpBuilder &b;
  Location loc;

  Value constant(int64_t value) { return arith::ConstantIntOp::create(b, loc, value, 32); }
  Value constantFloat(float value) {
    return arith::ConstantOp::create(b, loc, b.getF32FloatAttr(value));
  }
  Value ofFloat(Value x) { return arith::BitcastOp::create(b, loc, b.getI32Type(), x); }
  Value toFloat(Value bits) { return arith::BitcastOp::create(b, loc, b.getF32Type(), bits); }
  Value compare(arith::CmpIPredicate predicate, Value x, int64_t value) {
    return arith::CmpIOp::create(b, loc, predicate, x, constant(value));
  }
  Value select(Value condition, Value yes, Value no) {
    return arith::SelectOp::create(b, loc, condition, yes, no);
  }
  Value selectIf(arith::CmpFPredicate predicate, Value x, Value limit) {
    return select(arith::CmpFOp::create(b, loc, predicate, x, limit), x, limit);
  }
};

/// The step of all units, known beforehand.
struct StaticStep {
  float inverse, step;
};

/// Steps and their inverses: a tensor over the units each, or numbers.
struct Steps {
  Value inverse, step;
  StaticStep fixed = {};
};

} // namespace

/// Marks an op for code generators.
static Value mark(Value result, StringRef role) {
  result.getDefiningOp()->setAttr(kRoleAttr, StringAttr::get(result.getContext(), role));
  return result;
}

/// N2: the bits of the largest magnitude of each unit.
static Value findMaximum(TensorBuilder &t, Value input, const Units &units) {
  int64_t rank = rankOf(input);
  Sizes sizes;
  for (int64_t dim : units.dims)
    sizes.push_back(t.sizeOf(input, dim));
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::reduction);
  for (int64_t dim : units.dims)
    iterators[dim] = utils::IteratorType::parallel;
  Value zero = t.zeros(sizes, t.getBuilder().getI32Type());
  Value result = t.generic(zero, input, {t.identity(rank), t.select(rank, units.dims)}, iterators,
                           [](OpBuilder &b, Location loc, ValueRange elements) -> Value {
                             Bits bits{b, loc};
                             Value magnitude = arith::AndIOp::create(
                                 b, loc, bits.ofFloat(elements[0]), bits.constant(INT32_MAX));
                             return arith::MaxUIOp::create(b, loc, magnitude, elements[1]);
                           });
  return mark(result, "maximum");
}

/// N3: the exponent e. With Q cut to an f32, Q = 1.q * 2^t, and a = 1.m * 2^s, it is s - t, or one
/// more if m > q. Adding 2^23 - 1 - q to the bits of a carries into the exponent exactly then.
static Value getExponent(Bits &bits, Value maximum, const Digits &digits) {
  Value carried =
      arith::AddIOp::create(bits.b, bits.loc, maximum, bits.constant(digits.getCarry()));
  Value exponent = arith::ShRUIOp::create(bits.b, bits.loc, carried, bits.constant(kMantissaBits));
  exponent = arith::SubIOp::create(bits.b, bits.loc, exponent,
                                   bits.constant(digits.getExponentOfLargest()));
  exponent = arith::MaxSIOp::create(bits.b, bits.loc, exponent, bits.constant(kSmallestExponent));
  return bits.select(bits.compare(arith::CmpIPredicate::eq, maximum, 0), bits.constant(0),
                     exponent);
}

/// The step for a maximum known beforehand, which is not 0.
static StaticStep getStep(const APFloat &maximum, const Digits &digits) {
  float a = maximum.convertToFloat();
  if (digits.haveRatios() && a >= std::ldexp(1.0f, kSmallestRatio))
    return {digits.getLargest() / a, a / digits.getLargest()};
  int64_t carried = maximum.bitcastToAPInt().getZExtValue() + digits.getCarry();
  int64_t exponent =
      std::max((carried >> kMantissaBits) - digits.getExponentOfLargest(), kSmallestExponent);
  return {std::ldexp(1.0f, -exponent), std::ldexp(1.0f, exponent)};
}

/// N3: 2^e or a / Q, or the inverse. A unit that is not finite gets a step of NaN, so that all its
/// outputs are NaN, and an inverse of 0.
static Value getSteps(TensorBuilder &t, Value maximum, const Digits &digits, bool isInverse) {
  Value result = t.map(maximum, [&](OpBuilder &b, Location loc, ValueRange elements) -> Value {
    Bits bits{b, loc};
    Value exponent = getExponent(bits, elements[0], digits);
    Value bias = bits.constant(kExponentBias);
    Value biased = isInverse ? arith::SubIOp::create(b, loc, bias, exponent).getResult()
                             : arith::AddIOp::create(b, loc, bias, exponent).getResult();
    Value step = bits.toFloat(arith::ShLIOp::create(b, loc, biased, bits.constant(kMantissaBits)));
    if (digits.haveRatios()) {
      Value a = bits.toFloat(elements[0]), largest = bits.constantFloat(digits.getLargest());
      Value ratio = arith::DivFOp::create(b, loc, isInverse ? largest : a, isInverse ? a : largest);
      int64_t smallest = (kExponentBias + kSmallestRatio) << kMantissaBits;
      step =
          bits.select(bits.compare(arith::CmpIPredicate::uge, elements[0], smallest), ratio, step);
    }
    Value isFinite = bits.compare(arith::CmpIPredicate::ult, elements[0], kInfinityBits);
    Value otherwise = isInverse ? bits.constantFloat(0.0f)
                                : bits.constantFloat(std::numeric_limits<float>::quiet_NaN());
    return bits.select(isFinite, step, otherwise);
  });
  return mark(result, isInverse ? "inverse" : "step");
}

/// The steps of a layer's units, from the layer or from their elements.
static Steps getSteps(TensorBuilder &t, Value input, const Units &units, const Digits &digits,
                      std::optional<APFloat> givenMaximum) {
  if (givenMaximum)
    return {Value(), Value(), getStep(*givenMaximum, digits)};
  Value maximum = findMaximum(t, input, units);
  return {getSteps(t, maximum, digits, /*isInverse=*/true),
          getSteps(t, maximum, digits, /*isInverse=*/false)};
}

/// Elements of units that are not finite: their outputs are NaN whatever the code.
static Value replaceNaN(Bits &bits, Value scaled) {
  Value isNumber =
      arith::CmpFOp::create(bits.b, bits.loc, arith::CmpFPredicate::ORD, scaled, scaled);
  return bits.select(isNumber, scaled, bits.constantFloat(0.0f));
}

/// Static steps: the nearest number that has a code, the smallest one for a NaN.
static Value clamp(Bits &bits, Value scaled, const Digits &digits) {
  float largest = digits.getLargest();
  Value low = bits.constantFloat(digits.isUnsigned ? 0.0f : -largest);
  scaled = bits.selectIf(arith::CmpFPredicate::OGT, scaled, low);
  return bits.selectIf(arith::CmpFPredicate::OLT, scaled, bits.constantFloat(largest));
}

/// N4: the code of an element, plus the offset of its digits. Without `inverse` the step is static.
static Value getCode(Bits &bits, Value x, Value inverse, const Steps &steps, const Digits &digits) {
  OpBuilder &b = bits.b;
  Value factor = inverse ? inverse : bits.constantFloat(steps.fixed.inverse);
  Value scaled = arith::MulFOp::create(b, bits.loc, x, factor);
  scaled = inverse ? replaceNaN(bits, scaled) : clamp(bits, scaled, digits);
  Value rounded = math::RoundEvenOp::create(b, bits.loc, scaled);
  if (digits.isUnsigned)
    return arith::FPToUIOp::create(b, bits.loc, b.getI32Type(), rounded);
  Value code = arith::FPToSIOp::create(b, bits.loc, b.getI32Type(), rounded);
  return arith::AddIOp::create(b, bits.loc, code, bits.constant(digits.getOffset()));
}

/// N4: the digits of all codes, the lowest first.
static Value split(TensorBuilder &t, Value input, const Steps &steps, const Units &units,
                   const Digits &digits) {
  int64_t rank = rankOf(input);
  Sizes sizes = t.sizesOf(input);
  sizes.insert(sizes.begin(), t.size(digits.count));
  SmallVector<int64_t> inputDims = llvm::to_vector(llvm::seq<int64_t>(1, rank + 1));
  SmallVector<int64_t> unitDims =
      llvm::map_to_vector(units.dims, [](int64_t dim) { return dim + 1; });
  SmallVector<Value> inputs = {input};
  SmallVector<AffineMap> maps = {t.select(rank + 1, inputDims)};
  if (steps.inverse) {
    inputs.push_back(steps.inverse);
    maps.push_back(t.select(rank + 1, unitDims));
  }
  Value result = t.map(
      sizes, inputs, maps,
      [&](OpBuilder &b, Location loc, ValueRange elements) -> Value {
        Bits bits{b, loc};
        Value inverse = steps.inverse ? elements[1] : Value();
        Value code = getCode(bits, elements[0], inverse, steps, digits);
        Value plane =
            arith::IndexCastOp::create(b, loc, b.getI32Type(), linalg::IndexOp::create(b, loc, 0));
        Value shift = arith::MulIOp::create(b, loc, plane, bits.constant(8));
        Value byte = arith::ShRUIOp::create(b, loc, code, shift);
        if (!digits.isUnsigned) {
          Value isTop = bits.compare(arith::CmpIPredicate::eq, plane, digits.count - 1);
          Value flip = bits.select(isTop, bits.constant(0), bits.constant(0x80));
          byte = arith::XOrIOp::create(b, loc, byte, flip);
        }
        return arith::TruncIOp::create(b, loc, b.getI8Type(), byte);
      },
      t.getBuilder().getI8Type());
  return mark(result, "split");
}

//===----------------------------------------------------------------------===//
// Sums (N5)
//===----------------------------------------------------------------------===//

/// The smallest of i32 and i64 that holds all sums of products of numbers up to `largest` and the
/// codes of one output, whose magnitudes add up to `magnitude`.
static Type getSumType(OpBuilder &b, int64_t largest, int64_t magnitude) {
  int64_t bound;
  bool fits = !llvm::MulOverflow(largest, magnitude, bound) && bound <= INT32_MAX;
  return fits ? b.getI32Type() : b.getI64Type();
}

/// The results that `finish` makes of the sums of digits, which each byte of the weights has.
static Value sumDigits(TensorBuilder &t, nn::LayerOpInterface layer, Value planes, Value codes,
                       const Digits &digits, Finish finish) {
  auto makeBody = [&](bool isUnsignedWeight) {
    return [&digits, isUnsignedWeight](OpBuilder &b, Location loc, ValueRange elements) -> Value {
      Value sum = elements[2];
      auto extend = [&](Value integer, bool isUnsigned) -> Value {
        if (isUnsigned)
          return arith::ExtUIOp::create(b, loc, sum.getType(), integer);
        return arith::ExtSIOp::create(b, loc, sum.getType(), integer);
      };
      Value product = arith::MulIOp::create(b, loc, extend(elements[0], digits.isUnsigned),
                                            extend(elements[1], isUnsignedWeight));
      return arith::AddIOp::create(b, loc, sum, product);
    };
  };
  auto multiplySigned = makeBody(false), multiplyUnsigned = makeBody(true);
  Factors factors{planes, {}, /*bias=*/Value(), /*extraRank=*/1, finish};
  for (Value byte : splitBytes(t, codes)) {
    int64_t magnitude = sumMagnitudes(byte, layer.getChannelMap());
    Type sum = getSumType(t.getBuilder(), digits.getLargestDigit(), magnitude);
    bool isUnsigned = tensorType(byte).getElementType().isUnsignedInteger();
    factors.weights.push_back(
        {toSignless(t, byte), sum,
         isUnsigned ? TensorBuilder::Body(multiplyUnsigned) : TensorBuilder::Body(multiplySigned)});
  }
  return multiply(t, layer, factors);
}

//===----------------------------------------------------------------------===//
// Results (N6)
//===----------------------------------------------------------------------===//

/// The sum that neighbouring digits stand for, the lowest first: each counts 256 times the one
/// below.
static Value combineDigits(OpBuilder &b, Location loc, ArrayRef<Value> digits, Type type) {
  auto widen = [&](Value sum) -> Value {
    return sum.getType() == type ? sum : arith::ExtSIOp::create(b, loc, type, sum).getResult();
  };
  if (digits.size() == 1)
    return digits.front();
  Value base = arith::ConstantOp::create(b, loc, b.getIntegerAttr(type, 256));
  Value result = widen(digits.back());
  for (Value digit : llvm::reverse(digits.drop_back()))
    result =
        arith::AddIOp::create(b, loc, arith::MulIOp::create(b, loc, result, base), widen(digit));
  return result;
}

/// The sums of a unit of the result, by the byte of the weight and the digit of the activation.
struct SumsOfDigits {
  ValueRange elements; ///< all digits of the first byte first
  int64_t bytes, digits;

  /// What one or two digits from `first` on stand for.
  Value combine(OpBuilder &b, Location loc, int64_t first, Type type) const {
    SmallVector<Value> ofBytes;
    for (int64_t byte = 0; byte < bytes; ++byte) {
      auto pair = elements.slice(byte * digits + first, std::min<int64_t>(2, digits - first));
      ofBytes.push_back(combineDigits(b, loc, llvm::to_vector(pair), type));
    }
    return combineDigits(b, loc, ofBytes, type);
  }
};

/// N6: y = f32(S_hi) * (65536 * sigma) + (f32(S_lo) * sigma + b), with sigma = delta * step. A
/// part of the result that no product reaches has no sums.
static Value combine(TensorBuilder &t, nn::FixedPointAttr format, ValueRange sums,
                     ArrayRef<OpFoldResult> sizes, ArrayRef<int64_t> channelDims,
                     const Steps &steps, Value bias, const Units &units, const Digits &digits,
                     int64_t magnitude) {
  int64_t rank = sizes.size();
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  auto addInput = [&](Value input, AffineMap map) {
    inputs.push_back(input);
    maps.push_back(map);
  };
  for (Value ofByte : sums)
    for (int64_t plane = 0; plane < digits.count; ++plane)
      addInput(ofByte,
               t.identity(rank).insertResult(t.getBuilder().getAffineConstantExpr(plane), 0));
  if (steps.step)
    addInput(steps.step, getUnitMap(t, units, rank, channelDims));
  AffineMap channels = t.select(rank, channelDims);
  SmallVector<int64_t> channelSizes = llvm::map_to_vector(
      channelDims, [&](int64_t dim) { return *getConstantIntValue(sizes[dim]); });
  if (format.isPerChannel())
    addInput(t.table(format.getDeltas(), channelSizes), channels);
  if (bias)
    addInput(reshapeWeight(t, bias, channelSizes), channels);

  // Sums of a low byte may be larger than those of the whole codes.
  bool areSumsWide = llvm::any_of(
      sums, [](Value ofByte) { return getElementTypeOrSelf(ofByte.getType()).isInteger(64); });
  Type pairType = areSumsWide ? t.getBuilder().getI64Type()
                              : getSumType(t.getBuilder(), digits.getLargestPair(), magnitude);
  Value result = t.map(sizes, inputs, maps, [&](OpBuilder &b, Location loc, ValueRange elements) {
    Bits bits{b, loc};
    auto pair = [&](int64_t lower) -> Value {
      if (sums.empty())
        return bits.constant(0);
      return SumsOfDigits{elements, int64_t(sums.size()), digits.count}.combine(b, loc, lower,
                                                                                pairType);
    };
    auto scale = [&](Value sum, Value sigma) -> Value {
      Value number = arith::SIToFPOp::create(b, loc, b.getF32Type(), sum);
      return arith::MulFOp::create(b, loc, number, sigma);
    };
    int64_t next = sums.size() * digits.count;
    Value stepOfUnit = steps.step ? elements[next++] : bits.constantFloat(steps.fixed.step);
    Value delta = format.isPerChannel() ? elements[next++] : bits.constantFloat(format.getDelta(0));
    Value sigma = arith::MulFOp::create(b, loc, delta, stepOfUnit);
    // A bias of +0.0 turns a product that underflows to -0.0 into +0.0.
    Value start = bits.constantFloat(0.0f);
    if (bias)
      start = arith::AddFOp::create(b, loc, elements[next], start);
    Value low = arith::AddFOp::create(b, loc, scale(pair(0), sigma), start);
    if (digits.count <= 2)
      return low;
    Value sigmaOfHigh = arith::MulFOp::create(b, loc, sigma, bits.constantFloat(65536.0f));
    return arith::AddFOp::create(b, loc, scale(pair(2), sigmaOfHigh), low).getResult();
  });
  return mark(result, "combine");
}

//===----------------------------------------------------------------------===//
// Patterns
//===----------------------------------------------------------------------===//

namespace {

template <typename Op> struct LowerToDigits : OpConversionPattern<Op> {
  LowerToDigits(MLIRContext *context, unsigned activationBits)
      : OpConversionPattern<Op>(context, /*benefit=*/2), activationBits(activationBits) {}

  LogicalResult matchAndRewrite(Op op, typename Op::Adaptor operands,
                                ConversionPatternRewriter &rewriter) const override {
    TensorBuilder t(rewriter, op.getLoc());
    auto layer = cast<nn::LayerOpInterface>(op.getOperation());
    Digits digits{activationBits / 8, op.getNonNegative()};
    Units units = nn::getUnits(layer);
    int64_t magnitude = sumMagnitudes(operands.getWeight(), layer.getChannelMap());

    Value input = arrangeInput(t, layer, operands.getInput(), units);
    Steps steps = getSteps(t, input, units, digits, op.getActivationMaximum());
    Value bias = operands.getBias();
    if (bias && op.getBiasFormat())
      bias = decode(t, bias, *op.getBiasFormat(), nn::ChannelMap());
    Value planes = split(t, input, steps, units, digits);
    nn::FixedPointAttr format = layer.getWeightFormatOrNull();
    auto finish = [&](ValueRange sums, ArrayRef<OpFoldResult> sizes,
                      ArrayRef<int64_t> channelDims) {
      return combine(t, format, sums, sizes, channelDims, steps, bias, units, digits, magnitude);
    };
    Value result = sumDigits(t, layer, planes, operands.getWeight(), digits, finish);
    if (!result)
      return failure();
    rewriter.replaceOp(op, t.cast(result, op.getType()));
    return success();
  }

  unsigned activationBits;
};

} // namespace

void fpw::populateDigitsPatterns(RewritePatternSet &patterns, unsigned activationBits) {
  using namespace nn;
  patterns.add<LowerToDigits<FixedPointQuantizedAffineOp>,
               LowerToDigits<FixedPointQuantizedConvolutionOp>,
               LowerToDigits<FixedPointQuantizedDeconvolutionOp>,
               LowerToDigits<FixedPointQuantizedDepthwiseConvolutionOp>,
               LowerToDigits<FixedPointQuantizedDepthwiseDeconvolutionOp>>(patterns.getContext(),
                                                                           activationBits);
}
