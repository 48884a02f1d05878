//===- BandLayers.cpp - Takes a few lines of an image through several layers -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A layer whose outputs at a line need no other line of its input can follow the layer before line
// by line: a pointwise convolution (whose step belongs to the pixel), what is element by element,
// the digits of such an input. The images of a band of lines then stay in the second-level cache
// from layer to layer, where whole images would go through memory.
//
// A band starts at a contraction and its element-wise end, of any kind of window, or at the steps
// of pixels: the images that they read exist. Ops join in their order, if they read what is in the
// band line by line and depend on nothing else that comes from it.
//
//===----------------------------------------------------------------------===//

#include "SampleBytes.h"
#include "fpw/Codegen/CPU/Passes.h"
#include "fpw/Conversion/NNToLinalg.h"
#include "fpw/Dialect/NN/IR/NN.h"
#include "mlir/Analysis/TopologicalSortUtils.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/TilingInterface.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/MathExtras.h"

namespace fpw::cpu {
#define GEN_PASS_DEF_FPWCPUBANDLAYERS
#include "fpw/Codegen/CPU/Passes.h.inc"

using namespace mlir;

namespace {

/// Where samples and lines are: dimensions of a tensor, or loops of an op.
struct Axes {
  unsigned sample, line;

  bool operator==(const Axes &other) const { return sample == other.sample && line == other.line; }
  bool operator!=(const Axes &other) const { return !(*this == other); }
};

nn::ParameterOp getWeight(linalg::GenericOp op) {
  if (op.getNumReductionLoops() == 0 || op.getNumDpsInputs() < 2)
    return nullptr;
  Value weight = op.getDpsInputs()[1];
  while (auto view = weight.getDefiningOp<tensor::BitcastOp>())
    weight = view.getSource();
  return weight.getDefiningOp<nn::ParameterOp>();
}

/// Whether each band can compute the op for itself: it starts sums, from a number.
bool isStart(linalg::GenericOp op) {
  return op && op.getNumReductionLoops() == 0 && llvm::none_of(op.getDpsInputs(), [](Value input) {
           return isa<ShapedType>(input.getType());
         });
}

/// The map with 0 for the reductions that run once, such as those over a 1x1 window.
AffineMap dropUnitLoops(linalg::GenericOp op, AffineMap map) {
  SmallVector<AffineExpr> loops;
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  for (auto [loop, iterator] : llvm::enumerate(op.getIteratorTypesArray())) {
    bool isUnit = linalg::isReductionIterator(iterator) && sizes[loop] == 1;
    loops.push_back(isUnit ? getAffineConstantExpr(0, op.getContext())
                           : getAffineDimExpr(loop, op.getContext()));
  }
  return simplifyAffineMap(map.replaceDimsAndSymbols(loops, {}, map.getNumDims(), 0));
}

//===----------------------------------------------------------------------===//
// Forming a band
//===----------------------------------------------------------------------===//

class Band {
public:
  /// Starts with the op that ends a contraction, if it makes an image, or with the op that finds
  /// the largest magnitudes of an image's pixels: what follows reads the image again.
  bool start(linalg::GenericOp op);
  /// Lets an op that comes later join, or remembers that it waits for the band.
  void visit(Operation *op);
  /// The lines to take at once; nothing if bands do not pay.
  std::optional<int64_t> chooseLines() const;

  ArrayRef<Operation *> getOps() const { return ops.getArrayRef(); }
  bool contains(Operation *op) const { return ops.contains(op); }
  Axes getLoops(Operation *op) const { return loops.lookup(op); }
  Axes getDims(Value value) const { return dims.lookup(value); }
  int64_t getImageLines() const { return imageLines; }

private:
  bool startAtEnd(linalg::GenericOp end);
  bool startAtMaximum(linalg::GenericOp maximum);
  std::optional<Axes> findLoops(linalg::GenericOp op) const;
  bool add(linalg::GenericOp op, Axes opLoops);
  bool addStart(linalg::GenericOp op, Axes opLoops);

