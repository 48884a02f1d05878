//===- GenericEmitter.cpp - Vector code for a linalg.generic on buffers -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// The parallel loops of the op become a nest of loops over tiles; a tile's results stay in vectors
// while the reduction loops run, in ascending order, around the body. Sizes that a tile does not
// divide give further nests for the rest. Every element sees the same operations in the same order
// wherever it lies in a tile: results do not depend on tiles, threads or the size of the batch.
//
//===----------------------------------------------------------------------===//

#include "GenericEmitter.h"
#include "VectorBody.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace fpw::cpu {
namespace {

/// A part of a loop that runs in steps of equal size. The tile covers `extent` elements of a step.
struct Segment {
  unsigned loop;
  OpFoldResult begin, end;
  int64_t step, extent;
};

class GenericEmitter {
public:
  GenericEmitter(RewriterBase &rewriter, const FusionGroup &group, const TilePlan &plan,
                 VectorUnit unit);
  void emit();

private:
  bool isReduction(unsigned loop) const {
    return iterators[loop] == utils::IteratorType::reduction;
  }
  SmallVector<Segment> split(unsigned loop, int64_t step);
  SmallVector<int64_t> getDynamicSteps(unsigned loop, int64_t step);
  SmallVector<unsigned> orderParallelLoops();
  int64_t estimateCost(ArrayRef<Segment> segments, ArrayRef<unsigned> inner);

  // From the outside in.
  void emitOuter(ArrayRef<unsigned> loops, SmallVector<Segment> &chosen);
  void emitNest(ArrayRef<Segment> segments, ArrayRef<unsigned> inner);
  void emitLoops(OpBuilder &builder, ArrayRef<Segment> segments, ArrayRef<unsigned> inner);
  void emitLoop(OpBuilder &builder, const Segment &segment,
                function_ref<void(OpBuilder &)> emitBody);
  void emitTile(OpBuilder &builder);
  SmallVector<Value> emitReduction(OpBuilder &builder, ArrayRef<unsigned> loops,
                                   SmallVector<Value> sums);
  SmallVector<Value> emitStep(OpBuilder &builder, ArrayRef<Value> sums);
  SmallVector<Value> emitElement(OpBuilder &builder, ArrayRef<Value> sums);

  void makePoints();
  SmallVector<Value> getInitialValues(OpBuilder &builder, const Point &point);
  SmallVector<Value> reduceLanes(OpBuilder &builder, ArrayRef<Value> sums);
  void finish(OpBuilder &builder, const Point &point, ArrayRef<Value> results);

  RewriterBase &rewriter;
  FusionGroup group;
  linalg::GenericOp op;
  TilePlan plan;
  VectorUnit unit;
  Location loc;
  SmallVector<utils::IteratorType> iterators;
  SmallVector<int64_t> staticSizes;
  SmallVector<OpFoldResult> sizes;
  VectorBody body;
  std::optional<DotLoop> dot; ///< a reduction that lanes do, and no loop
  SmallVector<std::optional<VectorBody>> prologues;
  std::optional<VectorBody> epilogue;
  bool laneReduction; ///< whether vectors run along a reduction
  bool readsResult;   ///< whether the body uses the value of the result so far

