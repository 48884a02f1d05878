//===- EmitSplit.cpp - Cuts activations into digits, four at a time -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ElementBody.h"
#include "KernelMath.h"
#include "ThreadPlan.h"
#include "fpw/Codegen/GPU/Passes.h"
#include "fpw/Conversion/NNToLinalg.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace fpw::gpu {
#define GEN_PASS_DEF_FPWGPUEMITSPLIT
#include "fpw/Codegen/GPU/Passes.h.inc"

using namespace mlir;

namespace {

constexpr int64_t kElements = 4; // 16 bytes of floats, a word of digits
constexpr unsigned kPlaneLoop = 0;

/// Whether elements that differ by one in the last index are neighbours, and four of them begin at
/// a multiple of their size.
bool hasAlignedWords(Value buffer) {
  auto type = cast<MemRefType>(buffer.getType());
  if (type.getRank() == 0 || type.isDynamicDim(type.getRank() - 1) ||
      type.getShape().back() % kElements != 0)
    return false;
  if (type.getLayout().isIdentity())
    return true;
  auto [strides, offset] = type.getStridesAndOffset();
  auto isMultiple = [&](int64_t distance) {
    return !ShapedType::isDynamic(distance) && distance % kElements == 0;
  };
  // The plane's stride is a multiple of the pixel's, even where it depends on the batch.
  return strides.back() == 1 && isMultiple(offset) &&
         llvm::all_of(ArrayRef(strides).drop_front().drop_back(), isMultiple);
}

/// Whether the op cuts elements that lie together into digits that lie together.
bool isSplit(linalg::GenericOp op) {
  if (!hasRole(op, "split") || !op.hasPureBufferSemantics() || op.getNumReductionLoops() > 0)
    return false;
  unsigned loops = op.getNumLoops();
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  auto endsWithLastLoop = [&](AffineMap map) {
    return map.getNumResults() > 0 &&
           map.getResults().back() == getAffineDimExpr(loops - 1, op.getContext());
  };
  bool isIdentity = maps.back().isIdentity() && loops >= 2;
  return isIdentity && endsWithLastLoop(maps[0]) && !maps[0].isFunctionOfDim(kPlaneLoop) &&
         op.getRegionOutputArgs()[0].getType().isInteger(8) &&
         op.getRegionInputArgs()[0].getType().isF32() && hasAlignedWords(op.getDpsInputs()[0]) &&
         hasAlignedWords(op.getDpsInits()[0]) &&
         !ShapedType::isDynamic(op.getStaticLoopRanges()[kPlaneLoop]);
}

/// Emits a launch of a thread for each four neighbours, which makes all their digits.
class SplitEmitter {
public:
  SplitEmitter(RewriterBase &rewriter, linalg::GenericOp op)
      : rewriter(rewriter), op(op), loc(op.getLoc()),
        body(op, AffineMap::getMultiDimIdentityMap(op.getNumLoops(), op.getContext())) {}

  void emit() {
    for (Range range : cast<linalg::LinalgOp>(op.getOperation()).createLoopRanges(rewriter, loc))
      sizes.push_back(range.size);
    sizes.back() = rewriter.getIndexAttr(*getConstantIntValue(sizes.back()) / kElements);
    AffineExpr product = rewriter.getAffineConstantExpr(1);
    for (size_t i = 1; i < sizes.size(); ++i)
      product = product * rewriter.getAffineSymbolExpr(i - 1);
    Value count = apply(product, ArrayRef(sizes).drop_front());
    Value blocks = apply(rewriter.getAffineSymbolExpr(0).ceilDiv(kBlockThreads), {count});
    Value one = arith::ConstantIndexOp::create(rewriter, loc, 1);
    Value threads = arith::ConstantIndexOp::create(rewriter, loc, kBlockThreads);
    auto launch = mlir::gpu::LaunchOp::create(rewriter, loc, blocks, one, one, threads, one, one);
    OpBuilder builder = OpBuilder::atBlockBegin(&launch.getBody().front());
    KernelMath math(builder, loc);
    Value number =
        math.add(math.multiply(math.fromIndex(Value(launch.getBlockIds().x)), kBlockThreads),
                 math.fromIndex(Value(launch.getThreadIds().x)));
    auto guard = scf::IfOp::create(builder, loc, math.isBelow(number, math.fromIndex(count)),
                                   /*withElseRegion=*/false);
    builder.setInsertionPointToStart(&guard.getThenRegion().front());
    emitThread(math, number);
    builder.setInsertionPointAfter(guard);
    mlir::gpu::TerminatorOp::create(builder, loc);
  }

private:
  Value apply(AffineExpr expr, ArrayRef<OpFoldResult> operands) {
    return getValueOrCreateConstantIndexOp(
        rewriter, loc,
        affine::makeComposedFoldedAffineApply(rewriter, loc,
                                              AffineMap::get(0, operands.size(), expr), operands));
  }

