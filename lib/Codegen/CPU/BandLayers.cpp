//===- BandLayers.cpp - Takes a few lines of an image through several layers -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Band.h"
#include "fpw/Codegen/CPU/Passes.h"
#include "mlir/Analysis/TopologicalSortUtils.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/TilingInterface.h"

namespace fpw::cpu {
#define GEN_PASS_DEF_FPWCPUBANDLAYERS
#include "fpw/Codegen/CPU/Passes.h.inc"

using namespace mlir;

namespace {

/// Where a part of a value is.
struct Slice {
  SmallVector<OpFoldResult> offsets, sizes, strides;

  Slice(MLIRContext *context, ArrayRef<int64_t> shape) {
    Builder builder(context);
    for (int64_t size : shape)
      sizes.push_back(builder.getIndexAttr(size));
    offsets.assign(shape.size(), builder.getIndexAttr(0));
    strides.assign(shape.size(), builder.getIndexAttr(1));
  }

  Value extract(OpBuilder &builder, Location loc, Type type, Value whole) const {
    return tensor::ExtractSliceOp::create(builder, loc, cast<RankedTensorType>(type), whole,
                                          offsets, sizes, strides);
  }
  void insert(OpBuilder &builder, Location loc, Value part, Value target) const {
    tensor::ParallelInsertSliceOp::create(builder, loc, part, target, offsets, sizes, strides);
  }
};

class BandEmitter {
public:
  /// With `runsBackwards` the last lines are taken first.
  BandEmitter(IRRewriter &rewriter, const Band &band, int64_t lines, bool runsBackwards)
      : rewriter(rewriter), band(band), lines(lines), runsBackwards(runsBackwards) {}

  /// Returns the loop over the bands.
  scf::ForallOp emit();

private:
  static Value getInit(Value result) {
    return cast<linalg::GenericOp>(result.getDefiningOp())
        .getDpsInits()[cast<OpResult>(result).getResultNumber()];
  }

  Operation *findResults();
  OpFoldResult mirrorLine(Location loc);
  Value findReplaceable(Value result, Operation *last) const;
  static void askInitForSizes(Value value);
  bool isUsedOutside(Value value) const;
  Value emptyMaxima(Location loc, linalg::GenericOp maximum);
  void emitOp(Operation *op);
  void emitPad(tensor::PadOp op);
  void emitGeneric(linalg::GenericOp op);
  Operation *emitTile(linalg::GenericOp op);
  void giveOwnInits(Operation *part);
  void emitHead(OpOperand &operand);
  Value emitHeadLines(tensor::ExtractSliceOp whole);
  void emitMaximum(linalg::GenericOp op, Value target);
  Slice getMaximumSlice() const;
  Slice getSlice(Value value, ArrayRef<int64_t> shape);
  void finishMaximum(linalg::GenericOp op, Value ofBands);
  void replaceUses(Value value, Value replacement, Operation *forall);
  void erase();