  llvm::SetVector<Operation *> ops;
  llvm::SmallPtrSet<Operation *, 16> waiting; ///< ops outside that need the band's values
  DenseMap<Operation *, Axes> loops;
  DenseMap<Value, Axes> dims;
  int64_t imageLines = 0;
  int64_t weightBytes = 0;
  unsigned numContractions = 0;
  Value readAgain; ///< an image from outside that several ops of the band read
};

/// The loops over samples and lines of an op that reads values of the band, if it reads all of them
/// line by line.
std::optional<Axes> Band::findLoops(linalg::GenericOp op) const {
  std::optional<Axes> found;
  for (OpOperand &operand : op->getOpOperands()) {
    auto it = dims.find(operand.get());
    if (it == dims.end())
      continue;
    AffineMap map = dropUnitLoops(op, op.getMatchingIndexingMap(&operand));
    auto sample = dyn_cast<AffineDimExpr>(map.getResult(it->second.sample));
    auto line = dyn_cast<AffineDimExpr>(map.getResult(it->second.line));
    if (!sample || !line)
      return std::nullopt;
    Axes axes{sample.getPosition(), line.getPosition()};
    if (found && *found != axes)
      return std::nullopt;
    found = axes;
  }
  return found;
}

/// Adds the op, if its result has the lines.
bool Band::add(linalg::GenericOp op, Axes opLoops) {
  MLIRContext *context = op.getContext();
  AffineMap result = op.getIndexingMapsArray().back();
  auto sample = result.getResultPosition(getAffineDimExpr(opLoops.sample, context));
  auto line = result.getResultPosition(getAffineDimExpr(opLoops.line, context));
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  if (op->getNumResults() != 1 || !sample || !line || sizes[opLoops.line] != imageLines)
    return false;
  sizes[opLoops.sample] = 1;
  if (ShapedType::isDynamicShape(sizes) || !addStart(op, opLoops))
    return false;
  ops.insert(op);
  loops[op] = opLoops;
  dims[op->getResult(0)] = {*sample, *line};
  return true;
}

/// What a reduction starts from belongs to the band, too.
bool Band::addStart(linalg::GenericOp op, Axes opLoops) {
  if (op.getNumReductionLoops() == 0)
    return true;
  auto start = op.getDpsInits()[0].getDefiningOp<linalg::GenericOp>();
  if (!isStart(start))
    return false;
  MLIRContext *context = op.getContext();
  AffineMap map = op.getIndexingMapsArray().back();
  auto sample = map.getResultPosition(getAffineDimExpr(opLoops.sample, context));
  auto line = map.getResultPosition(getAffineDimExpr(opLoops.line, context));
  if (!sample || !line || !start.getIndexingMapsArray().back().isIdentity())
    return false;
  ops.insert(start);
  loops[start] = dims[start->getResult(0)] = {*sample, *line};
  return true;
}

bool Band::start(linalg::GenericOp op) {
  auto role = op->getAttrOfType<StringAttr>(kRoleAttr);
  return role && role == "maximum" ? startAtMaximum(op) : startAtEnd(op);
}

bool Band::startAtMaximum(linalg::GenericOp maximum) {
  auto type = dyn_cast<RankedTensorType>(maximum->getResult(0).getType());
  if (!type || type.getRank() != 3 || maximum->getNumResults() != 1 ||
      maximum.getNumReductionLoops() != 1 ||
      ShapedType::isDynamicShape(type.getShape().drop_front()))
    return false;
  imageLines = type.getDimSize(1);
  AffineMap result = maximum.getIndexingMapsArray().back();
  auto sample = dyn_cast<AffineDimExpr>(result.getResult(0));
  auto line = dyn_cast<AffineDimExpr>(result.getResult(1));
  AffineMap image = maximum.getIndexingMapsArray().front();
  if (!sample || !line || !image.isIdentity() || maximum.getNumDpsInputs() != 1)
    return false;
  readAgain = maximum.getDpsInputs()[0];
  return add(maximum, {sample.getPosition(), line.getPosition()});
}

bool Band::startAtEnd(linalg::GenericOp end) {
  auto type = dyn_cast<RankedTensorType>(end->getResult(0).getType());
  if (end->getNumResults() != 1 || end.getNumReductionLoops() > 0 || !type || type.getRank() != 4 ||
      !end.getIndexingMapsArray().back().isIdentity() ||
      ShapedType::isDynamicShape(type.getShape().drop_front()))
    return false;
  imageLines = type.getDimSize(1);
  linalg::GenericOp contraction;
  for (Value input : end.getDpsInputs())
    if (auto producer = input.getDefiningOp<linalg::GenericOp>(); producer && getWeight(producer)) {
      if (contraction && contraction != producer)
        return false; // the bytes of wide codes: one kernel, which must not be torn apart
      contraction = producer;
    }
  if (!contraction || contraction->getNumResults() != 1)
    return false;
  MLIRContext *context = end.getContext();
  // Where the end reads the sums tells which loops of the contraction are samples and lines.
  OpOperand *sums = llvm::find_if(end->getOpOperands(), [&](OpOperand &operand) {
    return operand.get() == contraction->getResult(0);
  });
  AffineMap map = end.getMatchingIndexingMap(sums);
  auto sample = map.getResultPosition(getAffineDimExpr(0, context));
  auto line = map.getResultPosition(getAffineDimExpr(1, context));
  if (!sample || !line)
    return false;
  AffineMap result = contraction.getIndexingMapsArray().back();
  auto sampleLoop = dyn_cast<AffineDimExpr>(result.getResult(*sample));
  auto lineLoop = dyn_cast<AffineDimExpr>(result.getResult(*line));
  if (!sampleLoop || !lineLoop ||
      !add(contraction, {sampleLoop.getPosition(), lineLoop.getPosition()}))
    return false;
  weightBytes = countSampleBytes(getWeight(contraction).getType());
  numContractions = 1;
  return add(end, {0, 1});
}

void Band::visit(Operation *op) {
  constexpr int64_t kMostWeights = 3 << 18; // bytes: they pass by again for each band
  bool reads = false, waits = false;
  op->walk([&](Operation *inner) {
    for (Value operand : inner->getOperands())
      if (Operation *producer = operand.getDefiningOp()) {
        reads |= ops.contains(producer) && dims.contains(operand) &&
                 !isStart(dyn_cast<linalg::GenericOp>(producer));
        waits |= waiting.contains(producer);
      }
  });
  if (!reads && !waits)
    return;
  auto generic = dyn_cast<linalg::GenericOp>(op);
  std::optional<Axes> opLoops = generic && !waits ? findLoops(generic) : std::nullopt;
  nn::ParameterOp weight = generic ? getWeight(generic) : nullptr;
  int64_t bytes = weight ? countSampleBytes(weight.getType()) : 0;
  if (!opLoops || weightBytes + bytes > kMostWeights || !add(generic, *opLoops)) {
    waiting.insert(op);
    return;
  }
  weightBytes += bytes;
  numContractions += weight != nullptr;
}

std::optional<int64_t> Band::chooseLines() const {
  constexpr int64_t kPays = 3 << 19, kBandBytes = 1 << 19;
  int64_t bytes = readAgain ? countSampleBytes(readAgain.getType()) : 0;
  for (Operation *op : ops) {
    auto generic = cast<linalg::GenericOp>(op);
    // Kernels keep their sums in registers.
    if (!isStart(generic) && !getWeight(generic))
      bytes += countSampleBytes(op->getResult(0).getType());
  }
  if (numContractions < (readAgain ? 1 : 2) || bytes < kPays)
    return std::nullopt;
  int64_t lines = 1;
  for (int64_t i = 1; i < imageLines; ++i)
    if (imageLines % i == 0 && bytes / imageLines * i <= kBandBytes)
      lines = i;
  return lines;
}

//===----------------------------------------------------------------------===//
// Emission
//===----------------------------------------------------------------------===//

class BandEmitter {
public:
  BandEmitter(IRRewriter &rewriter, const Band &band, int64_t lines)
      : rewriter(rewriter), band(band), lines(lines) {}