  void emitThread(KernelMath &math, Value number) {
    OpBuilder &builder = math.builder;
    SmallVector<Value> indices = math.delinearize(number, ArrayRef(sizes).drop_front());
    indices.back() = math.multiply(indices.back(), kElements);
    SmallVector<OpFoldResult> position{builder.getIndexAttr(0)};
    for (Value index : indices)
      position.push_back(math.toIndex(index));
    auto floats = VectorType::get({kElements}, builder.getF32Type());
    Value elements = LLVM::LoadOp::create(builder, loc, floats, locate(math, 0, position),
                                          /*alignment=*/16);
    int64_t planes = op.getStaticLoopRanges()[kPlaneLoop];
    for (int64_t plane = 0; plane < planes; ++plane) {
      position[kPlaneLoop] = builder.getIndexAttr(plane);
      Value word = math.constant(0);
      for (int64_t i = 0; i < kElements; ++i)
        word = arith::OrIOp::create(builder, loc, word, emitDigit(math, elements, i, position));
      unsigned result = op.getNumDpsInputs();
      LLVM::StoreOp::create(builder, loc, word, locate(math, result, position), /*alignment=*/4);
    }
  }

  /// A digit in its byte of a word.
  Value emitDigit(KernelMath &math, Value elements, int64_t i, ArrayRef<OpFoldResult> position) {
    OpBuilder &builder = math.builder;
    Value element = LLVM::ExtractElementOp::create(builder, loc, elements, math.constant(i));
    DenseMap<unsigned, Value> known{{0, element}};
    Value digit = body.compute(builder, position, known)[0];
    Value byte = arith::ExtUIOp::create(builder, loc, builder.getI32Type(), digit);
    return builder.createOrFold<arith::ShLIOp>(loc, byte, math.constant(8 * i));
  }

  /// The address of the operand's element.
  Value locate(KernelMath &math, unsigned operand, ArrayRef<OpFoldResult> position) {
    OpBuilder &builder = math.builder;
    Value buffer = op->getOperand(operand);
    auto metadata = memref::ExtractStridedMetadataOp::create(builder, loc, buffer);
    SmallVector<OpFoldResult> indices = affine::makeComposedFoldedMultiResultAffineApply(
        builder, loc, op.getIndexingMapsArray()[operand], position);
    Value elements = math.fromIndex(metadata.getConstifiedMixedOffset(), 64);
    for (auto [index, stride] : llvm::zip(indices, metadata.getConstifiedMixedStrides()))
      elements =
          math.add(elements, math.multiply(math.fromIndex(index, 64), math.fromIndex(stride, 64)));
    int64_t bytes = cast<MemRefType>(buffer.getType()).getElementTypeBitWidth() / 8;
    Value begin = memref::ExtractAlignedPointerAsIndexOp::create(builder, loc, buffer);
    Value address =
        math.add(math.fromIndex(begin, 64), math.multiply(elements, math.constant64(bytes)));
    constexpr unsigned kGlobalSpace = 1;
    return LLVM::IntToPtrOp::create(
        builder, loc, LLVM::LLVMPointerType::get(builder.getContext(), kGlobalSpace), address);
  }

  RewriterBase &rewriter;
  linalg::GenericOp op;
  Location loc;
  ElementBody body;
  SmallVector<OpFoldResult> sizes;
};

struct EmitSplit : impl::FPWGPUEmitSplitBase<EmitSplit> {
  void runOnOperation() override {
    SmallVector<linalg::GenericOp> ops;
    getOperation().walk([&](linalg::GenericOp op) {
      if (isSplit(op))
        ops.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    for (linalg::GenericOp op : ops) {
      rewriter.setInsertionPoint(op);
      SplitEmitter(rewriter, op).emit();
      rewriter.eraseOp(op);
    }
  }
};

} // namespace
} // namespace fpw::gpu
