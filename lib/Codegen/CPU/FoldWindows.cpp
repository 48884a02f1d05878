//===- FoldWindows.cpp - Makes windows of few channels contiguous -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The matrix unit multiplies 64 bytes of a row at a time, which a pixel of few channels does not
// fill. But the pixels that one line of a window covers lie together: columns * channels bytes. And
// where the window moves by s > 1 lines, s lines can be interleaved, pixel by pixel, into one:
//
//   [line][column][channel]  ->  [line / s][column][line mod s][channel]
//
// so that a line of the window covers columns * s * channels bytes. A 7x7 window of stride 2 over 3
// channels is 4 blocks of 42 bytes then, instead of 49 of 3.
//
//===----------------------------------------------------------------------===//

#include "AMXPlan.h"
#include "ByteContraction.h"
#include "fpw/Codegen/CPU/Passes.h"
#include "fpw/Conversion/NNToLinalg.h"
#include "fpw/Dialect/NN/IR/NN.h"
#include "mlir/Dialect/Affine/Analysis/AffineStructures.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>

namespace fpw::cpu {
#define GEN_PASS_DEF_FPWCPUFOLDWINDOWS
#include "fpw/Codegen/CPU/Passes.h.inc"

using namespace mlir;

namespace {

/// How a window moves along one dimension of the image: position = output * stride + tap.
struct Motion {
  unsigned output, tap; ///< loops
  int64_t stride;
};

/// Matches a dimension of the image along which the taps of the window are neighbours.
std::optional<Motion> matchMotion(linalg::GenericOp op, AffineExpr expr) {
  SmallVector<int64_t> coefficients;
  if (failed(getFlattenedAffineExpr(expr, op.getNumLoops(), 0, &coefficients)) ||
      coefficients.size() != op.getNumLoops() + 1 || coefficients.back() != 0)
    return std::nullopt;
  std::optional<unsigned> output, tap;
  auto iterators = op.getIteratorTypesArray();
  for (unsigned loop = 0; loop < op.getNumLoops(); ++loop) {
    if (coefficients[loop] == 0)
      continue;
    std::optional<unsigned> &role = linalg::isReductionIterator(iterators[loop]) ? tap : output;
    if (role || coefficients[loop] < 0)
      return std::nullopt;
    role = loop;
  }
  if (!output || !tap || coefficients[*tap] != 1)
    return std::nullopt;
  return Motion{*output, *tap, coefficients[*output]};
}

/// A contraction over windows of an image that `split` makes, padded or not.
struct Windows {
  linalg::GenericOp contract, split;
  tensor::PadOp pad;
  nn::ParameterOp weight;
  Motion column;
  std::optional<Motion> line; ///< where lines are interleaved
  unsigned channel;           ///< loop
  int64_t lines = 1;          ///< that are interleaved

