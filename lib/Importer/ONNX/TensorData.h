//===- TensorData.h - The elements of a tensor in a file -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_IMPORTER_ONNX_TENSORDATA_H
#define FPW_LIB_IMPORTER_ONNX_TENSORDATA_H

#include "Constant.h"
#include "llvm/Support/MemoryBuffer.h"
#include <string>

namespace fpw::onnx {

/// Reads tensors of a model: their elements stand in the model, or in files beside it.
class TensorReader {
public:
  /// `folder` is the model's; empty if data outside of the model is not allowed.
  explicit TensorReader(std::string folder) : folder(std::move(folder)) {}

  Expected<Constant> read(const TensorProto &tensor) const;

private:
  Error readElements(const TensorProto &tensor, size_t count, Constant &constant) const;
  Expected<std::unique_ptr<llvm::MemoryBuffer>> openExternal(const TensorProto &tensor,
                                                             uint64_t bytes) const;

  std::string folder;
};

} // namespace fpw::onnx

#endif // FPW_LIB_IMPORTER_ONNX_TENSORDATA_H
