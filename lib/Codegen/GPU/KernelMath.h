//===- KernelMath.h - Arithmetic of kernels, in 32 bits -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_CODEGEN_GPU_KERNELMATH_H
#define FPW_LIB_CODEGEN_GPU_KERNELMATH_H

#include "fpw/Support/LLVM.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace fpw::gpu {

/// Emits integer arithmetic. Kernels count in i32, for which a GPU has instructions, and only make
/// addresses of i64.
class KernelMath {
public:
  KernelMath(OpBuilder &builder, Location loc) : builder(builder), loc(loc) {}

  Value constant(int64_t value) {
    return mlir::arith::ConstantIntOp::create(builder, loc, value, 32);
  }
  Value constant64(int64_t value) {
    return mlir::arith::ConstantIntOp::create(builder, loc, value, 64);
  }
  /// An index, or a constant, as i32 or i64.
  Value fromIndex(mlir::OpFoldResult index, unsigned width = 32) {
    if (std::optional<int64_t> value = mlir::getConstantIntValue(index))
      return width == 32 ? constant(*value) : constant64(*value);
    return mlir::arith::IndexCastUIOp::create(builder, loc, builder.getIntegerType(width),
                                              cast<Value>(index));
  }
  Value toIndex(Value value) {
    return mlir::arith::IndexCastUIOp::create(builder, loc, builder.getIndexType(), value);
  }
  Value extend(Value value) {
    return builder.createOrFold<mlir::arith::ExtUIOp>(loc, builder.getI64Type(), value);
  }

  Value add(Value a, Value b) { return builder.createOrFold<mlir::arith::AddIOp>(loc, a, b); }
  Value multiply(Value a, Value b) { return builder.createOrFold<mlir::arith::MulIOp>(loc, a, b); }
  Value add(Value a, int64_t b) { return add(a, constant(b)); }
  Value multiply(Value a, int64_t b) { return multiply(a, constant(b)); }
  Value divide(Value a, int64_t b) {
    return b == 1 ? a : builder.createOrFold<mlir::arith::DivUIOp>(loc, a, constant(b));
  }
  Value remainder(Value a, int64_t b) {
    return b == 1 ? constant(0) : builder.createOrFold<mlir::arith::RemUIOp>(loc, a, constant(b));
  }
  Value exclusiveOr(Value a, Value b) {
    return builder.createOrFold<mlir::arith::XOrIOp>(loc, a, b);
  }
  Value exclusiveOr(Value a, int64_t b) { return exclusiveOr(a, constant(b)); }
  Value isBelow(Value a, Value b) {
    return builder.createOrFold<mlir::arith::CmpIOp>(loc, mlir::arith::CmpIPredicate::ult, a, b);
  }
  Value select(Value condition, Value a, Value b) {
    return mlir::arith::SelectOp::create(builder, loc, condition, a, b);
  }
  /// Both, where null is true.
  Value both(Value a, Value b) {
    return !a ? b : !b ? a : Value(mlir::arith::AndIOp::create(builder, loc, a, b));
  }

  /// The indices of loops of these sizes (i32 or constants) from a number that counts along them.
  SmallVector<Value> delinearize(Value number, ArrayRef<mlir::OpFoldResult> sizes) {
    SmallVector<Value> indices(sizes.size());
    for (size_t i = sizes.size(); i-- > 1;) {
      Value size = fromIndex32(sizes[i]);
      indices[i] = builder.createOrFold<mlir::arith::RemUIOp>(loc, number, size);
      number = builder.createOrFold<mlir::arith::DivUIOp>(loc, number, size);
    }
    if (!sizes.empty())
      indices[0] = number;
    return indices;
  }

  OpBuilder &builder;
  Location loc;

private:
  Value fromIndex32(mlir::OpFoldResult size) {
    auto value = dyn_cast<Value>(size);
    return value && value.getType().isInteger(32) ? value : fromIndex(size);
  }
};

} // namespace fpw::gpu

#endif // FPW_LIB_CODEGEN_GPU_KERNELMATH_H
