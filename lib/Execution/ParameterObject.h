//===- ParameterObject.h - Parameters as an object file -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_EXECUTION_PARAMETEROBJECT_H
#define FPW_LIB_EXECUTION_PARAMETEROBJECT_H

#include "fpw/Execution/ObjectCode.h"

namespace fpw {

/// Writes an object file with the parameters in one section, under hidden symbols.
Error writeParameterObject(ArrayRef<ExternalData> parameters, const cpu::TargetInfo &target,
                           llvm::raw_pwrite_stream &os);

} // namespace fpw

#endif // FPW_LIB_EXECUTION_PARAMETEROBJECT_H
