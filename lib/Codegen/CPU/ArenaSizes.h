//===- ArenaSizes.h - The sizes of buffers as functions of the batch -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_CODEGEN_CPU_ARENASIZES_H
#define FPW_LIB_CODEGEN_CPU_ARENASIZES_H

#include "fpw/Support/LLVM.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/IRMapping.h"
#include <optional>

namespace fpw::cpu {

/// Writes a function of the batch and the number of workers that computes sizes: it repeats what a
/// network computes for its buffers. Inside of a loop, it takes the first iteration, if others need
/// no more.
class ArenaSizes {
public:
  ArenaSizes(mlir::func::FuncOp network, SymbolTable &symbols);

  struct Size {
    Value bytes;
    int64_t estimate;
  };
  /// The bytes of a buffer, a multiple of the alignment; nothing if they do not follow from the
  /// batch.
  std::optional<Size> getBytes(mlir::memref::AllocOp alloc);

  Value getWorkers() { return function.getArgument(1); }
  Value constant(int64_t value);
  Value add(Value a, Value b);
  Value multiply(Value a, Value b);
  Value max(Value a, Value b);
  /// The value for a small batch and one worker.
  int64_t estimate(Value value);

  /// Lets the function return the values.
  mlir::func::FuncOp finish(ArrayRef<Value> values);

  /// The batch in the network.
  Value getBatch(OpBuilder &builder, Location loc);

private:
  /// The value in the function, or null.
  Value repeat(Value value);
  Value repeatDim(mlir::memref::DimOp dim);
  bool isLargestAtFirst(Operation *op);

  mlir::func::FuncOp network, function;
  OpBuilder builder;
  mlir::IRMapping repeated;
  DenseMap<Value, int64_t> estimates;
};

} // namespace fpw::cpu

#endif // FPW_LIB_CODEGEN_CPU_ARENASIZES_H
