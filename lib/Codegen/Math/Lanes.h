//===- Lanes.h - Formulas over scalars and vectors -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lets a formula be written as C++ over numbers, and builds arith ops from it: on a float, an
// integer or a vector of them, every lane alike. The order of the operators is the order of the
// operations.
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_CODEGEN_MATH_LANES_H
#define FPW_LIB_CODEGEN_MATH_LANES_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/TypeUtilities.h"
#include <initializer_list>
#include <type_traits>

namespace fpw {

/// A scalar or vector value and where the ops of a formula over it go.
class Lanes {
public:
  Lanes(mlir::ImplicitLocOpBuilder &builder, mlir::Value value) : builder(&builder), value(value) {}

  mlir::Value getValue() const { return value; }
  bool isFloat() const { return llvm::isa<mlir::FloatType>(getElementType()); }
  unsigned getBits() const { return getElementType().getIntOrFloatBitWidth(); }

  /// A number of this type in every lane.
  template <typename Number> Lanes makeConstant(Number number) const {
    return isFloat() ? makeFloat(static_cast<double>(number))
                     : makeInteger(static_cast<int64_t>(number));
  }

  /// The bits of floats as integers of the same size, and the reverse.
  Lanes toBits() const;
  Lanes fromBits() const;

  /// Conversions that keep every value.
  Lanes toFloat() const;         ///< From i32, as far as f32 holds it.
  Lanes extendToDouble() const;  ///< From f32.
  Lanes extendUnsigned() const;  ///< From i32 to i64.
  Lanes truncateToFloat() const; ///< From f64 to f32, rounded once.
  Lanes truncateToWord() const;  ///< From i64 to i32, the low bits.

  template <typename Op> static Lanes binary(Lanes a, Lanes b) {
    return Lanes(*a.builder, Op::create(*a.builder, a.value, b.value));
  }
  template <typename FloatOp, typename IntegerOp> static Lanes arithmetic(Lanes a, Lanes b) {
    return a.isFloat() ? binary<FloatOp>(a, b) : binary<IntegerOp>(a, b);
  }
  static Lanes compare(mlir::arith::CmpFPredicate floats, mlir::arith::CmpIPredicate integers,
                       Lanes a, Lanes b);
  Lanes negate() const;
  friend Lanes select(Lanes condition, Lanes yes, Lanes no);

private:
  mlir::Type getElementType() const { return mlir::getElementTypeOrSelf(value.getType()); }
  mlir::Type getTypeOf(mlir::Type element) const;
  Lanes makeFloat(double number) const;
  Lanes makeInteger(int64_t number) const;

  mlir::ImplicitLocOpBuilder *builder;
  mlir::Value value;
};

Lanes select(Lanes condition, Lanes yes, Lanes no);

inline Lanes operator-(Lanes a) { return a.negate(); }

// Every operator also takes a number on either side.
#define FPW_LANES_OPERATOR(symbol, expression)                                                     \
  inline Lanes operator symbol(Lanes a, Lanes b) { return expression; }                            \
  template <typename Number, std::enable_if_t<std::is_arithmetic_v<Number>, int> = 0>              \
  Lanes operator symbol(Lanes a, Number b) {                                                       \
    return a symbol a.makeConstant(b);                                                             \
  }                                                                                                \
  template <typename Number, std::enable_if_t<std::is_arithmetic_v<Number>, int> = 0>              \
  Lanes operator symbol(Number a, Lanes b) {                                                       \
    return b.makeConstant(a) symbol b;                                                             \
  }
#define FPW_LANES_COMPARISON(symbol, floats, integers)                                             \
  FPW_LANES_OPERATOR(symbol, Lanes::compare(mlir::arith::CmpFPredicate::floats,                    \
                                            mlir::arith::CmpIPredicate::integers, a, b))

FPW_LANES_OPERATOR(+, (Lanes::arithmetic<mlir::arith::AddFOp, mlir::arith::AddIOp>(a, b)))
FPW_LANES_OPERATOR(-, (Lanes::arithmetic<mlir::arith::SubFOp, mlir::arith::SubIOp>(a, b)))
FPW_LANES_OPERATOR(*, (Lanes::arithmetic<mlir::arith::MulFOp, mlir::arith::MulIOp>(a, b)))
FPW_LANES_OPERATOR(/, Lanes::binary<mlir::arith::DivFOp>(a, b))
FPW_LANES_OPERATOR(&, Lanes::binary<mlir::arith::AndIOp>(a, b))
FPW_LANES_OPERATOR(|, Lanes::binary<mlir::arith::OrIOp>(a, b))
FPW_LANES_OPERATOR(^, Lanes::binary<mlir::arith::XOrIOp>(a, b))
FPW_LANES_OPERATOR(<<, Lanes::binary<mlir::arith::ShLIOp>(a, b))
// Comparisons of floats are false with a NaN, but for !=; those of integers are signed.
FPW_LANES_COMPARISON(<, OLT, slt)
FPW_LANES_COMPARISON(<=, OLE, sle)
FPW_LANES_COMPARISON(>, OGT, sgt)
FPW_LANES_COMPARISON(>=, OGE, sge)
FPW_LANES_COMPARISON(==, OEQ, eq)
FPW_LANES_COMPARISON(!=, UNE, ne)

#undef FPW_LANES_COMPARISON
#undef FPW_LANES_OPERATOR

/// Right shifts, by how they fill up.
Lanes shiftRightUnsigned(Lanes a, Lanes count);
Lanes shiftRightUnsigned(Lanes a, int64_t count);
Lanes shiftRightSigned(Lanes a, int64_t count);

/// The magnitude of a float; one float with the sign of another.
Lanes abs(Lanes x);
Lanes copySign(Lanes magnitude, Lanes sign);

/// A float with its sign flipped where the top bit of the integer is set.
Lanes flipSign(Lanes x, Lanes topBit);

/// A polynomial with these coefficients, from the highest power down, by Horner's rule.
Lanes horner(Lanes x, std::initializer_list<double> coefficients);

} // namespace fpw

#endif // FPW_LIB_CODEGEN_MATH_LANES_H
