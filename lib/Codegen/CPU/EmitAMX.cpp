//===- EmitAMX.cpp - Emits matrix tiles for inner products on buffers -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AMXKernel.h"
#include "BufferRoot.h"
#include "IndexMath.h"
#include "SampleBytes.h"
#include "StreamKernel.h"
#include "TileLayout.h"
#include "VectorBody.h"
#include "fpw/Codegen/CPU/Passes.h"
#include "mlir/Dialect/AMX/AMXDialect.h"
#include "mlir/Dialect/Affine/Analysis/AffineStructures.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/SetVector.h"

namespace fpw::cpu {
#define GEN_PASS_DEF_FPWCPUEMITAMX
#include "fpw/Codegen/CPU/Passes.h.inc"

using namespace mlir;

namespace {

constexpr StringLiteral kPlan = "fpw.amx_plan";

/// A contraction of bytes and the element-wise op that makes the final values of its sums, perhaps
/// together with those of others: the same bytes meet several weights then.
struct InnerProduct {
  explicit InnerProduct(linalg::GenericOp contract) : contract(contract) {}

  linalg::GenericOp contract, combine;
  Operation *fill = nullptr;
  bool unsignedPlanes = false, unsignedWeights = false;
  std::optional<unsigned> planeLoop; ///< of the contraction
  unsigned outputLoop = 0;           ///< of the contraction
  SmallVector<unsigned> rowLoops;    ///< of the contraction
  SmallVector<unsigned> groupLoops;  ///< of the contraction
  SmallVector<int> combineLoops;     ///< for each loop of the contraction that of `combine`, or -1
  SmallVector<std::pair<unsigned, int64_t>> sums; ///< operands of `combine` and their planes
  std::vector<InnerProduct> others;

