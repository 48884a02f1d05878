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

namespace llvm {
class Triple;
} // namespace llvm

namespace fpw {

/// The archive of the runtime for a kind of machine; empty if there is none.
StringRef getRuntimeArchive(const llvm::Triple &triple);

/// The archive of what networks for GPUs call beside it, for this kind of machine.
StringRef getCUDARuntimeArchive();

/// The text of fpw-c/Model.h.
StringRef getModelHeader();

} // namespace fpw

#endif // FPW_LIB_EXECUTION_EMBEDDED_H
