//===- SelectKernels.cpp - Chooses the kernel of each integer contraction -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AMXPlan.h"
#include "ByteContraction.h"
#include "TileLayout.h"
#include "fpw/Codegen/CPU/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace fpw::cpu {
#define GEN_PASS_DEF_FPWCPUSELECTKERNELS
#include "fpw/Codegen/CPU/Passes.h.inc"

using namespace mlir;

namespace {

/// Few channels fill a tile of 64 badly. Of very many, fifteen rows, which kernels may read beyond
/// the end, would leave the memory that the runtime keeps readable there. Outputs may have groups,
/// each with an image of its own.
bool fitsMatrixUnit(linalg::GenericOp op) {
  constexpr int64_t kFewestChannels = 16, kMostChannels = 16384;
  std::optional<unsigned> channel = getChannelLoop(op);
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  if (!channel || sizes[*channel] < kFewestChannels || sizes[*channel] > kMostChannels)
    return false;
  AffineMap image = op.getMatchingIndexingMap(op.getDpsInputOperand(0));
  AffineMap weight = op.getMatchingIndexingMap(op.getDpsInputOperand(1));
  SmallVector<unsigned> loops;
  for (unsigned loop = 0; loop < op.getNumLoops(); ++loop)
    if (op.getIteratorTypesArray()[loop] == utils::IteratorType::parallel &&
        weight.isFunctionOfDim(loop))
      loops.push_back(loop);
  if (loops.empty() || image.isFunctionOfDim(takeOutputLoop(
                           loops, op.getMatchingIndexingMap(op.getDpsInitOperand(0)))))
    return false;
  int64_t channels = llvm::alignTo(sizes[*channel], kAMXBytes); // of all groups
  for (unsigned group : loops)
    if (image.getResultPosition(getAffineDimExpr(group, op.getContext())))
      channels *= sizes[group];
  return channels <= kMostChannels;
}

struct SelectKernels : impl::FPWCPUSelectKernelsBase<SelectKernels> {
  using FPWCPUSelectKernelsBase::FPWCPUSelectKernelsBase;

  void runOnOperation() override {
    if (!amx)
      return;
    getOperation().walk([&](linalg::GenericOp op) {
      if (multipliesBytes(op) && fitsMatrixUnit(op))
        op->setAttr(kKernelAttr, StringAttr::get(&getContext(), kMatrixUnitKernel));
    });
  }
};

} // namespace
} // namespace fpw::cpu
