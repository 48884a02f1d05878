//===- ScalarExpr.h - Formulas over one element -----------------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lets the table of element-wise ops say `select(x > 0.0f, x, alpha * x)` and mean arith and math
// ops. The order of the operators is the order of the IEEE operations.
//
//===----------------------------------------------------------------------===//

#ifndef FPW_DIALECT_NN_IR_SCALAREXPR_H
#define FPW_DIALECT_NN_IR_SCALAREXPR_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/Value.h"

namespace fpw::nn {

class Scalar;

/// Makes scalars from values and numbers, where the ops of a formula are inserted.
class ScalarBuilder {
public:
  ScalarBuilder(mlir::OpBuilder &builder, mlir::Location loc) : builder(builder), loc(loc) {}

  Scalar operator()(mlir::Value value);
  Scalar operator()(float number);

  mlir::OpBuilder &builder;
  mlir::Location loc;
};

/// An f32, or the i1 that a comparison gives.
class Scalar {
public:
  Scalar(ScalarBuilder &s, mlir::Value v) : s(&s), v(v) {}

  mlir::Value value() const { return v; }
  ScalarBuilder &builder() const { return *s; }

private:
  ScalarBuilder *s;
  mlir::Value v;
};

Scalar operator-(Scalar a);
Scalar operator+(Scalar a, Scalar b);
Scalar operator-(Scalar a, Scalar b);
Scalar operator*(Scalar a, Scalar b);
Scalar operator/(Scalar a, Scalar b);
inline Scalar operator+(Scalar a, float b) { return a + a.builder()(b); }
inline Scalar operator+(float a, Scalar b) { return b.builder()(a) + b; }
inline Scalar operator-(Scalar a, float b) { return a - a.builder()(b); }
inline Scalar operator-(float a, Scalar b) { return b.builder()(a) - b; }
inline Scalar operator*(Scalar a, float b) { return a * a.builder()(b); }
inline Scalar operator*(float a, Scalar b) { return b.builder()(a) * b; }
inline Scalar operator/(float a, Scalar b) { return b.builder()(a) / b; }

/// Comparisons with a NaN are false, but for `!=`.
Scalar operator>(Scalar a, Scalar b);
Scalar operator>=(Scalar a, Scalar b);
Scalar operator<(Scalar a, Scalar b);
Scalar operator<=(Scalar a, Scalar b);
Scalar operator==(Scalar a, Scalar b);
Scalar operator!=(Scalar a, Scalar b);
inline Scalar operator>(Scalar x, float number) { return x > x.builder()(number); }
inline Scalar operator>=(Scalar x, float number) { return x >= x.builder()(number); }
inline Scalar operator<(Scalar x, float number) { return x < x.builder()(number); }
inline Scalar operator==(Scalar x, float number) { return x == x.builder()(number); }
inline Scalar operator!=(Scalar x, float number) { return x != x.builder()(number); }
/// 1 or 0.
Scalar truth(Scalar condition);
Scalar select(Scalar condition, Scalar yes, Scalar no);

/// The larger and the smaller one; a NaN if either is a NaN.
Scalar max(Scalar a, Scalar b);
Scalar min(Scalar a, Scalar b);

Scalar abs(Scalar x);
Scalar floor(Scalar x);
Scalar ceil(Scalar x);
Scalar round(Scalar x);     ///< Ties away from zero.
Scalar roundEven(Scalar x); ///< Ties to even.
Scalar exp(Scalar x);
Scalar expm1(Scalar x); ///< exp(x) - 1.
Scalar log(Scalar x);
Scalar log1p(Scalar x); ///< log(1 + x).
Scalar tanh(Scalar x);
Scalar sin(Scalar x);
Scalar cos(Scalar x);
Scalar atan(Scalar x);
Scalar erf(Scalar x);
Scalar pow(Scalar a, Scalar b);

/// x to a power known beforehand; small integers and halves become products and roots.
Scalar powScalar(Scalar x, float power);

/// 1 / (1 + exp(-x)).
Scalar sigmoid(Scalar x);

/// log(1 + exp(beta * x)) / beta, without overflow: max(x, 0) + log1p(exp(-|beta * x|)) / beta, for
/// a negative beta min(x, 0) + ....
Scalar softplus(Scalar x, float beta);

} // namespace fpw::nn

#endif // FPW_DIALECT_NN_IR_SCALAREXPR_H
