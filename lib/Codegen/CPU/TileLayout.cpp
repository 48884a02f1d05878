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

static bool hasKernel(Operation *op, StringRef name) {
  auto kernel = op->getAttrOfType<StringAttr>(kKernelAttr);
  return kernel && kernel == name;
}

bool usesMatrixUnit(Operation *op) { return hasKernel(op, kMatrixUnitKernel); }

bool readsTiles(Operation *op) { return usesMatrixUnit(op) || hasKernel(op, kStreamKernel); }

unsigned takeOutputLoop(SmallVectorImpl<unsigned> &loops, AffineMap sums) {
  for (AffineExpr expr : llvm::reverse(sums.getResults()))
    for (auto *it = loops.begin(); it != loops.end(); ++it)
      if (unsigned loop = *it; expr.isFunctionOfDim(loop)) {
        loops.erase(it);
        return loop;
      }
  return loops.pop_back_val();
}

AffineMap getTileMap(unsigned numLoops, const TileLoops &loops, MLIRContext *context) {
  AffineExpr output = getAffineDimExpr(loops.output, context);
  AffineExpr channel = getAffineDimExpr(loops.channel, context);
  SmallVector<AffineExpr> results;
  for (unsigned loop : loops.groups)
    results.push_back(getAffineDimExpr(loop, context));
  results.push_back(output.floorDiv(kAMXOutputs));
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
  ArrayRef<AffineExpr> rest = map.getResults();
  auto takeLoops = [&rest] {
    SmallVector<unsigned> loops;
    while (!rest.empty() && isa<AffineDimExpr>(rest.front())) {
      loops.push_back(cast<AffineDimExpr>(rest.front()).getPosition());
      rest = rest.drop_front();
    }
    return loops;
  };
  TileLoops loops;
  loops.groups = takeLoops();
  auto output = rest.empty() ? std::nullopt : matchBlock(rest.front(), kAMXOutputs);
  if (!output)
    return std::nullopt;
  rest = rest.drop_front();
  loops.output = *output;
  loops.outerReduction = takeLoops();
  auto channel = rest.empty() ? std::nullopt : matchBlock(rest.front(), kAMXBytes);
  if (!channel)
    return std::nullopt;
  loops.channel = *channel;
  if (map != getTileMap(map.getNumDims(), loops, map.getContext()))
    return std::nullopt;
  return loops;
}

} // namespace fpw::cpu