  IRRewriter &rewriter;
  const Band &band;
  int64_t lines;
  bool runsBackwards;
  Value sample, line;
  OpFoldResult number;             ///< of the band in its image
  SmallVector<Value> results;      ///< values that are needed outside
  DenseMap<Value, Value> targets;  ///< the tensors that they become
  DenseMap<Value, Value> replaced; ///< images whose places results take
  DenseMap<Value, Value> parts;    ///< what the band has made of the values
};

scf::ForallOp BandEmitter::emit() {
  Operation *last = findResults();
  rewriter.setInsertionPoint(last);
  Location loc = last->getLoc();
  SmallVector<Value> inits;
  for (Value value : results) {
    if (Value image = findReplaceable(value, last))
      replaced[value] = image;
    inits.push_back(replaced.count(value) ? replaced[value] : getInit(value));
  }
  for (linalg::GenericOp maximum : band.getMaxima())
    inits.push_back(emptyMaxima(loc, maximum));
  OpFoldResult samples = tensor::getMixedSize(rewriter, loc, getInit(results.front()),
                                              band.getDims(results[0]).sample);
  OpFoldResult zero = rewriter.getIndexAttr(0), one = rewriter.getIndexAttr(1);
  auto forall = scf::ForallOp::create(
      rewriter, loc, {zero, zero}, {samples, rewriter.getIndexAttr(band.getImageLines())},
      {one, rewriter.getIndexAttr(lines)}, inits, /*mapping=*/std::nullopt);
  rewriter.setInsertionPointToStart(forall.getBody());
  sample = forall.getInductionVar(0);
  line = forall.getInductionVar(1);
  if (runsBackwards)
    line = getValueOrCreateConstantIndexOp(rewriter, loc, mirrorLine(loc));
  number = affine::makeComposedFoldedAffineApply(
      rewriter, loc, getAffineDimExpr(0, rewriter.getContext()).floorDiv(lines),
      {OpFoldResult(line)});
  auto arguments = forall.getRegionIterArgs();
  for (auto [value, target] : llvm::zip(results, arguments))
    targets[value] = target;
  auto maximaTargets = arguments.drop_front(results.size());
  for (Operation *op : band.getOps())
    emitOp(op);
  for (auto [maximum, target] : llvm::zip(band.getMaxima(), maximaTargets))
    emitMaximum(maximum, target);
  rewriter.setInsertionPointToStart(forall.getTerminator().getBody());
  for (auto [value, target] : llvm::zip(results, arguments)) {
    Value part = parts[value];
    getSlice(value, cast<RankedTensorType>(part.getType()).getShape())
        .insert(rewriter, loc, part, target);
  }
  for (auto [maximum, target] : llvm::zip(band.getMaxima(), maximaTargets))
    getMaximumSlice().insert(rewriter, loc, parts[maximum->getResult(0)], target);
  // Slices and sizes of whole values, of which the band has its own parts.
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(*forall.getBody())))
    if (isOpTriviallyDead(&op))
      rewriter.eraseOp(&op);
  for (auto [value, replacement] : llvm::zip(results, forall.getResults()))
    replaceUses(value, replacement, forall);
  rewriter.setInsertionPointAfter(forall);
  for (auto [maximum, ofBands] :
       llvm::zip(band.getMaxima(), forall.getResults().drop_front(results.size())))
    finishMaximum(maximum, ofBands);
  Block *block = forall->getBlock();
  erase();
  sortTopologically(block);
  return forall;
}

/// The line with as many behind it as there are before the current one.
OpFoldResult BandEmitter::mirrorLine(Location loc) {
  AffineExpr before = getAffineDimExpr(0, rewriter.getContext());
  return affine::makeComposedFoldedAffineApply(
      rewriter, loc, -before + (band.getImageLines() - lines), {OpFoldResult(line)});
}

/// The values that are needed outside; returns the last op of the band.
Operation *BandEmitter::findResults() {
  Operation *last = band.getOps().front();
  for (Operation *op : band.getOps()) {
    if (last->isBeforeInBlock(op))
      last = op;
    if (isa<tensor::PadOp>(op))
      continue;
    for (Value result : op->getResults()) {
      askInitForSizes(result);
      if (isUsedOutside(result))
        results.push_back(result);
    }
  }
  return last;
}

/// An image that the op of a result reads element by element, and nobody later: the result takes
/// its place, line by line. Memory that is read anyway need not be fetched to be written.
Value BandEmitter::findReplaceable(Value result, Operation *last) const {
  auto op = cast<linalg::GenericOp>(result.getDefiningOp());
  if (op.getNumReductionLoops() > 0)
    return nullptr;
  for (OpOperand *operand : op.getDpsInputOperands()) {
    Value image = operand->get();
    bool isLastUse = llvm::all_of(image.getUsers(), [&](Operation *user) {
      Operation *ancestor = last->getBlock()->findAncestorOpInBlock(*user);
      return user == op || isa<tensor::DimOp>(user) ||
             (ancestor && !band.contains(ancestor) && ancestor->isBeforeInBlock(last));
    });
    bool isTaken = llvm::is_contained(llvm::make_second_range(replaced), image);
    if (image.getType() == result.getType() && image.getDefiningOp() && isLastUse && !isTaken &&
        !band.contains(image.getDefiningOp()) && image.getParentBlock() == last->getBlock() &&
        op.getMatchingIndexingMap(operand).isIdentity() &&
        op.getIndexingMapsArray().back().isIdentity())
      return image;
  }
  return nullptr;
}

/// Sizes of a value are those of what it is written to.
void BandEmitter::askInitForSizes(Value value) {
  for (Operation *user : llvm::make_early_inc_range(value.getUsers()))
    if (auto dim = dyn_cast<tensor::DimOp>(user))
      dim.getSourceMutable().assign(getInit(value));
}

bool BandEmitter::isUsedOutside(Value value) const {
  Operation *op = value.getDefiningOp();
  return !Band::isStart(cast<linalg::GenericOp>(op)) &&
         llvm::any_of(value.getUsers(), [&](Operation *user) {
           Operation *ancestor = op->getBlock()->findAncestorOpInBlock(*user);
           return !band.contains(ancestor) && !llvm::is_contained(band.getMaxima(), ancestor);
         });
}

