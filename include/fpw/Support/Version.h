//===- Version.h - The version of this project -----------------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_SUPPORT_VERSION_H
#define FPW_SUPPORT_VERSION_H

#include "fpw/Support/LLVM.h"

namespace fpw {

/// The version of this project, such as "0.1.0".
StringRef getVersion();

/// The versions of this project and of LLVM, as tools print them.
void printVersion(raw_ostream &os);

} // namespace fpw

#endif // FPW_SUPPORT_VERSION_H
