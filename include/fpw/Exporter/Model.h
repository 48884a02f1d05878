//===- Model.h - Writes networks in the formats of others -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_EXPORTER_MODEL_H
#define FPW_EXPORTER_MODEL_H

#include "fpw/Support/LLVM.h"

namespace fpw {

/// What becomes of fixed-point weights in a format of others.
enum class WeightForm {
  FixedPoint, ///< They stay fixed-point numbers, as the format has them.
  Float,      ///< They become f32 numbers, the products of codes and steps.
};

/// Writes the network of a module as an ONNX model or as an .nnp file of nnabla, which the name
/// tells. Nothing is left half written: on failure the old file stays, and the reason is a
/// diagnostic. The module is simplified on the way.
LogicalResult exportModel(ModuleOp module, StringRef path, WeightForm weights);

} // namespace fpw

#endif // FPW_EXPORTER_MODEL_H
