//===- EmitMMA.cpp - Products of matrices for the matrix units -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../CPU/BufferRoot.h"
#include "MatrixKernel.h"
#include "fpw/Codegen/GPU/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace fpw::gpu {
#define GEN_PASS_DEF_FPWGPUEMITMMA
#include "fpw/Codegen/GPU/Passes.h.inc"

using namespace mlir;

namespace {

/// Whether the op does nothing but fill its result with zeros.
bool fillsWithZeros(linalg::GenericOp op) {
  return op.getNumDpsInputs() == 0 && op.getNumDpsInits() == 1 &&
         isConstantIntValue(op.getBody()->getTerminator()->getOperand(0), 0);
}

/// A buffer of sums that one op fills with zeros, the product adds to, and one op consumes.
struct SumsBuffer {
  memref::AllocOp alloc;
  linalg::GenericOp fill, consumer;

  static std::optional<SumsBuffer> match(linalg::GenericOp product) {
    SumsBuffer buffer;
    buffer.alloc = product.getDpsInits()[0].getDefiningOp<memref::AllocOp>();
    if (!buffer.alloc)
      return std::nullopt;
    for (Operation *user : buffer.alloc->getUsers()) {
      if (user == product || user == buffer.consumer)
        continue;
      auto op = dyn_cast<linalg::GenericOp>(user);
      if (op && !buffer.fill && fillsWithZeros(op))
        buffer.fill = op;
      else if (op && !buffer.consumer && op.getNumReductionLoops() == 0)
        buffer.consumer = op;
      else
        return std::nullopt;
    }
    bool isComplete = buffer.fill && buffer.consumer &&
                      buffer.consumer->getBlock() == product->getBlock() &&
                      product->isBeforeInBlock(buffer.consumer);
    return isComplete ? std::optional(buffer) : std::nullopt;
  }
};

/// Whether nothing between the two ops writes what the first one reads.
bool canMoveTo(linalg::GenericOp op, Operation *later) {
  for (Operation *between = op->getNextNode(); between != later; between = between->getNextNode()) {
    if (isMemoryEffectFree(between) || isa<memref::AllocOp>(between))
      continue;
    auto writer = dyn_cast<linalg::LinalgOp>(between);
    if (!writer)
      return false;
    for (Value target : writer.getDpsInits())
      for (Value source : op.getDpsInputs())
        if (cpu::mayAlias(target, source))
          return false;
  }
  return true;
}

/// Finds out how the consumer reads the sums: which plane, and which of its loops is which.
bool matchReads(MatrixJob &job, linalg::GenericOp consumer, Value sums) {
  AffineMap results = job.product.op.getIndexingMapsArray()[2];
  constexpr unsigned kNone = ~0u;
  job.epilogueLoops.assign(consumer.getNumLoops(), kNone);
  job.operandPlanes.assign(consumer->getNumOperands(), -1);
  for (OpOperand &operand : consumer->getOpOperands()) {
    if (operand.get() != sums)
      continue;
    if (consumer.isDpsInit(&operand))
      return false;
    job.operandPlanes[operand.getOperandNumber()] = 0;
    for (auto [dim, index] :
         llvm::enumerate(consumer.getMatchingIndexingMap(&operand).getResults())) {
      unsigned loop = cast<AffineDimExpr>(results.getResult(dim)).getPosition();
      if (auto plane = dyn_cast<AffineConstantExpr>(index)) {
        if (job.planeLoop.value_or(loop) != loop)
          return false;
        job.planeLoop = loop;
        job.operandPlanes[operand.getOperandNumber()] = plane.getValue();
        continue;
      }
      auto place = dyn_cast<AffineDimExpr>(index);
      if (!place)
        return false;
      unsigned &known = job.epilogueLoops[place.getPosition()];
      if (known != kNone && known != loop)
        return false;
      known = loop;
    }
  }
  return !llvm::is_contained(job.epilogueLoops, kNone);
}

/// The consumer as epilogue of the product, if it can be.
std::optional<SumsBuffer> findEpilogue(MatrixJob &job) {
  std::optional<SumsBuffer> buffer = SumsBuffer::match(job.product.op);
  MatrixJob fused = job;
  if (!buffer || !matchReads(fused, buffer->consumer, buffer->alloc) ||
      !canMoveTo(job.product.op, buffer->consumer))
    return std::nullopt;
  if (fused.planeLoop) {
    if (!llvm::is_contained(fused.product.rows, *fused.planeLoop) || fused.product.rows.size() < 2)
      return std::nullopt;
    fused.planes = fused.product.getSize(*fused.planeLoop);
  }
  if (fused.planes < 1 || fused.planes > 4)
    return std::nullopt;
  fused.epilogue = buffer->consumer;
  job = std::move(fused);
  return buffer;
}

struct EmitMMA : impl::FPWGPUEmitMMABase<EmitMMA> {
  void runOnOperation() override {
    SmallVector<linalg::GenericOp> ops;
    getOperation().walk([&](linalg::GenericOp op) {
      if (isKernel(op, kMMAKernel) || isKernel(op, kWGMMAKernel))
        ops.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    for (linalg::GenericOp op : ops)
      if (failed(emit(rewriter, op)))
        return signalPassFailure();
  }

private:
  static bool isKernel(linalg::GenericOp op, StringRef name) {
    auto kernel = op->getAttrOfType<StringAttr>(kKernelAttr);
    return kernel && kernel.getValue() == name && op.hasPureBufferSemantics();
  }

  static LogicalResult emit(IRRewriter &rewriter, linalg::GenericOp op) {
    std::optional<ByteProduct> product = ByteProduct::match(op);
    if (!product || !canCopyOperands(*product))
      return success();
    std::optional<MatrixTile> tile = MatrixTile::readFrom(op);
    if (!tile || !tile->isPossible(isKernel(op, kWGMMAKernel)))
      return op.emitError("expected '")
             << MatrixTile::kAttr << "' to be six sizes of a tile that "
             << "its warps make up but got " << op->getAttr(MatrixTile::kAttr);
    MatrixJob job;
    job.product = *product;
    job.tile = *tile;
    job.usesWarpgroups = isKernel(op, kWGMMAKernel);
    std::optional<SumsBuffer> buffer = findEpilogue(job);
    rewriter.setInsertionPoint(buffer ? buffer->consumer : op);
    emitMatrixKernel(rewriter, std::move(job));
    rewriter.eraseOp(op);
    if (buffer) {
      rewriter.eraseOp(buffer->consumer);
      rewriter.eraseOp(buffer->fill);
      rewriter.eraseOp(buffer->alloc);
    }
    return success();
  }
};

} // namespace
} // namespace fpw::gpu
