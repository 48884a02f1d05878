//===- LaneFormat.h - Which elements of a code share a lane -----*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Codes of activations are cut into elements for lanes of 32 bits: bytes of one digit, words of two
// digits, or words of one digit where sums of words would not fit. Where each channel has sums of
// its own, the two words of one code share a lane. Elements carry an offset where the code's own
// range does not fit their type:
//
//                                        range without offset    offset
//   words of two digits,  signed,   D > 2   [-32896, 32639]          128
//                         unsigned, D > 1   [0, 65535]            -32768
//   bytes,                signed            [-128, 127]              128
//
// Padding holds the offset, so that sum(element * k) - offset * sum(k), with sum(k) over all taps,
// is the sum without it. Sums wrap around: the result fits, and that is enough.
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_CODEGEN_CPU_LANEFORMAT_H
#define FPW_LIB_CODEGEN_CPU_LANEFORMAT_H

#include "fpw/Support/LLVM.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Operation.h"
#include <optional>

namespace fpw::cpu {

/// Values of `fpw.kernel` for kernels on lanes.
inline constexpr StringLiteral kDotBytesKernel = "dot-bytes";
inline constexpr StringLiteral kDotWordsKernel = "dot-words";
inline constexpr StringLiteral kDotDigitsKernel = "dot-digits";
inline constexpr StringLiteral kDotChannelsKernel = "dot-channels";

/// The elements that codes of some digits are cut into.
struct LaneFormat {
  int64_t digits;       ///< of a code
  bool isUnsigned;      ///< whether codes are
  int64_t elementBits;  ///< 8, 16, or 32 for the words of a code together
  int64_t digitsPerSum; ///< 1 or 2

  /// The format of a kernel, if the attribute names one.
  static std::optional<LaneFormat> get(StringRef kernel, int64_t digits, bool isUnsigned);

  /// Whether a lane holds one code, rather than elements of several.
  bool hasCodeInLane() const { return elementBits == 32; }
  int64_t countSums() const { return (digits + digitsPerSum - 1) / digitsPerSum; }
  int64_t countElements() const { return hasCodeInLane() ? 1 : countSums(); }
  /// The factors in a lane.
  int64_t getLaneSize() const { return elementBits == 8 ? 4 : 2; }
  int64_t getOffset() const;
  /// The element of the code 0.
  int64_t getPadding() const;

  /// The elements of a code; `number` is the index of the element.
  Value emitElement(OpBuilder &builder, mlir::Location loc, Value code, Value number) const;
};

} // namespace fpw::cpu

#endif // FPW_LIB_CODEGEN_CPU_LANEFORMAT_H
