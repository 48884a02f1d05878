//===- CodeOptions.h - How subcommands compile networks -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_TOOLS_FPW_CODEOPTIONS_H
#define FPW_TOOLS_FPW_CODEOPTIONS_H

#include "Command.h"
#include "DeviceOptions.h"
#include "fpw/Execution/CompiledModel.h"

namespace fpw::tool {

/// Shared by the subcommands that compile a model: --arithmetic, --activation-bits, --triple,
/// --mcpu, --features, and those of DeviceOptions.
struct CodeOptions {
  explicit CodeOptions(Command &command);

  /// What they say for a module that was read from `path`. Without --arithmetic, fixed-point layers
  /// choose digits.
  FailureOr<CompileOptions> get(ModuleOp module, StringRef path) const;

private:
  Expected<std::vector<cpu::TargetInfo>> getTargets() const;

  llvm::cl::opt<Arithmetic> arithmetic;
  llvm::cl::opt<unsigned> activationBits;
  llvm::cl::opt<std::string> triple;
  llvm::cl::list<std::string> processors;
  llvm::cl::opt<std::string> features;
  DeviceOptions gpu;
};

} // namespace fpw::tool

#endif // FPW_TOOLS_FPW_CODEOPTIONS_H