/// The largest magnitudes of each sample, by the band.
Value BandEmitter::emptyMaxima(Location loc, linalg::GenericOp maximum) {
  OpFoldResult samples = tensor::getMixedSize(rewriter, loc, maximum.getDpsInits()[0], 0);
  OpFoldResult bands = rewriter.getIndexAttr(band.getImageLines() / lines);
  return tensor::EmptyOp::create(rewriter, loc, ArrayRef<OpFoldResult>{samples, bands},
                                 rewriter.getI32Type());
}

/// The op for the lines of a band, on what other ops of the band have made of them.
void BandEmitter::emitOp(Operation *op) {
  if (auto pad = dyn_cast<tensor::PadOp>(op))
    emitPad(pad);
  else
    emitGeneric(cast<linalg::GenericOp>(op));
}

void BandEmitter::emitPad(tensor::PadOp op) {
  Axes dims = band.getDims(op.getResult());
  SmallVector<int64_t> shape(op.getType().getShape());
  shape[dims.sample] = 1;
  shape[dims.line] = lines;
  parts[op.getResult()] = tensor::PadOp::create(rewriter, op.getLoc(), op.getType().clone(shape),
                                                parts.lookup(op.getSource()), op.getMixedLowPad(),
                                                op.getMixedHighPad(), op.getConstantPaddingValue());
}

Operation *BandEmitter::emitTile(linalg::GenericOp op) {
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  Axes loops = band.getLoops(op);
  sizes[loops.sample] = 1;
  sizes[loops.line] = lines;
  Slice tile(op.getContext(), sizes);
  tile.offsets[loops.sample] = sample;
  tile.offsets[loops.line] = line;
  FailureOr<TilingResult> tiled = cast<TilingInterface>(op.getOperation())
                                      .getTiledImplementation(rewriter, tile.offsets, tile.sizes);
  assert(succeeded(tiled) && "linalg's ops have tiles");
  Operation *part = tiled->tiledOps.front();
  for (auto [operand, whole, map] :
       llvm::zip(part->getOpOperands(), op->getOperands(), op.getIndexingMapsArray())) {
    if (Value known = parts.lookup(whole))
      operand.set(known);
    else if (!map.isFunctionOfDim(loops.sample) && !map.isFunctionOfDim(loops.line))
      operand.set(whole); // weights, of which kernels know the layout
  }
  giveOwnInits(part);
  return part;
}

/// What a band makes for itself needs no part of memory for whole images.
void BandEmitter::giveOwnInits(Operation *part) {
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(part);
  for (OpOperand &init : cast<DestinationStyleOpInterface>(part).getDpsInitsMutable())
    if (auto slice = init.get().getDefiningOp<tensor::ExtractSliceOp>();
        slice && slice.getSource().getDefiningOp<tensor::EmptyOp>())
      init.set(tensor::EmptyOp::create(rewriter, part->getLoc(), slice.getMixedSizes(),
                                       slice.getType().getElementType()));
}

void BandEmitter::emitGeneric(linalg::GenericOp op) {
  Operation *part = emitTile(op);
  if (const std::optional<BandHead> &head = band.getHead())
    for (auto [operand, whole] : llvm::zip(part->getOpOperands(), op->getOperands()))
      if (whole == BandHead(*head).getImage())
        emitHead(operand);
  // What is needed outside is written to its place.
  Value result = op->getResult(0);
  if (Value target = targets.lookup(result); target && op.getNumReductionLoops() == 0) {
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPoint(part);
    auto type = cast<RankedTensorType>(part->getResult(0).getType());
    Value place = getSlice(result, type.getShape()).extract(rewriter, op.getLoc(), type, target);
    part->setOperand(op.getNumDpsInputs(), place);
    Value image = replaced.lookup(result);
    for (auto [operand, whole] : llvm::zip(part->getOpOperands(), op->getOperands()))
      if (image && whole == image)
        operand.set(place);
  }
  for (auto [whole, made] : llvm::zip(op->getResults(), part->getResults()))
    parts[whole] = made;
}

/// Where the band's part of a value is.
Slice BandEmitter::getSlice(Value value, ArrayRef<int64_t> shape) {
  Slice slice(value.getContext(), shape);
  slice.offsets[band.getDims(value).sample] = sample;
  slice.offsets[band.getDims(value).line] = line;
  return slice;
}

//===----------------------------------------------------------------------===//
// Digits at the head
//===----------------------------------------------------------------------===//

