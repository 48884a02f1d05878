//===- Passes.h - Passes on the nn dialect -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_DIALECT_NN_TRANSFORMS_PASSES_H
#define FPW_DIALECT_NN_TRANSFORMS_PASSES_H

#include "fpw/Dialect/NN/IR/NN.h"
#include "mlir/Pass/Pass.h"

namespace fpw::nn {

#define GEN_PASS_DECL
#include "fpw/Dialect/NN/Transforms/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "fpw/Dialect/NN/Transforms/Passes.h.inc"

} // namespace fpw::nn

#endif // FPW_DIALECT_NN_TRANSFORMS_PASSES_H
