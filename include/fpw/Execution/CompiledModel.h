//===- CompiledModel.h - A network as native code -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_EXECUTION_COMPILEDMODEL_H
#define FPW_EXECUTION_COMPILEDMODEL_H

#include "fpw-c/Model.h"
#include "fpw/Codegen/CPU/TargetInfo.h"
#include "fpw/Conversion/NNToLinalg.h"
#include "fpw/Execution/GPUTarget.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <string>
#include <vector>

struct fpw_model;

namespace fpw {
struct ObjectCode;

/// How to compile a network.
struct CompileOptions {
  /// The function to compile; empty: the module's only public function.
  std::string function;
  std::string name; ///< The model's name; empty: the function's.
  Arithmetic arithmetic = Arithmetic::Float;
  unsigned activationBits = 24; ///< With Arithmetic::Digits: 8, 16, 24 or 32.
  cpu::TargetInfo target = cpu::TargetInfo::getHost();
  /// More processors to compile for, of the same kind of machine. The best that a machine has is
  /// chosen where the network runs.
  std::vector<cpu::TargetInfo> alternatives;
  /// Computes on GPUs; `target` is the host's then.
  std::optional<GPUTarget> gpu;
  bool profile = false; ///< Take the time of each layer (fpw_profile_take).
};

/// An input or output of a network.
struct TensorInfo {
  std::string name;
  SmallVector<int64_t> shape; ///< -1: any size
  fpw_type type = FPW_F32;
};

/// Data of an input.
struct TensorView {
  ArrayRef<int64_t> shape;
  const void *data;
  fpw_type type = FPW_F32;
};

/// Data of an output.
struct TensorBuffer {
  struct Free {
    void operator()(void *memory) const;
  };
  SmallVector<int64_t> shape;
  ArrayRef<float> data;               ///< the elements, if they are floats
  std::unique_ptr<void, Free> memory; ///< what the elements lie in
  fpw_type type = FPW_F32;
  size_t bytes = 0;

  ArrayRef<char> getBytes() const { return {static_cast<const char *>(memory.get()), bytes}; }
};

/// A network as native code in this process. It never changes: threads may run it at the same time.
class CompiledModel {
public:
  /// Compiles one function of a module in any dialect from nn down to linalg. The module stays as
  /// it is.
  static Expected<std::unique_ptr<CompiledModel>> compile(ModuleOp module,
                                                          const CompileOptions &options = {});
  /// Loads code that compileToObject made for this kind of machine.
  static Expected<std::unique_ptr<CompiledModel>> load(ObjectCode code);
  ~CompiledModel();

  ArrayRef<TensorInfo> getInputs() const;
  ArrayRef<TensorInfo> getOutputs() const;
  /// The network for the functions of fpw-c/Model.h. It lives as long as this does.
  const fpw_model *getModel() const;
  /// What it is made of, and can be written to a file.
  const ObjectCode &getCode() const;
  /// The names in the locations of the ops whose times are taken, in the order of their slots.
  ArrayRef<std::string> getProfiledLayers() const;

  /// Runs the network on the given number of threads (0: one per processor). The bits of the result
  /// do not depend on it.
  Expected<std::vector<TensorBuffer>> run(ArrayRef<TensorView> inputs, unsigned threads = 1) const;

private:
  struct State;
  explicit CompiledModel(std::unique_ptr<State> state);
  std::unique_ptr<State> state;
};

} // namespace fpw

#endif // FPW_EXECUTION_COMPILEDMODEL_H