/// Makes the lines of digits that a contraction reads.
void BandEmitter::emitHead(OpOperand &operand) {
  Value &part = parts[BandHead(*band.getHead()).getImage()];
  if (!part) {
    auto whole = operand.get().getDefiningOp<tensor::ExtractSliceOp>();
    assert(whole && "a band reads a part of the image");
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPoint(whole);
    part = emitHeadLines(whole);
  }
  operand.set(part);
}

/// The digits in the place of a slice of their whole image; of padding only the lines around the
/// first and the last.
Value BandEmitter::emitHeadLines(tensor::ExtractSliceOp whole) {
  BandHead head = *band.getHead();
  Location loc = head.split.getLoc();
  SmallVector<OpFoldResult> offsets = whole.getMixedOffsets(), sizes = whole.getMixedSizes();
  auto makeDigits = [&]() -> Value {
    FailureOr<TilingResult> digits =
        cast<TilingInterface>(head.split.getOperation())
            .generateResultTileValue(rewriter, /*resultNumber=*/0, offsets, sizes);
    assert(succeeded(digits) && "linalg's ops have tiles");
    giveOwnInits(digits->tiledOps.front());
    return digits->tiledValues.front();
  };
  if (!head.pad)
    return makeDigits();
  unsigned line = band.getDims(head.pad.getResult()).line;
  SmallVector<OpFoldResult> low = head.pad.getMixedLowPad(), high = head.pad.getMixedHighPad();
  auto source = cast<RankedTensorType>(head.pad.getSource().getType());
  // Windows need not reach the end of a line.
  for (int64_t dim = 0; dim < source.getRank(); ++dim) {
    if (dim == line || source.isDynamicDim(dim))
      continue;
    int64_t size = *getConstantIntValue(sizes[dim]) - *getConstantIntValue(low[dim]);
    int64_t exist = std::min(size, source.getDimSize(dim));
    sizes[dim] = rewriter.getIndexAttr(exist);
    high[dim] = rewriter.getIndexAttr(size - exist);
  }
  // Of lines from `offset - before` on, those that exist.
  AffineExpr offset = getAffineDimExpr(0, rewriter.getContext());
  int64_t before = *getConstantIntValue(low[line]), count = *getConstantIntValue(sizes[line]);
  auto apply = [&](AffineExpr expr, ArrayRef<OpFoldResult> operands) {
    return affine::makeComposedFoldedAffineApply(rewriter, loc, expr, operands);
  };
  auto bound = [&](bool isMax, AffineExpr expr, int64_t limit) {
    AffineMap map = AffineMap::get(
        1, 0, {expr, getAffineConstantExpr(limit, rewriter.getContext())}, rewriter.getContext());
    return isMax ? affine::makeComposedFoldedAffineMax(rewriter, loc, map, {offsets[line]})
                 : affine::makeComposedFoldedAffineMin(rewriter, loc, map, {offsets[line]});
  };
  OpFoldResult first = bound(/*isMax=*/true, offset - before, 0);
  OpFoldResult last = bound(/*isMax=*/false, offset - before + count, source.getDimSize(line));
  low[line] = bound(/*isMax=*/true, -offset + before, 0);
  high[line] = bound(/*isMax=*/true, offset - before + count - source.getDimSize(line), 0);
  offsets[line] = first;
  AffineExpr a, b;
  bindSymbols(rewriter.getContext(), a, b);
  sizes[line] = apply(b - a, {first, last});
  return tensor::PadOp::create(rewriter, loc, whole.getType(), makeDigits(), low, high,
                               head.pad.getConstantPaddingValue());
}

//===----------------------------------------------------------------------===//
// Largest magnitudes
//===----------------------------------------------------------------------===//

/// Where the largest magnitude of this band is.
Slice BandEmitter::getMaximumSlice() const {
  Slice slice(rewriter.getContext(), {1, 1});
  slice.offsets = {sample, number};
  return slice;
}

void BandEmitter::emitMaximum(linalg::GenericOp op, Value target) {
  Location loc = op.getLoc();
  auto start = cast<linalg::GenericOp>(op.getDpsInits()[0].getDefiningOp());
  auto type = RankedTensorType::get({1}, rewriter.getI32Type());
  Value place = getMaximumSlice().extract(rewriter, loc, type, target);
  Slice one(op.getContext(), {1});
  one.offsets = {sample};
  FailureOr<TilingResult> zero = cast<TilingInterface>(start.getOperation())
                                     .getTiledImplementation(rewriter, one.offsets, one.sizes);
  assert(succeeded(zero) && "linalg's ops have tiles");
  Operation *first = zero->tiledOps.front();
  first->setOperand(start.getNumDpsInputs(), place);
  Operation *part = emitTile(op);
  part->setOperand(op.getNumDpsInputs(), first->getResult(0));
  parts[op->getResult(0)] = part->getResult(0);
}

