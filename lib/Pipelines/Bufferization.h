//===- Bufferization.h - Values become memory ----------------- -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_PIPELINES_BUFFERIZATION_H
#define FPW_LIB_PIPELINES_BUFFERIZATION_H

#include "fpw/Support/LLVM.h"
#include "mlir/Pass/PassManager.h"

namespace fpw {

/// Values become memory; what can share memory does.
void addBufferization(mlir::OpPassManager &pm);

} // namespace fpw

#endif // FPW_LIB_PIPELINES_BUFFERIZATION_H
