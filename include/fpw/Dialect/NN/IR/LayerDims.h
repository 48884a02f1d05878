//===- LayerDims.h - Which dimensions of a layer mean what ------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_DIALECT_NN_IR_LAYERDIMS_H
#define FPW_DIALECT_NN_IR_LAYERDIMS_H

#include "fpw/Dialect/NN/IR/NN.h"
#include "fpw/Support/LLVM.h"

namespace fpw::nn {

/// The dimensions of a fixed-point layer's input that number its units (docs/Numerics.md, N1).
struct Units {
  SmallVector<int64_t> dims;
  /// How far apart the units of neighbouring outputs are along each of these dimensions.
  SmallVector<int64_t> strides;
};

Units getUnits(LayerOpInterface layer);

/// The dimensions of a fixed-point layer's result that number its output channels.
SmallVector<int64_t> getChannelDims(LayerOpInterface layer);

} // namespace fpw::nn

#endif // FPW_DIALECT_NN_IR_LAYERDIMS_H
