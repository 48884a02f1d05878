//===- ThreadPlan.cpp - Which threads compute what -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ThreadPlan.h"
#include "fpw/Codegen/CPU/TilePlan.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace fpw::gpu {

/// The parallel loops in the order of the result's dimensions. A loop of unknown size comes first:
/// finding a thread's place among the others then divides by constants only.
static SmallVector<unsigned> orderLoops(linalg::GenericOp op) {
  SmallVector<unsigned> order;
  auto add = [&](unsigned loop) {
    if (!cpu::isReduction(op, loop) && !llvm::is_contained(order, loop))
      order.push_back(loop);
  };
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  for (unsigned loop = 0; loop < sizes.size(); ++loop)
    if (ShapedType::isDynamic(sizes[loop]))
      add(loop);
  AffineMap result = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  for (AffineExpr expr : result.getResults())
    expr.walk([&](AffineExpr part) {
      if (auto dim = dyn_cast<AffineDimExpr>(part))
        add(dim.getPosition());
    });
  for (unsigned loop = 0; loop < sizes.size(); ++loop)
    add(loop);
  return order;
}

/// The product of the sizes of the reductions; those of unknown size count as large.
static int64_t estimateReduction(linalg::GenericOp op) {
  constexpr int64_t kDynamicSize = 1024, kMost = int64_t(1) << 40;
  uint64_t size = 1;
  for (auto [loop, range] : llvm::enumerate(op.getStaticLoopRanges()))
    if (cpu::isReduction(op, loop))
      size = llvm::SaturatingMultiply<uint64_t>(size, ShapedType::isDynamic(range) ? kDynamicSize
                                                                                   : range);
  return std::min<uint64_t>(size, kMost);
}

ThreadPlan planThreads(linalg::GenericOp op) {
  constexpr int64_t kFewest = 4 * kWarpThreads, kPerGroup = 32 * kWarpThreads, kMostGroups = 256;
  ThreadPlan plan;
  plan.order = orderLoops(op);
  if (op.getNumReductionLoops() == 0 || !cpu::isVectorizable(op))
    return plan;
  plan.laneLoop = cpu::getLaneLoop(op);
  int64_t size = estimateReduction(op);
  if (plan.laneLoop) {
    plan.threads = cpu::kReductionLanes;
  } else if (cpu::getCombiner(op) && !cpu::dependsOnOrder(op) && size >= kFewest) {
    plan.threads = kWarpThreads;
    if (isa<arith::MaxUIOp>(cpu::getCombiner(op)))
      plan.groups = std::clamp<int64_t>(llvm::divideCeil(size, kPerGroup), 1, kMostGroups);
  }
  return plan;
}

} // namespace fpw::gpu