  // The tile being emitted.
  SmallVector<OpFoldResult> position; ///< per loop
  SmallVector<int64_t> extents;       ///< per loop
  int64_t lanes = 1;
  int64_t activeLanes = 1; ///< in a reduction along vectors
  SmallVector<Point> points;
};

//===----------------------------------------------------------------------===//
// Preparation
//===----------------------------------------------------------------------===//

/// The map from the loops of `op` to those of an element-wise op that shares the buffer `shared`
/// with it.
AffineMap getSharedLoops(linalg::GenericOp op, linalg::GenericOp other, OpOperand *sharedInOther) {
  AffineMap inLoops = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  return inversePermutation(other.getMatchingIndexingMap(sharedInOther)).compose(inLoops);
}

GenericEmitter::GenericEmitter(RewriterBase &rewriter, const FusionGroup &group,
                               const TilePlan &plan, VectorUnit unit)
    : rewriter(rewriter), group(group), op(group.op), plan(plan), unit(unit), loc(op.getLoc()),
      iterators(op.getIteratorTypesArray()), staticSizes(op.getStaticLoopRanges()),
      body(op, AffineMap::getMultiDimIdentityMap(op.getNumLoops(), op.getContext()),
           plan.vectorLoop) {
  auto linalgOp = cast<linalg::LinalgOp>(op.getOperation());
  for (Range range : linalgOp.createLoopRanges(rewriter, loc))
    sizes.push_back(range.size);
  laneReduction = plan.vectorLoop && isReduction(*plan.vectorLoop);
  readsResult = op.getNumReductionLoops() > 0 ||
                llvm::any_of(op.getRegionOutputArgs(),
                             [](BlockArgument argument) { return !argument.use_empty(); });
  dot = matchDotLoop(op);
  if (dot)
    body.setDotLoop(*dot);
  prologues.resize(op.getNumDpsInits());
  for (auto [prologue, before] : llvm::zip(prologues, this->group.prologues))
    if (before)
      prologue.emplace(before, getSharedLoops(op, before, before.getDpsInitOperand(0)),
                       plan.vectorLoop);
  if (linalg::GenericOp after = group.epilogue) {
    Value result = op.getDpsInits()[0];
    OpOperand *input = *llvm::find_if(after.getDpsInputOperands(),
                                      [&](OpOperand *operand) { return operand->get() == result; });
    epilogue.emplace(after, getSharedLoops(op, after, input), plan.vectorLoop);
  }
}

/// Splits a loop into whole steps and a rest. A rest of unknown size is done in ever smaller steps.
SmallVector<Segment> GenericEmitter::split(unsigned loop, int64_t step) {
  int64_t size = staticSizes[loop];
  SmallVector<Segment> segments;
  if (ShapedType::isDynamic(size)) {
    OpFoldResult begin = rewriter.getIndexAttr(0);
    for (int64_t part : getDynamicSteps(loop, step)) {
      AffineExpr first = rewriter.getAffineSymbolExpr(0), all = rewriter.getAffineSymbolExpr(1);
      OpFoldResult end = affine::makeComposedFoldedAffineApply(
          rewriter, loc, first + (all - first).floorDiv(part) * part, {begin, sizes[loop]});
      segments.push_back({loop, begin, end, part, part});
      begin = end;
    }
    return segments;
  }
  int64_t whole = size / step * step;
  OpFoldResult middle = rewriter.getIndexAttr(whole);
  if (whole > 0)
    segments.push_back({loop, rewriter.getIndexAttr(0), middle, step, step});
  if (whole < size)
    segments.push_back({loop, middle, rewriter.getIndexAttr(size), size - whole, size - whole});
  return segments;
}

/// Full tiles, then as few rows as still keep the multipliers busy, then one by one.
SmallVector<int64_t> GenericEmitter::getDynamicSteps(unsigned loop, int64_t step) {
  constexpr int64_t kVectorsInFlight = 8; // two multiply-adds per cycle, four cycles each
  SmallVector<int64_t> steps{step};
  if (plan.vectorLoop && loop != *plan.vectorLoop && !isReduction(loop)) {
    int64_t rows =
        kVectorsInFlight / std::max<int64_t>(1, plan.sizes[*plan.vectorLoop] / unit.lanes);
    if (rows > 1 && rows < step)
      steps.push_back(rows);
  }
  if (step > 1)
    steps.push_back(1);
  return steps;
}

/// A contraction keeps the weights of one vector tile in the cache while all inputs pass by.
SmallVector<unsigned> GenericEmitter::orderParallelLoops() {
  SmallVector<unsigned> loops;
  // Only where some operand serves all vector tiles; else its elements are best read once, in
  // order.
  bool vectorFirst = plan.vectorLoop && !laneReduction && op.getNumReductionLoops() > 0 &&
                     llvm::any_of(op.getDpsInputOperands(), [&](OpOperand *operand) {
                       return op.payloadUsesValueFromOperand(operand) &&
                              !op.getMatchingIndexingMap(operand).isFunctionOfDim(*plan.vectorLoop);
                     });
  if (vectorFirst)
    loops.push_back(*plan.vectorLoop);
  for (unsigned loop = 0; loop < op.getNumLoops(); ++loop)
    if (!isReduction(loop) && !(vectorFirst && loop == *plan.vectorLoop))
      loops.push_back(loop);
  return loops;
}

void GenericEmitter::emit() {
  position.assign(op.getNumLoops(), rewriter.getIndexAttr(0));
  extents.assign(op.getNumLoops(), 1);
  SmallVector<Segment> chosen;
  emitOuter(orderParallelLoops(), chosen);
}

//===----------------------------------------------------------------------===//
// Parallel loops
//===----------------------------------------------------------------------===//

/// The number of steps, if known.
std::optional<int64_t> countSteps(const Segment &segment) {
  auto begin = getConstantIntValue(segment.begin), end = getConstantIntValue(segment.end);
  if (!begin || !end)
    return std::nullopt;
  return llvm::divideCeil(*end - *begin, segment.step);
}

/// Whether there are enough iterations to share among threads.
bool hasManySteps(ArrayRef<Segment> segments) {
  constexpr int64_t kMany = 8;
  int64_t steps = 1;
  for (const Segment &segment : segments)
    steps = llvm::SaturatingMultiply<uint64_t>(steps, countSteps(segment).value_or(kMany));
  return steps >= kMany;
}

/// Takes outer loops as long as they are whole or threads lack iterations, one nest for each
/// combination of segments. The loops left over become part of the iteration, so that their rests
/// find the cache warm.
void GenericEmitter::emitOuter(ArrayRef<unsigned> loops, SmallVector<Segment> &chosen) {
  if (loops.empty())
    return emitNest(chosen, loops);
  SmallVector<Segment> segments = split(loops.front(), plan.sizes[loops.front()]);
  if (segments.size() > 1 && hasManySteps(chosen))
    return emitNest(chosen, loops);
  for (const Segment &segment : segments) {
    chosen.push_back(segment);
    emitOuter(loops.drop_front(), chosen);
    chosen.pop_back();
  }
}

/// An estimate of the element operations in one step of all segments.
int64_t GenericEmitter::estimateCost(ArrayRef<Segment> segments, ArrayRef<unsigned> inner) {
  constexpr int64_t kDynamicSize = 16;
  uint64_t cost = std::max<int64_t>(1, llvm::range_size(op.getBody()->without_terminator()));
  auto multiply = [&](int64_t size) {
    cost =
        llvm::SaturatingMultiply<uint64_t>(cost, ShapedType::isDynamic(size) ? kDynamicSize : size);
  };
  for (unsigned loop = 0; loop < op.getNumLoops(); ++loop)
    if (isReduction(loop) || llvm::is_contained(inner, loop))
      multiply(staticSizes[loop]);
  for (const Segment &segment : segments)
    multiply(segment.extent);
  return std::min<uint64_t>(cost, int64_t(1) << 40);
}

/// Loops that are worth a thread's while are an scf.forall, those inside it scf.for.
void GenericEmitter::emitNest(ArrayRef<Segment> segments, ArrayRef<unsigned> inner) {
  constexpr int64_t kThreadWork = 1 << 15; // element operations, about a microsecond or two
  int64_t cost = estimateCost(segments, inner);
  // From the inside out, take loops of known length into the iteration until it is large enough.
  size_t outer = segments.size(), lastTaken = 0;
  for (; outer > 0; --outer) {
    std::optional<int64_t> steps = countSteps(segments[outer - 1]);
    if (!steps || (cost >= kThreadWork && *steps > 1))
      break;
    cost *= *steps;
    if (*steps > 1)
      lastTaken = outer;
  }
  // A loop of unknown length may have one step only: leave threads the loop inside it, if it is
  // large.
  if (outer > 0 && lastTaken > 0 && cost >= 2 * kThreadWork) {
    outer = lastTaken;
    cost /= *countSteps(segments[outer - 1]);
  }
  // Many cheap iterations are still worth threads, which take ranges of them.
  for (auto [i, segment] : llvm::enumerate(segments))
    if (outer == 0 && cost >= kThreadWork && countSteps(segment) != 1) {
      outer = i + 1;
      cost /= *countSteps(segment);
    }
  if (outer == 0)
    return emitLoops(rewriter, segments, inner);
  SmallVector<OpFoldResult> begins, ends, steps;
  for (const Segment &segment : segments.take_front(outer)) {
    begins.push_back(segment.begin);
    ends.push_back(segment.end);
    steps.push_back(rewriter.getIndexAttr(segment.step));
  }
  auto forall =
      scf::ForallOp::create(rewriter, loc, begins, ends, steps, ValueRange(), std::nullopt,
                            [&](OpBuilder &builder, Location, ValueRange variables) {
                              for (auto [segment, variable] : llvm::zip(segments, variables)) {
                                position[segment.loop] = variable;
                                extents[segment.loop] = segment.extent;
                              }
                              emitLoops(builder, segments.drop_front(outer), inner);
                              scf::InParallelOp::create(builder, loc);
                            });
  forall->setAttr(kCostAttr, rewriter.getI64IntegerAttr(cost));
}

/// A loop over a segment, or nothing but `emitBody` if it has one step.
void GenericEmitter::emitLoop(OpBuilder &builder, const Segment &segment,
                              function_ref<void(OpBuilder &)> emitBody) {
  extents[segment.loop] = segment.extent;
  if (countSteps(segment) == 1) {
    position[segment.loop] = segment.begin;
    return emitBody(builder);
  }
  scf::ForOp::create(builder, loc, getValueOrCreateConstantIndexOp(builder, loc, segment.begin),
                     getValueOrCreateConstantIndexOp(builder, loc, segment.end),
                     arith::ConstantIndexOp::create(builder, loc, segment.step), ValueRange(),
                     [&](OpBuilder &inner, Location, Value variable, ValueRange) {
                       position[segment.loop] = variable;
                       emitBody(inner);
                       scf::YieldOp::create(inner, loc);
                     });
}

/// Loops over the segments, then over all segments of each inner loop.
void GenericEmitter::emitLoops(OpBuilder &builder, ArrayRef<Segment> segments,
                               ArrayRef<unsigned> inner) {
  if (!segments.empty())
    return emitLoop(builder, segments.front(),
                    [&](OpBuilder &builder) { emitLoops(builder, segments.drop_front(), inner); });
  if (inner.empty())
    return emitTile(builder);
  for (const Segment &segment : split(inner.front(), plan.sizes[inner.front()]))
    emitLoop(builder, segment,
             [&](OpBuilder &builder) { emitLoops(builder, {}, inner.drop_front()); });
}

//===----------------------------------------------------------------------===//
// A tile
//===----------------------------------------------------------------------===//

/// Lists the vectors of the tile.
void GenericEmitter::makePoints() {
  lanes = 1;
  if (plan.vectorLoop) {
    bool oneByOne = !laneReduction && extents[*plan.vectorLoop] == 1 &&
                    ShapedType::isDynamic(staticSizes[*plan.vectorLoop]);
    lanes = oneByOne ? 1 : laneReduction ? kReductionLanes : unit.lanes;
  }
  points.assign(1, Point{SmallVector<int64_t>(op.getNumLoops(), 0), lanes, lanes});
  for (unsigned loop = 0; loop < op.getNumLoops(); ++loop) {
    bool isVector = plan.vectorLoop == loop;
    if (isReduction(loop))
      continue;
    SmallVector<Point> wider;
    for (const Point &point : points)
      for (int64_t offset = 0; offset < extents[loop]; offset += isVector ? lanes : 1) {
        wider.push_back(point);
        wider.back().offsets[loop] = offset;
        if (isVector)
          wider.back().active = std::min(lanes, extents[loop] - offset);
      }
    points = std::move(wider);
  }
}

/// What a reduction along vectors starts from in each lane. (MLIR's neutral element of sums is
/// -0.0.)
Value getNeutralVector(OpBuilder &builder, Location loc, Operation *combiner, VectorType type) {
  TypedAttr neutral = isa<arith::AddFOp>(combiner)
                          ? builder.getZeroAttr(type.getElementType())
                          : cast<TypedAttr>(*arith::getNeutralElement(combiner));
  return arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(type, neutral));
}

