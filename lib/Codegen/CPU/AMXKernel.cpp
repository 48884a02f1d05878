//===- AMXKernel.cpp - Inner products on the matrix unit of x86 -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The work is a sequence of items: a block of rows times 32 outputs. An item multiplies tiles in
// one or a few loops over the reduction and stores the sums into a scratch buffer that stays in the
// L1 cache. What is left to do with the sums, row by row, is done by the vector units, which are
// idle during those loops: the loops of an item finish the rows of the item before it.
//
//===----------------------------------------------------------------------===//

#include "AMXKernel.h"
#include "GenericEmitter.h"
#include "IndexMath.h"
#include "mlir/Dialect/AMX/AMXDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace fpw::cpu {
namespace {

SmallVector<OpFoldResult> getExtents(ArrayRef<StridedLoop> loops) {
  return llvm::map_to_vector(loops, [](const StridedLoop &loop) { return loop.extent; });
}

/// Where an item is.
struct Item {
  SmallVector<Value> outer; ///< indices of the merged row loops around the run
  Value start;              ///< the block's first position in the run
  Value first, count;       ///< its rows, among those of the run
  Value rowBlock;           ///< among those of all runs
  Value outputBlock;        ///< among those of all groups

  /// The indices of its group, and its block of outputs among those of the group.
  SmallVector<Value> group;
  Value blockInGroup;
};

class AMXEmitter {
public:
  AMXEmitter(RewriterBase &rewriter, Location loc, const AMXProduct &product, const AMXPlan &plan,
             AMXEpilogue epilogue)
      : rewriter(rewriter), loc(loc), product(product), geometry(product.geometry), plan(plan),
        epilogue(epilogue), rows(mergeRowLoops(rewriter, loc, geometry)),
        run(ArrayRef(rows).take_back(plan.runLoops)),
        outer(ArrayRef(rows).drop_back(plan.runLoops)),
        halves(geometry.outputs > kAMXLanes ? 2 : 1), blockRows(plan.tileRows * plan.rowTiles),
        steps(geometry.countBlocks()) {}
  void emit();

private:
  // The space of items.
  void measure();
  Value countRowsBefore(IndexMath math, Value position);
  Item locate(IndexMath math, Value index);
  int64_t countItemsOfSample() const;
  int64_t chooseChunk() const;

  // One range of items.
  void emitRange(OpBuilder &builder, Value begin, Value end);
  void emitItem(OpBuilder &builder, Value index, Value begin);
  void emitGroup(OpBuilder &builder, int64_t weights, ArrayRef<int64_t> tiles, int64_t firstStep,
                 Value base, const Item &item, Value buffer,
                 function_ref<void(OpBuilder &, Value)> drain);
  Value loadTile(OpBuilder &builder, Value bytes, Value position, int64_t rows, int64_t pitch,
                 bool streamed);
  SmallVector<Value> emitStep(OpBuilder &builder, const AMXProduct::Weights &weights,
                              ArrayRef<int64_t> tiles, Value base, Value weight, Value step,
                              ValueRange sums);
  void prefetchWeights(OpBuilder &builder, Value tiles, const Item &item, Value step);
  void drainStep(OpBuilder &builder, const Item &item, Value limit, Value buffer, Value step);
  void finishRow(OpBuilder &builder, const Item &item, Value buffer, Value number);
  void finishOutputs(OpBuilder &builder, ArrayRef<Value> rowIndices, Value row, Value output,
                     Value buffer, int64_t half);
  void finishItem(OpBuilder &builder, const Item &item, Value buffer);

  int64_t countGroups() const {
    return geometry.weights * llvm::divideCeil(geometry.planes * plan.rowTiles, plan.group);
  }
  /// The sums of an output.
  int64_t countSums() const { return geometry.weights * geometry.planes; }
  /// One group has finished the item before when it stores its sums; of several groups the first
  /// has not.
  int64_t countBuffers() const { return plan.drain > 0 && countGroups() > 1 ? 2 : 1; }
  amx::TileType getTile(int64_t rows, Type element) {
    int64_t bytes = element.getIntOrFloatBitWidth() / 8;
    return amx::TileType::get({rows, kAMXBytes / bytes}, element);
  }

