//===- Passes.h - Conversions between dialects ------------------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_CONVERSION_PASSES_H
#define FPW_CONVERSION_PASSES_H

#include "fpw/Conversion/NNToLinalg.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

namespace fpw {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "fpw/Conversion/Passes.h.inc"

} // namespace fpw

#endif // FPW_CONVERSION_PASSES_H
