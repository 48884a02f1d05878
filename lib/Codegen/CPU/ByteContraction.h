//===- ByteContraction.h - Sums of products of bytes -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_CODEGEN_CPU_BYTECONTRACTION_H
#define FPW_LIB_CODEGEN_CPU_BYTECONTRACTION_H

#include "fpw/Support/LLVM.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include <optional>

namespace fpw::cpu {

/// Whether the op adds products of bytes, of which the second operand is a trained tensor, to i32.
bool multipliesBytes(mlir::linalg::GenericOp op);

/// The reduction loop that indexes the last dimension of the image byte by byte, and a dimension of
/// the weight.
std::optional<unsigned> getChannelLoop(mlir::linalg::GenericOp op);

} // namespace fpw::cpu

#endif // FPW_LIB_CODEGEN_CPU_BYTECONTRACTION_H