  RewriterBase &rewriter;
  Location loc;
  const AMXProduct &product;
  const AMXGeometry &geometry;
  AMXPlan plan;
  AMXEpilogue epilogue;
  SmallVector<RowLoop> rows;
  ArrayRef<RowLoop> run, outer;
  int64_t halves;    ///< tiles of outputs in an item: 1 or 2
  int64_t blockRows; ///< positions in a block
  int64_t steps;     ///< blocks of the reduction

  Value runLength; ///< positions
  Value runRows;   ///< those of them that are rows
  Value blocks;    ///< blocks of rows in a run
  Value rowBlocks; ///< blocks of rows in all runs
  Value scratch;
};

//===----------------------------------------------------------------------===//
// Items
//===----------------------------------------------------------------------===//

void AMXEmitter::measure() {
  IndexMath math{rewriter, loc};
  runLength = runRows = math.get(run.back().loop.extent);
  if (run.size() == 2) {
    Value lines = math.get(run[0].loop.extent), size = runRows;
    int64_t pitch = run[0].loop.pitch / run[1].loop.pitch;
    runRows = math.mul(lines, size);
    // Without a line there is no position either; a constant number of lines folds.
    Value whole = math.mul(lines, pitch);
    runLength = math.sub(math.add(whole, size), math.min(whole, math.constant(pitch)));
    if (!getConstantIntValue(run[0].loop.extent)) {
      Value none = rewriter.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::eq, lines,
                                                        math.constant(0));
      runLength = arith::SelectOp::create(rewriter, loc, none, math.constant(0), runLength);
    }
  }
  blocks = math.ceilDiv(runLength, blockRows);
  rowBlocks = blocks;
  for (const RowLoop &loop : outer)
    rowBlocks = math.mul(rowBlocks, math.get(loop.loop.extent));
}

/// The number of rows before a position of the run.
Value AMXEmitter::countRowsBefore(IndexMath math, Value position) {
  if (run.size() == 1)
    return math.min(position, runRows);
  Value pitch = math.constant(run[0].loop.pitch / run[1].loop.pitch);
  Value size = math.get(run[1].loop.extent);
  Value lines = math.mul(math.div(position, pitch), size);
  return math.min(math.add(lines, math.min(math.rem(position, pitch), size)), runRows);
}

/// Items go through the blocks of rows of a panel first, then through the outputs, then to the next
/// panel.
Item AMXEmitter::locate(IndexMath math, Value index) {
  Item item;
  Value outputBlocks = math.constant(geometry.countOutputBlocks());
  Value rowBlock;
  if (plan.panel == 0) {
    item.outputBlock = math.div(index, rowBlocks);
    rowBlock = math.rem(index, rowBlocks);
  } else {
    Value panelItems = math.mul(outputBlocks, plan.panel);
    Value first = math.mul(math.div(index, panelItems), plan.panel);
    Value inPanel = math.rem(index, panelItems);
    Value size = math.min(math.constant(plan.panel), math.sub(rowBlocks, first));
    item.outputBlock = math.div(inPanel, size);
    rowBlock = math.add(first, math.rem(inPanel, size));
  }
  item.blockInGroup = item.outputBlock;
  if (!geometry.groups.empty()) {
    Value blocksOfGroup = math.constant(geometry.countBlocksOfGroup());
    item.blockInGroup = math.rem(item.outputBlock, blocksOfGroup);
    item.group = math.split(math.div(item.outputBlock, blocksOfGroup), getExtents(geometry.groups));
  }
  SmallVector<OpFoldResult> extents;
  for (const RowLoop &loop : outer)
    extents.push_back(loop.loop.extent);
  item.rowBlock = rowBlock;
  Value block = rowBlock;
  if (!outer.empty()) {
    block = math.rem(rowBlock, blocks);
    item.outer = math.split(math.div(rowBlock, blocks), extents);
  }
  item.start = math.mul(block, blockRows);
  std::optional<int64_t> known = getConstantIntValue(runRows);
  if (run.size() == 1 && known && *known % blockRows == 0) {
    item.first = item.start;
    item.count = math.constant(blockRows);
    return item;
  }
  item.first = countRowsBefore(math, item.start);
  Value end = math.add(item.start, blockRows);
  item.count = math.sub(countRowsBefore(math, end), item.first);
  return item;
}

