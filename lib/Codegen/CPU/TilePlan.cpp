//===- TilePlan.cpp - How the loops of an op become vector code -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Codegen/CPU/TilePlan.h"
#include "DotLoop.h"
#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace fpw::cpu {

static constexpr StringLiteral kTile = "fpw.tile";
static constexpr StringLiteral kVectorLoop = "fpw.vector_loop";

FailureOr<VectorUnit> VectorUnit::fromOption(Operation *op, unsigned bits) {
  if (bits != 128 && bits != 256 && bits != 512)
    return op->emitError("expected vector-bits to be 128, 256 or 512 but got ") << bits;
  return fromBits(bits);
}

//===----------------------------------------------------------------------===//
// Accesses
//===----------------------------------------------------------------------===//

/// Whether the expression grows by one when the loop advances by one.
static bool isUnitStep(AffineExpr expr, unsigned loop) {
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return dim.getPosition() == loop;
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary || binary.getKind() != AffineExprKind::Add)
    return false;
  AffineExpr lhs = binary.getLHS(), rhs = binary.getRHS();
  if (lhs.isFunctionOfDim(loop) && rhs.isFunctionOfDim(loop))
    return false;
  return isUnitStep(lhs.isFunctionOfDim(loop) ? lhs : rhs, loop);
}

/// Whether the map ends in a block of the loop: (..., d floordiv B, ..., d mod B).
static bool isBlocked(AffineMap map, unsigned loop) {
  AffineExpr dim = getAffineDimExpr(loop, map.getContext());
  auto mod = dyn_cast<AffineBinaryOpExpr>(map.getResults().back());
  if (!mod || mod.getKind() != AffineExprKind::Mod || mod.getLHS() != dim)
    return false;
  AffineExpr block = dim.floorDiv(mod.getRHS());
  return llvm::all_of(map.getResults().drop_back(), [&](AffineExpr expr) {
    return !expr.isFunctionOfDim(loop) || expr == block;
  });
}

Access classifyAccess(AffineMap map, unsigned loop) {
  if (!map.isFunctionOfDim(loop))
    return Access::Uniform;
  if (isBlocked(map, loop))
    return Access::Contiguous;
  bool onlyLast = llvm::none_of(map.getResults().drop_back(),
                                [&](AffineExpr expr) { return expr.isFunctionOfDim(loop); });
  return onlyLast && isUnitStep(map.getResults().back(), loop) ? Access::Contiguous
                                                               : Access::Strided;
}

//===----------------------------------------------------------------------===//
// Bodies
//===----------------------------------------------------------------------===//

bool isReduction(linalg::GenericOp op, unsigned loop) {
  return op.getIteratorTypesArray()[loop] == utils::IteratorType::reduction;
}

bool isVectorizable(linalg::GenericOp op) {
  if (llvm::is_contained(op.getStaticLoopRanges(), 0))
    return false; // Nothing to compute; no tile has a size.
  auto isElement = [](Type type) { return type.isIntOrIndexOrFloat(); };
  return llvm::all_of(op.getBody()->without_terminator(), [&](Operation &inner) {
    if (isa<linalg::IndexOp>(inner))
      return true;
    bool simple =
        inner.hasTrait<OpTrait::ConstantLike>() || OpTrait::hasElementwiseMappableTraits(&inner);
    return simple && inner.getNumResults() == 1 &&
           llvm::all_of(inner.getOperandTypes(), isElement) &&
           llvm::all_of(inner.getResultTypes(), isElement);
  });
}

Operation *getCombiner(linalg::GenericOp op) {
  if (op.getNumDpsInits() != 1)
    return nullptr;
  SmallVector<Operation *> combiners;
  if (!matchReduction(op.getRegionOutputArgs(), 0, combiners) || combiners.size() != 1)
    return nullptr;
  return isa<arith::AddFOp, arith::MulFOp, arith::MaximumFOp, arith::MinimumFOp, arith::MaxNumFOp,
             arith::MinNumFOp, arith::MaxUIOp>(combiners[0])
             ? combiners[0]
             : nullptr;
}

bool dependsOnOrder(linalg::GenericOp op) {
  Operation *combiner = getCombiner(op);
  return !combiner || isa<arith::AddFOp, arith::MulFOp>(combiner);
}