  int64_t getSize(unsigned loop) { return contract.getStaticLoopRanges()[loop]; }
  int64_t getPixelBytes() { return lines * getSize(channel); }
  /// Bytes of a line of the window, in whole blocks.
  int64_t getReach() { return llvm::alignTo(getSize(column.tap) * getPixelBytes(), kAMXBytes); }
  unsigned getImageRank() { return contract.getMatchingIndexingMap(getImage()).getNumResults(); }
  OpOperand *getImage() { return contract.getDpsInputOperand(0); }
  int64_t getPad(unsigned dim) { return pad ? pad.getStaticLow()[dim] : 0; }
};

//===----------------------------------------------------------------------===//
// Recognition
//===----------------------------------------------------------------------===//

bool isStaticPad(tensor::PadOp pad) {
  Value value = pad.getConstantPaddingValue();
  return value && matchPattern(value, m_Zero()) && pad->hasOneUse() &&
         !ShapedType::isDynamicShape(pad.getStaticLow()) &&
         !ShapedType::isDynamicShape(pad.getStaticHigh());
}

/// Whether the digits are those of an image, one step for whole samples.
bool matchSplit(Windows &windows) {
  Value image = windows.getImage()->get();
  if ((windows.pad = image.getDefiningOp<tensor::PadOp>())) {
    if (!isStaticPad(windows.pad))
      return false;
    image = windows.pad.getSource();
  }
  linalg::GenericOp split = image.getDefiningOp<linalg::GenericOp>();
  if (!hasRole(split, "split") || !image.hasOneUse())
    return false;
  windows.split = split;
  unsigned rank = split.getNumLoops();
  AffineMap from = split.getMatchingIndexingMap(split.getDpsInputOperand(0));
  auto all = AffineMap::getMultiDimIdentityMap(rank, split.getContext());
  if (split.getIndexingMapsArray().back() != all || from != all.dropResult(0) || rank < 4)
    return false;
  auto type = cast<RankedTensorType>(split.getDpsInputs()[0].getType());
  unsigned dims = windows.line ? 3 : 2; // that become one, or two
  for (AffineMap step : ArrayRef(split.getIndexingMapsArray()).drop_front().drop_back())
    for (unsigned dim = rank - dims; dim < rank; ++dim)
      if (step.isFunctionOfDim(dim))
        return false;
  return !ShapedType::isDynamicShape(type.getShape().take_back(dims));
}

/// Blocks of 64 bytes that an output needs.
int64_t countBlocks(Windows windows, int64_t lines) {
  int64_t channels = windows.getSize(windows.channel),
          columns = windows.getSize(windows.column.tap);
  int64_t tall = windows.line ? windows.getSize(windows.line->tap) : 1;
  return llvm::divideCeil(tall, lines) * llvm::divideCeil(columns * lines * channels, kAMXBytes);
}

std::optional<Windows> match(linalg::GenericOp op) {
  if (!multipliesBytes(op))
    return std::nullopt;
  Windows windows;
  windows.contract = op;
  AffineMap image = op.getMatchingIndexingMap(windows.getImage());
  unsigned rank = image.getNumResults();
  std::optional<unsigned> channel = getChannelLoop(op);
  if (rank < 4 || !channel ||
      image.getResult(rank - 1) != getAffineDimExpr(*channel, op.getContext()))
    return std::nullopt;
  windows.channel = *channel;
  windows.line = matchMotion(op, image.getResult(rank - 3));
  if (!matchSplit(windows))
    return std::nullopt;
  std::optional<Motion> column = matchMotion(op, image.getResult(rank - 2));
  windows.weight = op.getDpsInputs()[1].getDefiningOp<nn::ParameterOp>();
  AffineMap weight = op.getMatchingIndexingMap(op.getDpsInputOperand(1));
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  if (!column || !windows.weight || !weight.isProjectedPermutation() ||
      !weight.isFunctionOfDim(column->tap) || ShapedType::isDynamic(sizes[column->output]))
    return std::nullopt;
  windows.column = *column;
  int64_t channels = sizes[windows.channel], tall = 1;
  if (windows.line) {
    tall = sizes[windows.line->tap];
    int64_t lines = windows.line->stride;
    if (lines > 1 && countBlocks(windows, lines) < countBlocks(windows, 1))
      windows.lines = lines;
  }
  // The unit needs one block per tap otherwise.
  int64_t usual = tall * sizes[column->tap] * llvm::divideCeil(channels, kAMXBytes);
  bool pays = countBlocks(windows, windows.lines) < usual;
  return pays && channels % kAMXBytes != 0 ? std::optional(windows) : std::nullopt;
}

//===----------------------------------------------------------------------===//
// Folding
//===----------------------------------------------------------------------===//

class Folder {
public:
  Folder(IRRewriter &rewriter, Windows windows)
      : rewriter(rewriter), windows(windows), loc(windows.contract.getLoc()) {
    auto type = cast<RankedTensorType>(windows.split.getDpsInputs()[0].getType());
    rank = type.getRank();
    imageLines = type.getDimSize(rank - 3);
    imageColumns = type.getDimSize(rank - 2);
    channels = type.getDimSize(rank - 1);
  }
  void fold();

private:
  Value interleaveLines(Value image);
  Value collapseLine(Value image, unsigned merged);
  Value splitImage(Value image);
  Value padLines(Value digits);
  nn::ParameterOp foldWeight(ArrayRef<unsigned> outer);
  void emitContraction(Value digits);

