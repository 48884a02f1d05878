//===- LowerSplits.cpp - Instructions that round codes and store digits -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Digits are bytes of 32-bit codes, c >> 8 d. For 64 neighbouring codes in four registers v0..v3
// AVX-512 takes half of each code (a word, shared by two digits), puts the words of two registers
// into one, and their low or high bytes likewise. Both steps work within the four quarters of a
// register, so that of the result
//
//   dword 4 q + j   holds the bytes of codes 4 q .. 4 q + 3 of vj
//
// and a transposition of 4x4 dwords puts them in order: 7 shuffles for 64 bytes of two digits,
// where a truncation for each register takes 16.
//
//===----------------------------------------------------------------------===//

#include "fpw/Codegen/CPU/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace fpw::cpu {
#define GEN_PASS_DEF_FPWCPULOWERSPLITS
#include "fpw/Codegen/CPU/Passes.h.inc"

using namespace mlir;

namespace {

constexpr int64_t kLanes = 16;    ///< dwords of a register
constexpr int64_t kRegisters = 4; ///< registers of codes whose bytes fill one

bool isRegister(Type type, unsigned bits) {
  auto vector = dyn_cast<VectorType>(type);
  return vector && vector.getRank() == 1 && vector.getNumElements() == kLanes &&
         !vector.isScalable() && vector.getElementTypeBitWidth() == bits;
}

Value call(OpBuilder &b, Location loc, StringRef intrinsic, Type type, ValueRange operands) {
  return LLVM::CallIntrinsicOp::create(b, loc, type, b.getStringAttr(intrinsic), operands)
      .getResult(0);
}

//===----------------------------------------------------------------------===//
// Rounding
//===----------------------------------------------------------------------===//

/// The number without the 0 in place of a NaN, which keeps conversions defined: the instruction
/// has a result for every operand.
Value skipReplacedNaN(Value value) {
  auto select = value.getDefiningOp<arith::SelectOp>();
  if (!select || !matchPattern(select.getFalseValue(), m_AnyZeroFloat()))
    return value;
  auto compare = select.getCondition().getDefiningOp<arith::CmpFOp>();
  bool isOrdered = compare && compare.getPredicate() == arith::CmpFPredicate::ORD &&
                   compare.getLhs() == select.getTrueValue() &&
                   compare.getRhs() == select.getTrueValue();
  return isOrdered ? select.getTrueValue() : value;
}

/// Conversions round by themselves, as the control register says: to nearest, ties to even (N0).
template <typename Conversion>
void lowerConversion(IRRewriter &rewriter, Conversion op, StringRef intrinsic) {
  auto rounded = op.getIn().template getDefiningOp<math::RoundEvenOp>();
  if (!rounded || !isRegister(op.getType(), 32) || !isRegister(rounded.getType(), 32))
    return;
  Location loc = op.getLoc();
  rewriter.setInsertionPoint(op);
  auto constant = [&](Attribute value) -> Value {
    return arith::ConstantOp::create(rewriter, loc, cast<TypedAttr>(value));
  };
  Value passThrough = constant(rewriter.getZeroAttr(op.getType()));
  Value all = constant(rewriter.getI16IntegerAttr(-1));
  Value current = constant(rewriter.getI32IntegerAttr(4));
  Value source = skipReplacedNaN(rounded.getOperand());
  rewriter.replaceOp(
      op, call(rewriter, loc, intrinsic, op.getType(), {source, passThrough, all, current}));
}

//===----------------------------------------------------------------------===//
// Bytes
//===----------------------------------------------------------------------===//

/// A sum of a value and a number.
struct Position {
  Value base;
  int64_t offset;

  static Position get(Value index) {
    if (std::optional<int64_t> constant = getConstantIntValue(index))
      return {Value(), *constant};
    auto apply = index.getDefiningOp<affine::AffineApplyOp>();
    if (!apply || apply.getNumOperands() != 1)
      return {index, 0};
    auto sum = dyn_cast<AffineBinaryOpExpr>(apply.getAffineMap().getResult(0));
    auto added = sum ? dyn_cast<AffineConstantExpr>(sum.getRHS()) : AffineConstantExpr();
    if (!added || sum.getKind() != AffineExprKind::Add || !isa<AffineDimExpr>(sum.getLHS()))
      return {index, 0};
    return {apply.getOperand(0), added.getValue()};
  }

