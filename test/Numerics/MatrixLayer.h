//===- MatrixLayer.h - Layers whose kernels use matrix units ----*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_TEST_NUMERICS_MATRIXLAYER_H
#define FPW_TEST_NUMERICS_MATRIXLAYER_H

#include "Network.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/IR/Instructions.h"
#include <memory>
#include <ostream>

namespace fpw::test {

/// A layer behind an optional ReLU, which makes its codes unsigned, and before an optional residual
/// and a ReLU.
struct Layer {
  const char *name;
  const char *op, *attributes;
  std::vector<int64_t> input, weight, output; ///< first sizes of -1 are the batch
  const char *element = "si8";
  bool behindReLU = false, hasResidual = false;
};

inline std::ostream &operator<<(std::ostream &os, const Layer &layer) { return os << layer.name; }

/// The network of a layer, and inputs for it.
struct LayerNetwork {
  explicit LayerNetwork(const Layer &layer);
  FloatTensor runOnCPU(unsigned bits);

  std::unique_ptr<mlir::MLIRContext> context = makeContext();
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::vector<FloatTensor> inputs;
};

/// What a call does: the name of its intrinsic, or its assembly.
StringRef getText(const llvm::CallInst &call);
bool isMultiplication(const llvm::CallInst &call);
/// The calls in kernels that use matrix units.
std::vector<llvm::CallInst *> findMatrixCalls(llvm::Module &module);

} // namespace fpw::test

#endif // FPW_TEST_NUMERICS_MATRIXLAYER_H
