//===- LayerRanges.h - How large the inputs of layers become ----*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_EXECUTION_LAYERRANGES_H
#define FPW_EXECUTION_LAYERRANGES_H

#include "fpw/Dialect/NN/IR/NN.h"
#include "fpw/Execution/CompiledModel.h"

namespace fpw {

/// What the elements that reach a fixed-point layer are like.
struct LayerRange {
  std::string name;  ///< of the layer
  float maximum = 0; ///< the largest |x| of all; a NaN or infinite if any element is
  /// The largest |x| of a unit (docs/Numerics.md, N1) over the mean |x| of its elements, for the
  /// unit where this is largest; 0 if all elements are 0.
  double spread = 0;
};

/// The layers of a module's network whose inputs become codes, in the order of the program.
std::vector<nn::LayerOpInterface> getFixedPointLayers(ModuleOp module);

/// Runs a network on data in f32 and looks at the input of each fixed-point layer.
class LayerRangeProbe {
public:
  /// The module stays as it is.
  static Expected<std::unique_ptr<LayerRangeProbe>> compile(ModuleOp module);

  ArrayRef<TensorInfo> getInputs() const { return model->getInputs(); }
  /// One range per layer, in the order of getFixedPointLayers.
  Expected<std::vector<LayerRange>> measure(ArrayRef<TensorView> inputs,
                                            unsigned threads = 1) const;

private:
  std::unique_ptr<CompiledModel> model;
  std::vector<std::string> names;
};

} // namespace fpw

#endif // FPW_EXECUTION_LAYERRANGES_H