SmallVector<Value> GenericEmitter::getInitialValues(OpBuilder &builder, const Point &point) {
  if (laneReduction) {
    auto type = VectorType::get({lanes}, op.getRegionOutputArgs()[0].getType());
    return {getNeutralVector(builder, loc, getCombiner(op), type)};
  }
  SmallVector<Value> values;
  for (auto [result, prologue] : llvm::enumerate(prologues))
    values.push_back(
        prologue ? prologue->compute(builder, position, point, DenseMap<unsigned, Value>())[0]
                 : body.load(builder, op.getNumDpsInputs() + result, position, point));
  return values;
}

void GenericEmitter::emitTile(OpBuilder &builder) {
  makePoints();
  body.startTile(extents);
  for (std::optional<VectorBody> &prologue : prologues)
    if (prologue)
      prologue->startTile(extents);
  if (epilogue)
    epilogue->startTile(extents);
  SmallVector<Value> sums;
  if (readsResult)
    for (const Point &point : points)
      llvm::append_range(sums, getInitialValues(builder, point));
  SmallVector<unsigned> reductions;
  for (unsigned loop = 0; loop < op.getNumLoops(); ++loop)
    if (isReduction(loop) && !(dot && dot->loop == loop))
      reductions.push_back(loop);
  SmallVector<Value> results = emitReduction(builder, reductions, sums);
  if (laneReduction)
    results = reduceLanes(builder, results);
  unsigned perPoint = op.getNumDpsInits();
  for (auto [i, point] : llvm::enumerate(points))
    finish(builder, point, ArrayRef(results).slice(i * perPoint, perPoint));
}

