//===- AMXPlan.cpp - How an inner product is cut into matrix tiles -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AMXPlan.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace fpw::cpu {

std::optional<int64_t> StridedLoop::getSize() const { return getConstantIntValue(extent); }

int64_t AMXGeometry::countBlocks() const {
  int64_t blocks = 1;
  for (const StridedLoop &loop : reduction)
    blocks *= *loop.getSize();
  return blocks;
}

int64_t AMXGeometry::countOutputBlocks() const { return llvm::divideCeil(outputs, kAMXOutputs); }

//===----------------------------------------------------------------------===//
// Row loops
//===----------------------------------------------------------------------===//

static OpFoldResult multiply(OpBuilder &builder, Location loc, OpFoldResult a, int64_t b) {
  if (std::optional<int64_t> size = getConstantIntValue(a))
    return builder.getIndexAttr(*size * b);
  Value factor = arith::ConstantIndexOp::create(builder, loc, b);
  return arith::MulIOp::create(builder, loc, cast<Value>(a), factor).getResult();
}

SmallVector<RowLoop> mergeRowLoops(OpBuilder &builder, Location loc, const AMXGeometry &geometry) {
  SmallVector<RowLoop> merged; // from the inside out
  for (unsigned i = geometry.rows.size(); i-- > 0;) {
    const StridedLoop &outer = geometry.rows[i];
    if (!merged.empty()) {
      auto &[members, inner] = merged.back();
      int64_t size = *inner.getSize();
      bool once = outer.getSize() == 1;
      if (once || size == 1 || outer.pitch == inner.pitch * size) {
        members.insert(members.begin(), i);
        int64_t pitch = size == 1 && !once ? outer.pitch : inner.pitch;
        inner = {multiply(builder, loc, outer.extent, size), pitch};
        continue;
      }
    }
    merged.push_back({{i}, outer});
  }
  std::reverse(merged.begin(), merged.end());
  return merged;
}

//===----------------------------------------------------------------------===//
// Plans
//===----------------------------------------------------------------------===//

DictionaryAttr AMXPlan::toAttribute(MLIRContext *context) const {
  Builder builder(context);
  auto number = [&](StringRef name, int64_t value) {
    return builder.getNamedAttr(name, builder.getI64IntegerAttr(value));
  };
  return builder.getDictionaryAttr({number("tile_rows", tileRows), number("run_loops", runLoops),
                                    number("row_tiles", rowTiles), number("group", group),
                                    number("panel", panel), number("drain", drain)});
}

AMXPlan AMXPlan::fromAttribute(DictionaryAttr attribute) {
  auto number = [&](StringRef name) { return attribute.getAs<IntegerAttr>(name).getInt(); };
  return {number("tile_rows"), number("run_loops"), number("row_tiles"),
          number("group"),     number("panel"),     number("drain") != 0};
}

/// The cycles that the matrix unit needs for a tile: few rows do not make it as much faster.
static double getTileCycles(int64_t rows) {
  if (rows <= 4)
    return 9.3;
  if (rows <= 8)
    return 9.3 + (rows - 4) * 0.175;
  return 10 + (rows - 8) * 0.75;
}

/// The positions of a run through the innermost `loops` loops; nothing if it is not a constant.
static std::optional<int64_t> getRunLength(ArrayRef<RowLoop> rows, unsigned loops) {
  const StridedLoop &inner = rows.back().loop;
  if (loops == 1)
    return inner.getSize();
  const StridedLoop &outer = rows[rows.size() - 2].loop;
  std::optional<int64_t> size = outer.getSize();
  if (!size)
    return std::nullopt;
  return (*size - 1) * (outer.pitch / inner.pitch) + *inner.getSize();
}

/// Whether rows of the two innermost loops are equally far apart once some are added to the inner
/// loop.
static bool canRunThroughTwo(ArrayRef<RowLoop> rows) {
  if (rows.size() < 2)
    return false;
  const StridedLoop &inner = rows.back().loop, &outer = rows[rows.size() - 2].loop;
  return outer.pitch % inner.pitch == 0 && outer.pitch / inner.pitch >= *inner.getSize();
}

/// Chooses runs and tile rows so that the matrix unit takes least time for one position of the
/// outer loops of all.
static void chooseRows(AMXPlan &plan, ArrayRef<RowLoop> rows) {
  double best = 0;
  for (unsigned loops = 1; loops <= (canRunThroughTwo(rows) ? 2 : 1); ++loops) {
    std::optional<int64_t> length = getRunLength(rows, loops);
    int64_t count = 1; // rows that a run yields
    for (const RowLoop &row : rows.take_back(loops))
      count *= row.loop.getSize().value_or(kAMXRows);
    if (!length) { // as if it were a few inner loops long
      length = loops == 1 ? kAMXRows : count / kAMXRows * 20;
    }
    int64_t tiles = llvm::divideCeil(*length, kAMXRows);
    int64_t tileRows = rows.back().loop.getSize() ? llvm::divideCeil(*length, tiles) : kAMXRows;
    double cost = tiles * getTileCycles(tileRows) / count;
    if (loops == 1 || cost < best) {
      best = cost;
      plan.runLoops = loops;
      plan.tileRows = tileRows;
    }
  }
}

AMXPlan planAMX(const AMXGeometry &geometry, ArrayRef<RowLoop> rows) {
  AMXPlan plan;
  chooseRows(plan, rows);
  switch (geometry.planes) {
  case 1:
    plan.rowTiles = plan.group = 3;
    break;
  case 3:
    plan.group = 3;
    break;
  default:
    plan.group = 2;
    break;
  }
  return plan;
}

} // namespace fpw::cpu
