//===- InterleaveDigits.cpp - Puts the digits of a pixel side by side -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The matrix unit reads 64 consecutive channels at once. This pass therefore gives images of digits
//
//   [digit][batch...][position...][channel]   the layout   [batch...][position...][digit][channel]
//
// with the channels, and those of the weights, filled up to a multiple of 64 by zeros. Digits of
// one pixel are read together, and stay close.

#include "AMXPlan.h"
#include "ByteContraction.h"
#include "TileLayout.h"
#include "fpw/Codegen/CPU/Passes.h"
#include "fpw/Codegen/CPU/TilePlan.h"
#include "fpw/Conversion/NNToLinalg.h"
#include "fpw/Dialect/NN/IR/NN.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>

namespace fpw::cpu {
#define GEN_PASS_DEF_FPWCPUINTERLEAVEDIGITS
#include "fpw/Codegen/CPU/Passes.h.inc"

using namespace mlir;

namespace {

/// [digit][x...][channel] to [x...][digit][channel].
template <typename Range> auto interleave(const Range &dims) {
  auto moved = llvm::to_vector(dims);
  std::rotate(moved.begin(), moved.begin() + 1, moved.end() - 1);
  return moved;
}

int64_t roundUp(int64_t channels) { return llvm::alignTo(channels, kAMXBytes); }

/// Whether all that reads the digits, perhaps padded or in part, is a kernel of the matrix unit.
bool feedsMatrixUnitOnly(Value digits) {
  return llvm::all_of(digits.getUsers(), [&](Operation *user) {
    if (auto pad = dyn_cast<tensor::PadOp>(user))
      return !ShapedType::isDynamic(pad.getStaticLow().back()) &&
             !ShapedType::isDynamic(pad.getStaticHigh().back()) &&
             feedsMatrixUnitOnly(pad.getResult());
    if (auto slice = dyn_cast<tensor::ExtractSliceOp>(user))
      return slice.getType().getRank() == slice.getSourceType().getRank() &&
             feedsMatrixUnitOnly(slice.getResult());
    return readsTiles(user) && user->getOperand(0) == digits;
  });
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

/// The weight with zeros behind its channels.
nn::ParameterOp padChannels(OpBuilder &builder, nn::ParameterOp weight, unsigned channelDim) {
  auto type = cast<RankedTensorType>(weight.getType());
  SmallVector<int64_t> shape(type.getShape());
  shape[channelDim] = roundUp(shape[channelDim]);
  if (type.getShape() == ArrayRef(shape))
    return weight;
  RankedTensorType padded = type.clone(shape);
  AsmResourceBlob blob = HeapAsmResourceBlob::allocate(padded.getNumElements(), kAMXBytes);
  MutableArrayRef<char> to = blob.getMutableData();
  std::memset(to.data(), 0, to.size());
  // The dimensions from the channel on make one run of bytes.
  int64_t run = computeProduct(type.getShape().drop_front(channelDim));
  int64_t paddedRun = computeProduct(ArrayRef(shape).drop_front(channelDim));
  ArrayRef<char> from = weight.getRawData();
  for (int64_t i = 0, count = run == 0 ? 0 : type.getNumElements() / run; i < count; ++i) {
    if (weight.isSplat())
      std::memset(to.data() + i * paddedRun, from[0], run);
    else
      std::memcpy(to.data() + i * paddedRun, from.data() + i * run, run);
  }
  auto value = DenseResourceElementsAttr::get(padded, weight.getName(), std::move(blob));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(weight);
  return nn::ParameterOp::create(builder, weight.getLoc(), padded, weight.getNameAttr(), value,
                                 weight.getConversionAttr());
}

//===----------------------------------------------------------------------===//
// Images
//===----------------------------------------------------------------------===//

class Interleaver {
public:
  explicit Interleaver(MLIRContext *context) : rewriter(context) {}

  void rewrite(linalg::GenericOp split) {
    rewriter.setInsertionPoint(split);
    Value digits = interleaveSplit(split);
    rewriteUsers(split.getResult(0), digits, /*areChannelsPadded=*/false);
    rewriter.eraseOp(split);
  }

private:
  /// The same loops, with the result in another layout.
  Value interleaveSplit(linalg::GenericOp split) {
    Location loc = split.getLoc();
    Value init = split.getDpsInits()[0];
    SmallVector<OpFoldResult> sizes = interleave(tensor::getMixedSizes(rewriter, loc, init));
    Value empty = tensor::EmptyOp::create(rewriter, loc, sizes, rewriter.getI8Type());
    SmallVector<AffineMap> maps = split.getIndexingMapsArray();
    maps.back() = AffineMap::get(maps.back().getNumDims(), 0, interleave(maps.back().getResults()),
                                 rewriter.getContext());
    auto result = linalg::GenericOp::create(rewriter, loc, empty.getType(), split.getDpsInputs(),
                                            empty, maps, split.getIteratorTypesArray());
    rewriter.cloneRegionBefore(split.getRegion(), result.getRegion(), result.getRegion().begin());
    result->setAttr(kRoleAttr, split->getAttr(kRoleAttr));
    // All digits of 64 channels at once: each code is computed once, not once per digit.
    TilePlan plan{result.getNumLoops() - 1, SmallVector<int64_t>(result.getNumLoops(), 1)};
    plan.sizes.front() = cast<RankedTensorType>(init.getType()).getDimSize(0);
    plan.sizes.back() = kAMXBytes;
    plan.writeTo(result);
    return result.getResult(0);
  }

  Value pad(Location loc, Value image, SmallVector<OpFoldResult> low,
            SmallVector<OpFoldResult> high) {
    int64_t channels = cast<RankedTensorType>(image.getType()).getShape().back();
    int64_t padding = *getConstantIntValue(low.back()) + *getConstantIntValue(high.back());
    int64_t missing = roundUp(channels + padding) - (channels + padding);
    high.back() = rewriter.getIndexAttr(*getConstantIntValue(high.back()) + missing);
    if (llvm::all_of(llvm::concat<OpFoldResult>(low, high), isZeroInteger))
      return image;
    Value zero = arith::ConstantIntOp::create(rewriter, loc, 0, 8);
    return tensor::PadOp::create(rewriter, loc, RankedTensorType(), image, low, high, zero);
  }

  Value padChannelsOf(Location loc, Value image) {
    int64_t rank = cast<RankedTensorType>(image.getType()).getRank();
    SmallVector<OpFoldResult> zeros(rank, rewriter.getIndexAttr(0));
    return pad(loc, image, zeros, zeros);
  }

  void rewriteUsers(Value digits, Value interleaved, bool areChannelsPadded) {
    for (Operation *user : llvm::make_early_inc_range(digits.getUsers())) {
      rewriter.setInsertionPoint(user);
      Location loc = user->getLoc();
      if (auto op = dyn_cast<tensor::PadOp>(user)) {
        Value padded = pad(loc, interleaved, interleave(op.getMixedLowPad()),
                           interleave(op.getMixedHighPad()));
        rewriteUsers(op.getResult(), padded, /*areChannelsPadded=*/true);
        rewriter.eraseOp(op);
        continue;
      }
      Value image = areChannelsPadded ? interleaved : padChannelsOf(loc, interleaved);
      if (auto op = dyn_cast<tensor::ExtractSliceOp>(user)) {
        SmallVector<OpFoldResult> sizes = interleave(op.getMixedSizes());
        sizes.back() =
            rewriter.getIndexAttr(cast<RankedTensorType>(image.getType()).getShape().back());
        Value slice =
            tensor::ExtractSliceOp::create(rewriter, loc, image, interleave(op.getMixedOffsets()),
                                           sizes, interleave(op.getMixedStrides()));
        rewriteUsers(op.getResult(), slice, /*areChannelsPadded=*/true);
        rewriter.eraseOp(op);
      } else {
        rewriteKernel(cast<linalg::GenericOp>(user), image);
      }
    }
  }

  void rewriteKernel(linalg::GenericOp kernel, Value image) {
    SmallVector<AffineMap> maps = kernel.getIndexingMapsArray();
    AffineExpr channel = rewriter.getAffineDimExpr(*getChannelLoop(kernel));
    auto weight = kernel.getDpsInputs()[1].getDefiningOp<nn::ParameterOp>();
    unsigned channelDim = *maps[1].getResultPosition(channel);
    maps[0] = AffineMap::get(maps[0].getNumDims(), 0, interleave(maps[0].getResults()),
                             rewriter.getContext());
    rewriter.modifyOpInPlace(kernel, [&] {
      kernel.setIndexingMapsAttr(rewriter.getAffineMapArrayAttr(maps));
      kernel->setOperand(0, image);
      kernel->setOperand(1, padChannels(rewriter, weight, channelDim));
    });
  }

  IRRewriter rewriter;
};

struct InterleaveDigits : impl::FPWCPUInterleaveDigitsBase<InterleaveDigits> {
  void runOnOperation() override {
    SmallVector<linalg::GenericOp> splits;
    getOperation().walk([&](linalg::GenericOp op) {
      if (hasRole(op, "split"))
        splits.push_back(op);
    });
    Interleaver interleaver(&getContext());
    for (linalg::GenericOp split : splits)
      if (feedsMatrixUnitOnly(split.getResult(0)))
        interleaver.rewrite(split);
    // What kept its layout is no work for the matrix unit.
    getOperation().walk([&](linalg::GenericOp op) {
      if (readsTiles(op) && !hasWholeTiles(op))
        op->removeAttr(kKernelAttr);
    });
  }

  static bool hasWholeTiles(linalg::GenericOp op) {
    return cast<RankedTensorType>(op->getOperand(0).getType()).getShape().back() % kAMXBytes == 0;
  }
};

} // namespace
} // namespace fpw::cpu
