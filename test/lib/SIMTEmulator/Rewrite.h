//===- Rewrite.h - From NVPTX kernels to host functions -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_TEST_LIB_SIMTEMULATOR_REWRITE_H
#define FPW_TEST_LIB_SIMTEMULATOR_REWRITE_H

#include "Emulator.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/IR/Module.h"

namespace fpw::simt {

/// Makes each kernel K a host function simt_entry_K(ptr parameters): instructions of the GPU become
/// calls of the emulator, shared memory lies where the emulator has it, and each access is checked.
/// Returns the kernels without their entries.
llvm::Expected<llvm::StringMap<Kernel>> rewriteForHost(llvm::Module &module);

inline constexpr llvm::StringLiteral kEntryPrefix = "simt_entry_";

} // namespace fpw::simt

#endif // FPW_TEST_LIB_SIMTEMULATOR_REWRITE_H