  /// Bytes of a line with its pads.
  int64_t getLineBytes() {
    int64_t last = (windows.getSize(windows.column.output) - 1) * windows.column.stride;
    return llvm::alignTo(last * windows.getPixelBytes() + windows.getReach(), kAMXBytes);
  }
  int64_t getLowPad(unsigned back) { return windows.getPad(rank + 1 - back); }

  IRRewriter &rewriter;
  Windows windows;
  Location loc;
  unsigned rank; ///< of the image
  int64_t imageLines, imageColumns, channels;
};

/// Pads the image, and puts pixels of neighbouring lines side by side.
Value Folder::interleaveLines(Value image) {
  int64_t lines = windows.lines, low = getLowPad(3);
  int64_t taps = llvm::divideCeil(windows.getSize(windows.line->tap), lines);
  int64_t folded = windows.getSize(windows.line->output) - 1 + taps;
  folded = std::max(folded, llvm::divideCeilSigned(imageLines + low, lines));
  int64_t columns = llvm::divideCeil(getLineBytes(), windows.getPixelBytes());
  columns = std::max(columns, imageColumns + getLowPad(2));

  SmallVector<OpFoldResult> before(rank, rewriter.getIndexAttr(0)), after(before);
  if (windows.pad) {
    before = windows.pad.getMixedLowPad();
    after = windows.pad.getMixedHighPad();
    before.erase(before.begin()); // the digits
    after.erase(after.begin());
  }
  before[rank - 3] = rewriter.getIndexAttr(low);
  before[rank - 2] = rewriter.getIndexAttr(getLowPad(2));
  after[rank - 3] = rewriter.getIndexAttr(folded * lines - low - imageLines);
  after[rank - 2] = rewriter.getIndexAttr(columns - getLowPad(2) - imageColumns);
  Value zero = arith::ConstantOp::create(rewriter, loc, rewriter.getF32FloatAttr(0));
  Value padded =
      tensor::PadOp::create(rewriter, loc, RankedTensorType(), image, before, after, zero);

  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(rewriter, loc, padded);
  SmallVector<ReassociationIndices> groups;
  for (unsigned dim = 0; dim < rank; ++dim)
    groups.push_back({int64_t(dim < rank - 2 ? dim : dim + 1)});
  groups[rank - 3].push_back(rank - 2);
  sizes[rank - 3] = rewriter.getIndexAttr(folded);
  sizes.insert(sizes.begin() + (rank - 2), rewriter.getIndexAttr(lines));
  SmallVector<int64_t> shape = decomposeMixedValues(sizes).first;
  Value expanded = tensor::ExpandShapeOp::create(
      rewriter, loc, RankedTensorType::get(shape, rewriter.getF32Type()), padded, groups, sizes);

  std::swap(sizes[rank - 2], sizes[rank - 1]);
  Value empty = tensor::EmptyOp::create(rewriter, loc, sizes, rewriter.getF32Type());
  auto to = rewriter.getMultiDimIdentityMap(rank + 1);
  SmallVector<AffineExpr> source(to.getResults());
  std::swap(source[rank - 2], source[rank - 1]);
  auto from = AffineMap::get(rank + 1, 0, source, rewriter.getContext());
  SmallVector<utils::IteratorType> iterators(rank + 1, utils::IteratorType::parallel);
  return linalg::GenericOp::create(rewriter, loc, empty.getType(), expanded, empty,
                                   ArrayRef{from, to}, iterators,
                                   [](OpBuilder &builder, Location loc, ValueRange elements) {
                                     linalg::YieldOp::create(builder, loc, elements[0]);
                                   })
      .getResult(0);
}

/// The last dimensions as one.
Value Folder::collapseLine(Value image, unsigned merged) {
  int64_t imageRank = cast<RankedTensorType>(image.getType()).getRank();
  SmallVector<ReassociationIndices> groups;
  for (int64_t dim = 0; dim < imageRank; ++dim) {
    if (dim <= imageRank - int64_t(merged))
      groups.emplace_back();
    groups.back().push_back(dim);
  }
  return tensor::CollapseShapeOp::create(rewriter, loc, image, groups);
}

/// The digits of an image of lines.
Value Folder::splitImage(Value image) {
  linalg::GenericOp split = windows.split;
  MLIRContext *context = rewriter.getContext();
  AffineMap all = AffineMap::getMultiDimIdentityMap(rank, context);
  SmallVector<AffineMap> maps = split.getIndexingMapsArray();
  for (AffineMap &map : maps)
    map = AffineMap::get(rank, 0, map.getResults(), context);
  maps.front() = all.dropResult(0);
  maps.back() = all;
  SmallVector<Value> inputs(split.getDpsInputs());
  inputs.front() = image;
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(rewriter, loc, image);
  auto type = cast<RankedTensorType>(split.getResult(0).getType());
  sizes.insert(sizes.begin(), rewriter.getIndexAttr(type.getDimSize(0)));
  Value empty = tensor::EmptyOp::create(rewriter, loc, sizes, type.getElementType());
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  auto result =
      linalg::GenericOp::create(rewriter, loc, empty.getType(), inputs, empty, maps, iterators);
  rewriter.cloneRegionBefore(split.getRegion(), result.getRegion(), result.getRegion().begin());
  result->setAttr(kRoleAttr, split->getAttr(kRoleAttr));
  return result.getResult(0);
}

/// The pads of the image around its lines, and zeros for what the last block of a line reads too
/// many.
Value Folder::padLines(Value digits) {
  auto type = cast<RankedTensorType>(digits.getType());
  SmallVector<OpFoldResult> before(rank, rewriter.getIndexAttr(0)), after(before);
  int64_t low = 0;
  if (windows.lines == 1 && windows.pad) {
    low = getLowPad(2) * channels;
    for (unsigned dim = 0; dim < rank - 1; ++dim) {
      before[dim] = rewriter.getIndexAttr(windows.pad.getStaticLow()[dim]);
      after[dim] = rewriter.getIndexAttr(windows.pad.getStaticHigh()[dim]);
    }
  }
  int64_t bytes = type.getShape().back() + low;
  before.back() = rewriter.getIndexAttr(low);
  int64_t needed = llvm::alignTo(std::max(getLineBytes(), bytes), kAMXBytes);
  after.back() = rewriter.getIndexAttr(needed - bytes);
  Value zero = arith::ConstantIntOp::create(rewriter, loc, 0, 8);
  return tensor::PadOp::create(rewriter, loc, RankedTensorType(), digits, before, after, zero);
}

/// The codes as [outer loops...][bytes of a line of the window].
nn::ParameterOp Folder::foldWeight(ArrayRef<unsigned> outer) {
  nn::ParameterOp weight = windows.weight;
  auto type = cast<RankedTensorType>(weight.getType());
  AffineMap map = windows.contract.getMatchingIndexingMap(windows.contract.getDpsInputOperand(1));
  int64_t lines = windows.lines;
  SmallVector<int64_t> shape;
  for (unsigned loop : outer) {
    bool isLine = windows.line && loop == windows.line->tap;
    shape.push_back(isLine ? llvm::divideCeil(windows.getSize(loop), lines)
                           : windows.getSize(loop));
  }
  shape.push_back(windows.getReach());
  RankedTensorType folded = type.clone(shape);
  AsmResourceBlob blob = HeapAsmResourceBlob::allocate(folded.getNumElements(), kAMXBytes);
  MutableArrayRef<char> to = blob.getMutableData();
  std::memset(to.data(), 0, to.size());

  SmallVector<int64_t> from = computeStrides(type.getShape()), strides = computeStrides(shape);
  SmallVector<int64_t> index(windows.contract.getNumLoops(), 0);
  for (int64_t i = 0; i < type.getNumElements(); ++i) {
    for (auto [dim, expr] : llvm::enumerate(map.getResults()))
      index[cast<AffineDimExpr>(expr).getPosition()] = i / from[dim] % type.getDimSize(dim);
    int64_t place = index[windows.column.tap], target = 0;
    if (lines > 1)
      place = place * lines + index[windows.line->tap] % lines;
    for (auto [loop, stride] : llvm::zip(outer, strides))
      target +=
          stride * (windows.line && loop == windows.line->tap ? index[loop] / lines : index[loop]);
    to[target + place * channels + index[windows.channel]] =
        weight.getRawData()[weight.isSplat() ? 0 : i];
  }
  auto value = DenseResourceElementsAttr::get(folded, weight.getName(), std::move(blob));
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(weight);
  return nn::ParameterOp::create(rewriter, weight.getLoc(), folded, weight.getNameAttr(), value,
                                 weight.getConversionAttr());
}

/// The contraction without the loop over columns: that over channels runs along lines of the
/// window.
void Folder::emitContraction(Value digits) {
  linalg::GenericOp op = windows.contract;
  MLIRContext *context = rewriter.getContext();
  AffineMap weightMap = op.getMatchingIndexingMap(op.getDpsInputOperand(1));
  SmallVector<unsigned> outer; // the loops of the new weight, but for the last
  for (AffineExpr expr : weightMap.getResults()) {
    unsigned loop = cast<AffineDimExpr>(expr).getPosition();
    if (loop != windows.channel && loop != windows.column.tap)
      outer.push_back(loop);
  }
  unsigned numLoops = op.getNumLoops() - 1;
  SmallVector<AffineExpr> renumbered;
  for (unsigned loop = 0; loop < op.getNumLoops(); ++loop)
    renumbered.push_back(loop == windows.column.tap
                             ? getAffineConstantExpr(0, context)
                             : getAffineDimExpr(loop - (loop > windows.column.tap), context));
  auto renumber = [&](AffineMap map) {
    return map.replaceDimsAndSymbols(renumbered, {}, numLoops, 0);
  };
  AffineExpr byte = renumbered[windows.channel];
  SmallVector<AffineExpr> image(
      renumber(op.getMatchingIndexingMap(windows.getImage())).getResults());
  image.pop_back();
  image.back() =
      renumbered[windows.column.output] * windows.column.stride * windows.getPixelBytes() + byte;
  if (windows.lines > 1)
    image[image.size() - 2] = renumbered[windows.line->output] + renumbered[windows.line->tap];
  SmallVector<AffineExpr> weight;
  for (unsigned loop : outer)
    weight.push_back(renumbered[loop]);
  weight.push_back(byte);
  SmallVector<AffineMap> maps{AffineMap::get(numLoops, 0, image, context),
                              AffineMap::get(numLoops, 0, weight, context),
                              renumber(op.getIndexingMapsArray().back())};
  auto iterators = op.getIteratorTypesArray();
  iterators.erase(iterators.begin() + windows.column.tap);
  Value codes = foldWeight(outer);
  auto result =
      linalg::GenericOp::create(rewriter, loc, op.getResultTypes(), ValueRange{digits, codes},
                                op.getDpsInits(), maps, iterators);
  rewriter.inlineRegionBefore(op.getRegion(), result.getRegion(), result.getRegion().begin());
  result->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  rewriter.replaceOp(op, result);
}

void Folder::fold() {
  rewriter.setInsertionPoint(windows.split);
  Value image = windows.split.getDpsInputs()[0];
  if (windows.lines > 1)
    image = collapseLine(interleaveLines(image), 3);
  else
    image = collapseLine(image, 2);
  Value digits = splitImage(image);
  if (windows.pad)
    rewriter.setInsertionPoint(windows.pad);
  digits = padLines(digits);
  rewriter.setInsertionPoint(windows.contract);
  emitContraction(digits);
  if (windows.pad)
    rewriter.eraseOp(windows.pad);
  rewriter.eraseOp(windows.split);
  if (windows.weight->use_empty())
    rewriter.eraseOp(windows.weight);
}

struct FoldWindows : impl::FPWCPUFoldWindowsBase<FoldWindows> {
  void runOnOperation() override {
    SmallVector<linalg::GenericOp> contractions;
    getOperation().walk([&](linalg::GenericOp op) { contractions.push_back(op); });
    IRRewriter rewriter(&getContext());
    for (linalg::GenericOp op : contractions)
      if (std::optional<Windows> windows = match(op))
        Folder(rewriter, *windows).fold();
  }
};

} // namespace
} // namespace fpw::cpu