/// Loops over the reductions with the tile's results as iteration arguments.
SmallVector<Value> GenericEmitter::emitReduction(OpBuilder &builder, ArrayRef<unsigned> loops,
                                                 SmallVector<Value> sums) {
  if (loops.empty())
    return emitStep(builder, sums);
  unsigned loop = loops.front();
  bool isVector = plan.vectorLoop == loop;
  for (const Segment &segment : split(loop, isVector ? lanes : 1)) {
    if (isVector)
      activeLanes = segment.extent;
    if (countSteps(segment) == 1) {
      position[loop] = segment.begin;
      sums = emitReduction(builder, loops.drop_front(), sums);
      continue;
    }
    auto forOp = scf::ForOp::create(
        builder, loc, getValueOrCreateConstantIndexOp(builder, loc, segment.begin),
        getValueOrCreateConstantIndexOp(builder, loc, segment.end),
        arith::ConstantIndexOp::create(builder, loc, segment.step), sums,
        [&](OpBuilder &inner, Location, Value variable, ValueRange carried) {
          position[loop] = variable;
          body.startTile(extents);
          SmallVector<Value> next =
              emitReduction(inner, loops.drop_front(), SmallVector<Value>(carried));
          scf::YieldOp::create(inner, loc, next);
        });
    body.startTile(extents);
    sums.assign(forOp.result_begin(), forOp.result_end());
  }
  return sums;
}

