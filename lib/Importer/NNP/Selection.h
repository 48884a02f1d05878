//===- Selection.h - Which network of a file to import -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_IMPORTER_NNP_SELECTION_H
#define FPW_LIB_IMPORTER_NNP_SELECTION_H

#include "Source.h"

namespace fpw::nnp {

/// A network, and the executor that names its inputs and outputs; null if there is none.
struct Selection {
  const proto::Network *network = nullptr;
  const proto::Executor *executor = nullptr;
};

/// Chooses by the options, or takes what is there if there is no choice.
FailureOr<Selection> select(const Source &source, const NNPImportOptions &options);

} // namespace fpw::nnp

#endif // FPW_LIB_IMPORTER_NNP_SELECTION_H
