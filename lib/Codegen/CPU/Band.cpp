//===- Band.cpp - Layers that take an image band by band --------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Band.h"
#include "SampleBytes.h"
#include "TileLayout.h"
#include "fpw/Conversion/NNToLinalg.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;

namespace fpw::cpu {

//===----------------------------------------------------------------------===//
// What ops are
//===----------------------------------------------------------------------===//

static nn::ParameterOp getParameter(Value value) {
  while (auto view = value.getDefiningOp<tensor::BitcastOp>())
    value = view.getSource();
  return value.getDefiningOp<nn::ParameterOp>();
}

/// The weight of a contraction.
static nn::ParameterOp getWeight(linalg::GenericOp op) {
  if (op.getNumReductionLoops() == 0 || op.getNumDpsInputs() < 2)
    return nullptr;
  for (Value input : llvm::drop_begin(op.getDpsInputs()))
    if (nn::ParameterOp weight = getParameter(input))
      return weight;
  return nullptr;
}

bool Band::isStart(linalg::GenericOp op) {
  return op && op.getNumReductionLoops() == 0 && llvm::all_of(op.getDpsInputs(), [](Value input) {
           return !isa<ShapedType>(input.getType()) || input.getDefiningOp<arith::ConstantOp>();
         });
}

/// The map with 0 for the reductions that run once, such as those over a 1x1 window.
static AffineMap dropUnitLoops(linalg::GenericOp op, AffineMap map) {
  SmallVector<AffineExpr> loops;
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  for (auto [loop, iterator] : llvm::enumerate(op.getIteratorTypesArray())) {
    bool isUnit = linalg::isReductionIterator(iterator) && sizes[loop] == 1;
    loops.push_back(isUnit ? getAffineConstantExpr(0, op.getContext())
                           : getAffineDimExpr(loop, op.getContext()));
  }
  return simplifyAffineMap(map.replaceDimsAndSymbols(loops, {}, map.getNumDims(), 0));
}

/// Where the results of an op, which have the same map, have the samples and lines of its loops.
static std::optional<Axes> getResultAxes(linalg::GenericOp op, Axes loops) {
  MLIRContext *context = op.getContext();
  AffineMap map = op.getIndexingMapsArray().back();
  auto sample = map.getResultPosition(getAffineDimExpr(loops.sample, context));
  auto line = map.getResultPosition(getAffineDimExpr(loops.line, context));
  SmallVector<AffineMap> all = op.getIndexingMapsArray();
  if (!sample || !line || !llvm::all_equal(ArrayRef(all).take_back(op.getNumDpsInits())))
    return std::nullopt;
  return Axes{*sample, *line};
}

/// Whether an op pads images only in other dimensions than those of samples and lines.
static bool padsOnlyPixels(tensor::PadOp pad, Axes dims) {
  for (unsigned dim : {dims.sample, dims.line})
    if (!isZeroInteger(pad.getMixedLowPad()[dim]) || !isZeroInteger(pad.getMixedHighPad()[dim]))
      return false;
  return pad.getConstantPaddingValue() != nullptr;
}

//===----------------------------------------------------------------------===//
// Joining
//===----------------------------------------------------------------------===//

/// Where a value of the band, or one that is padded for an op that may join, has samples and lines.
std::optional<Axes> Band::getDimsOfOperand(Value operand) const {
  if (auto pad = operand.getDefiningOp<tensor::PadOp>(); pad && pads.contains(pad))
    operand = pad.getSource();
  auto it = dims.find(operand);
  return it == dims.end() ? std::nullopt : std::optional(it->second);
}

/// The loops over samples and lines of an op that reads values of the band, if it reads all of them
/// line by line.
std::optional<Axes> Band::findLoops(linalg::GenericOp op) const {
  std::optional<Axes> found;
  for (OpOperand &operand : op->getOpOperands()) {
    std::optional<Axes> dims = getDimsOfOperand(operand.get());
    if (!dims)
      continue;
    AffineMap map = dropUnitLoops(op, op.getMatchingIndexingMap(&operand));
    auto sample = dyn_cast<AffineDimExpr>(map.getResult(dims->sample));
    auto line = dyn_cast<AffineDimExpr>(map.getResult(dims->line));
    if (!sample || !line)
      return std::nullopt;
    Axes axes{sample.getPosition(), line.getPosition()};
    if (found && *found != axes)
      return std::nullopt;
    found = axes;
  }
  return found;
}

/// Adds the op, if its results have the lines.
bool Band::add(linalg::GenericOp op, Axes opLoops) {
  std::optional<Axes> axes = getResultAxes(op, opLoops);
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  if (!axes || sizes[opLoops.line] != imageLines)
    return false;
  sizes[opLoops.sample] = 1;
  if (ShapedType::isDynamicShape(sizes) || !addStart(op, opLoops))
    return false;
  addPads(op);
  ops.insert(op);
  loops[op] = opLoops;
  for (Value result : op->getResults())
    dims[result] = *axes;
  return true;
}

/// What a reduction starts from belongs to the band, too.
bool Band::addStart(linalg::GenericOp op, Axes opLoops) {
  if (op.getNumReductionLoops() == 0)
    return true;
  for (Value init : op.getDpsInits()) {
    auto start = init.getDefiningOp<linalg::GenericOp>();
    if (!isStart(start) || !start.getIndexingMapsArray().back().isIdentity())
      return false;
  }
  Axes axes = *getResultAxes(op, opLoops);
  for (Value init : op.getDpsInits()) {
    ops.insert(init.getDefiningOp());
    loops[init.getDefiningOp()] = dims[init] = axes;
  }
  return true;
}

/// Pads join with the op that reads them.
void Band::addPads(linalg::GenericOp op) {
  for (Value input : op.getDpsInputs())
    if (auto pad = input.getDefiningOp<tensor::PadOp>(); pad && pads.contains(pad)) {
      ops.insert(pad);
      dims[input] = dims.lookup(pad.getSource());
    }
}

/// The largest magnitude of each sample of an image of the band.
bool Band::addMaximum(linalg::GenericOp op) {
  std::optional<Axes> axes = hasRole(op, "maximum") && op.getNumDpsInputs() == 1
                                 ? getDimsOfOperand(op.getDpsInputs()[0])
                                 : std::nullopt;
  if (!axes || !op.getIndexingMapsArray().front().isIdentity() || op->getNumResults() != 1 ||
      op.getIndexingMapsArray().back() !=
          AffineMap::get(op.getNumLoops(), 0, getAffineDimExpr(axes->sample, op.getContext())) ||
      !isStart(op.getDpsInits()[0].getDefiningOp<linalg::GenericOp>()))
    return false;
  loops[op] = *axes; // of an identity, the loops are the dimensions
  maxima.push_back(op);
  return true;
}

void Band::visit(Operation *op) {
  constexpr int64_t kMostWeights = 3 << 18; // bytes: they pass by again for each band
  bool reads = false, waits = false;
  op->walk([&](Operation *inner) {
    for (Value operand : inner->getOperands())
      if (Operation *producer = operand.getDefiningOp()) {
        reads |= pads.contains(producer) || (ops.contains(producer) && dims.contains(operand) &&
                                             !isStart(dyn_cast<linalg::GenericOp>(producer)));
        waits |= waiting.contains(producer);
      }
  });
  if (!reads && !waits)
    return;
  if (auto pad = dyn_cast<tensor::PadOp>(op); pad && !waits && pad->hasOneUse())
    if (std::optional<Axes> axes = getDimsOfOperand(pad.getSource());
        axes && padsOnlyPixels(pad, *axes)) {
      pads.insert(pad);
      return;
    }
  auto generic = dyn_cast<linalg::GenericOp>(op);
  std::optional<Axes> opLoops = generic && !waits ? findLoops(generic) : std::nullopt;
  nn::ParameterOp weight = generic ? getWeight(generic) : nullptr;
  int64_t bytes = weight ? countSampleBytes(weight.getType()) : 0;
  if (!opLoops || weightBytes + bytes > kMostWeights || !add(generic, *opLoops)) {
    if (opLoops)
      addMaximum(generic);
    waiting.insert(op);
    return;
  }
  weightBytes += bytes;
  numContractions += weight != nullptr;
}

//===----------------------------------------------------------------------===//
// Starting
//===----------------------------------------------------------------------===//

bool Band::start(linalg::GenericOp op) {
  return hasRole(op, "maximum") ? startAtMaximum(op) : startAtEnd(op);
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

/// Whether the first two loops are those over samples and lines.
static bool isLineByLine(AffineMap result) {
  return result.getResult(0) == getAffineDimExpr(0, result.getContext()) &&
         result.getResult(1) == getAffineDimExpr(1, result.getContext());
}

bool Band::startAtEnd(linalg::GenericOp end) {
  auto type = dyn_cast<RankedTensorType>(end->getResult(0).getType());
  if (end->getNumResults() != 1 || end.getNumReductionLoops() > 0 || !type || type.getRank() < 4 ||
      !isLineByLine(end.getIndexingMapsArray().back()) ||
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
  if (!contraction ||
      llvm::any_of(contraction->getUsers(), [&](Operation *user) { return user != end; }))
    return false;
  MLIRContext *context = end.getContext();
  // Where the end reads the sums tells which loops of the contraction are samples and lines.
  OpOperand *sums = llvm::find_if(end->getOpOperands(), [&](OpOperand &operand) {
    return operand.get().getDefiningOp() == contraction;
  });
  AffineMap map = end.getMatchingIndexingMap(sums);
  auto sample = map.getResultPosition(getAffineDimExpr(0, context));
  auto line = map.getResultPosition(getAffineDimExpr(1, context));
  if (!sample || !line)
    return false;
  AffineMap result = contraction.getIndexingMapsArray().back();
  auto sampleLoop = dyn_cast<AffineDimExpr>(result.getResult(*sample));
  auto lineLoop = dyn_cast<AffineDimExpr>(result.getResult(*line));
  if (!sampleLoop || !lineLoop)
    return false;
  Axes opLoops{sampleLoop.getPosition(), lineLoop.getPosition()};
  if (!add(contraction, opLoops))
    return false;
  findHead(contraction, opLoops);
  weightBytes = countSampleBytes(getWeight(contraction).getType());
  numContractions = 1;
  return add(end, {0, 1});
}

/// The digits, if they are all that the contraction reads of an image, and nobody else does.
void Band::findHead(linalg::GenericOp contraction, Axes opLoops) {
  Value image = contraction.getDpsInputs()[0];
  auto isUsedOnlyBy = [](Operation *op, Operation *user) {
    return llvm::all_of(op->getUsers(), [&](Operation *other) {
      return other == user || isa<tensor::DimOp>(other);
    });
  };
  BandHead found{nullptr, image.getDefiningOp<tensor::PadOp>()};
  if (found.pad && !isUsedOnlyBy(found.pad, contraction))
    return;
  found.split = (found.pad ? found.pad.getSource() : image).getDefiningOp<linalg::GenericOp>();
  Operation *reader = found.pad ? found.pad.getOperation() : contraction.getOperation();
  if (!hasRole(found.split, "split") || !isUsedOnlyBy(found.split, reader) ||
      (found.pad && !found.pad.getConstantPaddingValue()))
    return;
  // Samples and lines of the image are dimensions that the loops go along, from the first one on.
  AffineMap map = contraction.getIndexingMapsArray()[0];
  if (llvm::any_of(map.compose(SmallVector<int64_t>(map.getNumDims(), 0)),
                   [](int64_t start) { return start != 0; }))
    return;
  auto type = cast<RankedTensorType>(image.getType());
  std::optional<unsigned> sample, line;
  for (auto [dim, expr] : llvm::enumerate(map.getResults())) {
    if (expr == getAffineDimExpr(opLoops.sample, map.getContext()))
      sample = dim;
    else if (expr.isFunctionOfDim(opLoops.line))
      line = line ? std::nullopt : std::optional<unsigned>(dim);
    else if (expr.isFunctionOfDim(opLoops.sample))
      return;
  }
  if (!sample || !line)
    return;
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (type.isDynamicDim(dim) != (dim == int64_t(*sample)))
      return;
  if (found.pad && (ShapedType::isDynamicShape(found.pad.getStaticLow()) ||
                    ShapedType::isDynamicShape(found.pad.getStaticHigh())))
    return;
  dims[image] = {*sample, *line};
  head = found;
}

//===----------------------------------------------------------------------===//
// Choosing
//===----------------------------------------------------------------------===//

/// The bytes of a band that may be in use at a time. Layers in lanes, where the lines of digits
/// that are made twice weigh more than weights that pass by again, take more lines.
static int64_t getMostBytes(const std::optional<BandHead> &head) {
  bool isInLanes =
      head && llvm::none_of(BandHead(*head).getImage().getUsers(), [](Operation *user) {
        auto kernel = user->getAttrOfType<StringAttr>(kKernelAttr);
        return kernel && kernel == kMatrixUnitKernel;
      });
  return isInLanes ? 1 << 20 : 1 << 19;
}

std::optional<int64_t> Band::chooseLines() const {
  constexpr int64_t kPays = 3 << 19;
  int64_t bytes = readAgain ? countSampleBytes(readAgain.getType()) : 0;
  if (head)
    bytes += countSampleBytes(BandHead(*head).getImage().getType());
  for (Operation *op : ops) {
    auto generic = dyn_cast<linalg::GenericOp>(op);
    // Kernels keep their sums in registers.
    if (!generic || (!isStart(generic) && !getWeight(generic)))
      bytes += countSampleBytes(op->getResult(0).getType());
  }
  unsigned passes = numContractions + (readAgain ? 1 : 0) + (head ? 1 : 0) + maxima.size();
  if (numContractions < 1 || passes < 2 || bytes < kPays)
    return std::nullopt;
  int64_t lines = 1;
  for (int64_t i = 1; i < imageLines; ++i)
    if (imageLines % i == 0 && bytes / imageLines * i <= getMostBytes(head))
      lines = i;
  return lines;
}

} // namespace fpw::cpu
