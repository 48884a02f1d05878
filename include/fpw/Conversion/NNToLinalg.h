//===- NNToLinalg.h - From nn to linalg -------------------------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_CONVERSION_NNTOLINALG_H
#define FPW_CONVERSION_NNTOLINALG_H

#include "fpw/Support/LLVM.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Operation.h"

namespace fpw {

/// How the layers of a network multiply and add.
enum class Arithmetic {
  Float,  ///< f32 products of x and k * delta.
  Digits, ///< Integer products of the digits of x and the codes k.
};

/// Adds the patterns that lower every op of the nn dialect except nn.parameter, in float
/// arithmetic.
void populateNNToLinalgPatterns(RewritePatternSet &patterns);

/// Adds the patterns that lower fixed-point layers in integer arithmetic, with activations of 8,
/// 16, 24 or 32 bits (docs/Numerics.md).
void populateDigitsPatterns(RewritePatternSet &patterns, unsigned activationBits);

/// The discardable attribute that tells what an op does in a layer of integer arithmetic:
/// "maximum", "inverse", "step", "split" or "combine".
inline constexpr StringLiteral kRoleAttr = "fpw.role";

/// Whether the op, if there is one, has a role.
inline bool hasRole(mlir::Operation *op, StringRef role) {
  auto attribute = op ? op->getAttrOfType<mlir::StringAttr>(kRoleAttr) : mlir::StringAttr();
  return attribute && attribute == role;
}

} // namespace fpw

#endif // FPW_CONVERSION_NNTOLINALG_H
