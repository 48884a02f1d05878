//===- DeviceCode.h - Codes of a network for GPUs -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_EXECUTION_DEVICECODE_H
#define FPW_LIB_EXECUTION_DEVICECODE_H

#include "fpw/Execution/GPUTarget.h"
#include "llvm/Support/Error.h"

namespace llvm {
class Module;
} // namespace llvm

namespace fpw {

/// Architectures that share a code of a network.
struct DeviceCode {
  std::vector<std::string> architectures;
  gpu::BinaryFormat format;
  std::string oldest; ///< the code runs on newer devices, too, unless it is "sm_90a" or the like
};

/// The codes that a network needs for its architectures, the first that fits a device being the
/// best. In a file, code for one architecture alone is accompanied by PTX for all others.
Expected<std::vector<DeviceCode>> planDeviceCodes(const GPUTarget &target);

/// Takes a function from the list of those that run before the program, or behind it, so that the
/// caller decides when it runs. Returns its name, or nothing if the list is empty.
std::string takeConstructor(llvm::Module &module, StringRef list);

} // namespace fpw

#endif // FPW_LIB_EXECUTION_DEVICECODE_H
