//===- ArchiveWriter.h - Writes zip archives -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_EXPORTER_NNP_ARCHIVEWRITER_H
#define FPW_LIB_EXPORTER_NNP_ARCHIVEWRITER_H

#include "fpw/Support/LLVM.h"
#include "llvm/Support/Error.h"

namespace fpw::nnp {

/// A file of an archive.
struct Member {
  StringRef name, content;
};

/// Writes a zip archive whose members are stored as they are, as nnabla does. Equal members give
/// equal bytes: there are no times in it.
Error writeArchive(ArrayRef<Member> members, raw_ostream &os);

} // namespace fpw::nnp

#endif // FPW_LIB_EXPORTER_NNP_ARCHIVEWRITER_H
