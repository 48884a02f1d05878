//===- Status.h - What went wrong -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_RUNTIME_STATUS_H
#define FPW_LIB_RUNTIME_STATUS_H

#include "fpw-c/Model.h"

namespace fpw {

/// Keeps what went wrong for fpw_runtime_get_error, and returns the status.
__attribute__((format(printf, 2, 3))) fpw_status fail(fpw_status status, const char *format, ...);

/// Whether a context that is prepared for a batch (-1: for none) can run another one on these
/// buffers.
fpw_status checkRun(const fpw_model &model, int64_t prepared, int64_t batch,
                    const void *const *inputs, void *const *outputs);

/// Whether a batch can be prepared for.
fpw_status checkBatch(int64_t batch);

} // namespace fpw

#endif // FPW_LIB_RUNTIME_STATUS_H
