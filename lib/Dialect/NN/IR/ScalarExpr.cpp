//===- ScalarExpr.cpp - Formulas over one element -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Dialect/NN/IR/ScalarExpr.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <cmath>

using namespace mlir;

namespace fpw::nn {

Scalar ScalarBuilder::operator()(Value value) { return Scalar(*this, value); }

Scalar ScalarBuilder::operator()(float number) {
  return (*this)(arith::ConstantOp::create(builder, loc, builder.getF32FloatAttr(number)));
}

template <typename Op> static Scalar unary(Scalar x) {
  ScalarBuilder &s = x.builder();
  return s(Op::create(s.builder, s.loc, x.value()));
}

template <typename Op> static Scalar binary(Scalar a, Scalar b) {
  ScalarBuilder &s = a.builder();
  return s(Op::create(s.builder, s.loc, a.value(), b.value()));
}

static Scalar compare(arith::CmpFPredicate predicate, Scalar a, Scalar b) {
  ScalarBuilder &s = a.builder();
  return s(arith::CmpFOp::create(s.builder, s.loc, predicate, a.value(), b.value()));
}

Scalar operator-(Scalar a) { return unary<arith::NegFOp>(a); }
Scalar operator+(Scalar a, Scalar b) { return binary<arith::AddFOp>(a, b); }
Scalar operator-(Scalar a, Scalar b) { return binary<arith::SubFOp>(a, b); }
Scalar operator*(Scalar a, Scalar b) { return binary<arith::MulFOp>(a, b); }
Scalar operator/(Scalar a, Scalar b) { return binary<arith::DivFOp>(a, b); }

Scalar operator>(Scalar a, Scalar b) { return compare(arith::CmpFPredicate::OGT, a, b); }
Scalar operator>=(Scalar a, Scalar b) { return compare(arith::CmpFPredicate::OGE, a, b); }
Scalar operator<(Scalar a, Scalar b) { return compare(arith::CmpFPredicate::OLT, a, b); }
Scalar operator<=(Scalar a, Scalar b) { return compare(arith::CmpFPredicate::OLE, a, b); }
Scalar operator==(Scalar a, Scalar b) { return compare(arith::CmpFPredicate::OEQ, a, b); }
Scalar operator!=(Scalar a, Scalar b) { return compare(arith::CmpFPredicate::UNE, a, b); }

Scalar truth(Scalar condition) {
  ScalarBuilder &s = condition.builder();
  return select(condition, s(1.0f), s(0.0f));
}

Scalar select(Scalar condition, Scalar yes, Scalar no) {
  ScalarBuilder &s = yes.builder();
  return s(arith::SelectOp::create(s.builder, s.loc, condition.value(), yes.value(), no.value()));
}

Scalar max(Scalar a, Scalar b) { return binary<arith::MaximumFOp>(a, b); }
Scalar min(Scalar a, Scalar b) { return binary<arith::MinimumFOp>(a, b); }

Scalar abs(Scalar x) { return unary<math::AbsFOp>(x); }
Scalar floor(Scalar x) { return unary<math::FloorOp>(x); }
Scalar ceil(Scalar x) { return unary<math::CeilOp>(x); }
Scalar round(Scalar x) { return unary<math::RoundOp>(x); }
Scalar roundEven(Scalar x) { return unary<math::RoundEvenOp>(x); }
Scalar exp(Scalar x) { return unary<math::ExpOp>(x); }
Scalar expm1(Scalar x) { return unary<math::ExpM1Op>(x); }
Scalar log(Scalar x) { return unary<math::LogOp>(x); }
Scalar log1p(Scalar x) { return unary<math::Log1pOp>(x); }
Scalar tanh(Scalar x) { return unary<math::TanhOp>(x); }
Scalar sin(Scalar x) { return unary<math::SinOp>(x); }
Scalar cos(Scalar x) { return unary<math::CosOp>(x); }
Scalar atan(Scalar x) { return unary<math::AtanOp>(x); }
Scalar erf(Scalar x) { return unary<math::ErfOp>(x); }
Scalar pow(Scalar a, Scalar b) { return binary<math::PowFOp>(a, b); }

Scalar powScalar(Scalar x, float power) {
  if (power == 1.0f)
    return x;
  if (power == 2.0f)
    return x * x;
  if (power == 3.0f)
    return x * x * x;
  if (power == 0.5f)
    return unary<math::SqrtOp>(x);
  if (power == -1.0f)
    return 1.0f / x;
  return pow(x, x.builder()(power));
}

Scalar sigmoid(Scalar x) { return 1.0f / (1.0f + exp(-x)); }

Scalar softplus(Scalar x, float beta) {
  ScalarBuilder &s = x.builder();
  Scalar ramp = beta > 0 ? max(x, s(0.0f)) : min(x, s(0.0f));
  return ramp + log1p(exp(-abs(x * beta))) / s(beta);
}

} // namespace fpw::nn
