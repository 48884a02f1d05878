//===- SelectKernels.cpp - Chooses the kernel of each integer contraction -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AMXPlan.h"
#include "ByteContraction.h"
#include "LaneKernel.h"
#include "StreamKernel.h"
#include "TileLayout.h"
#include "fpw/Codegen/CPU/Passes.h"
#include "fpw/Conversion/NNToLinalg.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/Support/MathExtras.h"

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

//===----------------------------------------------------------------------===//
// Streams
//===----------------------------------------------------------------------===//

/// Whether weights are worth streaming: one tensor without groups and windows meets few rows, or an
/// unknown number of them that is not a multiple of more.
bool mayHaveFewRows(linalg::GenericOp op) {
  if (op.getNumReductionLoops() != 1)
    return false;
  AffineMap image = op.getMatchingIndexingMap(op.getDpsInputOperand(0));
  AffineMap weight = op.getMatchingIndexingMap(op.getDpsInputOperand(1));
  AffineExpr digit = image.getResult(0);
  int64_t rows = 1;
  for (auto [loop, size] : llvm::enumerate(op.getStaticLoopRanges())) {
    bool isReduction = linalg::isReductionIterator(op.getIteratorTypesArray()[loop]);
    if (weight.isFunctionOfDim(loop)) {
      if (!isReduction && image.isFunctionOfDim(loop))
        return false;
    } else if (digit != getAffineDimExpr(loop, op.getContext()) && !ShapedType::isDynamic(size)) {
      rows *= size;
    }
  }
  return rows <= kStreamRows;
}

bool hasDynamicRows(linalg::GenericOp op) {
  return llvm::any_of(op.getStaticLoopRanges(), ShapedType::isDynamic);
}

//===----------------------------------------------------------------------===//
// Lanes
//===----------------------------------------------------------------------===//

/// The op that combines the digits' sums.
linalg::GenericOp findCombine(Value sums) {
  for (Operation *user : sums.getUsers()) {
    if (isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp>(user))
      return findCombine(user->getResult(0));
    if (hasRole(user, "combine"))
      return cast<linalg::GenericOp>(user);
  }
  return nullptr;
}

/// Whether the sums of two digits together fit into 32 bits.
bool fitsSumsOfPairs(linalg::GenericOp op, int64_t digits) {
  linalg::GenericOp combine = findCombine(op.getResult(0));
  for (int64_t lower = 0; combine && lower + 1 < digits; lower += 2) {
    std::optional<PairOfSums> pair = PairOfSums::match(combine, lower);
    if (!pair || !pair->sum->getResult(0).getType().isInteger(32))
      return false;
  }
  return combine != nullptr;
}

/// The kernel for lanes with the fewest instructions; among equals, the one with the fewest sums.
StringRef chooseLaneKernel(linalg::GenericOp op, DotUnit unit) {
  std::optional<LaneKernel> kernel = LaneKernel::match(op, /*rowDims=*/2);
  if (!kernel)
    kernel = LaneKernel::match(op, /*rowDims=*/1);
  if (!kernel || kernel->getCodeBits() > 16)
    return {};
  int64_t digits = cast<RankedTensorType>(op->getOperand(0).getType()).getDimSize(0);
  if (!kernel->sumsChannels())
    return fitsSumsOfPairs(op, digits) ? StringRef(kDotChannelsKernel) : StringRef();
  StringRef best;
  int64_t least = 0;
  for (StringRef name : {kDotWordsKernel, kDotBytesKernel, kDotDigitsKernel}) {
    LaneFormat format = *LaneFormat::get(name, digits, /*isUnsigned=*/false);
    bool fits = name == kDotBytesKernel ? unit == DotUnit::Accumulate && kernel->getCodeBits() <= 8
                                        : name == kDotDigitsKernel || fitsSumsOfPairs(op, digits);
    int64_t cost = format.countSums() * llvm::divideCeil(kernel->getRun(), format.getLaneSize());
    if (fits && (best.empty() || cost < least)) {
      best = name;
      least = cost;
    }
  }
  return best;
}

struct SelectKernels : impl::FPWCPUSelectKernelsBase<SelectKernels> {
  using FPWCPUSelectKernelsBase::FPWCPUSelectKernelsBase;

  void runOnOperation() override {
    getOperation().walk([&](linalg::GenericOp op) {
      StringRef kernel = choose(op);
      if (!kernel.empty())
        op->setAttr(kKernelAttr, StringAttr::get(&getContext(), kernel));
    });
  }

  /// Few rows are streamed, others go to the matrix unit. Without it, affine layers of any number
  /// of rows are streamed, a few rows at a time, and other layers use lanes.
  StringRef choose(linalg::GenericOp op) {
    bool hasDots = dotUnit != DotUnit::Plain;
    if (multipliesBytes(op) && fitsMatrixUnit(op)) {
      if (hasDots && mayHaveFewRows(op) && (!amx || !hasDynamicRows(op)))
        return kStreamKernel;
      if (amx)
        return kMatrixUnitKernel;
    }
    return hasDots ? chooseLaneKernel(op, dotUnit) : StringRef();
  }
};

} // namespace
} // namespace fpw::cpu