  Value getPlanes() { return contract.getDpsInputs()[0]; }
  Value getWeights() { return contract.getDpsInputs()[1]; }
  Value getSums() { return contract.getDpsInits()[0]; }
  AffineMap getSumMap() { return contract.getMatchingIndexingMap(contract.getDpsInitOperand(0)); }
  /// The loops of the kernel's rows and groups.
  SmallVector<unsigned> getLoops() const {
    return llvm::to_vector(llvm::concat<const unsigned>(rowLoops, groupLoops));
  }
  /// Whether a buffer holds sums, for which the kernel needs no memory.
  bool isSum(Value buffer) {
    return buffer == getSums() ||
           llvm::any_of(others, [&](InnerProduct &other) { return buffer == other.getSums(); });
  }
  /// Where the kernel stands: no operand of it is computed later.
  Operation *getLast() { return combine ? combine : contract; }
};

//===----------------------------------------------------------------------===//
// Recognition
//===----------------------------------------------------------------------===//

/// The operand of the body that an extension to i32 widens. Sets whether zeros extend it.
std::optional<unsigned> matchExtension(Value value, bool &isUnsigned) {
  Operation *op = value.getDefiningOp();
  if (!isa_and_nonnull<arith::ExtSIOp, arith::ExtUIOp>(op) || !value.getType().isInteger(32))
    return std::nullopt;
  auto argument = dyn_cast<BlockArgument>(op->getOperand(0));
  if (!argument || !argument.getType().isInteger(8))
    return std::nullopt;
  isUnsigned = isa<arith::ExtUIOp>(op);
  return argument.getArgNumber();
}

// What matches returns null, what does not says why.

/// Matches sum += extend(a) * extend(b).
const char *matchBody(InnerProduct &product) {
  linalg::GenericOp op = product.contract;
  // A third input only says how long a loop is.
  bool hasLength = op.getNumDpsInputs() == 3 && op.getBody()->getArgument(2).use_empty();
  if ((op.getNumDpsInputs() != 2 && !hasLength) || op.getNumDpsInits() != 1)
    return "expected two inputs and one result";
  constexpr const char *kWrongBody = "expected a body that adds products of extended bytes";
  auto sum = op.getBody()->getTerminator()->getOperand(0).getDefiningOp<arith::AddIOp>();
  if (!sum)
    return kWrongBody;
  Value addend = sum.getLhs(), other = sum.getRhs();
  if (addend != op.getRegionOutputArgs()[0])
    std::swap(addend, other);
  auto factors = other.getDefiningOp<arith::MulIOp>();
  if (addend != op.getRegionOutputArgs()[0] || !factors)
    return kWrongBody;
  bool lhsUnsigned, rhsUnsigned;
  auto lhs = matchExtension(factors.getLhs(), lhsUnsigned);
  auto rhs = matchExtension(factors.getRhs(), rhsUnsigned);
  if (!lhs || !rhs || *lhs == *rhs)
    return kWrongBody;
  product.unsignedPlanes = *lhs == 0 ? lhsUnsigned : rhsUnsigned;
  product.unsignedWeights = *lhs == 0 ? rhsUnsigned : lhsUnsigned;
  return nullptr;
}

/// Whether the op sets all of the buffer to zero: a fill, or what remains of one on loops.
/// Whether the op, a fill in either form, writes zeros all over the buffer.
bool isZeroFill(Operation *op, Value buffer) {
  auto fill = dyn_cast<linalg::LinalgOp>(op);
  if (!fill || !isa<linalg::FillOp, linalg::GenericOp>(op) || fill.getNumDpsInits() != 1 ||
      fill.getDpsInits()[0] != buffer || fill.getNumReductionLoops() > 0 ||
      !fill.getMatchingIndexingMap(fill.getDpsInitOperand(0)).isPermutation())
    return false;
  Value value = fill.getBlock()->getTerminator()->getOperand(0);
  if (auto argument = dyn_cast<BlockArgument>(value);
      argument && argument.getOwner() == fill.getBlock())
    value = op->getOperand(argument.getArgNumber());
  return isConstantIntValue(value, 0);
}

/// Whether the op writes to its results only, none of which shares an allocation with the buffer.
bool writesElsewhere(Operation *op, Value buffer) {
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  Value root = getRoot(buffer);
  return linalgOp && root.getDefiningOp<memref::AllocOp>() &&
         llvm::none_of(linalgOp.getDpsInits(), [&](Value init) { return getRoot(init) == root; });
}

/// Finds the fill before and the only consumer after. Nothing else may see the sums, and nothing
/// that writes to memory may run between the two ops that become one.
const char *matchUses(InnerProduct &product) {
  Value sums = product.getSums();
  auto allocation = sums.getDefiningOp<memref::AllocOp>();
  if (!allocation)
    return "expected sums in a buffer of their own";
  for (Operation *user : sums.getUsers()) {
    if (user == product.contract || isa<memref::DeallocOp>(user))
      continue;
    auto generic = dyn_cast<linalg::GenericOp>(user);
    if (isZeroFill(user, sums) && !product.fill)
      product.fill = user;
    else if (generic && (!product.combine || product.combine == generic))
      product.combine = generic;
    else
      return "expected one consumer of the sums";
  }
  Block *block = product.contract->getBlock();
  if (!product.fill || !product.combine || product.fill->getBlock() != block ||
      product.combine->getBlock() != block || !product.fill->isBeforeInBlock(product.contract) ||
      !product.contract->isBeforeInBlock(product.combine))
    return "expected sums that start at zero and are consumed in the same block";
  for (Operation *op = product.contract->getNextNode(); op != product.combine;
       op = op->getNextNode())
    if (!isMemoryEffectFree(op) && !isa<memref::AllocOp>(op) &&
        !writesElsewhere(op, product.getPlanes()))
      return "expected planes that last until the sums are consumed";
  return nullptr;
}

/// Matches the operands of `combine` that read the sums: all at the same place but for the plane,
/// which is a constant. Finds the loops.
const char *matchCombine(InnerProduct &product) {
  linalg::GenericOp contract = product.contract, combine = product.combine;
  if (combine.getNumReductionLoops() > 0 || !isVectorizable(combine))
    return "expected an element-wise consumer";
  AffineMap sumMap = product.getSumMap();
  if (!sumMap.isProjectedPermutation())
    return "expected sums indexed by loops";
  product.combineLoops.assign(contract.getNumLoops(), -1);
  for (OpOperand &operand : combine->getOpOperands()) {
    if (operand.get() != product.getSums())
      continue;
    if (combine.isDpsInit(&operand))
      return "expected a consumer with a result of its own";
    int64_t plane = 0;
    AffineMap map = combine.getMatchingIndexingMap(&operand);
    for (auto [expr, target] : llvm::zip(map.getResults(), sumMap.getResults())) {
      unsigned loop = cast<AffineDimExpr>(target).getPosition();
      if (auto constant = dyn_cast<AffineConstantExpr>(expr)) {
        if (product.planeLoop && *product.planeLoop != loop)
          return "expected one loop over planes";
        product.planeLoop = loop;
        plane = constant.getValue();
        continue;
      }
      auto dim = dyn_cast<AffineDimExpr>(expr);
      int &known = product.combineLoops[loop];
      if (!dim || (known >= 0 && known != int(dim.getPosition())))
        return "expected a consumer that reads all planes at the same place";
      known = dim.getPosition();
    }
    product.sums.emplace_back(operand.getOperandNumber(), plane);
  }
  // The loops of both are the same, but for the planes and the reduction.
  SmallVector<int> loops;
  for (AffineExpr expr : sumMap.getResults())
    if (unsigned loop = cast<AffineDimExpr>(expr).getPosition(); loop != product.planeLoop)
      loops.push_back(product.combineLoops[loop]);
  llvm::sort(loops);
  if (!llvm::equal(loops, llvm::seq<int>(0, combine.getNumLoops())))
    return "expected a consumer with the loops of the contraction";
  return nullptr;
}

/// Finds the other contractions of the same planes whose sums the same op consumes.
void matchOthers(InnerProduct &product) {
  for (OpOperand *operand : product.combine.getDpsInputOperands())
    for (Operation *user : operand->get().getUsers()) {
      auto contract = dyn_cast<linalg::GenericOp>(user);
      auto isSame = [&](InnerProduct &known) { return known.contract == contract; };
      if (!contract || !usesMatrixUnit(contract) || contract.getDpsInits()[0] != operand->get() ||
          isSame(product) || llvm::any_of(product.others, isSame) ||
          contract.getIndexingMaps() != product.contract.getIndexingMaps() ||
          contract.getStaticLoopRanges() != product.contract.getStaticLoopRanges())
        continue;
      InnerProduct other(contract);
      if (!matchBody(other) && !matchUses(other) && other.combine == product.combine &&
          !matchCombine(other) && other.getPlanes() == product.getPlanes() &&
          other.unsignedPlanes == product.unsignedPlanes && other.planeLoop == product.planeLoop &&
          other.combineLoops == product.combineLoops)
        product.others.push_back(other);
    }
}

/// Matches weights in the order of tiles and finds the loops over the reduction, from the outside
/// in.
const char *matchWeights(InnerProduct &product, SmallVectorImpl<unsigned> &reduction) {
  linalg::GenericOp op = product.contract;
  AffineMap map = op.getMatchingIndexingMap(op.getDpsInputOperand(1));
  std::optional<TileLoops> loops = matchTileMap(map);
  if (!loops)
    return "expected weights packed to tiles";
  product.outputLoop = loops->output;
  product.groupLoops = loops->groups;
  llvm::append_range(reduction, loops->outerReduction);
  reduction.push_back(loops->channel);
  auto iterators = op.getIteratorTypesArray();
  for (unsigned loop = 0; loop < op.getNumLoops(); ++loop) {
    bool isReduction = llvm::is_contained(reduction, loop);
    if (isReduction != linalg::isReductionIterator(iterators[loop]))
      return "expected weights indexed by all reduction loops";
    if (!isReduction && loop != product.outputLoop && loop != product.planeLoop &&
        !llvm::is_contained(product.groupLoops, loop))
      product.rowLoops.push_back(loop);
  }
  return nullptr;
}

/// How many elements apart the iterations of each loop are; nothing if that is not a constant.
std::optional<SmallVector<int64_t>> getPitches(linalg::GenericOp op, OpOperand *operand) {
  auto type = cast<MemRefType>(operand->get().getType());
  SmallVector<int64_t> strides, pitches(op.getNumLoops(), 0);
  int64_t offset;
  if (failed(type.getStridesAndOffset(strides, offset)))
    return std::nullopt;
  AffineMap map = op.getMatchingIndexingMap(operand);
  for (auto [expr, stride] : llvm::zip(map.getResults(), strides)) {
    SmallVector<int64_t> coefficients;
    if (ShapedType::isDynamic(stride) ||
        failed(getFlattenedAffineExpr(expr, map.getNumDims(), 0, &coefficients)) ||
        coefficients.size() != map.getNumDims() + 1 || coefficients.back() != 0)
      return std::nullopt;
    for (unsigned loop = 0; loop < op.getNumLoops(); ++loop)
      pitches[loop] += coefficients[loop] * stride;
  }
  return pitches;
}

/// The sizes of the product and where its rows lie.
std::optional<AMXGeometry> matchGeometry(RewriterBase &rewriter, InnerProduct &product,
                                         ArrayRef<unsigned> reduction) {
  linalg::GenericOp op = product.contract;
  std::optional<SmallVector<int64_t>> pitches = getPitches(op, op.getDpsInputOperand(0));
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  if (!pitches || (*pitches)[product.outputLoop] != 0 || (*pitches)[reduction.back()] != 1 ||
      sizes[reduction.back()] % kAMXBytes != 0)
    return std::nullopt;
  auto isKnown = [&](unsigned loop) { return !ShapedType::isDynamic(sizes[loop]); };
  if (!llvm::all_of(reduction, isKnown) || !isKnown(product.outputLoop) ||
      (product.planeLoop && !isKnown(*product.planeLoop)) || product.rowLoops.empty() ||
      !llvm::all_of(ArrayRef(product.rowLoops).drop_front(), isKnown))
    return std::nullopt;
  for (unsigned loop : product.rowLoops)
    if ((*pitches)[loop] <= 0)
      return std::nullopt;
  for (unsigned loop : product.groupLoops)
    if ((*pitches)[loop] < 0 || !isKnown(loop))
      return std::nullopt;

  AMXGeometry geometry;
  geometry.outputs = sizes[product.outputLoop];
  geometry.weights = 1 + product.others.size();
  if (product.planeLoop) {
    geometry.planes = sizes[*product.planeLoop];
    geometry.planePitch = (*pitches)[*product.planeLoop];
  }
  for (unsigned loop : ArrayRef(reduction).drop_back())
    geometry.reduction.push_back({rewriter.getIndexAttr(sizes[loop]), (*pitches)[loop]});
  geometry.reduction.push_back(
      {rewriter.getIndexAttr(sizes[reduction.back()] / kAMXBytes), kAMXBytes});
  rewriter.setInsertionPoint(product.getLast());
  SmallVector<Range> ranges = cast<linalg::LinalgOp>(*op).createLoopRanges(rewriter, op.getLoc());
  for (unsigned loop : product.rowLoops)
    geometry.rows.push_back({ranges[loop].size, (*pitches)[loop]});
  for (unsigned loop : product.groupLoops)
    geometry.groups.push_back({rewriter.getIndexAttr(sizes[loop]), (*pitches)[loop]});
  return geometry;
}

//===----------------------------------------------------------------------===//
// Emission
//===----------------------------------------------------------------------===//

/// The bytes of a buffer, from its first element on, in one dimension.
Value viewAsBytes(RewriterBase &rewriter, Location loc, Value buffer) {
  auto metadata = memref::ExtractStridedMetadataOp::create(rewriter, loc, buffer);
  auto type = cast<MemRefType>(buffer.getType());
  SmallVector<int64_t> strides;
  int64_t offset;
  (void)type.getStridesAndOffset(strides, offset);
  OpFoldResult start = rewriter.getIndexAttr(offset);
  if (ShapedType::isDynamic(offset))
    start = metadata.getOffset();
  constexpr int64_t kAnySize = int64_t(1) << 40; // tiles check no bounds
  auto layout = StridedLayoutAttr::get(rewriter.getContext(), offset, {1});
  auto viewType = MemRefType::get({kAnySize}, type.getElementType(),
                                  offset == 0 ? MemRefLayoutAttrInterface() : layout);
  return memref::ReinterpretCastOp::create(rewriter, loc, viewType, metadata.getBaseBuffer(), start,
                                           {rewriter.getIndexAttr(kAnySize)},
                                           {rewriter.getIndexAttr(1)});
}

/// Asks for what the same outputs of a row some rows later will read or write, where that comes
/// from beyond the second-level cache: a kernel goes through large images in pieces too short for
/// the processor to foresee. Rows a multiple of 4 KB apart share a set of the first-level cache,
/// and would push out each other there before they are used.
void prefetch(OpBuilder &builder, InnerProduct &product, VectorBody &body,
              ArrayRef<OpFoldResult> loops, int64_t rowsAhead) {
  constexpr int64_t kLarge = 1 << 20, kSets = 1 << 12;
  Location loc = product.combine.getLoc();
  unsigned rowLoop = product.combineLoops[product.rowLoops.back()];
  for (OpOperand &operand : product.combine->getOpOperands()) {
    auto type = dyn_cast<MemRefType>(operand.get().getType());
    AffineMap map = body.getMap(operand.getOperandNumber());
    SmallVector<int64_t> strides;
    int64_t offset;
    auto dim = map.getResultPosition(builder.getAffineDimExpr(rowLoop));
    if (!type || product.isSum(operand.get()) || !dim ||
        countSampleBytes(getRoot(operand.get()).getType()) < kLarge ||
        failed(type.getStridesAndOffset(strides, offset)) || strides.back() != 1 ||
        ShapedType::isDynamic(strides[*dim]) ||
        strides[*dim] * type.getElementTypeBitWidth() / 8 % kSets == 0)
      continue;
    SmallVector<OpFoldResult> position;
    for (AffineExpr expr : map.getResults())
      position.push_back(affine::makeComposedFoldedAffineApply(
          builder, loc, AffineMap::get(map.getNumDims(), 0, expr), loops));
    AffineExpr last = builder.getAffineDimExpr(0);
    position.back() = affine::makeComposedFoldedAffineApply(
        builder, loc, last + rowsAhead * strides[*dim], position.back());
    memref::PrefetchOp::create(builder, loc, operand.get(),
                               getValueOrCreateConstantIndexOp(builder, loc, position),
                               product.combine.isDpsInit(&operand), /*localityHint=*/2,
                               /*isDataCache=*/true);
  }
}

/// Computes and stores the values that `combine` makes of the sums of one row.
void emitCombine(OpBuilder &builder, InnerProduct &product, VectorBody &body, ArrayRef<Value> rows,
                 Value output, int64_t active, ArrayRef<Value> sums, int64_t rowsAhead) {
  unsigned numLoops = product.combine.getNumLoops();
  SmallVector<OpFoldResult> loops(numLoops);
  for (auto [loop, row] : llvm::zip_equal(product.getLoops(), rows))
    loops[product.combineLoops[loop]] = row;
  loops[product.combineLoops[product.outputLoop]] = output;
  DenseMap<unsigned, Value> values;
  int64_t planes = sums.size() / (1 + product.others.size());
  for (auto [operand, plane] : product.sums)
    values[operand] = sums[plane];
  for (auto [i, other] : llvm::enumerate(product.others))
    for (auto [operand, plane] : other.sums)
      values[operand] = sums[(i + 1) * planes + plane];
  int64_t lanes = cast<VectorType>(sums.front().getType()).getNumElements();
  Point point{SmallVector<int64_t>(numLoops, 0), lanes, active};
  SmallVector<int64_t> extents(numLoops, 1);
  body.startTile(extents);
  if (rowsAhead > 0)
    prefetch(builder, product, body, loops, rowsAhead);
  for (auto [i, value] : llvm::enumerate(body.compute(builder, loops, point, values)))
    body.store(builder, i, value, loops, point);
}

/// Adds the sums of one row to those in memory.
void emitAccumulate(OpBuilder &builder, InnerProduct &product, ArrayRef<Value> rows, Value output,
                    int64_t active, Value sums) {
  Location loc = product.contract.getLoc();
  SmallVector<Value> loops(product.contract.getNumLoops());
  for (auto [loop, row] : llvm::zip_equal(product.getLoops(), rows))
    loops[loop] = row;
  loops[product.outputLoop] = output;
  SmallVector<Value> position;
  for (AffineExpr expr : product.getSumMap().getResults())
    position.push_back(loops[cast<AffineDimExpr>(expr).getPosition()]);
  auto type = VectorType::get(active, builder.getI32Type());
  if (active < cast<VectorType>(sums.getType()).getNumElements())
    sums = vector::ExtractStridedSliceOp::create(builder, loc, sums, /*offsets=*/{0},
                                                 /*sizes=*/{active}, /*strides=*/{1});
  Value before = vector::LoadOp::create(builder, loc, type, product.getSums(), position);
  Value after = arith::AddIOp::create(builder, loc, before, sums);
  vector::StoreOp::create(builder, loc, after, product.getSums(), position);
}

/// Matches sums whose outputs lie together in memory. The planes are rows like others then.
const char *matchSums(InnerProduct &product) {
  SmallVector<int64_t> strides;
  int64_t offset;
  auto type = cast<MemRefType>(product.getSums().getType());
  AffineMap map = product.getSumMap();
  if (!map.isProjectedPermutation() || failed(type.getStridesAndOffset(strides, offset)) ||
      strides.back() != 1 || !map.getResults().back().isFunctionOfDim(product.outputLoop))
    return "expected outputs that lie together";
  // The one loop of unknown size goes outside.
  SmallVector<int64_t> sizes = product.contract.getStaticLoopRanges();
  auto order = [&](unsigned loop) { return std::pair(!ShapedType::isDynamic(sizes[loop]), loop); };
  llvm::sort(product.rowLoops, [&](unsigned a, unsigned b) { return order(a) < order(b); });
  return nullptr;
}

/// Matches what is around the contraction: with a consumer that becomes part of the kernel, or
/// without.
const char *match(InnerProduct &product, SmallVectorImpl<unsigned> &reduction) {
  if (const char *reason = matchBody(product))
    return reason;
  InnerProduct alone = product;
  if (!matchUses(product) && !matchCombine(product)) {
    matchOthers(product);
    return matchWeights(product, reduction);
  }
  product = alone;
  const char *reason = matchWeights(product, reduction);
  return reason ? reason : matchSums(product);
}

void eraseSums(RewriterBase &rewriter, InnerProduct &product) {
  Value sums = product.getSums();
  rewriter.eraseOp(product.contract);
  rewriter.eraseOp(product.fill);
  for (Operation *user : llvm::make_early_inc_range(sums.getUsers()))
    rewriter.eraseOp(user); // nothing but its deallocation is left
  rewriter.eraseOp(sums.getDefiningOp());
}

/// What the kernels for vectors need to know of the machine.
struct Machine {
  VectorUnit unit;
  DotUnit dots;
};

/// An epilogue that also knows how many rows later the kernel will finish the same outputs; 0:
/// none.
using Finish = llvm::function_ref<void(OpBuilder &builder, ArrayRef<Value> rows, Value output,
                                       int64_t active, ArrayRef<Value> sums, int64_t rowsAhead)>;

/// Emits the kernel that the contraction names, or two, of which the number of rows chooses one at
/// run time.
void emitKernel(RewriterBase &rewriter, linalg::GenericOp contract, const AMXProduct &product,
                Machine machine, Finish finish) {
  Location loc = contract.getLoc();
  SmallVector<RowLoop> rows = mergeRowLoops(rewriter, loc, product.geometry);
  auto emitTiles = [&](RewriterBase &rewriter) {
    AMXPlan plan = planAMX(product.geometry, rows);
    if (auto attribute = contract->getAttrOfType<DictionaryAttr>(kPlan))
      plan = AMXPlan::fromAttribute(attribute, plan);
    emitAMXKernel(rewriter, loc, product, plan,
                  [&](OpBuilder &builder, ArrayRef<Value> rows, Value output, int64_t active,
                      ArrayRef<Value> sums) {
                    finish(builder, rows, output, active, sums, plan.tileRows * plan.rowTiles);
                  });
  };
  std::optional<StreamPlan> streams = StreamPlan::readFrom(contract);
  if (!streams || !canStream(product.geometry, rows))
    return emitTiles(rewriter);
  AMXProduct streamed = product;
  if (streams->packed) {
    int64_t size = countStreamBytes(product.geometry, streams->bits);
    auto type = MemRefType::get({size}, rewriter.getI8Type());
    streamed.weights.front().tiles =
        memref::GetGlobalOp::create(rewriter, loc, type, streams->packed.getValue());
  }
  auto emitStream = [&](RewriterBase &rewriter) {
    emitStreamKernel(rewriter, loc, streamed, *streams, machine.unit, machine.dots,
                     [&](OpBuilder &builder, ArrayRef<Value> rows, Value output, int64_t active,
                         ArrayRef<Value> sums) {
                       finish(builder, rows, output, active, sums, /*rowsAhead=*/0);
                     });
  };
  std::optional<int64_t> known = rows.front().loop.getSize();
  bool mayUseTiles = usesMatrixUnit(contract) && (!known || *known > kStreamRows);
  if (!mayUseTiles)
    return emitStream(rewriter);
  IndexMath math{rewriter, loc};
  Value isFew = math.less(math.get(rows.front().loop.extent), math.constant(kStreamRows + 1));
  auto choice = scf::IfOp::create(rewriter, loc, isFew, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPointToStart(choice.thenBlock());
  emitStream(rewriter);
  rewriter.setInsertionPointToStart(choice.elseBlock());
  emitTiles(rewriter);
}

/// Replaces the contraction by a kernel that leaves its sums in memory, or if there is a consumer,
/// both by a kernel that needs no memory for them. Else says why that cannot be.
/// Contractions that the kernel does as well are taken out of `contracts`.
const char *emit(IRRewriter &rewriter, linalg::GenericOp contract,
                 llvm::SetVector<Operation *> &contracts, Machine machine) {
  InnerProduct product(contract);
  SmallVector<unsigned> reduction;
  if (const char *reason = match(product, reduction))
    return reason;
  std::optional<AMXGeometry> geometry = matchGeometry(rewriter, product, reduction);
  if (!geometry)
    return "expected constant sizes and strides, and channels in blocks of 64";

  Location loc = contract.getLoc();
  if (!usesMatrixUnit(contract) && (!StreamPlan::readFrom(contract) ||
                                    !canStream(*geometry, mergeRowLoops(rewriter, loc, *geometry))))
    return "expected rows and weights that can be streamed";
  rewriter.setInsertionPoint(product.getLast());
  AMXProduct work{viewAsBytes(rewriter, loc, product.getPlanes()),
                  product.unsignedPlanes,
                  {{viewAsBytes(rewriter, loc, product.getWeights()), product.unsignedWeights}},
                  std::move(*geometry)};
  for (InnerProduct &other : product.others)
    work.weights.push_back({viewAsBytes(rewriter, loc, other.getWeights()), other.unsignedWeights});
  if (!product.combine) {
    emitKernel(rewriter, contract, work, machine,
               [&](OpBuilder &builder, ArrayRef<Value> rows, Value output, int64_t active,
                   ArrayRef<Value> sums, int64_t) {
                 emitAccumulate(builder, product, rows, output, active, sums.front());
               });
    rewriter.eraseOp(contract);
    return nullptr;
  }
  unsigned numLoops = product.combine.getNumLoops();
  VectorBody body(product.combine,
                  AffineMap::getMultiDimIdentityMap(numLoops, rewriter.getContext()),
                  product.combineLoops[product.outputLoop]);
  emitKernel(rewriter, contract, work, machine,
             [&](OpBuilder &builder, ArrayRef<Value> rows, Value output, int64_t active,
                 ArrayRef<Value> sums, int64_t rowsAhead) {
               emitCombine(builder, product, body, rows, output, active, sums, rowsAhead);
             });

  rewriter.eraseOp(product.combine);
  eraseSums(rewriter, product);
  for (InnerProduct &other : product.others) {
    contracts.remove(other.contract);
    eraseSums(rewriter, other);
  }
  return nullptr;
}

struct EmitAMX : impl::FPWCPUEmitAMXBase<EmitAMX> {
  using FPWCPUEmitAMXBase::FPWCPUEmitAMXBase;

  void runOnOperation() override {
    FailureOr<VectorUnit> unit = VectorUnit::fromOption(getOperation(), vectorBits);
    if (failed(unit))
      return signalPassFailure();
    llvm::SetVector<Operation *> contracts;
    getOperation().walk([&](linalg::GenericOp op) {
      if (readsTiles(op))
        contracts.insert(op);
    });
    IRRewriter rewriter(&getContext());
    while (!contracts.empty()) {
      auto op = cast<linalg::GenericOp>(contracts.front());
      contracts.remove(op);
      if (const char *reason = emit(rewriter, op, contracts, {*unit, dotUnit}))
        op.emitRemark("inner product does not fit the matrix unit: ") << reason;
    }
  }
};

} // namespace
} // namespace fpw::cpu
