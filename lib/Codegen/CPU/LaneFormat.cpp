//===- LaneFormat.cpp - Which elements of a code share a lane ---*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LaneFormat.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace fpw::cpu {

std::optional<LaneFormat> LaneFormat::get(StringRef kernel, int64_t digits, bool isUnsigned) {
  using Format = std::optional<LaneFormat>;
  return llvm::StringSwitch<Format>(kernel)
      .Case(kDotBytesKernel, LaneFormat{digits, isUnsigned, 8, 1})
      .Case(kDotWordsKernel, LaneFormat{digits, isUnsigned, 16, 2})
      .Case(kDotDigitsKernel, LaneFormat{digits, isUnsigned, 16, 1})
      .Case(kDotChannelsKernel, LaneFormat{digits, isUnsigned, 32, 2})
      .Default(std::nullopt);
}

int64_t LaneFormat::getOffset() const {
  if (elementBits == 8)
    return isUnsigned ? 0 : 128;
  if (digitsPerSum == 1)
    return 0;
  if (isUnsigned)
    return digits > 1 ? -32768 : 0;
  return digits > 2 ? 128 : 0;
}

namespace {
/// What makes the elements of a code lie side by side in the bits of an i32.
struct Preparation {
  uint32_t add, flip;
};
} // namespace

/// Bytes of 0x80 below byte `count`.
static uint32_t getBytesOf0x80(int64_t count) {
  return uint32_t(0x80808080u & llvm::maskTrailingOnes<uint64_t>(8 * count));
}

static Preparation getPreparation(const LaneFormat &format) {
  if (format.digitsPerSum == 2) {
    if (format.isUnsigned)
      return {0, format.digits == 1 ? 0 : format.digits == 2 ? 0x8000u : 0x80008000u};
    // c + 32896 has c_lo + 32896 in its lower half, and c_hi in the upper one, which gets 128.
    return format.digits > 2 ? Preparation{0x808080, 0x8000} : Preparation{0, 0};
  }
  if (format.isUnsigned)
    return {0, 0};
  // Plain bytes of c + 0x80...80 are balanced digits plus 128, but for the highest.
  uint32_t lower = getBytesOf0x80(format.digits - 1), all = getBytesOf0x80(format.digits);
  return {lower, format.elementBits == 8 ? all ^ lower : lower};
}

int64_t LaneFormat::getPadding() const {
  if (!hasCodeInLane())
    return getOffset();
  Preparation prepare = getPreparation(*this);
  return int32_t(prepare.add ^ prepare.flip);
}

Value LaneFormat::emitElement(OpBuilder &b, Location loc, Value code, Value number) const {
  auto constant = [&](uint32_t value) -> Value {
    return arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(int32_t(value)));
  };
  Preparation prepare = getPreparation(*this);
  if (prepare.add != 0)
    code = arith::AddIOp::create(b, loc, code, constant(prepare.add));
  if (prepare.flip != 0)
    code = arith::XOrIOp::create(b, loc, code, constant(prepare.flip));
  if (hasCodeInLane())
    return code;
  if (countElements() > 1) {
    Value shift = arith::MulIOp::create(b, loc, number, constant(8 * digitsPerSum));
    code = arith::ShRUIOp::create(b, loc, code, shift);
  }
  Type element = b.getIntegerType(8 * digitsPerSum);
  Value bits = arith::TruncIOp::create(b, loc, element, code);
  if (elementBits == 8 * digitsPerSum)
    return bits;
  if (isUnsigned)
    return arith::ExtUIOp::create(b, loc, b.getIntegerType(elementBits), bits);
  return arith::ExtSIOp::create(b, loc, b.getIntegerType(elementBits), bits);
}

} // namespace fpw::cpu
