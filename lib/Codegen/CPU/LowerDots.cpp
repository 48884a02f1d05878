//===- LowerDots.cpp - Instructions for products that lanes add -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Codegen/CPU/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace fpw::cpu {
#define GEN_PASS_DEF_FPWCPULOWERDOTS
#include "fpw/Codegen/CPU/Passes.h.inc"

using namespace mlir;

namespace {

/// Products of the elements of lanes: `sum[lane] += ext(x[lane, part]) * ext(w[lane, part])`.
struct Dot {
  Value x, w, sum; ///< x and w: vectors of integers, lane by lane
  int64_t lanes, size;
  bool isUnsigned; ///< whether x is

  static std::optional<Dot> match(vector::ContractionOp op);
};

template <typename Extension> Value getExtended(Value value) {
  auto extension = value.getDefiningOp<Extension>();
  return extension ? extension.getIn() : Value();
}

std::optional<Dot> Dot::match(vector::ContractionOp op) {
  AffineExpr lane, part;
  bindDims(op.getContext(), lane, part);
  SmallVector<AffineMap> maps = AffineMap::inferFromExprList(
      ArrayRef<ArrayRef<AffineExpr>>{{lane, part}, {lane, part}, {lane}}, op.getContext());
  Value x = getExtended<arith::ExtSIOp>(op.getLhs()), w = getExtended<arith::ExtSIOp>(op.getRhs());
  bool isUnsigned = !x;
  if (isUnsigned)
    x = getExtended<arith::ExtUIOp>(op.getLhs());
  auto sum = dyn_cast<VectorType>(op.getAccType());
  if (!x || !w || !sum || !sum.getElementType().isInteger(32) || x.getType() != w.getType() ||
      op.getIndexingMapsArray() != maps || op.getKind() != vector::CombiningKind::ADD)
    return std::nullopt;
  auto type = cast<VectorType>(x.getType());
  int64_t size = type.getDimSize(1);
  bool areWords = size == 2 && !isUnsigned, areBytes = size == 4 && isUnsigned;
  if ((!areWords && !areBytes) || type.getElementTypeBitWidth() * size != 32)
    return std::nullopt;
  return Dot{x, w, op.getAcc(), sum.getNumElements(), size, isUnsigned};
}

Value flatten(OpBuilder &builder, Location loc, Value elements) {
  auto type = cast<VectorType>(elements.getType());
  auto flat = VectorType::get({type.getNumElements()}, type.getElementType());
  return vector::ShapeCastOp::create(builder, loc, flat, elements);
}

/// The operation for vectors of this many lanes, if the machine has one.
StringRef getIntrinsic(const Dot &dot, DotUnit unit) {
  bool isWords = dot.size == 2;
  if (unit == DotUnit::Accumulate)
    switch (dot.lanes) {
    case 4:
      return isWords ? "llvm.x86.avx512.vpdpwssd.128" : "llvm.x86.avx512.vpdpbusd.128";
    case 8:
      return isWords ? "llvm.x86.avx512.vpdpwssd.256" : "llvm.x86.avx512.vpdpbusd.256";
    case 16:
      return isWords ? "llvm.x86.avx512.vpdpwssd.512" : "llvm.x86.avx512.vpdpbusd.512";
    }
  if (unit == DotUnit::Multiply && isWords)
    switch (dot.lanes) {
    case 4:
      return "llvm.x86.sse2.pmadd.wd";
    case 8:
      return "llvm.x86.avx2.pmadd.wd";
    case 16:
      return "llvm.x86.avx512.pmaddw.d.512";
    }
  return {};
}

/// One element of each lane, extended.
Value extractElement(OpBuilder &builder, Location loc, Value lanes, int64_t element, int64_t bits,
                     bool isUnsigned) {
  auto type = cast<VectorType>(lanes.getType());
  auto shiftBy = [&](int64_t amount) {
    return arith::ConstantOp::create(
        builder, loc, DenseElementsAttr::get(type, builder.getI32IntegerAttr(int32_t(amount))));
  };
  Value top = arith::ShLIOp::create(builder, loc, lanes, shiftBy(32 - bits * (element + 1)));
  if (isUnsigned)
    return arith::ShRUIOp::create(builder, loc, top, shiftBy(32 - bits));
  return arith::ShRSIOp::create(builder, loc, top, shiftBy(32 - bits));
}

/// The products one after the other, with operations that every machine has.
Value emitPlainDot(OpBuilder &builder, Location loc, const Dot &dot) {
  auto lanes = cast<VectorType>(dot.sum.getType());
  Value x = vector::BitCastOp::create(builder, loc, lanes, flatten(builder, loc, dot.x));
  Value w = vector::BitCastOp::create(builder, loc, lanes, flatten(builder, loc, dot.w));
  int64_t bits = 32 / dot.size;
  Value sum = dot.sum;
  for (int64_t element = 0; element < dot.size; ++element) {
    Value a = extractElement(builder, loc, x, element, bits, dot.isUnsigned);
    Value b = extractElement(builder, loc, w, element, bits, /*isUnsigned=*/false);
    Value product = arith::MulIOp::create(builder, loc, a, b);
    sum = arith::AddIOp::create(builder, loc, sum, product);
  }
  return sum;
}

Value emitDot(OpBuilder &builder, Location loc, const Dot &dot, DotUnit unit) {
  StringRef intrinsic = getIntrinsic(dot, unit);
  if (intrinsic.empty())
    return emitPlainDot(builder, loc, dot);
  auto call = [&](ValueRange operands) -> Value {
    return LLVM::CallIntrinsicOp::create(builder, loc, dot.sum.getType(),
                                         builder.getStringAttr(intrinsic), operands)
        .getResult(0);
  };
  Value x = flatten(builder, loc, dot.x), w = flatten(builder, loc, dot.w);
  if (unit == DotUnit::Accumulate)
    return call({dot.sum, x, w});
  return arith::AddIOp::create(builder, loc, dot.sum, call({x, w}));
}

struct LowerDots : impl::FPWCPULowerDotsBase<LowerDots> {
  using FPWCPULowerDotsBase::FPWCPULowerDotsBase;

  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    getOperation().walk([&](vector::ContractionOp op) {
      if (std::optional<Dot> dot = Dot::match(op)) {
        rewriter.setInsertionPoint(op);
        rewriter.replaceOp(op, emitDot(rewriter, op.getLoc(), *dot, dotUnit));
      }
    });
  }
};

} // namespace
} // namespace fpw::cpu
