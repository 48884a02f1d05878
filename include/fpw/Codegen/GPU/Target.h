//===- Target.h - The GPUs that code is made for -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_CODEGEN_GPU_TARGET_H
#define FPW_CODEGEN_GPU_TARGET_H

#include "fpw/Support/LLVM.h"
#include "mlir/IR/Operation.h"
#include <optional>
#include <string>

namespace fpw::gpu {

/// What gpu.binary holds.
enum class BinaryFormat {
  Auto,    ///< a fat binary where ptxas is found, else PTX
  PTX,     ///< text that the driver compiles for its device
  Fatbin,  ///< machine code for each architecture, and PTX for newer ones
  Bitcode, ///< LLVM's, for emulators
};

/// A generation of GPUs, "sm_90".
struct Architecture {
  StringLiteral name;
  unsigned number;        ///< 90
  StringLiteral features; ///< the oldest PTX that has it, "+ptx78"
  bool isExact;           ///< whether its PTX runs on no other, as that of sm_90a
};

/// All that code is made for, older ones first.
ArrayRef<Architecture> getArchitectures();

/// The architecture with this name, if it is known.
std::optional<Architecture> findArchitecture(StringRef name);

/// The names of all, "sm_80, sm_86".
std::string listArchitectures();

/// The architectures with these names, sm_80 if there are none. `op` reports an unknown one.
FailureOr<SmallVector<Architecture>> parseArchitectures(Operation *op, ArrayRef<std::string> names);

} // namespace fpw::gpu

#endif // FPW_CODEGEN_GPU_TARGET_H