/// The items of one sample: what a loop of unknown size goes through is one.
int64_t AMXEmitter::countItemsOfSample() const {
  int64_t rowCount = 1;
  for (const RowLoop &loop : rows)
    rowCount *= loop.loop.getSize().value_or(1);
  return llvm::divideCeil(rowCount, blockRows) * geometry.countOutputBlocks();
}

/// Items for one call of a thread: long enough to keep the pipeline full, short enough to share the
/// work of a sample evenly.
int64_t AMXEmitter::chooseChunk() const {
  // Multiplications, some 20 and 2 microseconds.
  constexpr int64_t kMostWork = 1 << 26, kLeastWork = 1 << 23, kChunksOfSample = 16;
  int64_t work = blockRows * countSums() * halves * kAMXLanes * steps * kAMXBytes;
  int64_t share = llvm::divideCeil(countItemsOfSample(), kChunksOfSample);
  return std::max<int64_t>(1, std::clamp(share, kLeastWork / work, kMostWork / work));
}

//===----------------------------------------------------------------------===//
// The loops over items
//===----------------------------------------------------------------------===//

void AMXEmitter::emit() {
  measure();
  IndexMath math{rewriter, loc};
  Value items = math.mul(rowBlocks, geometry.countOutputBlocks());
  int64_t chunk = chooseChunk();
  // The estimate is in operations of a vector lane, which the matrix unit does by the dozen.
  int64_t cost = chunk * blockRows * countSums() * halves * steps * kAMXBytes;
  OpFoldResult count = items;
  if (std::optional<int64_t> known = getConstantIntValue(items))
    count = rewriter.getIndexAttr(*known);
  auto forall = scf::ForallOp::create(rewriter, loc, {rewriter.getIndexAttr(0)}, {count},
                                      {rewriter.getIndexAttr(chunk)}, ValueRange(), std::nullopt,
                                      [&](OpBuilder &builder, Location, ValueRange begin) {
                                        IndexMath inner{builder, loc};
                                        Value end = inner.min(inner.add(begin[0], chunk), items);
                                        emitRange(builder, begin[0], end);
                                        scf::InParallelOp::create(builder, loc);
                                      });
  forall->setAttr(kCostAttr, rewriter.getI64IntegerAttr(cost));
}

void AMXEmitter::emitRange(OpBuilder &builder, Value begin, Value end) {
  IndexMath math{builder, loc};
  auto type = MemRefType::get({countBuffers(), countSums(), halves, blockRows, kAMXLanes},
                              builder.getI32Type());
  scratch = memref::AllocaOp::create(builder, loc, type, builder.getI64IntegerAttr(kAMXBytes));
  scf::ForOp::create(builder, loc, begin, end, math.constant(1), ValueRange(),
                     [&](OpBuilder &inner, Location, Value index, ValueRange) {
                       emitItem(inner, index, begin);
                       scf::YieldOp::create(inner, loc);
                     });
  if (!plan.drain)
    return;
  Value last = math.sub(end, math.constant(1));
  finishItem(builder, locate(math, last), math.rem(last, math.constant(countBuffers())));
}

