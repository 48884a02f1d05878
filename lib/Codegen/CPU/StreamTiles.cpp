//===- StreamTiles.cpp - Loads tiles past the cache -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AMXKernel.h"
#include "fpw/Codegen/CPU/Passes.h"
#include "mlir/Dialect/AMX/AMXDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace fpw::cpu {
#define GEN_PASS_DEF_FPWCPUSTREAMTILES
#include "fpw/Codegen/CPU/Passes.h.inc"

using namespace mlir;

namespace {

/// The address of an element of a buffer of bytes with one dimension.
Value getAddress(OpBuilder &builder, Location loc, Value buffer, Value position) {
  auto metadata = memref::ExtractStridedMetadataOp::create(builder, loc, buffer);
  Value address = memref::ExtractAlignedPointerAsIndexOp::create(builder, loc, buffer);
  for (Value offset : {Value(metadata.getOffset()), position})
    address = builder.createOrFold<arith::AddIOp>(loc, address, offset);
  Value integer = arith::IndexCastOp::create(builder, loc, builder.getI64Type(), address);
  return LLVM::IntToPtrOp::create(builder, loc, LLVM::LLVMPointerType::get(builder.getContext()),
                                  ValueRange(integer));
}

/// The amx dialect has no op for this instruction.
void stream(amx::TileLoadOp load) {
  OpBuilder builder(load);
  Location loc = load.getLoc();
  auto constant = [&](IntegerAttr value) -> Value {
    return LLVM::ConstantOp::create(builder, loc, value);
  };
  ArrayRef<int64_t> shape = load.getTileType().getShape();
  Value operands[] = {
      constant(builder.getI16IntegerAttr(shape[0])), constant(builder.getI16IntegerAttr(shape[1])),
      getAddress(builder, loc, load.getBase(), load.getIndices()[0]),
      arith::IndexCastOp::create(builder, loc, builder.getI64Type(), load.getStride())};
  auto call = LLVM::CallIntrinsicOp::create(
      builder, loc, LLVM::LLVMX86AMXType::get(builder.getContext()),
      builder.getStringAttr("llvm.x86.tileloaddt164.internal"), operands);
  auto cast = UnrealizedConversionCastOp::create(builder, loc, load.getType(), call.getResult(0));
  load.replaceAllUsesWith(cast.getResult(0));
  load.erase();
}

struct StreamTiles : impl::FPWCPUStreamTilesBase<StreamTiles> {
  void runOnOperation() override {
    getOperation().walk([](amx::TileLoadOp load) {
      bool isFlat = load.getMemRefType().getRank() == 1 && load.getStride() &&
                    load.getMemRefType().getElementType().isInteger(8);
      if (load->hasAttr(kStreamAttr) && isFlat)
        stream(load);
    });
  }
};

} // namespace
} // namespace fpw::cpu
