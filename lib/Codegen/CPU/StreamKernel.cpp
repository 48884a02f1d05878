//===- StreamKernel.cpp - Inner products of few rows with streamed weights -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A row here is one digit of one row of the product. Four channels of a row, broadcast, meet four
// channels of each output of a vector. Machines that multiply bytes want one factor with a sign and
// one without: digits keep theirs, and weights w are read as w' = w + offset with what sign is
// left. The sum of d * w then is that of d * w' less offset times the sum of all d, which the sums
// start from.
//
//===----------------------------------------------------------------------===//

#include "StreamKernel.h"
#include "DotLoop.h"
#include "GenericEmitter.h"
#include "IndexMath.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace fpw::cpu {

//===----------------------------------------------------------------------===//
// Plans
//===----------------------------------------------------------------------===//

DictionaryAttr StreamPlan::toAttribute(MLIRContext *context) const {
  Builder builder(context);
  SmallVector<NamedAttribute> entries{
      builder.getNamedAttr("bits", builder.getI64IntegerAttr(bits)),
      builder.getNamedAttr("offset", builder.getI64IntegerAttr(offset))};
  if (packed)
    entries.push_back(builder.getNamedAttr("packed", packed));
  return builder.getDictionaryAttr(entries);
}

/// Nothing if the op has no plan, or one that makes no sense.
std::optional<StreamPlan> StreamPlan::readFrom(Operation *contract) {
  auto attribute = contract->getAttrOfType<DictionaryAttr>(kStreamsAttr);
  if (!attribute)
    return std::nullopt;
  auto read = [&](StringRef name, int64_t usual) {
    auto number = attribute.getAs<IntegerAttr>(name);
    return number && number.getType().isSignlessInteger(64) ? number.getInt() : usual;
  };
  StreamPlan plan{read("bits", 8), read("offset", 0), attribute.getAs<FlatSymbolRefAttr>("packed")};
  bool isKnown = plan.bits == 8 ? !plan.packed : (plan.bits == 4 || plan.bits == 2) && plan.packed;
  return isKnown ? std::optional(plan) : std::nullopt;
}

int64_t countStreamBytes(const AMXGeometry &geometry, int64_t bits) {
  return geometry.countOutputBlocks() * geometry.countBlocks() * kAMXOutputs * kAMXBytes * bits / 8;
}

bool canStream(const AMXGeometry &geometry, ArrayRef<RowLoop> rows) {
  return geometry.weights == 1 && geometry.groups.empty() && rows.size() == 1 &&
         geometry.reduction.size() == 1 && geometry.reduction.front().pitch == kAMXBytes;
}

//===----------------------------------------------------------------------===//
// Products of bytes
//===----------------------------------------------------------------------===//

namespace {

/// Vectors of 32-bit lanes, of which each holds four bytes or a sum.
struct LaneMath {
  OpBuilder &builder;
  Location loc;
  int64_t lanes;

  VectorType getType() const { return VectorType::get({lanes}, builder.getI32Type()); }
  Value constant(int32_t value) {
    return arith::ConstantOp::create(
        builder, loc, DenseElementsAttr::get(getType(), builder.getI32IntegerAttr(value)));
  }
  /// A byte, at all four places of each lane.
  Value repeatByte(uint8_t byte) { return constant(int32_t(byte * 0x01010101u)); }
  Value broadcast(Value lane) { return vector::BroadcastOp::create(builder, loc, getType(), lane); }

  /// The same bits in elements of `bits` each.
  Value splitLanes(Value vector, unsigned bits) {
    auto type = VectorType::get({lanes * 32 / bits}, builder.getIntegerType(bits));
    return vector::BitCastOp::create(builder, loc, type, vector);
  }

  /// Loads four bytes of a buffer into each lane.
  Value loadRepeated(Value bytes, Value position) {
    auto four = VectorType::get({4}, builder.getI8Type());
    Value loaded = vector::LoadOp::create(builder, loc, four, bytes, position);
    Value lane =
        vector::BitCastOp::create(builder, loc, VectorType::get({1}, builder.getI32Type()), loaded);
    return broadcast(vector::ExtractOp::create(builder, loc, lane, 0));
  }
  Value load(Value bytes, Value position) {
    auto type = VectorType::get({lanes * 4}, builder.getI8Type());
    Value loaded = vector::LoadOp::create(builder, loc, type, bytes, position);
    return vector::BitCastOp::create(builder, loc, getType(), loaded);
  }
};

/// Four bytes of each lane as a machine multiplies them: together, or at even and odd places as two
/// words.
using Factor = SmallVector<Value, 2>;

/// Multiplies digits and codes.
class ByteProduct {
public:
  ByteProduct(const AMXProduct &product, const StreamPlan &plan, DotUnit unit)
      : plan(plan), areBytes(unit == DotUnit::Accumulate), unsignedDigits(product.unsignedPlanes),
        unsignedCodes(product.weights.front().isUnsigned) {}

