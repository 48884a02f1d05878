//===- NNBytecode.cpp - The version of the nn dialect in bytecode files -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Dialect/NN/IR/NN.h"

#include "mlir/Bytecode/BytecodeImplementation.h"

using namespace mlir;

namespace fpw::nn {
namespace {

/// Grows whenever a reader of the version before would misread a file.
/// 2: activation_maximum of fixed-point layers.
constexpr uint64_t kBytecodeVersion = 2;

struct Version : DialectVersion {
  explicit Version(uint64_t number) : number(number) {}
  uint64_t number;
};

/// Writes the version into each file, and refuses files of other versions by name.
struct NNBytecodeInterface : BytecodeDialectInterface {
  explicit NNBytecodeInterface(Dialect *dialect) : BytecodeDialectInterface(dialect) {}

  void writeVersion(DialectBytecodeWriter &writer) const override {
    writer.writeVarInt(kBytecodeVersion);
  }

  std::unique_ptr<DialectVersion> readVersion(DialectBytecodeReader &reader) const override {
    uint64_t number;
    if (failed(reader.readVarInt(number)))
      return nullptr;
    if (number != kBytecodeVersion) {
      reader.emitError("expected version ")
          << kBytecodeVersion << " of the nn dialect but got " << number << "; "
          << (number > kBytecodeVersion ? "a newer fpw wrote this file"
                                        : "an older fpw wrote this file, convert the model again");
      return nullptr;
    }
    return std::make_unique<Version>(number);
  }
};

} // namespace

void NNDialect::registerBytecode() { addInterfaces<NNBytecodeInterface>(); }

} // namespace fpw::nn
