//===- MatrixUnit.cpp - What warps do with a stage of two matrices in shared memory -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MatrixUnit.h"

using namespace mlir;

namespace fpw::gpu {

MatrixUnit::MatrixUnit(KernelMath &math, const MatrixFactors &factors, Value thread)
    : factors(factors) {
  const MatrixTile &tile = factors.tile;
  lane = math.remainder(thread, 32);
  Value warp = math.divide(thread, 32);
  firstRow = math.multiply(math.divide(warp, tile.warpColumns), tile.rows / tile.warpRows);
  firstColumn =
      math.multiply(math.remainder(warp, tile.warpColumns), tile.columns / tile.warpColumns);
  laneRow = math.add(firstRow, math.divide(lane, 4));
  laneColumn = math.add(firstColumn, math.multiply(math.remainder(lane, 4), 2));
}

SmallVector<Value> unpackWords(KernelMath &math, Value words) {
  SmallVector<Value> values;
  auto type = cast<LLVM::LLVMStructType>(words.getType());
  for (size_t i = 0; i < type.getBody().size(); ++i)
    values.push_back(LLVM::ExtractValueOp::create(math.builder, math.loc, words, i));
  return values;
}

LLVM::LLVMStructType getWordsType(OpBuilder &builder, int64_t count) {
  return LLVM::LLVMStructType::getLiteral(builder.getContext(),
                                          SmallVector<Type>(count, builder.getI32Type()));
}

} // namespace fpw::gpu
