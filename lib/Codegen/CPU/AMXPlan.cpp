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
                                    number("panel", panel), number("drain", drain),
                                    number("stream", int64_t(stream))});
}

/// What the attribute does not say, or says out of range, keeps its usual value.
AMXPlan AMXPlan::fromAttribute(DictionaryAttr attribute, AMXPlan usual) {
  auto read = [&](StringRef name, int64_t &value, int64_t least, int64_t most) {
    auto number = attribute.getAs<IntegerAttr>(name);
    if (number && number.getType().isSignlessInteger(64) && number.getInt() >= least &&
        number.getInt() <= most)
      value = number.getInt();
  };
  constexpr int64_t kMostTiles = 8, kMostBlocks = 1 << 20;
  int64_t stream = int64_t(usual.stream);
  read("tile_rows", usual.tileRows, 1, kAMXRows);
  read("run_loops", usual.runLoops, 1, usual.runLoops);
  read("row_tiles", usual.rowTiles, 1, kMostTiles);
  read("group", usual.group, 1, 3);
  read("panel", usual.panel, 0, kMostBlocks);
  read("drain", usual.drain, 0, kAMXRows);
  read("stream", stream, 0, int64_t(AMXStream::Weights));
  usual.stream = AMXStream(stream);
  return usual;
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

/// The bytes of rows that a block of `positions` reads, where windows overlap only once.
static int64_t countRowBytes(const AMXGeometry &geometry, int64_t pitch, int64_t positions) {
  int64_t others = geometry.planes * kAMXBytes;
  for (const StridedLoop &loop : geometry.reduction) {
    int64_t size = *loop.getSize(), shift = pitch == 0 ? 0 : loop.pitch / pitch;
    bool overlaps =
        loop.pitch > 0 && loop.pitch % std::max<int64_t>(pitch, 1) == 0 && shift < positions;
    if (overlaps)
      positions += (size - 1) * shift;
    else
      others *= size;
  }
  return positions * others;
}

/// Chooses which operand stays in the L1 cache: none has to go if there is room for both, else the
/// rows of a block stay while the weights of all outputs pass by.
static void chooseOrder(AMXPlan &plan, const AMXGeometry &geometry, int64_t pitch) {
  constexpr int64_t kRoom = 40 << 10, kRoomForRows = 64 << 10;
  int64_t rowBytes = countRowBytes(geometry, pitch, plan.tileRows * plan.rowTiles);
  int64_t weightBytes = geometry.countBlocks() * kAMXOutputs * kAMXBytes;
  if (rowBytes + weightBytes <= kRoom || rowBytes > kRoomForRows)
    return;
  plan.panel = 1;
  plan.stream = AMXStream::Weights;
}

AMXPlan planAMX(const AMXGeometry &geometry, ArrayRef<RowLoop> rows) {
  AMXPlan plan;
  chooseRows(plan, rows);
  plan.rowTiles = geometry.planes == 1 ? 2 : 1;
  plan.group = geometry.planes == 3 ? 3 : 2;
  chooseOrder(plan, geometry, rows.back().loop.pitch);
  return plan;
}

} // namespace fpw::cpu
