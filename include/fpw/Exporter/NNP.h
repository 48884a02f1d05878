//===- NNP.h - Writes networks as .nnp files of nnabla -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_EXPORTER_NNP_H
#define FPW_EXPORTER_NNP_H

#include "fpw/Exporter/Model.h"

namespace fpw {

/// Writes the network of a module as an .nnp file; docs/Exporters/NNP.md says what becomes what.
/// Fails with a diagnostic, and has then written nothing.
LogicalResult exportNNP(ModuleOp module, WeightForm weights, raw_ostream &os);

} // namespace fpw

#endif // FPW_EXPORTER_NNP_H
