//===- DataFiles.h - Which file holds which tensor -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_TOOLS_FPW_DATAFILES_H
#define FPW_TOOLS_FPW_DATAFILES_H

#include "Command.h"

#include "fpw/Execution/CompiledModel.h"
#include "fpw/Support/Npy.h"

namespace fpw::tool {

/// One path per tensor, in the order of `tensors`, from arguments `[NAME=]PATH`; empty where no
/// argument names the tensor. `kind` is the name of the option.
FailureOr<std::vector<std::string>> assignPaths(ArrayRef<std::string> arguments,
                                                ArrayRef<TensorInfo> tensors, StringRef kind);

/// Reads a file for each input.
FailureOr<std::vector<TypedTensor>> readInputs(ArrayRef<std::string> arguments,
                                               ArrayRef<TensorInfo> inputs);

/// The tensors as a network takes them; they have to outlive the views.
std::vector<TensorView> getViews(ArrayRef<TypedTensor> tensors);

} // namespace fpw::tool

#endif // FPW_TOOLS_FPW_DATAFILES_H
