//===- SampleBytes.h - How large a sample of a value is -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_CODEGEN_CPU_SAMPLEBYTES_H
#define FPW_LIB_CODEGEN_CPU_SAMPLEBYTES_H

#include "fpw/Support/LLVM.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/Support/MathExtras.h"

namespace fpw::cpu {

/// The bytes of a tensor or buffer with one sample: a dynamic size counts as 1.
inline int64_t countSampleBytes(mlir::Type type) {
  auto shaped = mlir::cast<mlir::ShapedType>(type);
  int64_t bytes = llvm::divideCeil(shaped.getElementTypeBitWidth(), 8);
  for (int64_t size : shaped.getShape())
    bytes *= mlir::ShapedType::isDynamic(size) ? 1 : size;
  return bytes;
}

} // namespace fpw::cpu

#endif // FPW_LIB_CODEGEN_CPU_SAMPLEBYTES_H
