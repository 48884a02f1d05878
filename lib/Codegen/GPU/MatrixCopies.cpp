//===- MatrixCopies.cpp - Brings tiles of matrices to shared memory -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MatrixCopies.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace fpw::gpu {

static constexpr unsigned kGlobalSpace = 1;

FactorCopies::FactorCopies(KernelMath &math, const MatrixTile &tile, const MatrixFactor &factor,
                           Value thread, LocateRow locate)
    : factor(factor) {
  int64_t copiesPerRow = tile.depth / factor.width;
  rowsPerPass = tile.getThreads() / copiesPerRow;
  passes = llvm::divideCeil(factor.rows, rowsPerPass);
  Value firstRow = math.divide(thread, copiesPerRow);
  firstByte = math.multiply(math.remainder(thread, copiesPerRow), factor.width);
  Value chunk = math.divide(firstByte, 16), within = math.remainder(firstByte, 16);
  for (int64_t pass = 0; pass < passes; ++pass) {
    Value row = math.add(firstRow, pass * rowsPerPass);
    sources.push_back(locate(row));
    Value place = math.exclusiveOr(chunk, emitSwizzle(math, row, tile.depth));
    Value target = math.add(math.multiply(row, tile.depth), math.multiply(place, 16));
    targets.push_back(math.add(math.add(target, within), factor.offset));
  }
  if (factor.rows % rowsPerPass != 0)
    hasLastPass =
        math.isBelow(math.add(firstRow, (passes - 1) * rowsPerPass), math.constant(factor.rows));
}

/// `cp.async`: 16 bytes pass the first-level cache by.
static void emitCopy(KernelMath &math, Value target, Value source, int64_t width, Value bytes) {
  auto cache = width == 16 ? NVVM::LoadCacheModifierKind::CG : NVVM::LoadCacheModifierKind::CA;
  NVVM::CpAsyncOp::create(math.builder, math.loc, target, source, width, cache, bytes);
}

void FactorCopies::emit(KernelMath &math, Value shared, Value stage, Value offset,
                        Value inside) const {
  MLIRContext *context = math.builder.getContext();
  auto globalType = LLVM::LLVMPointerType::get(context, kGlobalSpace);
  for (int64_t pass = 0; pass < passes; ++pass) {
    scf::IfOp guard;
    OpBuilder::InsertionGuard restore(math.builder);
    if (hasLastPass && pass + 1 == passes) {
      guard = scf::IfOp::create(math.builder, math.loc, hasLastPass, /*withElseRegion=*/false);
      math.builder.setInsertionPointToStart(&guard.getThenRegion().front());
    }
    auto [address, exists] = sources[pass];
    Value source =
        LLVM::IntToPtrOp::create(math.builder, math.loc, globalType, math.add(address, offset));
    Value place = math.add(stage, targets[pass]);
    Value target = LLVM::GEPOp::create(math.builder, math.loc, shared.getType(),
                                       math.builder.getI8Type(), shared, ValueRange{place});
    Value bytes;
    if (Value copies = math.both(exists, inside))
      bytes = math.select(copies, math.constant(factor.width), math.constant(0));
    emitCopy(math, target, source, factor.width, bytes);
  }
}

} // namespace fpw::gpu