  /// What the codes in the products have too much.
  int64_t getOffset() const {
    if (plan.bits < 8)
      return plan.offset;
    return !hasWrongSign() ? 0 : unsignedCodes ? -128 : 128;
  }

  Factor makeDigits(LaneMath math, Value bytes) const {
    return makeFactor(math, bytes, unsignedDigits);
  }

  /// Field `field` of packed codes, or all of the codes.
  Factor makeCodes(LaneMath math, Value bytes, int64_t field) const {
    if (plan.bits < 8) {
      if (field > 0)
        bytes =
            arith::ShRUIOp::create(math.builder, math.loc, bytes, math.constant(field * plan.bits));
      bytes = arith::AndIOp::create(math.builder, math.loc, bytes,
                                    math.repeatByte((1 << plan.bits) - 1));
      return makeFactor(math, bytes, /*isUnsigned=*/true);
    }
    if (hasWrongSign())
      bytes = arith::XOrIOp::create(math.builder, math.loc, bytes, math.repeatByte(0x80));
    return makeFactor(math, bytes, unsignedCodes);
  }

  Factor makeOnes(LaneMath math) const { return makeFactor(math, math.repeatByte(1), true); }

  Value add(LaneMath math, Value sum, const Factor &digits, const Factor &codes) const {
    if (areBytes)
      return unsignedDigits ? emitDot(math.builder, math.loc, 4, digits[0], codes[0], sum)
                            : emitDot(math.builder, math.loc, 4, codes[0], digits[0], sum);
    for (auto [d, c] : llvm::zip_equal(digits, codes))
      sum = emitDot(math.builder, math.loc, 2, d, c, sum);
    return sum;
  }

private:
  /// Whether bytes of codes have a sign just like digits, or neither has one.
  bool hasWrongSign() const { return areBytes && unsignedCodes == unsignedDigits; }

  Factor makeFactor(LaneMath math, Value bytes, bool isUnsigned) const {
    if (areBytes)
      return {bytes};
    return {getWords(math, bytes, /*areOdd=*/false, isUnsigned),
            getWords(math, bytes, /*areOdd=*/true, isUnsigned)};
  }

  static Value getWords(LaneMath math, Value bytes, bool areOdd, bool isUnsigned) {
    OpBuilder &builder = math.builder;
    Value words = math.splitLanes(bytes, 16);
    Value eight = arith::ConstantOp::create(
        builder, math.loc,
        DenseElementsAttr::get(cast<VectorType>(words.getType()), builder.getI16IntegerAttr(8)));
    if (!areOdd)
      words = arith::ShLIOp::create(builder, math.loc, words, eight);
    words = isUnsigned ? arith::ShRUIOp::create(builder, math.loc, words, eight).getResult()
                       : arith::ShRSIOp::create(builder, math.loc, words, eight).getResult();
    return vector::BitCastOp::create(builder, math.loc, math.getType(), words);
  }

  StreamPlan plan;
  bool areBytes; ///< rather than words
  bool unsignedDigits, unsignedCodes;
};

//===----------------------------------------------------------------------===//
// The kernel
//===----------------------------------------------------------------------===//

class StreamEmitter {
  static constexpr int64_t kStepRows = 4; ///< rows of 64 bytes in one step of the innermost loop

public:
  StreamEmitter(RewriterBase &rewriter, Location loc, const AMXProduct &product,
                const StreamPlan &plan, VectorUnit unit, DotUnit dots, AMXEpilogue epilogue)
      : rewriter(rewriter), loc(loc), product(product), geometry(product.geometry),
        bytes(product, plan, dots), fields(8 / plan.bits), tileRows(kAMXRows / fields),
        blockBytes(kAMXOutputs * kAMXBytes / fields), steps(geometry.countBlocks()),
        lanes(unit.lanes), mostSums(unit.registers * 3 / 4), epilogue(epilogue),
        rows(mergeRowLoops(rewriter, loc, geometry).front()) {}
  void emit();

private:
  int64_t getMostRows() const;
  void emitRows(OpBuilder &builder, int64_t count);
  void emitOutputs(OpBuilder &builder, Value first, int64_t count);
  void emitPass(OpBuilder &builder, Value block, Value pass);
  SmallVector<Value> emitStep(OpBuilder &builder, Value weights, Value channel, ValueRange sums);
  void emitStarts(OpBuilder &builder);
  Value sumDigits(OpBuilder &builder, Value base);
  void finish(OpBuilder &builder, Value firstOutput, ArrayRef<Value> sums);
  void finishRow(OpBuilder &builder, Value number, Value firstOutput, ArrayRef<Value> sums);
  void finishVector(OpBuilder &builder, ArrayRef<Value> rowIndices, Value output,
                    ArrayRef<Value> sums);
  LaneMath getMath(OpBuilder &builder) const { return {builder, loc, lanes}; }