void AMXEmitter::emitItem(OpBuilder &builder, Value index, Value begin) {
  IndexMath math{builder, loc};
  Item item = locate(math, index), before;
  Value buffer = math.constant(0), otherBuffer, limit;
  if (plan.drain) {
    Value one = math.constant(1);
    buffer = math.rem(index, math.constant(countBuffers()));
    otherBuffer = math.sub(math.constant(countBuffers() - 1), buffer);
    // The first item has none before it: it locates itself, and finishes nothing.
    Value isFirst = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, index, begin);
    Value previous = arith::SelectOp::create(builder, loc, isFirst, index, math.sub(index, one));
    before = locate(math, previous);
    limit = arith::SelectOp::create(builder, loc, isFirst, math.constant(0), before.count);
  }
  Value base = math.mul(item.start, run.back().loop.pitch);
  for (auto [loop, position] : llvm::zip(outer, item.outer))
    base = math.add(base, math.mul(position, loop.loop.pitch));
  for (auto [loop, position] : llvm::zip(geometry.groups, item.group))
    base = math.add(base, math.mul(position, loop.pitch));

  auto drain = [&](OpBuilder &inner, Value step) {
    if (plan.drain)
      drainStep(inner, before, limit, otherBuffer, step);
  };
  auto tiles = llvm::to_vector(llvm::seq<int64_t>(0, geometry.planes * plan.rowTiles));
  int64_t firstStep = 0;
  for (int64_t weights = 0; weights < geometry.weights; ++weights)
    for (ArrayRef<int64_t> rest = tiles; !rest.empty(); firstStep += steps) {
      size_t size = std::min<size_t>(plan.group, rest.size());
      emitGroup(builder, weights, rest.take_front(size), firstStep, base, item, buffer, drain);
      rest = rest.drop_front(size);
    }
  if (!plan.drain)
    finishItem(builder, item, buffer);
}

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

/// Multiplies a group of tiles of rows with the weights of the item's outputs. A tile's number is
/// plane * rowTiles + its number among the tiles of the plane.
void AMXEmitter::emitGroup(OpBuilder &builder, int64_t weights, ArrayRef<int64_t> tiles,
                           int64_t firstStep, Value base, const Item &item, Value buffer,
                           function_ref<void(OpBuilder &, Value)> drain) {
  IndexMath math{builder, loc};
  amx::TileType type = getTile(plan.tileRows, builder.getI32Type());
  SmallVector<Value> zeros;
  for (size_t i = 0; i < tiles.size() * halves; ++i)
    zeros.push_back(amx::TileZeroOp::create(builder, loc, type));
  Value weight = math.mul(item.outputBlock, steps * kAMXOutputs * kAMXBytes);
  auto loop =
      scf::ForOp::create(builder, loc, math.constant(0), math.constant(steps), math.constant(1),
                         zeros, [&](OpBuilder &inner, Location, Value step, ValueRange sums) {
                           SmallVector<Value> next = emitStep(inner, product.weights[weights],
                                                              tiles, base, weight, step, sums);
                           if (plan.panel > 1 && tiles.front() == 0)
                             prefetchWeights(inner, product.weights[weights].tiles, item, step);
                           drain(inner, IndexMath{inner, loc}.add(step, firstStep));
                           scf::YieldOp::create(inner, loc, next);
                         });
  for (auto [i, sum] : llvm::enumerate(loop.getResults())) {
    int64_t tile = tiles[i / halves], half = i % halves;
    Value zero = math.constant(0);
    Value row = math.constant(tile % plan.rowTiles * plan.tileRows);
    int64_t plane = weights * geometry.planes + tile / plan.rowTiles;
    Value indices[] = {buffer, math.constant(plane), math.constant(half), row, zero};
    amx::TileStoreOp::create(builder, loc, scratch, indices, sum);
  }
}

Value AMXEmitter::loadTile(OpBuilder &builder, Value bytes, Value position, int64_t rows,
                           int64_t pitch, bool streamed) {
  amx::TileType type = getTile(rows, builder.getI8Type());
  Value stride = arith::ConstantIndexOp::create(builder, loc, pitch);
  auto load = amx::TileLoadOp::create(builder, loc, type, bytes, position, stride);
  if (streamed)
    load->setAttr(kStreamAttr, builder.getUnitAttr());
  return load;
}

