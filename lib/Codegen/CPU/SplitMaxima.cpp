//===- SplitMaxima.cpp - Finds the maximum of a sample line by line -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SampleBytes.h"
#include "fpw/Codegen/CPU/Passes.h"
#include "fpw/Conversion/NNToLinalg.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace fpw::cpu {
#define GEN_PASS_DEF_FPWCPUSPLITMAXIMA
#include "fpw/Codegen/CPU/Passes.h.inc"

using namespace mlir;

namespace {

/// The number of loops, from the first on, that the maxima of lines get: all over samples, and of
/// those that are reduced as many as make a few lines. Nothing if that is not worth a second op.
std::optional<unsigned> countLineLoops(linalg::GenericOp maximum) {
  constexpr int64_t kFewLines = 16, kLeastBytes = 1 << 15;
  if (!hasRole(maximum, "maximum") || maximum.getNumDpsInputs() != 1 ||
      maximum->getParentOfType<scf::ForallOp>() ||
      !maximum.getIndexingMapsArray().front().isIdentity() ||
      countSampleBytes(maximum.getDpsInputs()[0].getType()) < kLeastBytes)
    return std::nullopt;
  int64_t lines = 1;
  SmallVector<int64_t> sizes = maximum.getStaticLoopRanges();
  for (unsigned loop = 0; loop + 1 < maximum.getNumLoops(); ++loop) {
    if (!linalg::isReductionIterator(maximum.getIteratorTypesArray()[loop])) {
      if (lines > 1)
        return std::nullopt;
      continue;
    }
    if (ShapedType::isDynamic(sizes[loop]))
      return std::nullopt;
    lines *= sizes[loop];
    if (lines >= kFewLines)
      return loop + 1;
  }
  return std::nullopt;
}

/// The image with the pixels of a line as one dimension, if their channels do not fill vectors.
Value joinPixels(IRRewriter &rewriter, Location loc, Value image, unsigned lineLoops) {
  constexpr int64_t kLanes = 16;
  auto type = cast<RankedTensorType>(image.getType());
  if (type.getRank() - lineLoops < 2 || type.getShape().back() % kLanes == 0 ||
      ShapedType::isDynamicShape(type.getShape().drop_front(lineLoops)))
    return image;
  SmallVector<ReassociationIndices> groups(lineLoops + 1);
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    groups[std::min<int64_t>(dim, lineLoops)].push_back(dim);
  return tensor::CollapseShapeOp::create(rewriter, loc, image, groups);
}

/// The same reduction of `input`, over the loops that `result` leaves out.
Value reduce(IRRewriter &rewriter, linalg::GenericOp maximum, Value input, Value start,
             AffineMap result) {
  unsigned loops = cast<RankedTensorType>(input.getType()).getRank();
  SmallVector<utils::IteratorType> iterators(loops, utils::IteratorType::reduction);
  for (AffineExpr expr : result.getResults())
    iterators[cast<AffineDimExpr>(expr).getPosition()] = utils::IteratorType::parallel;
  return linalg::GenericOp::create(
             rewriter, maximum.getLoc(), start.getType(), input, start,
             ArrayRef{rewriter.getMultiDimIdentityMap(loops), result}, iterators,
             [&](OpBuilder &builder, Location loc, ValueRange elements) {
               Value larger = arith::MaxUIOp::create(builder, loc, elements[0], elements[1]);
               linalg::YieldOp::create(builder, loc, larger);
             })
      .getResult(0);
}

Value makeZeros(IRRewriter &rewriter, Location loc, ArrayRef<OpFoldResult> sizes) {
  Value empty = tensor::EmptyOp::create(rewriter, loc, sizes, rewriter.getI32Type());
  Value zero = arith::ConstantIntOp::create(rewriter, loc, 0, 32);
  AffineMap all = rewriter.getMultiDimIdentityMap(sizes.size());
  SmallVector<utils::IteratorType> iterators(sizes.size(), utils::IteratorType::parallel);
  return linalg::GenericOp::create(rewriter, loc, empty.getType(), ValueRange(), empty,
                                   ArrayRef{all}, iterators,
                                   [&](OpBuilder &builder, Location loc, ValueRange) {
                                     linalg::YieldOp::create(builder, loc, zero);
                                   })
      .getResult(0);
}

void split(IRRewriter &rewriter, linalg::GenericOp maximum, unsigned lineLoops) {
  rewriter.setInsertionPoint(maximum);
  Location loc = maximum.getLoc();
  Value image = maximum.getDpsInputs()[0];
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(rewriter, loc, image);
  sizes.resize(lineLoops);
  Value start = makeZeros(rewriter, loc, sizes);
  image = joinPixels(rewriter, loc, image, lineLoops);
  unsigned loops = cast<RankedTensorType>(image.getType()).getRank();
  AffineMap all = rewriter.getMultiDimIdentityMap(loops);
  SmallVector<AffineMap> maps{all, all.getMajorSubMap(lineLoops)};
  SmallVector<utils::IteratorType> iterators(loops, utils::IteratorType::reduction);
  std::fill_n(iterators.begin(), lineLoops, utils::IteratorType::parallel);
  auto lines =
      linalg::GenericOp::create(rewriter, loc, start.getType(), image, start, maps, iterators);
  rewriter.cloneRegionBefore(maximum.getRegion(), lines.getRegion(), lines.getRegion().begin());
  lines->setAttr(kRoleAttr, maximum->getAttr(kRoleAttr));
  AffineMap units = maximum.getIndexingMapsArray().back();
  Value result = reduce(rewriter, maximum, lines.getResult(0), maximum.getDpsInits()[0],
                        AffineMap::get(lineLoops, 0, units.getResults(), rewriter.getContext()));
  rewriter.replaceOp(maximum, result);
}

struct SplitMaxima : impl::FPWCPUSplitMaximaBase<SplitMaxima> {
  void runOnOperation() override {
    SmallVector<linalg::GenericOp> ops;
    getOperation().walk([&](linalg::GenericOp op) { ops.push_back(op); });
    IRRewriter rewriter(&getContext());
    for (linalg::GenericOp op : ops)
      if (std::optional<unsigned> lineLoops = countLineLoops(op))
        split(rewriter, op, *lineLoops);
  }
};

} // namespace
} // namespace fpw::cpu
