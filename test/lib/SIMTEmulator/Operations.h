//===- Operations.h - What the instructions of a GPU do -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_TEST_LIB_SIMTEMULATOR_OPERATIONS_H
#define FPW_TEST_LIB_SIMTEMULATOR_OPERATIONS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <optional>

namespace fpw::simt {

/// The function that kernels call for an instruction: where the result goes, the operands (each
/// widened to 64 bits), the variant of the instruction, and which instruction of the kernel it is.
using Handler = void (*)(void *result, const uint64_t *operands, uint64_t variant, uint32_t site);

/// An instruction that becomes a call.
struct Operation {
  const char *symbol;
  Handler handler;
  bool waits; ///< for other threads
};

/// What an instruction of a kernel means.
struct Meaning {
  const Operation *operation;
  uint64_t variant;
};

/// What an intrinsic (its name after "llvm.nvvm.") or an inline assembly does, if that is known.
std::optional<Meaning> findInstruction(llvm::StringRef name);

/// All functions that rewritten kernels call.
llvm::ArrayRef<Operation> getOperations();

/// \name Those of matrices, of a warp or four
/// @{
std::optional<Meaning> findMatrixInstruction(llvm::StringRef name);
llvm::ArrayRef<Operation> getMatrixOperations(); ///< the first one: the check of their results
/// @}

} // namespace fpw::simt

#endif // FPW_TEST_LIB_SIMTEMULATOR_OPERATIONS_H
