//===- FixedPointWeight.h - Weights become fixed-point numbers --*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_DIALECT_NN_TRANSFORMS_FIXEDPOINTWEIGHT_H
#define FPW_DIALECT_NN_TRANSFORMS_FIXEDPOINTWEIGHT_H

#include "fpw/Support/FixedPoint.h"
#include "fpw/Support/LLVM.h"
#include <optional>
#include <string>

namespace fpw::nn {

/// What to convert, and to which numbers.
struct FixedPointWeightOptions {
  /// The numbers of all weights, or of all biases.
  struct Numbers {
    bool quantize = true;
    bool isSigned = true;
    unsigned bits = 8;
    /// The step; without one, each tensor gets a power of two from its largest magnitude.
    std::optional<float> delta;
  };
  Numbers weight, bias;
  /// The nnabla functions whose layers are converted; none stands for all.
  SmallVector<std::string> functions;
  /// Globs on the names of parameters that stay float. A weight keeps its whole layer float.
  SmallVector<std::string> exclude;
  StepRounding rounding = StepRounding::Ceil;
  /// One step per output channel of each weight.
  bool perChannel = false;
  /// The scope of the new parameters.
  std::string name = "fixed-point-weight";
  /// Whether to store codes, or to leave `nn.fixed_point_quantize` on the float parameters.
  bool materialize = true;
  /// The fraction of clipped elements of a tensor above which there is a warning.
  double clipLimit = 0.01;
  /// Whether to free the data of float parameters that the module uses no longer. Clones of the
  /// module share this data: only for a module that has none.
  bool dropFloat = false;

  /// The defaults of nnabla's converter: three functions, and one step for all tensors.
  static FixedPointWeightOptions getSeedDefaults();
};

/// Converts the weights of all functions of a module.
LogicalResult convertToFixedPointWeights(ModuleOp module, const FixedPointWeightOptions &options);

} // namespace fpw::nn

#endif // FPW_DIALECT_NN_TRANSFORMS_FIXEDPOINTWEIGHT_H