/// One block of the reduction. Of the eight registers for tiles, six hold sums in a group of three;
/// the other two are loaded in an order that reads a tile of rows again rather than one of weights,
/// because rows are in the nearer cache.
SmallVector<Value> AMXEmitter::emitStep(OpBuilder &builder, const AMXProduct::Weights &weights,
                                        ArrayRef<int64_t> tiles, Value base, Value weight,
                                        Value step, ValueRange sums) {
  IndexMath math{builder, loc};
  Value position = base;
  for (auto [loop, index] :
       llvm::zip(geometry.reduction, math.split(step, getExtents(geometry.reduction))))
    position = math.add(position, math.mul(index, loop.pitch));
  Value weightStep = math.add(weight, math.mul(step, kAMXOutputs * kAMXBytes));

  auto loadRows = [&](int64_t tile) {
    int64_t offset = tile / plan.rowTiles * geometry.planePitch +
                     tile % plan.rowTiles * plan.tileRows * run.back().loop.pitch;
    return loadTile(builder, product.planes, math.add(position, offset), plan.tileRows,
                    run.back().loop.pitch, plan.stream == AMXStream::Rows);
  };
  auto loadWeights = [&](int64_t half) {
    Value offset = math.add(weightStep, half * kAMXLanes * kAMXBytes);
    return loadTile(builder, weights.tiles, offset, kAMXRows, kAMXBytes,
                    plan.stream == AMXStream::Weights);
  };
  SmallVector<Value> next(sums);
  auto multiply = [&](size_t tile, int64_t half, Value left, Value right) {
    Value &sum = next[tile * halves + half];
    sum = amx::TileMulIOp::create(builder, loc, sum.getType(), left, right, sum,
                                  product.unsignedPlanes, weights.isUnsigned);
  };

  // With the sums of three tiles of rows, two registers are left, one for either side, and one side
  // is loaded again: not the rows where these cross cache lines.
  SmallVector<Value> left(tiles.size());
  Value right = loadWeights(0);
  bool areRowsSlow = run.back().loop.pitch % kAMXBytes != 0;
  if (halves == 2 && tiles.size() > 2 && areRowsSlow) {
    for (auto [i, tile] : llvm::enumerate(tiles)) {
      left[i] = loadRows(tile);
      int64_t loaded = i % 2;
      multiply(i, loaded, left[i], right);
      right = loadWeights(1 - loaded);
      multiply(i, 1 - loaded, left[i], right);
    }
    return next;
  }
  for (auto [i, tile] : llvm::enumerate(tiles)) {
    left[i] = loadRows(tile);
    multiply(i, 0, left[i], right);
  }
  if (halves == 1)
    return next;
  right = loadWeights(1);
  for (size_t i = tiles.size(); i-- > 0;) {
    bool stays = tiles.size() < 3 || i + 1 == tiles.size();
    multiply(i, 1, stays ? left[i] : loadRows(tiles[i]), right);
  }
  return next;
}

/// Weights that do not fit into the second-level cache: the blocks of rows that meet the same ones
/// ask for those of the next outputs, each for a part of them.
void AMXEmitter::prefetchWeights(OpBuilder &builder, Value tiles, const Item &item, Value step) {
  IndexMath math{builder, loc};
  constexpr int64_t kParts = 4, kStepBytes = kAMXOutputs * kAMXBytes;
  int64_t known = getConstantIntValue(blocks).value_or(kParts);
  int64_t parts = llvm::bit_floor(uint64_t(std::clamp<int64_t>(known, 1, kParts)));
  Value next = math.mul(math.add(item.outputBlock, 1), steps * kStepBytes);
  Value place = math.add(next, math.mul(step, kStepBytes));
  Value part = math.rem(item.rowBlock, math.constant(parts));
  place = math.add(place, math.mul(part, kStepBytes / parts));
  for (int64_t line = 0; line < kStepBytes / parts; line += kAMXBytes)
    memref::PrefetchOp::create(builder, loc, tiles, math.add(place, line), /*isWrite=*/false,
                               /*localityHint=*/2, /*isDataCache=*/true);
}

//===----------------------------------------------------------------------===//
// Finishing
//===----------------------------------------------------------------------===//

/// Finishes some rows of the item before. The last steps do so: what they read of the scratch
/// buffer is still in the L1 cache when the sums of this item are stored there.
void AMXEmitter::drainStep(OpBuilder &builder, const Item &item, Value limit, Value buffer,
                           Value step) {
  IndexMath math{builder, loc};
  int64_t total = steps * countGroups();
  int64_t perStep = std::max(plan.drain, int64_t(llvm::divideCeil(blockRows, total)));
  int64_t start = total - llvm::divideCeil(blockRows, perStep);
  // Before the start the number wraps around and is above any limit.
  Value first = math.mul(math.sub(step, math.constant(start)), perStep);
  for (int64_t i = 0; i < perStep; ++i) {
    Value number = math.add(first, i);
    auto finish =
        scf::IfOp::create(builder, loc, math.less(number, limit), [&](OpBuilder &inner, Location) {
          finishRow(inner, item, buffer, number);
          scf::YieldOp::create(inner, loc);
        });
    finish->setAttr(kReadableAttr, builder.getUnitAttr()); // the outputs and their unit exist
  }
}

