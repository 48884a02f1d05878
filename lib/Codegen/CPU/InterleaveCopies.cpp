//===- InterleaveCopies.cpp - Interleaves lines of memory in registers -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A few lines lie apart in the source, and in the target pixel by pixel beside each other:
//
//   source   a0 a1 a2 ...   b0 b1 b2 ...            lines a and b of pixels of some channels
//   target   a0 b0 a1 b1 a2 b2 ...
//
// Each vector of the target is made of one vector of each line, which reaches from the first
// element that it needs; vectors of a block of pixels need the same ones in all blocks. The last
// block of a line that is no multiple of blocks overlaps the one before it.
//
//===----------------------------------------------------------------------===//

#include "BufferCopy.h"
#include "GenericEmitter.h"
#include "IndexMath.h"
#include "fpw/Codegen/CPU/Passes.h"
#include "fpw/Codegen/CPU/VectorUnit.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace fpw::cpu {
#define GEN_PASS_DEF_FPWCPUINTERLEAVECOPIES
#include "fpw/Codegen/CPU/Passes.h.inc"

using namespace mlir;

namespace {

/// The loops of a copy, and what lies together in both buffers.
struct Interleaving {
  unsigned outer;                  ///< loops around: those of pixels, lines and channels follow
  int64_t pixels, lines, channels; ///< channels may have no loop, then there is one
  bool hasChannelLoop;
  unsigned lineDim; ///< of the source
};

/// The distance of neighbours in a loop, in elements; nothing if the buffer has no constant one.
std::optional<int64_t> getStride(linalg::GenericOp op, OpOperand &operand, unsigned loop) {
  SmallVector<int64_t> strides;
  int64_t offset;
  AffineMap map = op.getMatchingIndexingMap(&operand);
  auto type = cast<MemRefType>(operand.get().getType());
  std::optional<unsigned> dim =
      map.getResultPosition(getAffineDimExpr(loop, operand.getOwner()->getContext()));
  if (!dim || failed(type.getStridesAndOffset(strides, offset)) ||
      ShapedType::isDynamic(strides[*dim]))
    return std::nullopt;
  return strides[*dim];
}

std::optional<Interleaving> match(linalg::GenericOp op, bool hasChannelLoop) {
  unsigned loops = op.getNumLoops(), inner = hasChannelLoop ? 3 : 2;
  if (loops < inner)
    return std::nullopt;
  unsigned pixel = loops - inner, line = pixel + 1, channel = line + 1;
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  Interleaving result{
      pixel, sizes[pixel], sizes[line], hasChannelLoop ? sizes[channel] : 1, hasChannelLoop, 0};
  OpOperand &source = *op.getDpsInputOperand(0), &target = *op.getDpsInitOperand(0);
  AffineMap map = op.getMatchingIndexingMap(&source);
  if (!map.isPermutation() || !op.getMatchingIndexingMap(&target).isIdentity() ||
      llvm::any_of(ArrayRef(sizes).drop_front(pixel), ShapedType::isDynamic))
    return std::nullopt;
  auto isAt = [&](OpOperand &operand, unsigned loop, int64_t stride) {
    return getStride(op, operand, loop) == stride;
  };
  int64_t channels = result.channels;
  if (!isAt(source, pixel, channels) || !isAt(target, line, channels) ||
      !isAt(target, pixel, result.lines * channels))
    return std::nullopt;
  if (hasChannelLoop && (!isAt(source, channel, 1) || !isAt(target, channel, 1)))
    return std::nullopt;
  // The source's pixels and channels are its last dimensions.
  unsigned last = map.getNumResults() - 1;
  if (map.getDimPosition(last - (hasChannelLoop ? 1 : 0)) != pixel)
    return std::nullopt;
  result.lineDim = *map.getResultPosition(getAffineDimExpr(line, op.getContext()));
  return result;
}

bool isWord(Type type) { return type.isIntOrFloat() && type.getIntOrFloatBitWidth() == 32; }

/// A copy of lines that are worth it: few, of pixels that are no vectors by themselves.
std::optional<Interleaving> match(linalg::GenericOp op, int64_t lanes) {
  if (!isBufferCopy(op) || !isWord(getElementTypeOrSelf(op.getDpsInputs()[0].getType())))
    return std::nullopt;
  constexpr int64_t kMostLines = 4, kMostElements = 16;
  for (bool hasChannelLoop : {false, true})
    if (std::optional<Interleaving> found = match(op, hasChannelLoop))
      if (found->lines > 1 && found->lines <= kMostLines &&
          found->lines * found->channels <= kMostElements && found->pixels >= lanes)
        return found;
  return std::nullopt;
}

/// The buffer with its last dimensions as one.
Value collapseLast(OpBuilder &builder, Location loc, Value buffer, unsigned count) {
  auto type = cast<MemRefType>(buffer.getType());
  SmallVector<ReassociationIndices> dims;
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (dim + count <= type.getRank())
      dims.push_back({dim});
    else
      dims.back().push_back(dim);
  return count < 2 ? buffer : memref::CollapseShapeOp::create(builder, loc, buffer, dims);
}

class Emitter {
public:
  Emitter(RewriterBase &rewriter, linalg::GenericOp op, const Interleaving &copy, int64_t lanes)
      : rewriter(rewriter), op(op), loc(op.getLoc()), copy(copy), lanes(lanes),
        map(op.getMatchingIndexingMap(op.getDpsInputOperand(0))) {}