/// Combines one element of a row of unknown length into the lane of its position.
SmallVector<Value> GenericEmitter::emitElement(OpBuilder &builder, ArrayRef<Value> sums) {
  Value lane = getValueOrCreateConstantIndexOp(
      builder, loc,
      affine::makeComposedFoldedAffineApply(builder, loc, builder.getAffineDimExpr(0) % lanes,
                                            {position[*plan.vectorLoop]}));
  SmallVector<Value> results;
  body.startTile(extents);
  for (auto [point, sum] : llvm::zip(points, sums)) {
    Point here{point.offsets, /*lanes=*/1, /*active=*/1};
    Value element = vector::ExtractOp::create(builder, loc, sum, lane);
    auto type = VectorType::get({1}, element.getType());
    DenseMap<unsigned, Value> values;
    values[op.getNumDpsInputs()] = vector::BroadcastOp::create(builder, loc, type, element);
    Value next = body.compute(builder, position, here, values)[0];
    next = vector::ExtractOp::create(builder, loc, next, 0);
    results.push_back(vector::InsertOp::create(builder, loc, next, sum, lane));
  }
  return results;
}

SmallVector<Value> GenericEmitter::emitStep(OpBuilder &builder, ArrayRef<Value> sums) {
  bool ofUnknownLength = laneReduction && ShapedType::isDynamic(staticSizes[*plan.vectorLoop]);
  if (ofUnknownLength && activeLanes == 1)
    return emitElement(builder, sums);
  SmallVector<Value> results;
  unsigned perPoint = op.getNumDpsInits();
  body.startTile(extents);
  for (auto [i, point] : llvm::enumerate(points)) {
    DenseMap<unsigned, Value> values;
    for (unsigned result = 0; result < perPoint && !sums.empty(); ++result)
      values[op.getNumDpsInputs() + result] = sums[i * perPoint + result];
    Point here = point;
    if (laneReduction)
      here.active = activeLanes;
    SmallVector<Value> next = body.compute(builder, position, here, values);
    if (laneReduction && here.active < here.lanes) {
      auto type = VectorType::get({here.lanes}, builder.getI1Type());
      Value mask = vector::ConstantMaskOp::create(builder, loc, type, ArrayRef{here.active});
      next[0] = arith::SelectOp::create(builder, loc, mask, next[0], values[op.getNumDpsInputs()]);
    }
    llvm::append_range(results, next);
  }
  return results;
}

