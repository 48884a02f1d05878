//===- FoldParameters.h - Computes weights at compile time ------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_DIALECT_NN_TRANSFORMS_FOLDPARAMETERS_H
#define FPW_LIB_DIALECT_NN_TRANSFORMS_FOLDPARAMETERS_H

#include "fpw/Dialect/NN/IR/NN.h"
#include "mlir/IR/BuiltinOps.h"

namespace fpw::nn {

/// Replaces what `wanted` is computed from by parameters, as far as it is computed from parameters
/// alone and every step of the computation is exact: one IEEE operation per element, or a move of
/// elements. The result of an op on the parameter W is called W/op.
void foldParameters(mlir::RewriterBase &rewriter, mlir::ModuleOp module,
                    llvm::ArrayRef<mlir::Value> wanted);

} // namespace fpw::nn

#endif // FPW_LIB_DIALECT_NN_TRANSFORMS_FOLDPARAMETERS_H
