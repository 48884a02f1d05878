//===- SinkTranspose.h - Lets transposes sink through ops -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_DIALECT_NN_TRANSFORMS_SINKTRANSPOSE_H
#define FPW_LIB_DIALECT_NN_TRANSFORMS_SINKTRANSPOSE_H

#include "mlir/IR/PatternMatch.h"

namespace fpw::nn {

class ParameterLayouts;

/// op(transpose(x)) -> transpose(op'(x)) for ops that commute with a transpose, once their axes are
/// renamed; affine layers permute their weight and need no transpose at all.
void populateSinkTransposePatterns(mlir::RewritePatternSet &patterns, ParameterLayouts &layouts);

} // namespace fpw::nn

#endif // FPW_LIB_DIALECT_NN_TRANSFORMS_SINKTRANSPOSE_H