  void emit() {
    source = collapseLast(rewriter, loc, op.getDpsInputs()[0], copy.hasChannelLoop ? 2 : 1);
    target = collapseLast(rewriter, loc, op.getDpsInits()[0], copy.hasChannelLoop ? 3 : 2);
    SmallVector<Range> ranges = cast<linalg::LinalgOp>(*op).createLoopRanges(rewriter, loc);
    SmallVector<OpFoldResult> begins, ends, steps;
    for (const Range &range : ArrayRef(ranges).take_front(copy.outer)) {
      begins.push_back(range.offset);
      ends.push_back(range.size);
      steps.push_back(range.stride);
    }
    if (begins.empty())
      return emitLine(rewriter, {});
    auto forall =
        scf::ForallOp::create(rewriter, loc, begins, ends, steps, ValueRange(), std::nullopt,
                              [&](OpBuilder &builder, Location, ValueRange variables) {
                                emitLine(builder, variables);
                                scf::InParallelOp::create(builder, loc);
                              });
    int64_t cost = copy.pixels * copy.lines * copy.channels;
    forall->setAttr(kCostAttr, rewriter.getI64IntegerAttr(cost));
  }

private:
  /// All pixels, a block of as many as a vector has lanes at a time.
  void emitLine(OpBuilder &builder, ValueRange outer) {
    IndexMath math{builder, loc};
    scf::ForOp::create(builder, loc, math.constant(0), math.constant(copy.pixels),
                       math.constant(lanes), ValueRange(),
                       [&](OpBuilder &inner, Location, Value pixel, ValueRange) {
                         IndexMath innerMath{inner, loc};
                         pixel = innerMath.min(pixel, innerMath.constant(copy.pixels - lanes));
                         for (int64_t i = 0; i < copy.lines * copy.channels; ++i)
                           emitVector(inner, outer, pixel, i);
                         scf::YieldOp::create(inner, loc);
                       });
  }

  /// A vector of a block of the target.
  void emitVector(OpBuilder &builder, ValueRange outer, Value pixel, int64_t number) {
    IndexMath math{builder, loc};
    // Where each lane comes from: a line, and an element of its block.
    SmallVector<std::pair<int64_t, int64_t>> origins;
    for (int64_t lane = 0; lane < lanes; ++lane) {
      int64_t element = number * lanes + lane, ofPixel = element / copy.channels;
      origins.emplace_back(ofPixel % copy.lines,
                           ofPixel / copy.lines * copy.channels + element % copy.channels);
    }
    Value vector;
    SmallVector<int64_t> places; // of the elements in the vector so far
    for (int64_t line = 0; line < copy.lines; ++line) {
      int64_t first = lanes * (copy.channels - 1); // no load reaches beyond its block
      for (auto [origin, element] : origins)
        if (origin == line)
          first = std::min(first, element);
      Value loaded = load(builder, outer, line, math.add(math.mul(pixel, copy.channels), first));
      SmallVector<int64_t> mask;
      for (auto [lane, origin] : llvm::enumerate(origins)) {
        int64_t before = line == 0 ? int64_t(lane) : places[lane];
        int64_t here = origin.second - first + (line == 0 ? 0 : lanes);
        mask.push_back(origin.first == line ? here : before);
      }
      if (line > 0) {
        vector = vector::ShuffleOp::create(builder, loc, vector, loaded, mask);
        mask = llvm::to_vector(llvm::seq<int64_t>(0, lanes));
      } else {
        vector = loaded;
      }
      places = mask;
    }
    SmallVector<Value> position(outer);
    Value place = math.mul(pixel, copy.lines * copy.channels);
    position.push_back(math.add(place, number * lanes));
    vector::StoreOp::create(builder, loc, vector, target, position);
  }

  Value load(OpBuilder &builder, ValueRange outer, int64_t line, Value element) {
    SmallVector<Value> position;
    for (unsigned dim = 0; dim + 1 < cast<MemRefType>(source.getType()).getRank(); ++dim)
      position.push_back(dim == copy.lineDim
                             ? arith::ConstantIndexOp::create(builder, loc, line).getResult()
                             : outer[map.getDimPosition(dim)]);
    position.push_back(element);
    auto type = VectorType::get({lanes}, getElementTypeOrSelf(source.getType()));
    return vector::LoadOp::create(builder, loc, type, source, position);
  }

  RewriterBase &rewriter;
  linalg::GenericOp op;
  Location loc;
  const Interleaving &copy;
  int64_t lanes;
  AffineMap map;
  Value source, target;
};

struct InterleaveCopies : impl::FPWCPUInterleaveCopiesBase<InterleaveCopies> {
  using FPWCPUInterleaveCopiesBase::FPWCPUInterleaveCopiesBase;

  void runOnOperation() override {
    FailureOr<VectorUnit> unit = VectorUnit::fromOption(getOperation(), vectorBits);
    if (failed(unit))
      return signalPassFailure();
    SmallVector<linalg::GenericOp> ops;
    getOperation().walk([&](linalg::GenericOp op) { ops.push_back(op); });
    IRRewriter rewriter(&getContext());
    for (linalg::GenericOp op : ops)
      if (std::optional<Interleaving> copy = match(op, unit->lanes)) {
        rewriter.setInsertionPoint(op);
        Emitter(rewriter, op, *copy, unit->lanes).emit();
        rewriter.eraseOp(op);
      }
  }
};

} // namespace
} // namespace fpw::cpu