  bool operator==(const Position &other) const {
    return base == other.base && offset == other.offset;
  }
};

/// A store of one byte of each code: `(code >> shift) ^ flip`.
struct ByteStore {
  vector::StoreOp op;
  Value codes;
  int64_t shift = 0, flip = 0;
  SmallVector<Position> position;

  static std::optional<ByteStore> match(Operation *op);

  Position getLast() const { return position.back(); }
  /// Whether both belong to one line of bytes.
  bool isInLineOf(const ByteStore &other) const {
    return shift == other.shift && flip == other.flip &&
           llvm::equal(ArrayRef(position).drop_back(), ArrayRef(other.position).drop_back()) &&
           getLast().base == other.getLast().base;
  }
  /// Whether both are known to write different elements.
  bool isApartFrom(const ByteStore &other) const {
    for (auto [a, b] :
         llvm::zip(ArrayRef(position).drop_back(), ArrayRef(other.position).drop_back()))
      if (a.base == b.base && a.offset != b.offset)
        return true;
    return getLast().base == other.getLast().base &&
           std::abs(getLast().offset - other.getLast().offset) >= kLanes;
  }
};

/// Takes an operation by a number off a value.
template <typename Op> int64_t skipConstant(Value &value) {
  auto op = value.getDefiningOp<Op>();
  APInt constant;
  if (!op || !matchPattern(op.getRhs(), m_ConstantInt(&constant)))
    return 0;
  value = op.getLhs();
  return constant.getSExtValue();
}

std::optional<ByteStore> ByteStore::match(Operation *op) {
  auto store = dyn_cast<vector::StoreOp>(op);
  auto bytes = store ? store.getValueToStore().getDefiningOp<arith::TruncIOp>() : nullptr;
  if (!bytes || !isRegister(bytes.getType(), 8) || !isRegister(bytes.getIn().getType(), 32))
    return std::nullopt;
  ByteStore result;
  result.op = store;
  result.codes = bytes.getIn();
  result.flip = skipConstant<arith::XOrIOp>(result.codes) & 0xff;
  result.shift = skipConstant<arith::ShRUIOp>(result.codes);
  if (result.shift % 8 != 0 || result.shift < 0 || result.shift > 24)
    return std::nullopt;
  result.position = llvm::map_to_vector(store.getIndices(), Position::get);
  return result;
}

/// Emits the bytes of four registers of codes as one.
struct BytePacker {
  OpBuilder &b;
  Location loc;

  Value splat(Type type, int64_t value) {
    auto vector = cast<VectorType>(type);
    APInt bits(vector.getElementTypeBitWidth(), value);
    return arith::ConstantOp::create(b, loc, DenseElementsAttr::get(vector, bits));
  }

  /// The low or high half of each element.
  Value takeHalf(Value elements, bool isHigh) {
    auto type = cast<VectorType>(elements.getType());
    int64_t bits = type.getElementTypeBitWidth() / 2;
    if (isHigh)
      return arith::ShRUIOp::create(b, loc, elements, splat(type, bits));
    return arith::AndIOp::create(b, loc, elements,
                                 splat(type, llvm::maskTrailingOnes<uint64_t>(bits)));
  }

  Value packWords(Value low, Value high, bool isHigh) {
    return call(b, loc, "llvm.x86.avx512.packusdw.512", VectorType::get({32}, b.getI16Type()),
                {takeHalf(low, isHigh), takeHalf(high, isHigh)});
  }

  Value packBytes(Value low, Value high, bool isHigh) {
    return call(b, loc, "llvm.x86.avx512.packuswb.512", VectorType::get({64}, b.getI8Type()),
                {takeHalf(low, isHigh), takeHalf(high, isHigh)});
  }

