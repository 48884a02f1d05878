//===- EmitObjects.h - Machine code of LLVM's modules -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_EXECUTION_EMITOBJECTS_H
#define FPW_LIB_EXECUTION_EMITOBJECTS_H

#include "fpw/Codegen/CPU/TargetInfo.h"
#include "llvm/Support/MemoryBuffer.h"
#include <memory>
#include <vector>

namespace llvm {
class Module;
} // namespace llvm

namespace fpw {

/// Optimises a module and makes objects of it. A large one becomes several, on all processors; how
/// many does not depend on the machine. The module is spent.
Expected<std::vector<std::unique_ptr<llvm::MemoryBuffer>>>
emitObjects(llvm::Module &module, const cpu::TargetInfo &target);

/// Prints a module as it is when machine code is made of it. The module is spent.
Error printOptimized(llvm::Module &module, const cpu::TargetInfo &target, llvm::raw_ostream &os);

/// Prints the machine code of a module. The module is spent.
Error printAssembly(llvm::Module &module, const cpu::TargetInfo &target, llvm::raw_ostream &os);

} // namespace fpw

#endif // FPW_LIB_EXECUTION_EMITOBJECTS_H
