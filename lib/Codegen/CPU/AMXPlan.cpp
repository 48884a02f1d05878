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

int64_t AMXGeometry::countBlocksOfGroup() const { return llvm::divideCeil(outputs, kAMXOutputs); }

int64_t AMXGeometry::countOutputBlocks() const {
  int64_t blocks = countBlocksOfGroup();
  for (const StridedLoop &loop : groups)
    blocks *= *loop.getSize();
  return blocks;
}

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

/// What a loop of unknown extent is taken for.
static constexpr int64_t kUsualExtent = 64;

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

/// Chooses runs, tile rows and tiles of a block so that the matrix unit takes least time for a row.
static void chooseRows(AMXPlan &plan, int64_t planes, ArrayRef<RowLoop> rows) {
  double best = 0;
  for (unsigned loops = 1; loops <= (canRunThroughTwo(rows) ? 2 : 1); ++loops) {
    int64_t count = 1; // rows that a run yields
    for (const RowLoop &row : rows.take_back(loops))
      count *= row.loop.getSize().value_or(kUsualExtent);
    std::optional<int64_t> known = getRunLength(rows, loops);
    int64_t length = known.value_or(count);
    // With one plane, weights meet rows of two tiles once they are loaded.
    int64_t rowTiles = planes == 1 && length > kAMXRows ? 2 : 1;
    int64_t blocks = llvm::divideCeil(length, rowTiles * kAMXRows);
    int64_t tileRows = known ? llvm::divideCeil(length, blocks * rowTiles) : kAMXRows;
    double cost = blocks * rowTiles * getTileCycles(tileRows) / count;
    if (loops > 1 && cost >= best)
      continue;
    best = cost;
    plan.runLoops = loops;
    plan.tileRows = tileRows;
    plan.rowTiles = rowTiles;
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

/// Chooses what passes by what. Where both fit, nothing has to. Else the rows of a block stay in
/// the L1 cache while all weights pass by, again for each block: from the L2 cache, or if they are
/// too large for that, once for as many blocks as fit there.
static void chooseOrder(AMXPlan &plan, const AMXGeometry &geometry, int64_t pitch) {
  constexpr int64_t kL1 = 40 << 10, kL2 = 5 << 18, kRowsInL2 = 1 << 20;
  int64_t rowBytes = countRowBytes(geometry, pitch, plan.tileRows * plan.rowTiles);
  int64_t weightBytes = geometry.weights * geometry.countBlocks() * kAMXOutputs * kAMXBytes;
  int64_t allWeights = weightBytes * geometry.countOutputBlocks();
  plan.panel = allWeights <= kL2 ? 1 : std::max<int64_t>(1, kRowsInL2 / rowBytes);
  if (plan.panel == 1)
    plan.stream = rowBytes + allWeights <= kL1 ? AMXStream::None : AMXStream::Weights;
  else if (weightBytes <= kL1 && rowBytes + weightBytes > kL1)
    plan.stream = AMXStream::Rows;
}

AMXPlan planAMX(const AMXGeometry &geometry, ArrayRef<RowLoop> rows) {
  AMXPlan plan;
  chooseRows(plan, geometry.planes, rows);
  plan.group = geometry.planes == 3 ? 3 : 2;
  chooseOrder(plan, geometry, rows.back().loop.pitch);
  plan.drain = geometry.countBlocks() > 1;
  return plan;
}

} // namespace fpw::cpu