/// Combines the lanes of each vector, halves first, and then the initial value.
SmallVector<Value> GenericEmitter::reduceLanes(OpBuilder &builder, ArrayRef<Value> sums) {
  Operation *combiner = getCombiner(op);
  auto combine = [&](Value a, Value b) {
    OperationState state(loc, combiner->getName(), {a, b}, a.getType(), combiner->getAttrs());
    return builder.create(state)->getResult(0);
  };
  laneReduction = false; // the results have one element each
  SmallVector<Value> results;
  for (auto [point, sum] : llvm::zip(points, sums)) {
    Value value = sum;
    for (int64_t width = lanes / 2; width > 0; width /= 2)
      value = combine(vector::ExtractStridedSliceOp::create(builder, loc, value, 0, width, 1),
                      vector::ExtractStridedSliceOp::create(builder, loc, value, width, width, 1));
    point.lanes = point.active = 1;
    results.push_back(combine(getInitialValues(builder, point)[0], value));
  }
  laneReduction = true;
  return results;
}

/// Stores the results of a point, and what the epilogue makes of them.
void GenericEmitter::finish(OpBuilder &builder, const Point &point, ArrayRef<Value> results) {
  if (!epilogue || group.keepsResults)
    for (auto [i, result] : llvm::enumerate(results))
      body.store(builder, i, result, position, point);
  if (!epilogue)
    return;
  DenseMap<unsigned, Value> values;
  for (OpOperand *input : epilogue->getOp().getDpsInputOperands())
    for (auto [init, result] : llvm::zip(op.getDpsInits(), results))
      if (input->get() == init)
        values[input->getOperandNumber()] = result;
  SmallVector<Value> last = epilogue->compute(builder, position, point, values);
  epilogue->store(builder, 0, last[0], position, point);
}

} // namespace

void emitVectorCode(RewriterBase &rewriter, const FusionGroup &group, const TilePlan &plan,
                    VectorUnit unit) {
  GenericEmitter(rewriter, group, plan, unit).emit();
}

} // namespace fpw::cpu
