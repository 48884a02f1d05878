//===- EmulatedNetwork.h - Networks for GPUs, run on the emulator -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_TEST_NUMERICS_EMULATEDNETWORK_H
#define FPW_TEST_NUMERICS_EMULATEDNETWORK_H

#include "fpw/Support/LLVM.h"
#include "fpw/Support/Npy.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"
#include <functional>

namespace llvm {
class Module;
} // namespace llvm

namespace fpw::test {

/// How to compile a network for the emulator.
struct EmulationOptions {
  std::string architecture = "sm_80";
  unsigned activationBits = 24;
  /// Changes the kernels before they run: tests plant faults.
  std::function<void(llvm::Module &)> mutate = nullptr;
};

/// Compiles the one network of a module for a GPU and runs its kernels and its host code.
llvm::Expected<std::vector<FloatTensor>> runOnEmulator(mlir::ModuleOp module,
                                                       ArrayRef<FloatTensor> inputs,
                                                       const EmulationOptions &options = {});

} // namespace fpw::test

#endif // FPW_TEST_NUMERICS_EMULATEDNETWORK_H
