//===- SelectKernels.cpp - Chooses the kernel of each integer contraction -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ByteProduct.h"
#include "MatrixTile.h"
#include "fpw/Codegen/GPU/Passes.h"
#include "fpw/Dialect/NN/IR/NN.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace fpw::gpu {
#define GEN_PASS_DEF_FPWGPUSELECTKERNELS
#include "fpw/Codegen/GPU/Passes.h.inc"

using namespace mlir;

namespace {

/// The sizes of a product that the matrix units can compute, or none if they gain nothing.
std::optional<MatrixShape> getMatrixShape(linalg::GenericOp op) {
  constexpr int64_t kFewestColumns = 8, kShortestSums = 32, kCopyBytes = 4;
  std::optional<ByteProduct> product = ByteProduct::match(op);
  if (!product || !op.getDpsInputs()[1].getDefiningOp<nn::ParameterOp>() ||
      product->getChannels() % kCopyBytes != 0 || !product->countStatic(product->groups))
    return std::nullopt;
  std::optional<int64_t> columns = product->countStatic(product->columns);
  std::optional<int64_t> depth = product->countStatic(product->sums);
  if (!columns || *columns < kFewestColumns || *depth < kShortestSums)
    return std::nullopt;
  // Digits are outermost.
  ArrayRef<unsigned> rows = product->rows;
  int64_t planes = product->getSize(rows.front());
  bool hasPlanes = rows.size() > 1 && planes >= 1 && planes <= 4;
  return MatrixShape{hasPlanes ? planes : 1, product->countStatic(rows.drop_front(hasPlanes)),
                     *columns, *depth, product->getChannels()};
}

/// Whether the op adds products of integers.
bool isContraction(linalg::GenericOp op) {
  if (op.getNumReductionLoops() == 0)
    return false;
  return llvm::all_of(op.getBody()->getTerminator()->getOperands(), [](Value result) {
    auto add = result.getDefiningOp<arith::AddIOp>();
    return add && (add.getLhs().getDefiningOp<arith::MulIOp>() ||
                   add.getRhs().getDefiningOp<arith::MulIOp>());
  });
}

struct SelectKernels : impl::FPWGPUSelectKernelsBase<SelectKernels> {
  using FPWGPUSelectKernelsBase::FPWGPUSelectKernelsBase;

  void runOnOperation() override {
    FailureOr<SmallVector<Architecture>> known = parseArchitectures(getOperation(), architectures);
    if (failed(known))
      return signalPassFailure();
    bool hasWarpgroups = llvm::all_of(
        *known, [](const Architecture &architecture) { return architecture.name == "sm_90a"; });
    getOperation().walk([&](linalg::GenericOp op) {
      if (isContraction(op))
        op->setAttr(kKernelAttr, StringAttr::get(&getContext(), choose(op, hasWarpgroups)));
    });
  }

private:
  /// The kernel's name. A kernel of tiles gets its tile.
  static StringRef choose(linalg::GenericOp op, bool hasWarpgroups) {
    std::optional<MatrixShape> shape = getMatrixShape(op);
    if (!shape)
      return kNaiveKernel;
    if (std::optional<MatrixTile> tile = chooseWarpgroupTile(*shape); tile && hasWarpgroups) {
      tile->writeTo(op);
      return kWGMMAKernel;
    }
    chooseMatrixTile(*shape).writeTo(op);
    return kMMAKernel;
  }
};

} // namespace
} // namespace fpw::gpu