  RewriterBase &rewriter;
  Location loc;
  const AMXProduct &product;
  const AMXGeometry &geometry;
  ByteProduct bytes;
  int64_t fields;     ///< codes in a byte
  int64_t tileRows;   ///< rows of 64 bytes in the weights of 16 outputs and 64 channels
  int64_t blockBytes; ///< of the weights of 32 outputs and 64 channels
  int64_t steps;      ///< blocks of the reduction
  int64_t lanes;
  int64_t mostSums; ///< sums that stay in registers
  AMXEpilogue epilogue;
  RowLoop rows;

  // The rows being multiplied.
  SmallVector<Value> rowNumbers; ///< in the loop over rows
  SmallVector<Value> rowsExist;  ///< whether each is one of the loop; null: it is
  SmallVector<Value> bases;      ///< for each row its planes: where their bytes begin
  SmallVector<Value> starts;     ///< for each of these what its sums start from
  int64_t vectors;               ///< vectors of outputs in a pass
};

} // namespace

/// A power of two, so that few versions of the code serve all numbers of rows.
int64_t StreamEmitter::getMostRows() const {
  int64_t most = kStreamRows;
  while (most > 1 && most * geometry.planes > mostSums)
    most /= 2;
  return most;
}

/// One version for one row, one for two, one for more.
void StreamEmitter::emit() {
  std::function<void(OpBuilder &, int64_t)> emitVersions = [&](OpBuilder &builder, int64_t count) {
    std::optional<int64_t> known = rows.loop.getSize();
    if (count == getMostRows() || (known && *known <= count))
      return emitRows(builder, count);
    if (known)
      return emitVersions(builder, 2 * count);
    IndexMath math{builder, loc};
    Value isFew = math.less(math.get(rows.loop.extent), math.constant(count + 1));
    auto ifOp = scf::IfOp::create(builder, loc, isFew, /*withElseRegion=*/true);
    OpBuilder few = ifOp.getThenBodyBuilder(), more = ifOp.getElseBodyBuilder();
    emitRows(few, count);
    emitVersions(more, 2 * count);
  };
  emitVersions(rewriter, 1);
}

/// All rows, `count` at a time.
void StreamEmitter::emitRows(OpBuilder &builder, int64_t count) {
  IndexMath math{builder, loc};
  Value zero = math.constant(0), all = math.get(rows.loop.extent);
  scf::ForOp::create(builder, loc, zero, all, math.constant(count), ValueRange(),
                     [&](OpBuilder &inner, Location, Value first, ValueRange) {
                       emitOutputs(inner, first, count);
                       scf::YieldOp::create(inner, loc);
                     });
}

