//===- Lanes.cpp - Formulas over scalars and vectors -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Lanes.h"

#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;

namespace fpw {

//===----------------------------------------------------------------------===//
// Types and constants
//===----------------------------------------------------------------------===//

Type Lanes::getTypeOf(Type element) const {
  auto vector = dyn_cast<VectorType>(value.getType());
  return vector ? Type(vector.clone(element)) : element;
}

static Value makeConstantOf(ImplicitLocOpBuilder &builder, Type type, TypedAttr element) {
  if (auto vector = dyn_cast<VectorType>(type))
    element = DenseElementsAttr::get(vector, Attribute(element));
  return arith::ConstantOp::create(builder, element);
}

Lanes Lanes::makeFloat(double number) const {
  FloatAttr element = builder->getFloatAttr(getElementType(), number);
  return Lanes(*builder, makeConstantOf(*builder, value.getType(), element));
}

Lanes Lanes::makeInteger(int64_t number) const {
  APInt bits = APInt(64, number, /*isSigned=*/true).trunc(getBits());
  IntegerAttr element = builder->getIntegerAttr(getElementType(), bits);
  return Lanes(*builder, makeConstantOf(*builder, value.getType(), element));
}

//===----------------------------------------------------------------------===//
// Conversions
//===----------------------------------------------------------------------===//

template <typename Op> static Lanes convert(ImplicitLocOpBuilder &builder, Type type, Value value) {
  return Lanes(builder, Op::create(builder, type, value));
}

Lanes Lanes::toBits() const {
  return convert<arith::BitcastOp>(*builder, getTypeOf(builder->getIntegerType(getBits())), value);
}

Lanes Lanes::fromBits() const {
  Type element = getBits() == 64 ? Type(builder->getF64Type()) : builder->getF32Type();
  return convert<arith::BitcastOp>(*builder, getTypeOf(element), value);
}

Lanes Lanes::toFloat() const {
  return convert<arith::SIToFPOp>(*builder, getTypeOf(builder->getF32Type()), value);
}

Lanes Lanes::extendToDouble() const {
  return convert<arith::ExtFOp>(*builder, getTypeOf(builder->getF64Type()), value);
}

Lanes Lanes::extendUnsigned() const {
  return convert<arith::ExtUIOp>(*builder, getTypeOf(builder->getI64Type()), value);
}

Lanes Lanes::truncateToFloat() const {
  return convert<arith::TruncFOp>(*builder, getTypeOf(builder->getF32Type()), value);
}

Lanes Lanes::truncateToWord() const {
  return convert<arith::TruncIOp>(*builder, getTypeOf(builder->getI32Type()), value);
}

//===----------------------------------------------------------------------===//
// Operators
//===----------------------------------------------------------------------===//

Lanes Lanes::compare(arith::CmpFPredicate floats, arith::CmpIPredicate integers, Lanes a, Lanes b) {
  ImplicitLocOpBuilder &builder = *a.builder;
  if (a.isFloat())
    return Lanes(builder, arith::CmpFOp::create(builder, floats, a.value, b.value));
  return Lanes(builder, arith::CmpIOp::create(builder, integers, a.value, b.value));
}

Lanes Lanes::negate() const {
  if (isFloat())
    return Lanes(*builder, arith::NegFOp::create(*builder, value));
  return 0 - *this;
}

Lanes select(Lanes condition, Lanes yes, Lanes no) {
  ImplicitLocOpBuilder &builder = *yes.builder;
  return Lanes(builder, arith::SelectOp::create(builder, condition.value, yes.value, no.value));
}

Lanes shiftRightUnsigned(Lanes a, Lanes count) { return Lanes::binary<arith::ShRUIOp>(a, count); }

Lanes shiftRightUnsigned(Lanes a, int64_t count) {
  return shiftRightUnsigned(a, a.makeConstant(count));
}

Lanes shiftRightSigned(Lanes a, int64_t count) {
  return Lanes::binary<arith::ShRSIOp>(a, a.makeConstant(count));
}

//===----------------------------------------------------------------------===//
// Signs and polynomials
//===----------------------------------------------------------------------===//

static int64_t getSignBit(Lanes bits) { return int64_t(uint64_t(1) << (bits.getBits() - 1)); }

Lanes abs(Lanes x) {
  Lanes bits = x.toBits();
  return (bits & (getSignBit(bits) - 1)).fromBits();
}

Lanes copySign(Lanes magnitude, Lanes sign) {
  Lanes bits = magnitude.toBits();
  int64_t signBit = getSignBit(bits);
  return ((bits & (signBit - 1)) | (sign.toBits() & signBit)).fromBits();
}

Lanes flipSign(Lanes x, Lanes topBit) {
  Lanes bits = x.toBits();
  return (bits ^ (topBit & getSignBit(bits))).fromBits();
}

Lanes horner(Lanes x, std::initializer_list<double> coefficients) {
  Lanes y = x.makeConstant(*coefficients.begin());
  for (double c : ArrayRef<double>(coefficients).drop_front())
    y = y * x + c;
  return y;
}

} // namespace fpw