  Value pack(ArrayRef<Value> codes, int64_t shift, int64_t flip) {
    bool isHighWord = shift >= 16, isHighByte = shift % 16 != 0;
    Value bytes = packBytes(packWords(codes[0], codes[1], isHighWord),
                            packWords(codes[2], codes[3], isHighWord), isHighByte);
    auto dwords = VectorType::get({kLanes}, b.getI32Type());
    Value packed = vector::BitCastOp::create(b, loc, dwords, bytes);
    SmallVector<int64_t> transposition;
    for (int64_t j = 0; j < kRegisters; ++j)
      for (int64_t quarter = 0; quarter < 4; ++quarter)
        transposition.push_back(4 * quarter + j);
    Value ordered = vector::ShuffleOp::create(b, loc, packed, packed, transposition);
    Value result = vector::BitCastOp::create(b, loc, bytes.getType(), ordered);
    return flip ? arith::XOrIOp::create(b, loc, result, splat(result.getType(), flip)) : result;
  }
};

/// Stores of bytes with no other access to memory between.
using Run = SmallVector<ByteStore>;

void sortByOffset(MutableArrayRef<ByteStore> line) {
  llvm::sort(line, [](const ByteStore &a, const ByteStore &b) {
    return a.getLast().offset < b.getLast().offset;
  });
}

/// Stores what four stores write, where the last of them in the block is.
void packStores(IRRewriter &rewriter, ArrayRef<ByteStore> line, vector::StoreOp last) {
  rewriter.setInsertionPoint(last);
  auto codes = llvm::map_to_vector(line, [](const ByteStore &store) { return store.codes; });
  vector::StoreOp first = line.front().op;
  Value bytes =
      BytePacker{rewriter, first.getLoc()}.pack(codes, line.front().shift, line.front().flip);
  vector::StoreOp::create(rewriter, first.getLoc(), bytes, first.getBase(), first.getIndices());
  for (const ByteStore &store : line)
    rewriter.eraseOp(store.op);
}

/// Whether these continue each other.
bool isContiguous(ArrayRef<ByteStore> line) {
  for (auto [store, next] : llvm::zip(line, line.drop_front()))
    if (next.getLast().offset != store.getLast().offset + kLanes)
      return false;
  return true;
}

void packRun(IRRewriter &rewriter, const Run &run) {
  for (const auto &[i, store] : llvm::enumerate(run))
    for (const ByteStore &other : ArrayRef(run).take_front(i))
      if (!store.isApartFrom(other))
        return; // their order may matter
  SmallVector<Run> lines;
  for (const ByteStore &store : run) {
    auto *line = llvm::find_if(lines, [&](Run &line) { return store.isInLineOf(line.front()); });
    if (line == lines.end())
      lines.push_back({store});
    else
      line->push_back(store);
  }
  for (Run &line : lines) {
    auto lastOf = [](ArrayRef<ByteStore> stores) {
      return llvm::max_element(
                 stores,
                 [](const ByteStore &a, const ByteStore &b) { return a.op->isBeforeInBlock(b.op); })
          ->op;
    };
    sortByOffset(line);
    ArrayRef<ByteStore> rest = line;
    while (rest.size() >= kRegisters) {
      ArrayRef<ByteStore> group = rest.take_front(kRegisters);
      bool fits = isContiguous(group);
      if (fits)
        packStores(rewriter, group, lastOf(group));
      rest = rest.drop_front(fits ? kRegisters : 1);
    }
  }
}

void packStoresOf(IRRewriter &rewriter, Block &block) {
  SmallVector<Run> runs(1);
  for (Operation &op : block) {
    std::optional<ByteStore> store = ByteStore::match(&op);
    bool continues =
        store && (runs.back().empty() || runs.back().front().op.getBase() == store->op.getBase());
    if (!continues && !isMemoryEffectFree(&op) && !runs.back().empty())
      runs.emplace_back();
    if (store)
      runs.back().push_back(*store);
  }
  for (const Run &run : runs)
    packRun(rewriter, run);
}

struct LowerSplits : impl::FPWCPULowerSplitsBase<LowerSplits> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    getOperation().walk([&](Operation *op) {
      if (auto conversion = dyn_cast<arith::FPToSIOp>(op))
        lowerConversion(rewriter, conversion, "llvm.x86.avx512.mask.cvtps2dq.512");
      else if (auto conversion = dyn_cast<arith::FPToUIOp>(op))
        lowerConversion(rewriter, conversion, "llvm.x86.avx512.mask.cvtps2udq.512");
    });
    getOperation().walk([&](Block *block) { packStoresOf(rewriter, *block); });
  }
};

} // namespace
} // namespace fpw::cpu
