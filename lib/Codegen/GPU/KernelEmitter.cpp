//===- KernelEmitter.cpp - Kernels of one thread or a few for each result -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// Threads are numbered along the results, as these lie in memory; where several share a result,
// they are neighbours in a warp. A thread without a result repeats the last one's work and stores
// nothing, so that all threads of a warp meet where values go from one to another.
//
//===----------------------------------------------------------------------===//

#include "KernelEmitter.h"
#include "ElementBody.h"
#include "fpw/Codegen/CPU/TilePlan.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace fpw::gpu {
namespace {

class KernelEmitter {
public:
  KernelEmitter(RewriterBase &rewriter, linalg::GenericOp op)
      : rewriter(rewriter), op(op), plan(planThreads(op)), loc(op.getLoc()),
        body(op, AffineMap::getMultiDimIdentityMap(op.getNumLoops(), op.getContext())) {}

  void emit() {
    auto linalgOp = cast<linalg::LinalgOp>(op.getOperation());
    for (Range range : linalgOp.createLoopRanges(rewriter, loc))
      sizes.push_back(range.size);
    position.assign(sizes.size(), rewriter.getIndexAttr(0));
    Value results = toValue(rewriter, countResults());
    Value one = constant(rewriter, 1), block = constant(rewriter, kBlockThreads);
    Value threads = multiply(rewriter, results, constant(rewriter, plan.threads * plan.groups));
    Value blocks = arith::CeilDivUIOp::create(rewriter, loc, threads, block);
    auto launch = mlir::gpu::LaunchOp::create(rewriter, loc, blocks, one, one, block, one, one);
    OpBuilder builder = OpBuilder::atBlockBegin(&launch.getBody().front());
    Value first = multiply(builder, launch.getBlockIds().x, constant(builder, kBlockThreads));
    Value thread = arith::AddIOp::create(builder, loc, first, launch.getThreadIds().x);
    emitThread(builder, thread, results);
    mlir::gpu::TerminatorOp::create(builder, loc);
  }

private:
  bool isReduction(unsigned loop) { return cpu::isReduction(op, loop); }

  //===--------------------------------------------------------------------===//
  // Numbers
  //===--------------------------------------------------------------------===//

  Value constant(OpBuilder &builder, int64_t value) {
    return arith::ConstantIndexOp::create(builder, loc, value);
  }
  Value toValue(OpBuilder &builder, OpFoldResult value) {
    return getValueOrCreateConstantIndexOp(builder, loc, value);
  }
  Value multiply(OpBuilder &builder, Value a, Value b) {
    return arith::MulIOp::create(builder, loc, a, b);
  }

  OpFoldResult countResults() {
    AffineExpr product = rewriter.getAffineConstantExpr(1);
    SmallVector<OpFoldResult> operands;
    for (unsigned loop : plan.order) {
      product = product * rewriter.getAffineSymbolExpr(operands.size());
      operands.push_back(sizes[loop]);
    }
    return affine::makeComposedFoldedAffineApply(
        rewriter, loc, AffineMap::get(0, operands.size(), product), operands);
  }

  /// Finds the position along some loops from a number that counts along them.
  void delinearize(OpBuilder &builder, Value number, ArrayRef<unsigned> loops) {
    for (size_t i = loops.size(); i-- > 0;) {
      Value size = toValue(builder, sizes[loops[i]]);
      if (i == 0) {
        position[loops[i]] = number;
        return;
      }
      if (getConstantIntValue(sizes[loops[i]]) == 1) {
        position[loops[i]] = builder.getIndexAttr(0);
        continue;
      }
      position[loops[i]] = Value(arith::RemUIOp::create(builder, loc, number, size));
      number = arith::DivUIOp::create(builder, loc, number, size);
    }
  }

  //===--------------------------------------------------------------------===//
  // Threads
  //===--------------------------------------------------------------------===//

  void emitThread(OpBuilder &builder, Value thread, Value results) {
    if (plan.threads > 1)
      return emitShared(builder, thread, results);
    Value hasResult =
        arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ult, thread, results);
    auto guard = scf::IfOp::create(builder, loc, hasResult, /*withElseRegion=*/false);
    OpBuilder inner = guard.getThenBodyBuilder();
    delinearize(inner, thread, plan.order);
    SmallVector<Value> sums;
    if (op.getNumReductionLoops() > 0)
      sums = loadResults(inner);
    finish(inner, emitReduction(inner, getReductions(), sums));
  }

  SmallVector<unsigned> getReductions() {
    SmallVector<unsigned> reductions;
    for (unsigned loop = 0; loop < op.getNumLoops(); ++loop)
      if (isReduction(loop))
        reductions.push_back(loop);
    return reductions;
  }

  SmallVector<Value> loadResults(OpBuilder &builder) {
    SmallVector<Value> values;
    for (unsigned i = 0; i < op.getNumDpsInits(); ++i)
      values.push_back(body.load(builder, op.getNumDpsInputs() + i, position));
    return values;
  }

  void finish(OpBuilder &builder, ArrayRef<Value> results) {
    for (auto [i, result] : llvm::enumerate(results))
      body.store(builder, i, result, position);
  }

  /// A loop that carries the sums.
  SmallVector<Value>
  emitLoop(OpBuilder &builder, Value begin, Value end, int64_t step, ArrayRef<Value> sums,
           function_ref<SmallVector<Value>(OpBuilder &, Value, ArrayRef<Value>)> emitStep) {
    auto loop = scf::ForOp::create(
        builder, loc, begin, end, constant(builder, step), sums,
        [&](OpBuilder &inner, Location, Value variable, ValueRange carried) {
          scf::YieldOp::create(inner, loc, emitStep(inner, variable, SmallVector<Value>(carried)));
        });
    return SmallVector<Value>(loop.getResults());
  }

