//===- Model.h - Compiled networks, wherever they come from -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_EMBEDDING_MODEL_H
#define FPW_EMBEDDING_MODEL_H

#include "fpw/Embedding/Library.h"
#include "fpw/Embedding/Network.h"
#include <optional>

namespace fpw {

/// How a program wants a network compiled.
struct ModelOptions {
  /// Digits, if layers have fixed-point weights, and float otherwise, where nothing is said.
  std::optional<Arithmetic> arithmetic;
  unsigned activationBits = 24;
  /// "x86-64,x86-64-v3", "aarch64-linux-gnu", or a GPU of this machine, "cuda" or "cuda:1"; empty:
  /// this machine's processor.
  std::string target;
  /// With a GPU: those to compile for, "sm_90a"; none: the one that is there.
  std::vector<std::string> architectures;
  std::string name;
};

/// A compiled network: from a library, or compiled in this process, for this kind of machine or
/// another.
class Model {
public:
  static Expected<Model> compile(const Network &network, const ModelOptions &options);
  static Expected<Model> load(StringRef path);

  /// What the functions of fpw-c/Model.h ask and run; null if it is for another kind of machine.
  const fpw_model *get() const;
  /// The triple of the machines that it is for.
  StringRef getTarget() const;
  ArrayRef<TensorInfo> getInputs() const { return inputs; }
  ArrayRef<TensorInfo> getOutputs() const { return outputs; }

  /// Writes what was compiled: a shared library, or an object if the name ends with ".o".
  Error save(StringRef path) const;

private:
  Model() = default;

  // One of these.
  std::unique_ptr<CompiledModel> compiled;
  std::optional<ObjectCode> foreign;
  std::optional<Library> library;
  std::vector<TensorInfo> inputs, outputs;
};

} // namespace fpw

#endif // FPW_EMBEDDING_MODEL_H
