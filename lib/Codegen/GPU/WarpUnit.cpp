//===- WarpUnit.cpp - Products of matrices by the warps of a block -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which lane holds and addresses what: PTX ISA, "Matrix Fragments for mma.m16n8k32", "ldmatrix".
//
//===----------------------------------------------------------------------===//

#include "MatrixCopies.h"
#include "MatrixUnit.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;

namespace fpw::gpu {

namespace {
constexpr int64_t kStep = 32; // bytes of k in one instruction

class WarpUnit : public MatrixUnit {
public:
  WarpUnit(KernelMath &math, const MatrixFactors &factors, Value thread);
  SmallVector<Value> emitStage(KernelMath &math, Value shared, Value stage, ValueRange accumulators,
                               EmitCopies emitCopies) const override;

private:
  Value multiply(KernelMath &math, ValueRange image, ValueRange weight, ValueRange sums) const;

  /// Addresses within a stage for each step of 32 bytes, of the first row tile of the first plane
  /// and of the first two column tiles.
  SmallVector<Value> imageAddresses, weightAddresses;
};
} // namespace

WarpUnit::WarpUnit(KernelMath &math, const MatrixFactors &factors, Value thread)
    : MatrixUnit(math, factors, thread) {
  const MatrixTile &tile = factors.tile;
  // Of the image, lanes 0 to 15 address the rows of a tile, and 16 to 31 the same rows 16 bytes on.
  // Of the weight, each eight lanes address the rows of one column tile, 16 bytes on for every
  // second eight.
  Value imageRow = math.add(firstRow, math.remainder(lane, 16));
  Value weightRow = math.add(
      firstColumn, math.add(math.remainder(lane, 8), math.multiply(math.divide(lane, 16), 8)));
  auto address = [&](Value row, Value half, int64_t step, int64_t offset) {
    Value chunk = math.exclusiveOr(half, emitSwizzle(math, row, tile.depth));
    Value place = math.exclusiveOr(chunk, step * (kStep / 16));
    return math.add(math.add(math.multiply(row, tile.depth), math.multiply(place, 16)), offset);
  };
  for (int64_t step = 0; step < tile.depth / kStep; ++step) {
    imageAddresses.push_back(address(imageRow, math.divide(lane, 16), step, 0));
    weightAddresses.push_back(address(weightRow, math.remainder(math.divide(lane, 8), 2), step,
                                      factors.planes * tile.rows * tile.depth));
  }
}

static Value moveAddress(KernelMath &math, Value address, LLVM::GEPArg bytes) {
  return LLVM::GEPOp::create(math.builder, math.loc, address.getType(), math.builder.getI8Type(),
                             address, bytes);
}

/// Four matrices of 8 rows of 16 bytes, from the address that each lane has for a row. The distance
/// is a constant of the instruction.
static SmallVector<Value> loadFragments(KernelMath &math, Value address, int64_t distance) {
  OpBuilder &builder = math.builder;
  if (distance != 0)
    address = moveAddress(math, address, static_cast<int32_t>(distance));
  Value words = NVVM::LdMatrixOp::create(
      builder, math.loc, getWordsType(builder, 4), address, 4, NVVM::MMALayout::row,
      NVVM::LdStMatrixShapeAttr::get(builder.getContext(), 8, 8), NVVM::LdStMatrixEltType::B16);
  return unpackWords(math, words);
}

Value WarpUnit::multiply(KernelMath &math, ValueRange image, ValueRange weight,
                         ValueRange sums) const {
  auto type = [](bool isUnsigned) { return isUnsigned ? NVVM::MMATypes::u8 : NVVM::MMATypes::s8; };
  std::array<NVVM::MMATypes, 2> types{type(factors.unsignedImage), type(factors.unsignedWeight)};
  std::array<NVVM::MMALayout, 2> layouts{NVVM::MMALayout::row, NVVM::MMALayout::col};
  return NVVM::MmaOp::create(math.builder, math.loc, getWordsType(math.builder, 4), image, weight,
                             sums, {16, 8, kStep}, std::nullopt, NVVM::MMAIntOverflow::wrapped,
                             types, layouts);
}

SmallVector<Value> WarpUnit::emitStage(KernelMath &math, Value shared, Value stage,
                                       ValueRange accumulators, EmitCopies emitCopies) const {
  emitCopies(); // first, so that they are on the way for long
  const MatrixTile &tile = factors.tile;
  SmallVector<Value> sums(accumulators);
  for (auto [imageAddress, weightAddress] : llvm::zip(imageAddresses, weightAddresses)) {
    Value image = moveAddress(math, shared, math.add(stage, imageAddress));
    Value weight = moveAddress(math, shared, math.add(stage, weightAddress));
    SmallVector<Value> columns; // two words for each column tile
    for (int64_t pair = 0; pair < tile.getColumnTiles(); pair += 2)
      llvm::append_range(columns, loadFragments(math, weight, pair * 8 * tile.depth));
    for (int64_t plane = 0; plane < factors.planes; ++plane)
      for (int64_t rowTile = 0; rowTile < tile.getRowTiles(); ++rowTile) {
        int64_t row = plane * tile.rows + rowTile * 16;
        SmallVector<Value> rows = loadFragments(math, image, row * tile.depth);
        for (int64_t columnTile = 0; columnTile < tile.getColumnTiles(); ++columnTile) {
          MutableArrayRef<Value> tileSums =
              MutableArrayRef(sums).slice(getNumber(plane, rowTile, columnTile, 0, 0), 4);
          Value words = multiply(math, rows, ArrayRef(columns).slice(2 * columnTile, 2), tileSums);
          llvm::copy(unpackWords(math, words), tileSums.begin());
        }
      }
  }
  return sums;
}

std::unique_ptr<MatrixUnit> MatrixUnit::createForWarps(KernelMath &math,
                                                       const MatrixFactors &factors, Value thread) {
  return std::make_unique<WarpUnit>(math, factors, thread);
}

} // namespace fpw::gpu
