//===- FuseUnits.cpp - Finds a unit's step right before its digits -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The codes of a unit need its largest magnitude, so all of its elements are read twice. Where a
// unit is a row or a pixel, it is in the first-level cache when it is read again at once.
//
//===----------------------------------------------------------------------===//

#include "fpw/Codegen/CPU/Passes.h"
#include "fpw/Conversion/NNToLinalg.h"
#include "mlir/Analysis/TopologicalSortUtils.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/TileUsingInterface.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace fpw::cpu {
#define GEN_PASS_DEF_FPWCPUFUSEUNITS
#include "fpw/Codegen/CPU/Passes.h.inc"

using namespace mlir;

namespace {

/// The op that finds the largest magnitudes of the units whose digits `split` makes.
linalg::GenericOp getMaximum(linalg::GenericOp split) {
  if (split.getNumDpsInputs() < 2)
    return nullptr;
  auto inverse = split.getDpsInputs()[1].getDefiningOp<linalg::GenericOp>();
  if (!hasRole(inverse, "inverse"))
    return nullptr;
  auto maximum = inverse.getDpsInputs()[0].getDefiningOp<linalg::GenericOp>();
  return hasRole(maximum, "maximum") && maximum.getNumDpsInputs() == 1 &&
                 maximum.getDpsInputs()[0] == split.getDpsInputs()[0]
             ? maximum
             : nullptr;
}

/// Whether units are large enough to be worth a loop, and fit into the first-level cache.
bool isUnitOfGoodSize(linalg::GenericOp maximum) {
  constexpr int64_t kLeast = 256, kMost = 1 << 13;
  int64_t elements = 1;
  for (auto [size, iterator] :
       llvm::zip(maximum.getStaticLoopRanges(), maximum.getIteratorTypesArray())) {
    if (!linalg::isReductionIterator(iterator))
      continue;
    if (ShapedType::isDynamic(size) || size > kMost)
      return false;
    elements *= size;
  }
  return elements >= kLeast && elements <= kMost;
}

/// Tiles of one unit.
scf::SCFTilingOptions getTiles(linalg::GenericOp split) {
  OpBuilder builder(split);
  SmallVector<OpFoldResult> sizes(split.getNumLoops(), builder.getIndexAttr(0));
  for (AffineExpr expr : split.getMatchingIndexingMap(split.getDpsInputOperand(1)).getResults())
    sizes[cast<AffineDimExpr>(expr).getPosition()] = builder.getIndexAttr(1);
  scf::SCFTilingOptions tiles;
  tiles.setTileSizes(sizes);
  bool isParallelAlready = split->getParentOfType<scf::ForallOp>() != nullptr;
  tiles.setLoopType(isParallelAlready ? scf::SCFTilingOptions::LoopType::ForOp
                                      : scf::SCFTilingOptions::LoopType::ForallOp);
  return tiles;
}

LogicalResult fuse(IRRewriter &rewriter, linalg::GenericOp split, linalg::GenericOp maximum) {
  scf::SCFTileAndFuseOptions options;
  options.setTilingOptions(getTiles(split));
  Operation *start = maximum.getDpsInits()[0].getDefiningOp();
  options.setFusionControlFn(
      [&](tensor::ExtractSliceOp, OpResult producer,
          bool) -> std::optional<scf::SCFTileAndFuseOptions::ControlFnResult> {
        Operation *op = producer.getOwner();
        if (op != maximum && op != start && !hasRole(op, "inverse"))
          return std::nullopt;
        // The results of the layer need the step as well.
        return scf::SCFTileAndFuseOptions::ControlFnResult{op == maximum};
      });
  rewriter.setInsertionPoint(split);
  auto result = scf::tileConsumerAndFuseProducersUsingSCF(
      rewriter, cast<TilingInterface>(split.getOperation()), options);
  if (failed(result))
    return failure();
  Operation *loop = result->loops.front();
  loop->walk([&](tensor::ExtractSliceOp slice) { // of whole values
    if (slice->use_empty())
      rewriter.eraseOp(slice);
  });
  for (Operation *op :
       {split.getOperation(), split.getDpsInputs()[1].getDefiningOp(), maximum.getOperation()}) {
    if (Value inLoop = result->replacements.lookup(op->getResult(0)))
      rewriter.replaceUsesWithIf(op->getResult(0), inLoop,
                                 [&](OpOperand &use) { return !loop->isAncestor(use.getOwner()); });
    if (isOpTriviallyDead(op))
      rewriter.eraseOp(op);
  }
  // What reads the magnitudes may stand before the loop that finds them now.
  sortTopologically(loop->getBlock());
  return success();
}

struct FuseUnits : impl::FPWCPUFuseUnitsBase<FuseUnits> {
  void runOnOperation() override {
    SmallVector<linalg::GenericOp> splits;
    getOperation().walk([&](linalg::GenericOp op) {
      if (hasRole(op, "split"))
        splits.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    for (linalg::GenericOp split : splits)
      if (linalg::GenericOp maximum = getMaximum(split); maximum && isUnitOfGoodSize(maximum))
        if (failed(fuse(rewriter, split, maximum)))
          return signalPassFailure();
  }
};

} // namespace
} // namespace fpw::cpu
