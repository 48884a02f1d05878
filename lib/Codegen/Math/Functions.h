//===- Functions.h - Elementary functions as arithmetic -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The functions of rule N7 in docs/Numerics.md, operation by operation. Each takes f32 and gives
// f32.
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_CODEGEN_MATH_FUNCTIONS_H
#define FPW_LIB_CODEGEN_MATH_FUNCTIONS_H

#include "Lanes.h"

namespace fpw {

Lanes expandExp(Lanes x);
Lanes expandExpM1(Lanes x);
Lanes expandLog(Lanes x);
Lanes expandLog1p(Lanes x);
Lanes expandTanh(Lanes x);
Lanes expandErf(Lanes x);
Lanes expandAtan(Lanes x);
Lanes expandSin(Lanes x);
Lanes expandCos(Lanes x);
Lanes expandPow(Lanes x, Lanes y);

/// a * b + c, rounded once.
Lanes expandFma(Lanes a, Lanes b, Lanes c);

} // namespace fpw

#endif // FPW_LIB_CODEGEN_MATH_FUNCTIONS_H
