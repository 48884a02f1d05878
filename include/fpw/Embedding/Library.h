//===- Library.h - Compiled networks in files -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_EMBEDDING_LIBRARY_H
#define FPW_EMBEDDING_LIBRARY_H

#include "fpw-c/Model.h"
#include "fpw/Support/LLVM.h"
#include "llvm/Support/Error.h"

namespace fpw {

/// A shared library that `fpw compile` made, in this process as long as this lives.
class Library {
public:
  /// A file that is no such library, is damaged, or is for another kind of machine is an error. The
  /// code in it is trusted.
  static Expected<Library> load(StringRef path);
  Library(Library &&other);
  ~Library();

  const fpw_model *getModel() const { return model; }

private:
  Library(void *handle, const fpw_model *model) : handle(handle), model(model) {}
  void *handle;
  const fpw_model *model;
};

} // namespace fpw

#endif // FPW_EMBEDDING_LIBRARY_H
