//===- FunctionParameters.h - The parameters of a function of nnabla -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_EXPORTER_NNP_FUNCTIONPARAMETERS_H
#define FPW_LIB_EXPORTER_NNP_FUNCTIONPARAMETERS_H

#include "fpw/Support/LLVM.h"
#include "nnp.pb.h"

namespace fpw::nnp {

/// "cannot be written as .nnp: ...", at an op.
InFlightDiagnostic refuse(Operation *op);

/// Writes the attributes of an op into the function's parameters. Fails with a diagnostic where
/// nnabla's description has no place for one of them.
LogicalResult setParameters(Operation *op, proto::Function &function);

} // namespace fpw::nnp

#endif // FPW_LIB_EXPORTER_NNP_FUNCTIONPARAMETERS_H