/// The largest magnitudes of samples from those of their bands.
void BandEmitter::finishMaximum(linalg::GenericOp op, Value ofBands) {
  AffineExpr sample, part;
  bindDims(op.getContext(), sample, part);
  auto maps = AffineMap::inferFromExprList(ArrayRef<ArrayRef<AffineExpr>>{{sample, part}, {sample}},
                                           op.getContext());
  auto result = linalg::GenericOp::create(
      rewriter, op.getLoc(), op.getResultTypes(), ofBands, op.getDpsInits(), maps,
      {utils::IteratorType::parallel, utils::IteratorType::reduction},
      [](OpBuilder &builder, Location loc, ValueRange elements) {
        Value larger = arith::MaxUIOp::create(builder, loc, elements[0], elements[1]);
        linalg::YieldOp::create(builder, loc, larger);
      });
  rewriter.replaceAllUsesWith(op->getResult(0), result->getResult(0));
}

//===----------------------------------------------------------------------===//
// Cleaning up
//===----------------------------------------------------------------------===//

void BandEmitter::replaceUses(Value value, Value replacement, Operation *forall) {
  rewriter.replaceUsesWithIf(value, replacement, [&](OpOperand &use) {
    Operation *user = use.getOwner();
    return !band.contains(user) && !forall->isAncestor(user) &&
           !llvm::is_contained(band.getMaxima(), user);
  });
}

/// Erases what the band has its own parts of.
void BandEmitter::erase() {
  SmallVector<Operation *> dead;
  if (std::optional<BandHead> head = band.getHead()) {
    dead.push_back(head->split);
    if (head->pad)
      dead.push_back(head->pad);
  }
  llvm::append_range(dead, band.getOps());
  llvm::append_range(dead, band.getMaxima());
  for (Operation *op : llvm::reverse(dead)) {
    for (Operation *user : llvm::make_early_inc_range(op->getUsers()))
      if (isOpTriviallyDead(user))
        rewriter.eraseOp(user);
    if (op->use_empty())
      rewriter.eraseOp(op);
  }
}

/// What sums start from should be like all other ops.
void generalizeFills(IRRewriter &rewriter, Block &block) {
  for (linalg::FillOp fill : llvm::make_early_inc_range(block.getOps<linalg::FillOp>())) {
    rewriter.setInsertionPoint(fill);
    FailureOr<linalg::GenericOp> generic = linalg::generalizeNamedOp(rewriter, fill);
    assert(succeeded(generic) && "a fill has a general form");
    (void)generic;
  }
}

struct BandLayers : impl::FPWCPUBandLayersBase<BandLayers> {
  void runOnOperation() override {
    SmallVector<Block *> blocks;
    getOperation().walk([&](func::ReturnOp op) { blocks.push_back(op->getBlock()); });
    getOperation().walk([&](scf::ForallOp op) { blocks.push_back(op.getBody()); });
    for (Block *block : blocks)
      bandLayers(*block);
  }

  void bandLayers(Block &block) {
    IRRewriter rewriter(&getContext());
    generalizeFills(rewriter, block);
    SmallVector<linalg::GenericOp> ops(block.getOps<linalg::GenericOp>());
    llvm::SmallPtrSet<Operation *, 16> taken, backwards;
    for (linalg::GenericOp op : ops) {
      if (taken.contains(op))
        continue;
      Band band;
      if (!band.start(op))
        continue;
      for (Operation *later = op->getNextNode(); later; later = later->getNextNode())
        band.visit(later);
      std::optional<int64_t> lines = band.chooseLines();
      if (!lines)
        continue;
      taken.insert_range(band.getOps());
      taken.insert_range(band.getMaxima());
      // Of an image that has been written or searched line by line, the last lines are in the
      // cache.
      Operation *producer = band.getHead() ? BandHead(*band.getHead()).getProducer() : nullptr;
      bool runsBackwards = band.getHead() && !backwards.contains(producer);
      scf::ForallOp forall = BandEmitter(rewriter, band, *lines, runsBackwards).emit();
      if (runsBackwards)
        backwards.insert(forall);
    }
  }
};

} // namespace
} // namespace fpw::cpu
