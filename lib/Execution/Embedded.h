//===- Embedded.h - Files that this library carries -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_EXECUTION_EMBEDDED_H
#define FPW_LIB_EXECUTION_EMBEDDED_H

#include "fpw/Support/LLVM.h"

namespace fpw {

/// The archive of the runtime, and the text of fpw-c/Model.h.
StringRef getRuntimeArchive();
StringRef getModelHeader();

} // namespace fpw

#endif // FPW_LIB_EXECUTION_EMBEDDED_H