void AMXEmitter::finishItem(OpBuilder &builder, const Item &item, Value buffer) {
  IndexMath math{builder, loc};
  scf::ForOp::create(builder, loc, math.constant(0), item.count, math.constant(1), ValueRange(),
                     [&](OpBuilder &inner, Location, Value number, ValueRange) {
                       finishRow(inner, item, buffer, number);
                       scf::YieldOp::create(inner, loc);
                     });
}

/// Finishes a row, given by its number among the rows of the item.
void AMXEmitter::finishRow(OpBuilder &builder, const Item &item, Value buffer, Value number) {
  IndexMath math{builder, loc};
  Value row = math.add(item.first, number), position = row;
  SmallVector<Value> merged = item.outer;
  if (run.size() == 1) {
    merged.push_back(row);
  } else {
    Value size = math.get(run[1].loop.extent);
    Value line = math.div(row, size);
    merged.append({line, math.rem(row, size)});
    int64_t gap = run[0].loop.pitch / run[1].loop.pitch - *run[1].loop.getSize();
    position = math.add(row, math.mul(line, gap));
  }
  SmallVector<Value> indices(geometry.rows.size());
  for (auto [loop, index] : llvm::zip(rows, merged)) {
    SmallVector<OpFoldResult> extents;
    for (unsigned member : loop.members)
      extents.push_back(geometry.rows[member].extent);
    for (auto [member, part] : llvm::zip(loop.members, math.split(index, extents)))
      indices[member] = part;
  }
  Value inBlock = math.sub(position, item.start);
  llvm::append_range(indices, item.group);
  Value output = math.mul(item.blockInGroup, kAMXOutputs);
  for (int64_t half = 0; half < halves; ++half)
    finishOutputs(builder, indices, inBlock, math.add(output, half * kAMXLanes), buffer, half);
}

/// Finishes a vector of outputs, or less at the end of all outputs.
void AMXEmitter::finishOutputs(OpBuilder &builder, ArrayRef<Value> rowIndices, Value row,
                               Value output, Value buffer, int64_t half) {
  auto finish = [&](OpBuilder &inner, int64_t active) {
    IndexMath math{inner, loc};
    auto type = VectorType::get({kAMXLanes}, inner.getI32Type());
    SmallVector<Value> sums;
    for (int64_t plane = 0; plane < countSums(); ++plane) {
      Value indices[] = {buffer, math.constant(plane), math.constant(half), row, math.constant(0)};
      sums.push_back(vector::LoadOp::create(inner, loc, type, scratch, indices));
    }
    epilogue(inner, rowIndices, output, active, sums);
  };
  int64_t tail = geometry.outputs % kAMXLanes;
  int64_t whole = geometry.outputs - tail;
  if (whole > 0 && geometry.outputs % kAMXOutputs == 0)
    return finish(builder, kAMXLanes);
  IndexMath math{builder, loc};
  auto finishIf = [&](arith::CmpIPredicate predicate, int64_t active) {
    Value holds = arith::CmpIOp::create(builder, loc, predicate, output, math.constant(whole));
    scf::IfOp::create(builder, loc, holds, [&](OpBuilder &inner, Location) {
      finish(inner, active);
      scf::YieldOp::create(inner, loc);
    });
  };
  if (whole > 0)
    finishIf(arith::CmpIPredicate::ult, kAMXLanes);
  if (tail > 0)
    finishIf(arith::CmpIPredicate::eq, tail);
}

} // namespace

void emitAMXKernel(RewriterBase &rewriter, Location loc, const AMXProduct &product,
                   const AMXPlan &plan, AMXEpilogue epilogue) {
  AMXEmitter(rewriter, loc, product, plan, epilogue).emit();
}

} // namespace fpw::cpu
