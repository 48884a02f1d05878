//===- NNP.h - Reads nnabla's .nnp files -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// docs/Importers/NNP.md says what is read, and how.
//
//===----------------------------------------------------------------------===//

#ifndef FPW_IMPORTER_NNP_H
#define FPW_IMPORTER_NNP_H

#include "fpw/Support/LLVM.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/MemoryBufferRef.h"
#include <string>

namespace fpw {

/// What a file may ask for at most. Everything else is bounded by the size of the file.
struct NNPLimits {
  /// What the members of an archive may expand to, in bytes. Members that are stored as they are,
  /// as nnabla writes them, do not count.
  uint64_t maxExpandedBytes = uint64_t(1) << 30;
  /// How many times its own size an archive may expand to; 64 MiB are always allowed.
  uint64_t maxExpansion = 200;
  /// The size of a description (.nntxt) in bytes, and the messages in it.
  uint64_t maxTextBytes = uint64_t(1) << 27;
  uint64_t maxMessages = uint64_t(1) << 19;
};

struct NNPImportOptions {
  /// The network to import. Empty: that of the executor, else the only one.
  std::string network;
  /// The executor that names inputs and outputs. Empty: the only one, if there is one.
  std::string executor;
  NNPLimits limits;
};

/// Reads a .nnp archive or a .nntxt description with its parameters inline. The result is a module
/// with one function; null after an error, which has been reported to the context's diagnostic
/// engine.
mlir::OwningOpRef<ModuleOp> importNNP(llvm::MemoryBufferRef file, MLIRContext *context,
                                      const NNPImportOptions &options = {});

/// The functions of nnabla that can be imported and the ops that they become, sorted by name.
SmallVector<std::pair<std::string, std::string>> getNNPFunctions(MLIRContext *context);

/// Registers `--import-nnp`. The options are read when the translation runs, and must live until
/// then.
void registerNNPTranslation(const NNPImportOptions &options);

} // namespace fpw

#endif // FPW_IMPORTER_NNP_H
