//===- LaneKernel.cpp - Contractions whose factors share lanes --*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LaneKernel.h"
#include "LaneWeight.h"
#include "TileLayout.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace fpw::cpu {

//===----------------------------------------------------------------------===//
// Pads
//===----------------------------------------------------------------------===//

Value padRows(RewriterBase &rewriter, Location loc, Value image, ArrayRef<OpFoldResult> low,
              ArrayRef<OpFoldResult> high, const LaneFormat &format) {
  if (llvm::all_of(llvm::concat<const OpFoldResult>(low, high), isZeroInteger))
    return image;
  Value zero = arith::ConstantIntOp::create(rewriter, loc, format.getPadding(), format.elementBits);
  return tensor::PadOp::create(rewriter, loc, RankedTensorType(), image, low, high, zero);
}

/// Adds elements behind each row. They can be anything: no product with them counts.
static Value extendRows(RewriterBase &rewriter, Location loc, Value image, int64_t count,
                        const LaneFormat &format) {
  int64_t rank = cast<RankedTensorType>(image.getType()).getRank();
  SmallVector<OpFoldResult> low(rank, rewriter.getIndexAttr(0)), high = low;
  if (auto pad = image.getDefiningOp<tensor::PadOp>()) {
    image = pad.getSource();
    low = pad.getMixedLowPad();
    high = pad.getMixedHighPad();
  }
  high.back() = rewriter.getIndexAttr(*getConstantIntValue(high.back()) + count);
  return padRows(rewriter, loc, image, low, high, format);
}

//===----------------------------------------------------------------------===//
// Matching
//===----------------------------------------------------------------------===//

std::optional<PairOfSums> PairOfSums::match(linalg::GenericOp combine, int64_t lower) {
  constexpr int64_t kBase = 256;
  Block *body = combine.getBody();
  for (auto add : body->getOps<arith::AddIOp>()) {
    for (unsigned i : {0, 1}) {
      auto scaled = add->getOperand(i).getDefiningOp<arith::MulIOp>();
      if (!scaled || add->getOperand(1 - i) != body->getArgument(lower) ||
          scaled.getLhs() != body->getArgument(lower + 1) ||
          getConstantIntValue(scaled.getRhs()) != kBase)
        continue;
      return PairOfSums{scaled, add};
    }
  }
  return std::nullopt;
}

/// Whether sums start from zero.
static bool startsFromZero(Value init) {
  if (auto fill = init.getDefiningOp<linalg::FillOp>())
    return matchPattern(fill.value(), m_Zero());
  auto copy = init.getDefiningOp<linalg::GenericOp>();
  return copy && copy.getNumDpsInputs() == 1 && copy.getBody()->without_terminator().empty() &&
         copy.getBody()->getTerminator()->getOperand(0) == copy.getBody()->getArgument(0) &&
         matchPattern(copy.getDpsInputs()[0], m_Zero());
}

/// `sum + ext(digit) * ext(code)` in i32.
static bool isProductOfDigits(linalg::GenericOp op) {
  auto add = op.getBody()->getTerminator()->getOperand(0).getDefiningOp<arith::AddIOp>();
  auto product = add ? add.getRhs().getDefiningOp<arith::MulIOp>() : arith::MulIOp();
  if (!product || add.getLhs() != op.getRegionOutputArgs()[0] || !add.getType().isInteger(32))
    return false;
  auto extends = [&](Value value, unsigned argument) {
    Operation *extension = value.getDefiningOp();
    return isa_and_nonnull<arith::ExtSIOp, arith::ExtUIOp>(extension) &&
           extension->getOperand(0) == op.getBody()->getArgument(argument);
  };
  return extends(product.getLhs(), 0) && extends(product.getRhs(), 1);
}

AffineMap LaneKernel::getImageMap() {
  AffineMap map = op.getIndexingMapsArray()[0];
  SmallVector<AffineExpr> results(map.getResults());
  for (auto [expr, offset] : llvm::zip(results, offsets))
    expr = expr + offset;
  return AffineMap::get(map.getNumDims(), 0, results, map.getContext());
}
AffineMap LaneKernel::getWeightMap() { return op.getIndexingMapsArray()[1]; }

bool LaneKernel::isWeightUnsigned() {
  return llvm::any_of(op.getBody()->getOps<arith::ExtUIOp>(), [&](arith::ExtUIOp extension) {
    return extension.getIn() == op.getBody()->getArgument(1);
  });
}

