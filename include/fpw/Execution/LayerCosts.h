//===- LayerCosts.h - What each op of a network has to do -------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_EXECUTION_LAYERCOSTS_H
#define FPW_EXECUTION_LAYERCOSTS_H

#include "fpw/Dialect/NN/IR/NN.h"
#include "fpw/Support/LLVM.h"
#include "mlir/IR/BuiltinOps.h"
#include <string>
#include <vector>

namespace fpw {

/// The name of a layer's weight in the source file, without the "/W" that weights end in.
std::string getLayerName(nn::LayerOpInterface layer);

/// The work of one op.
struct LayerCost {
  std::string name;        ///< of a layer as above; else the op
  std::string op;          ///< "convolution"
  double multiplyAdds = 0; ///< of layers, each product of the network once
  double bytes = 0;        ///< operands and results, each once, as the network has them
  unsigned weightBits = 0; ///< of fixed-point layers
};

/// The work of each op of a network on nn, in the order of the program, for a batch of a size. The
/// location of each op becomes its number here, by which a profile knows it.
std::vector<LayerCost> labelLayers(ModuleOp module, int64_t batch);

} // namespace fpw

#endif // FPW_EXECUTION_LAYERCOSTS_H