/// Whether the op has so few outputs that N7 sums its products in lanes along the channels.
static bool hasFewOutputs(linalg::GenericOp op, unsigned channel) {
  constexpr int64_t kMostOutputs = 7;
  AffineMap result = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  auto output = result.getNumResults() == 0 ? AffineExpr() : result.getResults().back();
  auto loop = dyn_cast_or_null<AffineDimExpr>(output);
  if (!loop || op.getMatchingIndexingMap(op.getDpsInputOperand(0))
                   .isFunctionOfDim(loop.getPosition())) // groups rather than outputs
    return false;
  int64_t outputs = op.getStaticLoopRanges()[loop.getPosition()];
  int64_t channels = op.getStaticLoopRanges()[channel];
  return !ShapedType::isDynamic(outputs) && !ShapedType::isDynamic(channels) &&
         outputs <= kMostOutputs && channels > 2 * outputs;
}

std::optional<unsigned> getLaneLoop(linalg::GenericOp op) {
  if (op.getNumReductionLoops() == 0 || op.getNumDpsInputs() == 0 || !getCombiner(op) ||
      !dependsOnOrder(op))
    return std::nullopt;
  AffineMap map = op.getMatchingIndexingMap(op.getDpsInputOperand(0));
  auto last = map.getNumResults() == 0 ? AffineExpr() : map.getResults().back();
  auto loop = dyn_cast_or_null<AffineDimExpr>(last);
  if (!loop || !isReduction(op, loop.getPosition()) ||
      op.getStaticLoopRanges()[loop.getPosition()] == 1) // one lane is a sequence
    return std::nullopt;
  bool isProduct =
      op.getNumDpsInputs() > 1 && op.payloadUsesValueFromOperand(op.getDpsInputOperand(1));
  if (isProduct && !hasFewOutputs(op, loop.getPosition()))
    return std::nullopt;
  return loop.getPosition();
}

