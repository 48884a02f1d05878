//===- LayerRanges.h - How large the inputs of layers become ----*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_EXECUTION_LAYERRANGES_H
#define FPW_EXECUTION_LAYERRANGES_H

#include "fpw/Execution/CompiledModel.h"

namespace fpw {

/// What the elements that reach a fixed-point layer are like.
struct LayerRange {
  std::string name;  ///< of the layer's weight
  float maximum = 0; ///< the largest |x| of all; a NaN or infinite if any element is
  /// The largest |x| of a unit (docs/Numerics.md, N1) over the mean |x| of its elements, for the
  /// unit where this is largest; 0 if all elements are 0.
  double spread = 0;
};

/// Runs a network on data in f32 and looks at the input of each fixed-point layer, in the order of
/// the program.
Expected<std::vector<LayerRange>> measureLayerRanges(ModuleOp module, ArrayRef<TensorView> inputs,
                                                     unsigned threads = 1);

} // namespace fpw

#endif // FPW_EXECUTION_LAYERRANGES_H
