//===- Fold.h - Computes element by element at import -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_IMPORTER_ONNX_FOLD_H
#define FPW_LIB_IMPORTER_ONNX_FOLD_H

#include "NodeImporter.h"

namespace fpw::onnx {

/// A function of one element per input. Integers that are not known well enough give nothing.
using FloatFunction = function_ref<float(ArrayRef<float>)>;
using IntegerFunction = function_ref<std::optional<Number>(ArrayRef<Number>)>;

/// The shape that shapes broadcast to, as in numpy; nothing if they do not.
std::optional<SmallVector<int64_t>> broadcastShapes(ArrayRef<ArrayRef<int64_t>> shapes);

/// For each element of a shape, the index of the element of a tensor that broadcasts to it.
SmallVector<int64_t> getBroadcastIndices(ArrayRef<int64_t> from, ArrayRef<int64_t> to);

/// Adds the result of a function on the known inputs of a node from `first` on, which broadcast.
/// Its type is `type`. False if there is none, which is no error.
bool foldFloats(NodeImporter &importer, FloatFunction function);
bool foldIntegers(NodeImporter &importer, IntegerFunction function, ElementType type,
                  size_t first = 0);

} // namespace fpw::onnx

#endif // FPW_LIB_IMPORTER_ONNX_FOLD_H
