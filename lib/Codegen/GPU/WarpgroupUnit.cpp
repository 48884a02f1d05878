//===- WarpgroupUnit.cpp - Products of matrices by four warps of Hopper together -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// wgmma reads both factors from shared memory through descriptors, in the layout that the copies
// write: rows of 64 or 128 bytes, swizzled, eight of them a block (PTX ISA, "Matrix Descriptor").
//
//===----------------------------------------------------------------------===//

#include "MatrixUnit.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;

namespace fpw::gpu {

namespace {
constexpr int64_t kStep = 32; // bytes of k in one instruction
constexpr int64_t kGroupRows = 64;

class WarpgroupUnit : public MatrixUnit {
public:
  WarpgroupUnit(KernelMath &math, const MatrixFactors &factors, Value thread)
      : MatrixUnit(math, factors, thread),
        groupRow(math.multiply(math.divide(thread, 128), kGroupRows)) {}

  void emitFence(KernelMath &math) const override {
    NVVM::FenceProxyOp::create(
        math.builder, math.loc, NVVM::ProxyKind::async_shared,
        NVVM::SharedSpaceAttr::get(math.builder.getContext(), NVVM::SharedSpace::shared_cta));
  }
  SmallVector<Value> emitStage(KernelMath &math, Value shared, Value stage, ValueRange accumulators,
                               EmitCopies emitCopies) const override;

private:
  Value makeDescriptor(KernelMath &math, Value address) const;
  Value multiply(KernelMath &math, Value image, Value weight, Value sums) const;

  Value groupRow; ///< the first row of the warpgroup
};
} // namespace

/// Makes the registers' values known before this place, and unknown to what follows: an assembly of
/// no instructions that reads and writes them. Nothing else keeps LLVM from setting accumulators
/// to zero after wgmma.fence, or from computing with them before wgmma.wait_group: neither names
/// the registers it is about.
static SmallVector<Value> settle(KernelMath &math, ValueRange registers) {
  std::string constraints;
  for (size_t i = 0; i < registers.size(); ++i)
    constraints += "=r,";
  for (size_t i = 0; i < registers.size(); ++i)
    constraints += std::to_string(i) + (i + 1 < registers.size() ? "," : "");
  auto words = LLVM::InlineAsmOp::create(
      math.builder, math.loc, getWordsType(math.builder, registers.size()), registers,
      /*asm_string=*/"", constraints, /*has_side_effects=*/true, /*is_align_stack=*/false,
      LLVM::tailcallkind::TailCallKind::None,
      LLVM::AsmDialectAttr::get(math.builder.getContext(), LLVM::AsmDialect::AD_ATT),
      /*operand_attrs=*/ArrayAttr());
  return unpackWords(math, words.getResult(0));
}

/// Bits 0 to 13 are those of the address above 16; 32 to 45 the distance of blocks of eight rows in
/// units of 16 bytes; 62 and 63 the swizzle: 1 for rows of 128 bytes, 2 for 64.
Value WarpgroupUnit::makeDescriptor(KernelMath &math, Value address) const {
  OpBuilder &builder = math.builder;
  int64_t depth = factors.tile.depth;
  uint64_t fixed = uint64_t(8 * depth / 16) << 32 | uint64_t(depth == 128 ? 1 : 2) << 62 | 1 << 16;
  Value low = arith::AndIOp::create(builder, math.loc, address, math.constant((1 << 18) - 1));
  Value words = math.extend(math.divide(low, 16));
  return arith::OrIOp::create(builder, math.loc, words, math.constant64(fixed));
}

Value WarpgroupUnit::multiply(KernelMath &math, Value image, Value weight, Value sums) const {
  OpBuilder &builder = math.builder;
  MLIRContext *context = builder.getContext();
  auto type = [](bool isUnsigned) {
    return isUnsigned ? NVVM::WGMMATypes::u8 : NVVM::WGMMATypes::s8;
  };
  auto shape = NVVM::MMAShapeAttr::get(context, kGroupRows, factors.tile.columns, kStep);
  return NVVM::WgmmaMmaAsyncOp::create(
      builder, math.loc, sums.getType(), sums, image, weight, shape, type(factors.unsignedImage),
      type(factors.unsignedWeight), NVVM::WGMMATypes::s32, NVVM::WGMMAScaleOut::one,
      NVVM::WGMMAScaleIn::one, NVVM::WGMMAScaleIn::one, NVVM::MMALayout::row, NVVM::MMALayout::col,
      NVVM::MMAIntOverflowAttr());
}

SmallVector<Value> WarpgroupUnit::emitStage(KernelMath &math, Value shared, Value stage,
                                            ValueRange accumulators, EmitCopies emitCopies) const {
  OpBuilder &builder = math.builder;
  Location loc = math.loc;
  const MatrixTile &tile = factors.tile;
  int64_t perPlane = accumulators.size() / factors.planes;
  SmallVector<Value> before = settle(math, accumulators), sums;
  for (int64_t plane = 0; plane < factors.planes; ++plane) {
    Value words = LLVM::UndefOp::create(builder, loc, getWordsType(builder, perPlane));
    for (int64_t i = 0; i < perPlane; ++i)
      words = LLVM::InsertValueOp::create(builder, loc, words, before[plane * perPlane + i], i);
    sums.push_back(words);
  }
  Value address = LLVM::PtrToIntOp::create(builder, loc, builder.getI32Type(), shared);
  address = math.add(address, stage);
  Value image = math.add(address, math.multiply(groupRow, tile.depth));
  Value weight = math.add(address, factors.planes * tile.rows * tile.depth);
  NVVM::WgmmaFenceAlignedOp::create(builder, loc);
  for (int64_t step = 0; step < tile.depth; step += kStep) {
    Value columns = makeDescriptor(math, math.add(weight, step));
    for (int64_t plane = 0; plane < factors.planes; ++plane) {
      Value rows = makeDescriptor(math, math.add(image, plane * tile.rows * tile.depth + step));
      sums[plane] = multiply(math, rows, columns, sums[plane]);
    }
  }
  NVVM::WgmmaGroupSyncAlignedOp::create(builder, loc);
  emitCopies(); // while the unit multiplies
  NVVM::WgmmaWaitGroupSyncOp::create(builder, loc, 0);
  SmallVector<Value> results;
  for (Value words : sums)
    llvm::append_range(results, unpackWords(math, words));
  return settle(math, results);
}

std::unique_ptr<MatrixUnit>
MatrixUnit::createForWarpgroups(KernelMath &math, const MatrixFactors &factors, Value thread) {
  return std::make_unique<WarpgroupUnit>(math, factors, thread);
}

} // namespace fpw::gpu