  void emit() {
    Operation *last = band.getOps().front();
    for (Operation *op : band.getOps()) {
      if (last->isBeforeInBlock(op))
        last = op;
      askInitForSizes(op->getResult(0));
      if (isUsedOutside(op))
        results.push_back(op->getResult(0));
    }
    rewriter.setInsertionPoint(last);
    Location loc = last->getLoc();
    Value result = results.front();
    OpFoldResult samples =
        tensor::getMixedSize(rewriter, loc, getInit(result), band.getDims(result).sample);
    SmallVector<Value> inits;
    for (Value value : results) {
      if (Value image = findReplaceable(value, last))
        replaced[value] = image;
      inits.push_back(replaced.count(value) ? replaced[value] : getInit(value));
    }
    OpFoldResult zero = rewriter.getIndexAttr(0), one = rewriter.getIndexAttr(1);
    auto forall = scf::ForallOp::create(
        rewriter, loc, {zero, zero}, {samples, rewriter.getIndexAttr(band.getImageLines())},
        {one, rewriter.getIndexAttr(lines)}, inits, /*mapping=*/std::nullopt);
    rewriter.setInsertionPointToStart(forall.getBody());
    sample = forall.getInductionVar(0);
    line = forall.getInductionVar(1);
    for (auto [value, target] : llvm::zip(results, forall.getRegionIterArgs()))
      targets[value] = target;
    for (Operation *op : band.getOps())
      emitOp(cast<linalg::GenericOp>(op));
    rewriter.setInsertionPointToStart(forall.getTerminator().getBody());
    for (auto [value, target] : llvm::zip(results, forall.getRegionIterArgs()))
      insert(loc, value, target);
    // Slices and sizes of whole values, of which the band has its own parts.
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(*forall.getBody())))
      if (isOpTriviallyDead(&op))
        rewriter.eraseOp(&op);
    for (auto [value, replacement] : llvm::zip(results, forall.getResults()))
      rewriter.replaceUsesWithIf(value, replacement, [&](OpOperand &use) {
        return !band.contains(use.getOwner()) && !forall->isAncestor(use.getOwner());
      });
    for (Operation *op : llvm::reverse(band.getOps()))
      if (op->use_empty())
        rewriter.eraseOp(op);
    sortTopologically(forall->getBlock());
  }

private:
  static Value getInit(Value result) {
    return cast<linalg::GenericOp>(result.getDefiningOp()).getDpsInits()[0];
  }

