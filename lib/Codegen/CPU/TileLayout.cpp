//===- TileLayout.cpp - Weights in the order of matrix tiles -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TileLayout.h"
#include "AMXPlan.h"

using namespace mlir;

namespace fpw::cpu {

bool usesMatrixUnit(Operation *op) {
  auto kernel = op->getAttrOfType<StringAttr>(kKernelAttr);
  return kernel && kernel == kMatrixUnitKernel;
}

AffineMap getTileMap(unsigned numLoops, const TileLoops &loops, MLIRContext *context) {
  AffineExpr output = getAffineDimExpr(loops.output, context);
  AffineExpr channel = getAffineDimExpr(loops.channel, context);
  SmallVector<AffineExpr> results{output.floorDiv(kAMXOutputs)};
  for (unsigned loop : loops.outerReduction)
    results.push_back(getAffineDimExpr(loop, context));
  results.push_back(channel.floorDiv(kAMXBytes));
  results.push_back((output % kAMXOutputs).floorDiv(kAMXLanes));
  results.push_back((channel % kAMXBytes).floorDiv(4));
  results.push_back((output % kAMXLanes) * 4 + channel % 4);
  return AffineMap::get(numLoops, 0, results, context);
}

/// The loop of `loop floordiv divisor`.
static std::optional<unsigned> matchBlock(AffineExpr expr, int64_t divisor) {
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary || binary.getKind() != AffineExprKind::FloorDiv)
    return std::nullopt;
  auto loop = dyn_cast<AffineDimExpr>(binary.getLHS());
  auto constant = dyn_cast<AffineConstantExpr>(binary.getRHS());
  if (!loop || !constant || constant.getValue() != divisor)
    return std::nullopt;
  return loop.getPosition();
}

std::optional<TileLoops> matchTileMap(AffineMap map) {
  unsigned rank = map.getNumResults();
  if (rank < 5)
    return std::nullopt;
  auto output = matchBlock(map.getResult(0), kAMXOutputs);
  auto channel = matchBlock(map.getResult(rank - 4), kAMXBytes);
  if (!output || !channel)
    return std::nullopt;
  TileLoops loops{*output, {}, *channel};
  for (AffineExpr expr : map.getResults().slice(1, rank - 5)) {
    auto loop = dyn_cast<AffineDimExpr>(expr);
    if (!loop)
      return std::nullopt;
    loops.outerReduction.push_back(loop.getPosition());
  }
  if (map != getTileMap(map.getNumDims(), loops, map.getContext()))
    return std::nullopt;
  return loops;
}

} // namespace fpw::cpu