std::optional<unsigned> getFusedProduct(linalg::GenericOp op, arith::AddFOp add) {
  if (op.getNumReductionLoops() == 0)
    return std::nullopt;
  for (unsigned i : {0, 1}) {
    auto product = add->getOperand(i).getDefiningOp<arith::MulFOp>();
    auto sum = dyn_cast<BlockArgument>(add->getOperand(1 - i));
    if (product && product->hasOneUse() && sum && sum.getArgNumber() >= op.getNumDpsInputs())
      return i;
  }
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Choosing the vector loop
//===----------------------------------------------------------------------===//

/// The share of the lanes that a loop of this size keeps busy.
static double getFill(int64_t size, int64_t lanes) {
  if (ShapedType::isDynamic(size))
    return 1.0;
  return size == 0 ? 0.0 : double(size) / llvm::alignTo(size, lanes);
}

/// How good a loop is as the vector loop: 0 if impossible.
static double scoreVectorLoop(linalg::GenericOp op, unsigned loop, int64_t size, VectorUnit unit,
                              function_ref<bool(OpOperand &)> mayRepack) {
  // Partial sums in lanes cost a final sum; elements gathered one by one cost an instruction each.
  constexpr double kLaneReduction = 0.5, kGather = 0.1;
  bool isReduction = cpu::isReduction(op, loop);
  std::optional<DotLoop> dot = matchDotLoop(op);
  if (size == 1 || (isReduction && (dot || dependsOnOrder(op))))
    return 0.0;
  double score = getFill(size, unit.lanes) * (isReduction ? kLaneReduction : 1.0);
  for (OpOperand &operand : op->getOpOperands()) {
    if (op.isDpsInput(&operand) && !op.payloadUsesValueFromOperand(&operand))
      continue;
    AffineMap map = op.getMatchingIndexingMap(&operand);
    Access access = dot ? classifyLaneAccess(map, loop, *dot) : classifyAccess(map, loop);
    if (op.isDpsInit(&operand) && access != (isReduction ? Access::Uniform : Access::Contiguous))
      return 0.0;
    if (op.isDpsInput(&operand) && access == Access::Strided && !mayRepack(operand))
      score *= kGather;
  }
  return score;
}

static std::optional<unsigned> chooseVectorLoop(linalg::GenericOp op, ArrayRef<int64_t> ranges,
                                                VectorUnit unit,
                                                function_ref<bool(OpOperand &)> mayRepack) {
  if (std::optional<unsigned> loop = getLaneLoop(op))
    return loop;
  std::optional<unsigned> best;
  double bestScore = 0.0;
  for (auto [loop, size] : llvm::enumerate(ranges)) {
    double score = scoreVectorLoop(op, loop, size, unit, mayRepack);
    if (score > bestScore) {
      best = loop;
      bestScore = score;
    }
  }
  return best;
}

//===----------------------------------------------------------------------===//
// Choosing the tile
//===----------------------------------------------------------------------===//

namespace {
/// Chooses how many elements of each parallel loop stay in registers together.
class TileChooser {
public:
  TileChooser(linalg::GenericOp op, ArrayRef<int64_t> ranges, VectorUnit unit, unsigned vectorLoop)
      : op(op), ranges(ranges), unit(unit), vectorLoop(vectorLoop) {
    for (int64_t loop = op.getNumLoops() - 1; loop >= 0; --loop)
      if (isRow(loop))
        rowLoops.push_back(loop);
  }

  SmallVector<int64_t> choose() {
    bool laneReduction = isReduction(vectorLoop);
    if (op.getNumReductionLoops() == 0 || laneReduction || !hasReuse()) {
      if (std::optional<unsigned> loop = findTransposedLoop())
        return makeSquare(*loop);
      // Nothing is reused: a few independent vectors hide the latency of the arithmetic.
      if (laneReduction) // one row of lanes may take several registers
        return makeTile(1, 8 * unit.lanes / kReductionLanes);
      int64_t inFlight = op.getNumReductionLoops() == 0 ? 4 : 8;
      int64_t vectors = std::min(countVectors(), inFlight / 2);
      return makeTile(vectors, inFlight / vectors);
    }
    SmallVector<int64_t> best;
    double bestCost = 0.0;
    for (int64_t vectors = std::min<int64_t>(countVectors(), 4); vectors > 0; --vectors) {
      int64_t rows = countRows(vectors);
      SmallVector<int64_t> tile = makeTile(vectors, std::min<int64_t>(rows, 24));
      double cost = getCost(tile, vectors, /*dynamicSize=*/60) / 60 +
                    getCost(tile, vectors, /*dynamicSize=*/1);
      if (best.empty() || cost < bestCost) {
        best = tile;
        bestCost = cost;
      }
    }
    return best;
  }

private:
  bool isReduction(unsigned loop) { return cpu::isReduction(op, loop); }

  /// Operands whose elements the body reads; a pooling's window only gives its sizes.
  SmallVector<OpOperand *> getReadInputs() {
    return llvm::filter_to_vector(op.getDpsInputOperands(), [&](OpOperand *operand) {
      return op.payloadUsesValueFromOperand(operand);
    });
  }

  bool isReused(unsigned loop) {
    return llvm::any_of(getReadInputs(), [&](OpOperand *operand) {
      return !op.getMatchingIndexingMap(operand).isFunctionOfDim(loop);
    });
  }

  /// How many rows of so many vectors fit into the registers.
  int64_t countRows(int64_t vectors) {
    int64_t sums = vectors * op.getNumDpsInits(), weights = vectors * countWeights();
    bool isBroadcast = llvm::any_of(getReadInputs(), [&](OpOperand *operand) {
      return !op.getMatchingIndexingMap(operand).isFunctionOfDim(vectorLoop);
    });
    // One register holds the broadcast element. Where rows read vectors instead, they stay for the
    // windows next to them.
    int64_t perRow = isBroadcast ? sums : sums + vectors;
    return std::max<int64_t>(1, (unit.registers - isBroadcast - weights) / perRow);
  }

  /// The operands of which all rows of a tile read the same vectors.
  int64_t countWeights() {
    return std::max<int64_t>(
        1, llvm::count_if(getReadInputs(), [&](OpOperand *operand) {
          AffineMap map = op.getMatchingIndexingMap(operand);
          return map.isFunctionOfDim(vectorLoop) &&
                 llvm::none_of(rowLoops, [&](unsigned loop) { return map.isFunctionOfDim(loop); });
        }));
  }

  /// Whether an element of some operand serves several elements of the result.
  bool hasReuse() {
    return getReadInputs().size() > 1 &&
           llvm::any_of(rowLoops, [&](unsigned loop) { return isReused(loop); });
  }

  /// Whether a loop can give the tile its rows.
  bool isRow(unsigned loop) {
    if (loop == vectorLoop || isReduction(loop) || ranges[loop] == 1)
      return false;
    return op.getNumReductionLoops() == 0 || getReadInputs().size() < 2 || isReused(loop);
  }

  /// The loop along which an operand's elements lie together that are strided along the vector
  /// loop.
  std::optional<unsigned> findTransposedLoop() {
    if (op.getNumReductionLoops() > 0)
      return std::nullopt;
    for (OpOperand *operand : getReadInputs()) {
      AffineMap map = op.getMatchingIndexingMap(operand);
      if (classifyAccess(map, vectorLoop) != Access::Strided)
        continue;
      for (unsigned loop = 0; loop < op.getNumLoops(); ++loop)
        if (classifyAccess(map, loop) == Access::Contiguous && ranges[loop] != 1)
          return loop;
    }
    return std::nullopt;
  }

  /// A block that is transposed in registers.
  SmallVector<int64_t> makeSquare(unsigned loop) {
    SmallVector<int64_t> tile(op.getNumLoops(), 1);
    tile[vectorLoop] = unit.lanes;
    tile[loop] = unit.lanes;
    return tile;
  }

  int64_t countVectors() {
    int64_t size = ranges[vectorLoop];
    return ShapedType::isDynamic(size) ? 4 : llvm::divideCeil(size, unit.lanes);
  }

  /// A tile with the given number of vectors and at most so many rows.
  SmallVector<int64_t> makeTile(int64_t vectors, int64_t rows) {
    SmallVector<int64_t> tile(op.getNumLoops(), 1);
    tile[vectorLoop] = vectors * unit.lanes;
    for (unsigned loop : rowLoops) {
      int64_t size = ranges[loop];
      if (ShapedType::isDynamic(size)) {
        tile[loop] = rows;
        break;
      }
      // Equal tiles rather than full ones and a rest.
      tile[loop] = llvm::divideCeil(size, llvm::divideCeil(size, rows));
      rows /= tile[loop];
      if (tile[loop] < size || rows < 2)
        break;
    }
    return tile;
  }

  /// Cycles for one step of the reduction over all tiles of the op.
  double getCost(ArrayRef<int64_t> tile, int64_t vectors, int64_t dynamicSize) {
    double fullTiles = 1, singleRows = 0;
    int64_t rows = 1;
    for (unsigned loop : rowLoops) {
      int64_t size = ranges[loop];
      rows *= tile[loop];
      if (ShapedType::isDynamic(size)) {
        singleRows = fullTiles * (dynamicSize % tile[loop]);
        fullTiles *= dynamicSize / tile[loop];
      } else {
        fullTiles *= llvm::divideCeil(size, tile[loop]);
      }
    }
    // Two multiply-adds and two loads per cycle, latency 4; loads compete with the rest of the
    // loop.
    int64_t results = op.getNumDpsInits();
    auto step = [&](double rows) {
      double loads = rows * results + vectors;
      return std::max({rows * results * vectors / 2, loads / 2, 4.0}) + 0.1 * loads;
    };
    return llvm::divideCeil(countVectors(), vectors) *
           (fullTiles * step(rows) + singleRows * step(1));
  }

  linalg::GenericOp op;
  ArrayRef<int64_t> ranges;
  VectorUnit unit;
  unsigned vectorLoop;
  SmallVector<unsigned> rowLoops; ///< innermost first
};
} // namespace

TilePlan planTiles(linalg::GenericOp op, VectorUnit unit,
                   function_ref<bool(OpOperand &)> mayRepack) {
  TilePlan plan;
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  plan.vectorLoop = chooseVectorLoop(op, ranges, unit, mayRepack);
  if (plan.vectorLoop)
    plan.sizes = TileChooser(op, ranges, unit, *plan.vectorLoop).choose();
  else
    plan.sizes.assign(op.getNumLoops(), 1);
  return plan;
}

//===----------------------------------------------------------------------===//
// The plan in the IR
//===----------------------------------------------------------------------===//

void TilePlan::writeTo(linalg::GenericOp op) const {
  Builder builder(op.getContext());
  op->setAttr(kTile, builder.getDenseI64ArrayAttr(sizes));
  if (vectorLoop)
    op->setAttr(kVectorLoop, builder.getI64IntegerAttr(*vectorLoop));
}

std::optional<TilePlan> TilePlan::readFrom(linalg::GenericOp op) {
  auto tile = op->getAttrOfType<DenseI64ArrayAttr>(kTile);
  if (!tile || tile.size() != op.getNumLoops() ||
      llvm::any_of(tile.asArrayRef(), [](int64_t size) { return size < 1; }))
    return std::nullopt;
  TilePlan plan;
  plan.sizes.assign(tile.asArrayRef().begin(), tile.asArrayRef().end());
  if (auto loop = op->getAttrOfType<IntegerAttr>(kVectorLoop))
    if (loop.getValue().ult(op.getNumLoops()))
      plan.vectorLoop = loop.getInt();
  return plan;
}

void TilePlan::erase(linalg::GenericOp op) {
  op->removeAttr(kTile);
  op->removeAttr(kVectorLoop);
}

} // namespace fpw::cpu