  /// An image that the op of a result reads element by element, and nobody later: the result takes
  /// its place, line by line. Memory that is read anyway need not be fetched to be written.
  Value findReplaceable(Value result, Operation *last) const {
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
  static void askInitForSizes(Value value) {
    for (Operation *user : llvm::make_early_inc_range(value.getUsers()))
      if (auto dim = dyn_cast<tensor::DimOp>(user))
        dim.getSourceMutable().assign(getInit(value));
  }

  bool isUsedOutside(Operation *op) const {
    return !isStart(cast<linalg::GenericOp>(op)) &&
           llvm::any_of(op->getUsers(), [&](Operation *user) {
             return !band.contains(op->getBlock()->findAncestorOpInBlock(*user));
           });
  }

  /// The op for the lines of a band, on what other ops of the band have made of them.
  void emitOp(linalg::GenericOp op) {
    auto tiling = cast<TilingInterface>(op.getOperation());
    SmallVector<OpFoldResult> offsets(op.getNumLoops(), rewriter.getIndexAttr(0)), sizes;
    for (int64_t size : op.getStaticLoopRanges())
      sizes.push_back(rewriter.getIndexAttr(size)); // that of samples is not used
    Axes loops = band.getLoops(op);
    offsets[loops.sample] = sample;
    sizes[loops.sample] = rewriter.getIndexAttr(1);
    offsets[loops.line] = line;
    sizes[loops.line] = rewriter.getIndexAttr(lines);
    FailureOr<TilingResult> tiled = tiling.getTiledImplementation(rewriter, offsets, sizes);
    assert(succeeded(tiled) && "linalg's ops have tiles");
    Operation *part = tiled->tiledOps.front();
    for (auto [operand, whole] : llvm::zip(part->getOpOperands(), op->getOperands()))
      if (Value known = parts.lookup(whole))
        operand.set(known);
    // What is needed outside is written to its place.
    if (Value target = targets.lookup(op->getResult(0)); target && op.getNumReductionLoops() == 0) {
      OpBuilder::InsertionGuard guard(rewriter);
      rewriter.setInsertionPoint(part);
      auto type = cast<RankedTensorType>(part->getResult(0).getType());
      Slice slice = getSlice(op->getResult(0), type.getShape());
      Value place = tensor::ExtractSliceOp::create(rewriter, op.getLoc(), type, target,
                                                   slice.offsets, slice.sizes, slice.strides);
      part->setOperand(op.getNumDpsInputs(), place);
      Value image = replaced.lookup(op->getResult(0));
      for (auto [operand, whole] : llvm::zip(part->getOpOperands(), op->getOperands()))
        if (image && whole == image)
          operand.set(place);
    }
    parts[op->getResult(0)] = part->getResult(0);
  }

  struct Slice {
    SmallVector<OpFoldResult> offsets, sizes, strides;
  };
  /// Where the band's part of a value is.
  Slice getSlice(Value value, ArrayRef<int64_t> shape) {
    Slice slice;
    for (int64_t size : shape)
      slice.sizes.push_back(rewriter.getIndexAttr(size));
    slice.offsets.assign(shape.size(), rewriter.getIndexAttr(0));
    slice.strides.assign(shape.size(), rewriter.getIndexAttr(1));
    slice.offsets[band.getDims(value).sample] = sample;
    slice.offsets[band.getDims(value).line] = line;
    return slice;
  }

  void insert(Location loc, Value value, Value target) {
    Value part = parts[value];
    Slice slice = getSlice(value, cast<RankedTensorType>(part.getType()).getShape());
    tensor::ParallelInsertSliceOp::create(rewriter, loc, part, target, slice.offsets, slice.sizes,
                                          slice.strides);
  }

  IRRewriter &rewriter;
  const Band &band;
  int64_t lines;
  Value sample, line;
  SmallVector<Value> results;      ///< values that are needed outside
  DenseMap<Value, Value> targets;  ///< the tensors that they become
  DenseMap<Value, Value> replaced; ///< images whose places results take
  DenseMap<Value, Value> parts;    ///< what the band has made of the values
};

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
    SmallVector<linalg::GenericOp> ops(block.getOps<linalg::GenericOp>());
    llvm::SmallPtrSet<Operation *, 16> taken;
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
      BandEmitter(rewriter, band, *lines).emit();
    }
  }
};

} // namespace
} // namespace fpw::cpu