/// The place of a digit in a row, from the dimensions of the planes that make it.
AffineExpr LaneKernel::getPlaceInRow() {
  ArrayRef<int64_t> shape = cast<RankedTensorType>(op->getOperand(0).getType()).getShape();
  AffineExpr place = getAffineConstantExpr(0, op.getContext());
  for (auto [expr, size] :
       llvm::zip(getImageMap().getResults().take_back(rowDims), shape.take_back(rowDims)))
    place = place * size + expr;
  return place;
}

unsigned LaneKernel::getCodeBits() {
  return cast<RankedTensorType>(weight.getType()).getElementTypeBitWidth() + isWeightUnsigned();
}

int64_t LaneKernel::getRun() {
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  return ranges[channel] * (window ? ranges[*window] : 1);
}

static int64_t evaluate(AffineExpr expr, ArrayRef<int64_t> loops) {
  return AffineMap::get(loops.size(), 0, expr).compose(loops).front();
}

/// How far the place in the row moves when a loop advances.
int64_t LaneKernel::getCoefficient(unsigned loop) {
  SmallVector<int64_t> loops(op.getNumLoops(), 0);
  int64_t start = evaluate(getPlaceInRow(), loops);
  loops[loop] = 1;
  return evaluate(getPlaceInRow(), loops) - start;
}

bool LaneKernel::sumsChannels() {
  return op.getIteratorTypesArray()[channel] == utils::IteratorType::reduction;
}

bool LaneKernel::hasWindowInRow() {
  AffineExpr first = getImageMap().getResults().take_back(rowDims).front();
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  for (unsigned loop = 0; loop < op.getNumLoops(); ++loop)
    if (loop != channel && first.isFunctionOfDim(loop) && ranges[loop] > 1 &&
        op.getIteratorTypesArray()[loop] == utils::IteratorType::reduction)
      return true;
  return false;
}

std::optional<LaneKernel> LaneKernel::match(linalg::GenericOp op, int64_t rowDims) {
  if (op.getNumDpsInputs() != 2 || op.getNumDpsInits() != 1 || !isProductOfDigits(op) ||
      !startsFromZero(op.getDpsInits()[0]))
    return std::nullopt;
  LaneKernel kernel{op, op->getOperand(1).getDefiningOp<nn::ParameterOp>(), rowDims, 0, 0, {}, {}};
  AffineMap image = kernel.getImageMap(), weight = kernel.getWeightMap();
  AffineMap result = op.getIndexingMapsArray()[2];
  auto plane = dyn_cast<AffineDimExpr>(image.getResult(0));
  auto channel = dyn_cast<AffineDimExpr>(image.getResults().back());
  if (!kernel.weight || !plane || !channel || !weight.isProjectedPermutation() ||
      !result.isProjectedPermutation() || image.getNumResults() <= rowDims + 1 ||
      result.getResult(0) != plane || weight.isFunctionOfDim(plane.getPosition()))
    return std::nullopt;
  kernel.plane = plane.getPosition();
  kernel.channel = channel.getPosition();
  auto iterators = op.getIteratorTypesArray();
  if (!weight.isFunctionOfDim(kernel.channel))
    return std::nullopt;
  // Channels apart: each has a lane.
  if (!kernel.sumsChannels())
    return rowDims == 1 ? std::optional(kernel) : std::nullopt;

  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  for (unsigned loop = 0; loop < op.getNumLoops(); ++loop) {
    if (loop == kernel.channel || !kernel.getPlaceInRow().isFunctionOfDim(loop))
      continue;
    if (ShapedType::isDynamic(ranges[loop]))
      return std::nullopt;
    // Neighbouring pixels with all their channels make one run.
    if (iterators[loop] == utils::IteratorType::reduction && weight.isFunctionOfDim(loop) &&
        kernel.getCoefficient(loop) == ranges[kernel.channel])
      kernel.window = loop;
  }
  return kernel;
}

//===----------------------------------------------------------------------===//
// Emission
//===----------------------------------------------------------------------===//

/// The sizes of a tensor that an op fills, as they were given.
static SmallVector<OpFoldResult> getSizes(RewriterBase &rewriter, Value init) {
  auto fill = init.getDefiningOp<DestinationStyleOpInterface>();
  Value destination = fill ? fill.getDpsInits()[0] : init;
  if (auto empty = destination.getDefiningOp<tensor::EmptyOp>())
    return empty.getMixedSizes();
  return tensor::getMixedSizes(rewriter, init.getLoc(), init);
}

