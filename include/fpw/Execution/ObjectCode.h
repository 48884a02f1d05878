//===- ObjectCode.h - From a module to object code -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_EXECUTION_OBJECTCODE_H
#define FPW_EXECUTION_OBJECTCODE_H

#include "fpw/Execution/CompiledModel.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cstdlib>

namespace fpw {

/// A symbol that the code refers to, and its data, aligned to 64 bytes.
struct ExternalData {
  struct Free {
    void operator()(char *memory) const { std::free(memory); }
  };
  std::string symbol;
  std::unique_ptr<char, Free> data;
  size_t size; ///< in bytes
};

/// Code of a network: what runs in this process is also what is written to files.
struct ObjectCode {
  std::vector<std::unique_ptr<llvm::MemoryBuffer>> objects;
  std::string entry; ///< a function `const fpw_model *entry(void)`
  std::vector<ExternalData> parameters;
  std::vector<TensorInfo> inputs, outputs;
  cpu::TargetInfo target;          ///< every machine that some of the code may run on
  bool usesDevice = false;         ///< whether the code calls the functions of fpw/Runtime/Device.h
  ArrayRef<DeviceFunction> device; ///< that define them where the code runs in this process
  std::vector<std::string> profiledLayers;
};

/// A second name of the entry, which all models share.
inline constexpr StringLiteral kSharedModelEntry = "fpw_model";

/// The type of inputs and outputs with these elements; nothing if a network cannot have such.
std::optional<fpw_type> getInterfaceType(Type element);

/// Compiles one function of a module.
Expected<ObjectCode> compileToObject(ModuleOp module, const CompileOptions &options);

/// What can be seen of code, as text.
enum class CodeForm {
  MLIR,     ///< the LLVM dialect
  LLVM,     ///< LLVM IR, optimised
  Assembly, ///< of the target
  PTX       ///< of the kernels for GPUs
};

/// Prints the code of one function of a module for `options.target`. The data of parameters is left
/// out.
Error printCode(ModuleOp module, const CompileOptions &options, CodeForm form, raw_ostream &os);

} // namespace fpw

#endif // FPW_EXECUTION_OBJECTCODE_H
