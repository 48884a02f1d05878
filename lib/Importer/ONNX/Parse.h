//===- Parse.h - The parts of a file, checked against limits -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_IMPORTER_ONNX_PARSE_H
#define FPW_LIB_IMPORTER_ONNX_PARSE_H

#include "fpw/Importer/ONNX.h"
#include "onnx.pb.h"
#include "llvm/Support/Error.h"
#include <memory>

namespace fpw::onnx {

/// Parses a model.
Expected<std::unique_ptr<ModelProto>> parseModel(StringRef bytes, const ONNXLimits &limits);

} // namespace fpw::onnx

#endif // FPW_LIB_IMPORTER_ONNX_PARSE_H