/// The sums of one element before the first product: what takes the elements' offset away.
Value LaneKernel::emitInitialSums(RewriterBase &rewriter, const LaneFormat &format) {
  Location loc = op.getLoc();
  SmallVector<OpFoldResult> sizes = getSizes(rewriter, op.getDpsInits()[0]);
  sizes.erase(sizes.begin());
  Value empty = tensor::EmptyOp::create(rewriter, loc, sizes, rewriter.getI32Type());
  if (format.getOffset() == 0) {
    Value zero = arith::ConstantIntOp::create(rewriter, loc, 0, 32);
    return linalg::FillOp::create(rewriter, loc, zero, empty).getResult(0);
  }
  AffineMap weightMap = getWeightMap(), result = op.getIndexingMapsArray()[2].dropResult(0);
  SmallVector<unsigned> kept;
  SmallVector<AffineExpr> places;
  for (auto [dim, loop] : llvm::enumerate(weightMap.getResults()))
    if (std::optional<unsigned> place = result.getResultPosition(loop)) {
      kept.push_back(dim);
      places.push_back(rewriter.getAffineDimExpr(*place));
    }
  Value correction = sumCodes(rewriter, weight, isWeightUnsigned(), kept, -format.getOffset());
  unsigned rank = sizes.size();
  AffineMap identity = rewriter.getMultiDimIdentityMap(rank);
  SmallVector<AffineMap> maps{AffineMap::get(rank, 0, places, rewriter.getContext()), identity};
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  return linalg::GenericOp::create(rewriter, loc, empty.getType(), ValueRange{correction}, empty,
                                   maps, iterators,
                                   [](OpBuilder &b, Location inner, ValueRange arguments) {
                                     linalg::YieldOp::create(b, inner, arguments[0]);
                                   })
      .getResult(0);
}

/// The last place of a row that a lane covers.
int64_t LaneKernel::getLastPlaceInRow(const LaneFormat &format) {
  SmallVector<int64_t> ranges = op.getStaticLoopRanges(), last;
  for (auto [loop, size] : llvm::enumerate(ranges)) {
    bool counts = getPlaceInRow().isFunctionOfDim(loop) && !isInRun(loop);
    last.push_back(counts ? size - 1 : 0);
  }
  int64_t run = sumsChannels() ? llvm::alignTo(getRun(), format.getLaneSize()) : 1;
  return evaluate(getPlaceInRow(), last) + run - 1;
}

/// The weight whose products are one of the sums. Where a lane holds the words of one code, those
/// of the other sum meet zeros.
Value LaneKernel::emitWeight(RewriterBase &rewriter, const LaneFormat &format, int64_t sum) {
  LaneLayout layout{{}, {}, format.getLaneSize()};
  for (auto [dim, expr] : llvm::enumerate(getWeightMap().getResults()))
    if (!isInRun(cast<AffineDimExpr>(expr).getPosition()))
      layout.others.push_back(dim);
  for (std::optional<unsigned> loop : {window, std::optional(channel)})
    if (loop && isInRun(*loop))
      layout.run.push_back(
          *getWeightMap().getResultPosition(getAffineDimExpr(*loop, rewriter.getContext())));
  layout.first = format.hasCodeInLane() ? sum : 0;
  unsigned bits = format.elementBits == 8 ? 8 : 16;
  return packLanes(rewriter, weight, isWeightUnsigned(), layout, bits);
}

namespace {
/// The loops and operands of a contraction in lanes, before they are an op.
struct LaneOp {
  SmallVector<Value> images, weights, inits;
  SmallVector<AffineMap> imageMaps, weightMaps, sumMaps;
  SmallVector<utils::IteratorType> iterators;

  linalg::GenericOp create(RewriterBase &rewriter, Location loc, const LaneFormat &format);

private:
  Value getFactor(OpBuilder &b, Location loc, Value element, const LaneFormat &format);
};
} // namespace

/// The factor of a step of the innermost loop.
Value LaneOp::getFactor(OpBuilder &b, Location loc, Value element, const LaneFormat &format) {
  if (format.elementBits == 8)
    return arith::ExtUIOp::create(b, loc, b.getI32Type(), element);
  if (format.hasCodeInLane()) {
    Value part = linalg::IndexOp::create(b, loc, iterators.size() - 1);
    part = arith::IndexCastOp::create(b, loc, b.getI32Type(), part);
    Value shift = arith::MulIOp::create(b, loc, part, arith::ConstantIntOp::create(b, loc, 16, 32));
    element = arith::ShRUIOp::create(b, loc, element, shift);
    element = arith::TruncIOp::create(b, loc, b.getI16Type(), element);
  }
  return arith::ExtSIOp::create(b, loc, b.getI32Type(), element);
}

