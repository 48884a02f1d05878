//===- ModelFile.h - Compiled networks as files -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_EXECUTION_MODELFILE_H
#define FPW_EXECUTION_MODELFILE_H

#include "fpw/Execution/ObjectCode.h"

namespace fpw {

enum class FileKind { Library, Object };

/// What the name of a file says: ".o" is an object.
FileKind getFileKind(StringRef path);

/// Writes a shared library, or an object file: the code, its parameters and the runtime. All that a
/// program sees of it is the entry. Where this fails, what was at the path stays. `sysroot` is
/// where the C library of another kind of machine is looked for first.
Error writeModelFile(const ObjectCode &code, StringRef path, FileKind kind = FileKind::Library,
                     StringRef sysroot = "");

/// Writes a C header that declares the entry, and contains fpw-c/Model.h.
Error writeModelHeader(const ObjectCode &code, StringRef path);

} // namespace fpw

#endif // FPW_EXECUTION_MODELFILE_H
