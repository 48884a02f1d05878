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
/// the end, would leave the memory that the runtime keeps readable there. One group of outputs
/// only: each group would be a kernel.
bool fitsMatrixUnit(linalg::GenericOp op) {
  constexpr int64_t kFewestChannels = 16, kMostChannels = 16384;
  std::optional<unsigned> channel = getChannelLoop(op);
  if (!channel || op.getStaticLoopRanges()[*channel] < kFewestChannels ||
      op.getStaticLoopRanges()[*channel] > kMostChannels)
    return false;
  AffineMap image = op.getMatchingIndexingMap(op.getDpsInputOperand(0));
  AffineMap weight = op.getMatchingIndexingMap(op.getDpsInputOperand(1));
  unsigned outputLoops = 0;
  for (unsigned loop = 0; loop < op.getNumLoops(); ++loop)
    if (op.getIteratorTypesArray()[loop] == utils::IteratorType::parallel &&
        weight.isFunctionOfDim(loop)) {
      ++outputLoops;
      if (image.isFunctionOfDim(loop))
        return false;
    }
  return outputLoops == 1;
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
