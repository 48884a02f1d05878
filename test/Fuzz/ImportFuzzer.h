//===- ImportFuzzer.h - A file that an importer reads -----------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_TEST_FUZZ_IMPORTFUZZER_H
#define FPW_TEST_FUZZ_IMPORTFUZZER_H

#include "fpw/Support/LLVM.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include <memory>

/// LLVM's allocators mark memory as poisoned where they are compiled with the sanitizer, as here,
/// and do not take the mark away where they are not, as in the system's libraries.
extern "C" const char *__asan_default_options() { return "allow_user_poisoning=0"; }

namespace fpw::test {

/// The errors of an import in a context that some imports share.
template <typename Import> unsigned countErrors(Import import) {
  // A context keeps types and names for ever, and takes long to make.
  static std::unique_ptr<mlir::MLIRContext> owner;
  static unsigned inputs = 0;
  if (inputs++ % 256 == 0)
    owner = std::make_unique<mlir::MLIRContext>(mlir::MLIRContext::Threading::DISABLED);
  unsigned errors = 0;
  mlir::ScopedDiagnosticHandler handler(owner.get(), [&](mlir::Diagnostic &diagnostic) {
    errors += diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error;
    return mlir::success();
  });
  import(*owner);
  return errors;
}

} // namespace fpw::test

#endif // FPW_TEST_FUZZ_IMPORTFUZZER_H
