//===- DeviceOptions.h - Where networks compute -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_TOOLS_FPW_DEVICEOPTIONS_H
#define FPW_TOOLS_FPW_DEVICEOPTIONS_H

#include "Command.h"
#include "fpw/Execution/GPUTarget.h"

namespace fpw::tool {

/// Shared by the subcommands that compile a model: --target, --arch, --gpu-code.
struct DeviceOptions {
  explicit DeviceOptions(Command &command);

  /// The GPUs that they name; nothing for the processor of the host.
  Expected<std::optional<GPUTarget>> get() const;

private:
  llvm::cl::opt<std::string> target;
  llvm::cl::list<std::string> architectures;
  llvm::cl::opt<gpu::BinaryFormat> format;
};

} // namespace fpw::tool

#endif // FPW_TOOLS_FPW_DEVICEOPTIONS_H
