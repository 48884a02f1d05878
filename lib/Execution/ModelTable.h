//===- ModelTable.h - What a program sees of a compiled network -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_EXECUTION_MODELTABLE_H
#define FPW_LIB_EXECUTION_MODELTABLE_H

#include "fpw/Execution/CompiledModel.h"

namespace llvm {
class Module;
} // namespace llvm

namespace fpw {

/// What an fpw_device_code says: the names of functions, or empty.
struct DeviceCodeDescription {
  std::string load, unload, upload;
  int64_t parameterBytes;
};

/// One of the codes of an fpw_model: the names of its functions, and the features it asks for.
struct CodeDescription {
  std::string run, arenaSize, features;
  std::optional<DeviceCodeDescription> device = std::nullopt;
};

/// What an fpw_model says.
struct ModelDescription {
  std::string name, target;
  std::vector<CodeDescription> codes; ///< those that ask for most come first
  std::vector<TensorInfo> inputs, outputs;
};

/// The function that returns the fpw_model of a network with this name.
std::string getModelEntry(StringRef name);

/// Adds the fpw_model of fpw-c/Model.h, or for a device the fpw_device_model of
/// fpw/Runtime/Device.h, and the function that returns it. The functions of its codes are
/// elsewhere.
void addModelTable(llvm::Module &module, const ModelDescription &description);

} // namespace fpw

#endif // FPW_LIB_EXECUTION_MODELTABLE_H