/// All outputs of some rows. Where rows are missing, the last one is multiplied again, but not
/// finished.
void StreamEmitter::emitOutputs(OpBuilder &builder, Value first, int64_t count) {
  IndexMath math{builder, loc};
  Value last = math.sub(math.get(rows.loop.extent), math.constant(1));
  rowNumbers.clear();
  rowsExist.clear();
  bases.clear();
  std::optional<int64_t> known = rows.loop.getSize();
  bool areAllThere = count == 1 || (known && *known % count == 0);
  for (int64_t i = 0; i < count; ++i) {
    Value number = math.add(first, i);
    rowsExist.push_back(i == 0 || areAllThere ? Value()
                                              : math.less(number, math.get(rows.loop.extent)));
    rowNumbers.push_back(math.min(number, last));
    for (int64_t plane = 0; plane < geometry.planes; ++plane)
      bases.push_back(
          math.add(math.mul(rowNumbers.back(), rows.loop.pitch), plane * geometry.planePitch));
  }
  vectors = kAMXOutputs / lanes;
  while (vectors > 1 && vectors * int64_t(bases.size()) > mostSums)
    vectors /= 2;

  emitStarts(builder);
  constexpr int64_t kChunkBytes = 1 << 17;
  int64_t bytesOfOutputs = steps * blockBytes, blocks = geometry.countOutputBlocks();
  int64_t chunk = std::clamp<int64_t>(kChunkBytes / bytesOfOutputs, 1, blocks);
  auto forall = scf::ForallOp::create(
      builder, loc, {builder.getIndexAttr(0)}, {builder.getIndexAttr(blocks)},
      {builder.getIndexAttr(chunk)}, ValueRange(), std::nullopt,
      [&](OpBuilder &inner, Location, ValueRange begin) {
        IndexMath math{inner, loc};
        Value end = math.min(math.add(begin[0], chunk), math.constant(blocks));
        int64_t passes = kAMXOutputs / (lanes * vectors);
        scf::ForOp::create(inner, loc, begin[0], end, math.constant(1), ValueRange(),
                           [&](OpBuilder &body, Location, Value block, ValueRange) {
                             IndexMath math{body, loc};
                             scf::ForOp::create(
                                 body, loc, math.constant(0), math.constant(passes),
                                 math.constant(1), ValueRange(),
                                 [&](OpBuilder &passBody, Location, Value pass, ValueRange) {
                                   emitPass(passBody, block, pass);
                                   scf::YieldOp::create(passBody, loc);
                                 });
                             scf::YieldOp::create(body, loc);
                           });
        scf::InParallelOp::create(inner, loc);
      });
  int64_t work = chunk * bytesOfOutputs * llvm::divideCeil(bases.size(), 4);
  forall->setAttr(kCostAttr, rewriter.getI64IntegerAttr(work));
}

/// What takes the offset of the codes out of the sums again, once for all outputs.
void StreamEmitter::emitStarts(OpBuilder &builder) {
  starts.clear();
  for (Value base : bases) {
    Value factor = arith::ConstantIntOp::create(builder, loc, -bytes.getOffset(), 32);
    starts.push_back(bytes.getOffset() == 0
                         ? factor
                         : arith::MulIOp::create(builder, loc, sumDigits(builder, base), factor));
  }
}

/// The sum of all digits of a row: its products with ones.
Value StreamEmitter::sumDigits(OpBuilder &builder, Value base) {
  LaneMath math = getMath(builder);
  IndexMath index{builder, loc};
  auto loop = scf::ForOp::create(
      builder, loc, index.constant(0), index.constant(steps * kAMXBytes), index.constant(4 * lanes),
      math.constant(0), [&](OpBuilder &inner, Location, Value channel, ValueRange sums) {
        LaneMath math = getMath(inner);
        IndexMath index{inner, loc};
        Value digits = math.load(product.planes, index.add(base, channel));
        Value sum = bytes.add(math, sums[0], bytes.makeDigits(math, digits), bytes.makeOnes(math));
        scf::YieldOp::create(inner, loc, sum);
      });
  return vector::ReductionOp::create(builder, loc, vector::CombiningKind::ADD, loop.getResult(0));
}

/// Some vectors of a block of outputs.
void StreamEmitter::emitPass(OpBuilder &builder, Value block, Value pass) {
  IndexMath math{builder, loc};
  int64_t passOutputs = vectors * lanes, passBytes = passOutputs * 4;
  // Passes are parts of a row of 64 bytes, or rows.
  Value inBlock = math.mul(pass, passBytes);
  if (passBytes < kAMXBytes) {
    Value half = math.div(inBlock, math.constant(kAMXBytes));
    inBlock =
        math.add(math.rem(inBlock, math.constant(kAMXBytes)), math.mul(half, tileRows * kAMXBytes));
  } else {
    inBlock = math.mul(inBlock, tileRows);
  }
  Value weight = math.add(math.mul(block, steps * blockBytes), inBlock);
  SmallVector<Value> sums;
  for (Value start : starts)
    sums.append(vectors, getMath(builder).broadcast(start));
  auto loop = scf::ForOp::create(
      builder, loc, math.constant(0), math.constant(steps), math.constant(1), sums,
      [&](OpBuilder &outer, Location, Value step, ValueRange carried) {
        IndexMath math{outer, loc};
        Value weights = math.add(weight, math.mul(step, blockBytes));
        Value channel = math.mul(step, kAMXBytes);
        auto rowLoop = scf::ForOp::create(
            outer, loc, math.constant(0), math.constant(tileRows), math.constant(kStepRows),
            carried, [&](OpBuilder &inner, Location, Value row, ValueRange carried) {
              IndexMath math{inner, loc};
              Value position = math.add(weights, math.mul(row, kAMXBytes));
              Value first = math.add(channel, math.mul(row, 4 * fields));
              scf::YieldOp::create(inner, loc, emitStep(inner, position, first, carried));
            });
        scf::YieldOp::create(outer, loc, rowLoop.getResults());
      });
  Value output = math.add(math.mul(block, kAMXOutputs), math.mul(pass, passOutputs));
  finish(builder, output, SmallVector<Value>(loop.getResults()));
}