linalg::GenericOp LaneOp::create(RewriterBase &rewriter, Location loc, const LaneFormat &format) {
  SmallVector<Value> inputs(images);
  SmallVector<AffineMap> maps(imageMaps);
  llvm::append_range(inputs, weights);
  llvm::append_range(maps, weightMaps);
  llvm::append_range(maps, sumMaps);
  return linalg::GenericOp::create(
      rewriter, loc, ValueRange(inits).getTypes(), inputs, inits, maps, iterators,
      [&](OpBuilder &b, Location inner, ValueRange arguments) {
        SmallVector<Value> sums;
        for (size_t sum = 0; sum < inits.size(); ++sum) {
          Value element = arguments[std::min(sum, images.size() - 1)];
          Value code = arguments[images.size() + std::min(sum, weights.size() - 1)];
          Value factor = getFactor(b, inner, element, format);
          code = arith::ExtSIOp::create(b, inner, b.getI32Type(), code);
          Value term = arith::MulIOp::create(b, inner, factor, code);
          sums.push_back(arith::AddIOp::create(b, inner, arguments[inputs.size() + sum], term));
        }
        linalg::YieldOp::create(b, inner, sums);
      });
}

SmallVector<Value> LaneKernel::emit(RewriterBase &rewriter, Value image, const LaneFormat &format) {
  Location loc = op.getLoc();
  int64_t row = cast<RankedTensorType>(image.getType()).getShape().back();
  if (int64_t missing = getLastPlaceInRow(format) + 1 - row; missing > 0)
    image = extendRows(rewriter, loc, image, missing, format);

  // Loops: those that stay, then lanes of a run if there is one, then the elements of a lane.
  LaneOp lanes;
  SmallVector<AffineExpr> loops, laneDims;
  for (unsigned loop = 0; loop < op.getNumLoops(); ++loop) {
    bool stays = loop != plane && !isInRun(loop);
    loops.push_back(stays ? rewriter.getAffineDimExpr(lanes.iterators.size())
                          : rewriter.getAffineConstantExpr(0));
    if (stays)
      lanes.iterators.push_back(op.getIteratorTypesArray()[loop]);
  }
  for (int64_t count = sumsChannels() ? 2 : 1; count > 0; --count) {
    laneDims.push_back(rewriter.getAffineDimExpr(lanes.iterators.size()));
    lanes.iterators.push_back(utils::IteratorType::reduction);
  }
  if (sumsChannels())
    loops[channel] = laneDims[0] * format.getLaneSize() + laneDims[1];
  auto makeMap = [&](ArrayRef<AffineExpr> results, ArrayRef<AffineExpr> more = {}) {
    SmallVector<AffineExpr> all;
    for (AffineExpr expr : results)
      all.push_back(expr.replaceDimsAndSymbols(loops, {}));
    llvm::append_range(all, more);
    return AffineMap::get(lanes.iterators.size(), 0, all, rewriter.getContext());
  };

  for (int64_t element = 0; element < format.countElements(); ++element) {
    SmallVector<AffineExpr> results(getImageMap().getResults().drop_front().drop_back(rowDims));
    results.push_back(rewriter.getAffineConstantExpr(element));
    results.push_back(getPlaceInRow());
    lanes.imageMaps.push_back(makeMap(results));
    lanes.images.push_back(image);
  }
  SmallVector<AffineExpr> weightDims =
      llvm::filter_to_vector(getWeightMap().getResults(), [&](AffineExpr expr) {
        return !isInRun(cast<AffineDimExpr>(expr).getPosition());
      });
  for (int64_t sum = 0; sum < (format.hasCodeInLane() ? format.countSums() : 1); ++sum) {
    lanes.weights.push_back(emitWeight(rewriter, format, sum));
    lanes.weightMaps.push_back(makeMap(weightDims, laneDims));
  }
  for (int64_t sum = 0; sum < format.countSums(); ++sum) {
    lanes.inits.push_back(emitInitialSums(rewriter, format));
    lanes.sumMaps.push_back(makeMap(op.getIndexingMapsArray()[2].getResults().drop_front()));
  }
  linalg::GenericOp product = lanes.create(rewriter, loc, format);
  product->setAttr(kKernelAttr, op->getAttr(kKernelAttr));
  return SmallVector<Value>(product.getResults());
}

} // namespace fpw::cpu
