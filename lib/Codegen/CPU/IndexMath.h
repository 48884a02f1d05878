//===- IndexMath.h - Arithmetic on indices in emitted code -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_CODEGEN_CPU_INDEXMATH_H
#define FPW_LIB_CODEGEN_CPU_INDEXMATH_H

#include "fpw/Support/LLVM.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

namespace fpw::cpu {

/// Arithmetic on indices that are not negative.
struct IndexMath {
  OpBuilder &builder;
  Location loc;

  Value constant(int64_t value) {
    return mlir::arith::ConstantIndexOp::create(builder, loc, value);
  }
  Value get(mlir::OpFoldResult value) {
    return mlir::getValueOrCreateConstantIndexOp(builder, loc, value);
  }
  Value add(Value a, Value b) { return builder.createOrFold<mlir::arith::AddIOp>(loc, a, b); }
  Value add(Value a, int64_t b) { return b == 0 ? a : add(a, constant(b)); }
  Value sub(Value a, Value b) { return builder.createOrFold<mlir::arith::SubIOp>(loc, a, b); }
  Value mul(Value a, Value b) { return builder.createOrFold<mlir::arith::MulIOp>(loc, a, b); }
  Value mul(Value a, int64_t b) { return b == 1 ? a : mul(a, constant(b)); }
  Value div(Value a, Value b) { return builder.createOrFold<mlir::arith::DivUIOp>(loc, a, b); }
  Value rem(Value a, Value b) { return builder.createOrFold<mlir::arith::RemUIOp>(loc, a, b); }
  Value min(Value a, Value b) { return builder.createOrFold<mlir::arith::MinUIOp>(loc, a, b); }
  Value ceilDiv(Value a, int64_t b) { return div(add(a, b - 1), constant(b)); }
  Value less(Value a, Value b) {
    return builder.createOrFold<mlir::arith::CmpIOp>(loc, mlir::arith::CmpIPredicate::ult, a, b);
  }

  /// Splits an index over loops of the given extents into an index for each; the first takes what
  /// the others leave.
  SmallVector<Value> split(Value index, ArrayRef<mlir::OpFoldResult> extents) {
    SmallVector<Value> indices(extents.size());
    for (size_t i = extents.size(); i-- > 1;) {
      if (mlir::isConstantIntValue(extents[i], 1)) {
        indices[i] = constant(0);
        continue;
      }
      Value extent = get(extents[i]);
      indices[i] = rem(index, extent);
      index = div(index, extent);
    }
    if (!extents.empty())
      indices[0] = index;
    return indices;
  }
};

} // namespace fpw::cpu

#endif // FPW_LIB_CODEGEN_CPU_INDEXMATH_H