/// Adds the products of some rows of the weights' tiles and the digits from a channel on.
SmallVector<Value> StreamEmitter::emitStep(OpBuilder &builder, Value weights, Value channel,
                                           ValueRange carried) {
  LaneMath math = getMath(builder);
  IndexMath index{builder, loc};
  SmallVector<Value> sums(carried);
  SmallVector<Value> digits;
  for (Value base : bases)
    digits.push_back(index.add(base, channel));
  for (int64_t row = 0; row < kStepRows; ++row) {
    SmallVector<Value> codes;
    for (int64_t v = 0; v < vectors; ++v) {
      int64_t byte = v * lanes * 4;
      int64_t place = byte / kAMXBytes * tileRows * kAMXBytes + row * kAMXBytes + byte % kAMXBytes;
      codes.push_back(math.load(product.weights.front().tiles, index.add(weights, place)));
    }
    for (int64_t field = 0; field < fields; ++field) {
      auto factors = llvm::map_to_vector(
          codes, [&](Value code) { return bytes.makeCodes(math, code, field); });
      for (auto [i, base] : llvm::enumerate(digits)) {
        Value four = math.loadRepeated(product.planes, index.add(base, (row * fields + field) * 4));
        Factor factor = bytes.makeDigits(math, four);
        for (int64_t v = 0; v < vectors; ++v)
          sums[i * vectors + v] = bytes.add(math, sums[i * vectors + v], factor, factors[v]);
      }
    }
  }
  return sums;
}

/// Finishes the outputs of each row.
void StreamEmitter::finish(OpBuilder &builder, Value firstOutput, ArrayRef<Value> sums) {
  for (auto [i, exists] : llvm::enumerate(rowsExist)) {
    ArrayRef<Value> sumsOfRow =
        sums.slice(i * geometry.planes * vectors, geometry.planes * vectors);
    if (!exists) {
      finishRow(builder, rowNumbers[i], firstOutput, sumsOfRow);
      continue;
    }
    auto ifOp = scf::IfOp::create(builder, loc, exists);
    OpBuilder inner = ifOp.getThenBodyBuilder();
    finishRow(inner, rowNumbers[i], firstOutput, sumsOfRow);
  }
}

void StreamEmitter::finishRow(OpBuilder &builder, Value number, Value firstOutput,
                              ArrayRef<Value> sums) {
  IndexMath math{builder, loc};
  SmallVector<OpFoldResult> extents;
  for (unsigned member : rows.members)
    extents.push_back(geometry.rows[member].extent);
  SmallVector<Value> indices(geometry.rows.size());
  for (auto [member, part] : llvm::zip(rows.members, math.split(number, extents)))
    indices[member] = part;
  for (int64_t v = 0; v < vectors; ++v) {
    SmallVector<Value> planes;
    for (int64_t plane = 0; plane < geometry.planes; ++plane)
      planes.push_back(sums[plane * vectors + v]);
    finishVector(builder, indices, math.add(firstOutput, v * lanes), planes);
  }
}

/// Finishes a vector of outputs, or less at the end of all outputs.
void StreamEmitter::finishVector(OpBuilder &builder, ArrayRef<Value> rowIndices, Value output,
                                 ArrayRef<Value> sums) {
  int64_t tail = geometry.outputs % lanes, whole = geometry.outputs - tail;
  if (geometry.outputs % kAMXOutputs == 0)
    return epilogue(builder, rowIndices, output, lanes, sums);
  IndexMath math{builder, loc};
  auto finishIf = [&](arith::CmpIPredicate predicate, int64_t active) {
    Value holds = arith::CmpIOp::create(builder, loc, predicate, output, math.constant(whole));
    auto ifOp = scf::IfOp::create(builder, loc, holds);
    OpBuilder inner = ifOp.getThenBodyBuilder();
    epilogue(inner, rowIndices, output, active, sums);
  };
  if (whole > 0)
    finishIf(arith::CmpIPredicate::ult, lanes);
  if (tail > 0)
    finishIf(arith::CmpIPredicate::eq, tail);
}

void emitStreamKernel(RewriterBase &rewriter, Location loc, const AMXProduct &product,
                      const StreamPlan &plan, VectorUnit unit, DotUnit dots, AMXEpilogue epilogue) {
  StreamEmitter(rewriter, loc, product, plan, unit, dots, epilogue).emit();
}

} // namespace fpw::cpu