  /// The reductions in ascending order, with the body inside.
  SmallVector<Value> emitReduction(OpBuilder &builder, ArrayRef<unsigned> loops,
                                   ArrayRef<Value> sums) {
    if (loops.empty())
      return emitElement(builder, sums);
    unsigned loop = loops.front();
    bool isLane = plan.laneLoop == loop;
    return emitLoop(builder, isLane ? lane : constant(builder, 0), toValue(builder, sizes[loop]),
                    isLane ? plan.threads : 1, sums,
                    [&](OpBuilder &inner, Value variable, ArrayRef<Value> carried) {
                      position[loop] = variable;
                      return emitReduction(inner, loops.drop_front(), carried);
                    });
  }

  SmallVector<Value> emitElement(OpBuilder &builder, ArrayRef<Value> sums) {
    DenseMap<unsigned, Value> known;
    for (auto [i, sum] : llvm::enumerate(sums))
      known[op.getNumDpsInputs() + i] = sum;
    return body.compute(builder, position, known);
  }

  //===--------------------------------------------------------------------===//
  // Shared results
  //===--------------------------------------------------------------------===//

  /// A result for several threads of a warp.
  void emitShared(OpBuilder &builder, Value thread, Value results) {
    Value perGroup = constant(builder, plan.threads);
    lane = arith::RemUIOp::create(builder, loc, thread, perGroup);
    Value group = arith::DivUIOp::create(builder, loc, thread, perGroup);
    Value part = constant(builder, 0);
    if (plan.groups > 1) {
      Value groups = constant(builder, plan.groups);
      part = arith::RemUIOp::create(builder, loc, group, groups);
      group = arith::DivUIOp::create(builder, loc, group, groups);
    }
    Value hasResult =
        arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ult, group, results);
    Value last = arith::SubIOp::create(builder, loc, results, constant(builder, 1));
    delinearize(builder, arith::MinUIOp::create(builder, loc, group, last), plan.order);
    Value sum = plan.laneLoop ? emitReduction(builder, getReductions(), makeNeutral(builder))[0]
                              : emitUnordered(builder, part);
    sum = combineLanes(builder, sum);
    Value isFirst =
        arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, lane, constant(builder, 0));
    Value stores = arith::AndIOp::create(builder, loc, isFirst, hasResult);
    auto guard = scf::IfOp::create(builder, loc, stores, /*withElseRegion=*/false);
    OpBuilder inner = guard.getThenBodyBuilder();
    if (plan.groups > 1)
      return emitAtomic(inner, sum);
    finish(inner, combine(inner, loadResults(inner)[0], sum));
  }

  /// What the threads start from. (MLIR's neutral element of sums is -0.0.)
  Value makeNeutral(OpBuilder &builder) {
    Operation *combiner = cpu::getCombiner(op);
    TypedAttr neutral = isa<arith::AddFOp>(combiner)
                            ? builder.getZeroAttr(op.getRegionOutputArgs()[0].getType())
                            : cast<TypedAttr>(*arith::getNeutralElement(combiner));
    return arith::ConstantOp::create(builder, loc, neutral);
  }

  Value combine(OpBuilder &builder, Value a, Value b) {
    Operation *combiner = cpu::getCombiner(op);
    OperationState state(loc, combiner->getName(), {a, b}, a.getType(), combiner->getAttrs());
    return builder.create(state)->getResult(0);
  }

  /// The elements of all reductions, each thread those at its distance.
  Value emitUnordered(OpBuilder &builder, Value part) {
    SmallVector<unsigned> loops = getReductions();
    Value size = constant(builder, 1);
    for (unsigned loop : loops)
      size = multiply(builder, size, toValue(builder, sizes[loop]));
    Value begin = arith::AddIOp::create(
        builder, loc, multiply(builder, part, constant(builder, plan.threads)), lane);
    return emitLoop(builder, begin, size, plan.threads * plan.groups, makeNeutral(builder),
                    [&](OpBuilder &inner, Value number, ArrayRef<Value> carried) {
                      delinearize(inner, number, loops);
                      return emitElement(inner, carried);
                    })[0];
  }

  /// Combines the threads' values into that of the first, halves first. All of the warp takes part
  /// (a narrower shuffle would name only its first threads); what comes from beyond the group does
  /// not reach the first thread.
  Value combineLanes(OpBuilder &builder, Value value) {
    for (int64_t distance = plan.threads / 2; distance > 0; distance /= 2) {
      Value other = mlir::gpu::ShuffleOp::create(builder, loc, value, distance, kWarpThreads,
                                                 mlir::gpu::ShuffleMode::DOWN)
                        .getShuffleResult();
      value = combine(builder, value, other);
    }
    return value;
  }

  void emitAtomic(OpBuilder &builder, Value value) {
    OpOperand *result = op.getDpsInitOperand(0);
    SmallVector<OpFoldResult> indices = affine::makeComposedFoldedMultiResultAffineApply(
        builder, loc, op.getMatchingIndexingMap(result), position);
    memref::AtomicRMWOp::create(builder, loc, value.getType(), arith::AtomicRMWKind::maxu, value,
                                result->get(),
                                getValueOrCreateConstantIndexOp(builder, loc, indices));
  }

  RewriterBase &rewriter;
  linalg::GenericOp op;
  ThreadPlan plan;
  Location loc;
  ElementBody body;
  SmallVector<OpFoldResult> sizes;
  SmallVector<OpFoldResult> position; ///< per loop
  Value lane;                         ///< of the thread among those that share a result
};

} // namespace

void emitKernel(RewriterBase &rewriter, linalg::GenericOp op) {
  KernelEmitter(rewriter, op).emit();
}

} // namespace fpw::gpu
