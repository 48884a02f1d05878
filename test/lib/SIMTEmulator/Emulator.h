//===- Emulator.h - Runs NVPTX kernels on the host -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Takes the final NVPTX LLVM IR of kernels, compiles it for the host and runs it thread by thread,
// so that the code which a GPU would get is tested where there is none. It is stricter than a GPU:
// accesses that race, read what nothing wrote or leave their buffer are faults, not bad luck.
//
//===----------------------------------------------------------------------===//

#ifndef FPW_TEST_LIB_SIMTEMULATOR_EMULATOR_H
#define FPW_TEST_LIB_SIMTEMULATOR_EMULATOR_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBufferRef.h"
#include <memory>

namespace fpw::simt {

/// Sizes of a grid of blocks or of a block of threads.
struct Dim3 {
  uint32_t x = 1, y = 1, z = 1;
  uint64_t count() const { return uint64_t(x) * y * z; }
};

/// A kernel as host code.
struct Kernel {
  void (*entry)(void **parameters) = nullptr;
  size_t sharedBytes = 0; ///< the static part
  bool waits = false;     ///< for other threads: each thread then needs a stack of its own
};

/// The kernels of a module as host code.
class Program {
public:
  /// From NVPTX LLVM IR, as bitcode or text.
  static llvm::Expected<std::unique_ptr<Program>> load(llvm::MemoryBufferRef code);
  ~Program();

  /// Null if there is no such kernel.
  const Kernel *find(llvm::StringRef name) const;

private:
  struct State;
  explicit Program(std::unique_ptr<State> state);
  std::unique_ptr<State> state;
};

/// Runs a kernel to its end. The parameters are addresses of the arguments, as for cuLaunchKernel.
llvm::Error launch(const Kernel &kernel, Dim3 grid, Dim3 block, size_t dynamicSharedBytes,
                   void **parameters);

/// A function of the runtime that host code calls.
struct RuntimeSymbol {
  const char *name;
  void *address;
};

/// The functions of fpw/Runtime/Device.h over host memory, for the linker of host code.
llvm::ArrayRef<RuntimeSymbol> getRuntimeSymbols();

/// What went wrong in the runtime since the last call. After a fault nothing runs until it is
/// taken.
llvm::Error takeRuntimeError();

} // namespace fpw::simt

#endif // FPW_TEST_LIB_SIMTEMULATOR_EMULATOR_H
