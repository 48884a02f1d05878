//===- Weight.h - Weights of layers -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_IMPORTER_ONNX_WEIGHT_H
#define FPW_LIB_IMPORTER_ONNX_WEIGHT_H

#include "NodeImporter.h"

namespace fpw::onnx {

/// A weight: floats, or integer codes and their format.
struct Weight {
  Value value;
  nn::FixedPointAttr format;
};

/// Input `i` of a node as a weight of some shape. A dequantized constant stays the integers that it
/// is made of, if there is a step for the whole or one per index of `channelAxis`.
Weight getWeight(NodeImporter &importer, size_t i, ArrayRef<int64_t> shape, int64_t channelAxis);

/// The same for a matrix, whose result is transposed where asked for.
Weight getMatrix(NodeImporter &importer, size_t i, bool isTransposed);

/// Builds a layer, or its fixed-point twin where the weight has a format. `set` sets the properties
/// that both have.
template <typename FloatOp, typename FixedPointOp, typename Set>
Value buildLayer(NNBuilder &b, SmallVector<Value> operands, nn::FixedPointAttr format, Set set) {
  if (!format) {
    typename FloatOp::Properties properties;
    set(properties);
    return b.create<FloatOp>(properties, operands);
  }
  typename FixedPointOp::Properties properties;
  set(properties);
  properties.weight_format = format;
  return b.create<FixedPointOp>(properties, operands);
}

} // namespace fpw::onnx

#endif // FPW_LIB_IMPORTER_ONNX_WEIGHT_H
