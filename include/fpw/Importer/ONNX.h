//===- ONNX.h - Reads ONNX files -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// docs/Importers/ONNX.md says what is read, and how.
//
//===----------------------------------------------------------------------===//

#ifndef FPW_IMPORTER_ONNX_H
#define FPW_IMPORTER_ONNX_H

#include "fpw/Support/LLVM.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MemoryBufferRef.h"
#include <string>
#include <vector>

namespace fpw {

/// What a file may ask for at most. Everything else is bounded by the size of the file, and of
/// those with its data.
struct ONNXLimits {
  /// The messages in a file; each takes some hundred bytes of memory.
  uint64_t maxMessages = uint64_t(1) << 21;
  /// The bytes of tensors that are computed at import.
  uint64_t maxComputedBytes = uint64_t(1) << 30;
};

struct ONNXImportOptions {
  /// The file's folder: data outside of the file is read from beneath it. Empty: it is refused.
  std::string folder;
  /// Sizes for dimensions that the file only names, such as "sequence".
  llvm::StringMap<int64_t> dimensions;
  ONNXLimits limits;
};

/// The opsets that are read.
inline constexpr int64_t kOldestONNXOpset = 6, kNewestONNXOpset = 28;

/// Reads an ONNX file. The result is a module with one function; null after an error, which has
/// been reported to the context's diagnostic engine.
mlir::OwningOpRef<ModuleOp> importONNX(llvm::MemoryBufferRef file, MLIRContext *context,
                                       const ONNXImportOptions &options = {});

/// The folder of a file with this name, for ONNXImportOptions.
std::string getFolder(StringRef path);

/// The operators that can be imported, sorted by name.
std::vector<std::string> getONNXOperators();

/// Registers `--import-onnx`. The options are read when the translation runs, and must live until
/// then.
void registerONNXTranslation(const ONNXImportOptions &options);

} // namespace fpw

#endif // FPW_IMPORTER_ONNX_H
