//===- MergeCopies.cpp - Copies what lies together in one loop -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BufferCopy.h"
#include "fpw/Codegen/CPU/Generalize.h"
#include "fpw/Codegen/CPU/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace fpw::cpu {
#define GEN_PASS_DEF_FPWCPUMERGECOPIES
#include "fpw/Codegen/CPU/Passes.h.inc"

using namespace mlir;

namespace {

/// Elements of the innermost loop from which on there is nothing to gain.
constexpr int64_t kEnough = 128;

/// Whether the operand's dimensions that the loops go through lie together in memory.
bool liesTogether(linalg::GenericOp op, OpOperand &operand, ReassociationIndicesRef loops) {
  AffineMap map = op.getMatchingIndexingMap(&operand);
  if (!linalg::isDimSequencePreserved(map, loops))
    return false;
  SmallVector<ReassociationIndices> dims;
  for (unsigned dim = 0; dim < map.getNumResults(); ++dim) {
    unsigned loop = map.getDimPosition(dim);
    if (loop != loops.front() && llvm::is_contained(loops, loop))
      dims.back().push_back(dim);
    else
      dims.push_back({dim});
  }
  return memref::CollapseShapeOp::isGuaranteedCollapsible(cast<MemRefType>(operand.get().getType()),
                                                          dims);
}

/// The innermost loops to go through as one; fewer than two if there is nothing to do.
ReassociationIndices chooseLoops(linalg::GenericOp op) {
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  ReassociationIndices loops{op.getNumLoops() - 1};
  int64_t size = sizes.back();
  while (!ShapedType::isDynamic(size) && size < kEnough && loops.front() > 0) {
    ReassociationIndices more{loops.front() - 1};
    llvm::append_range(more, loops);
    bool fits = llvm::all_of(op->getOpOperands(), [&](OpOperand &operand) {
      return op.getMatchingIndexingMap(&operand).isProjectedPermutation() &&
             liesTogether(op, operand, more);
    });
    if (!fits || ShapedType::isDynamic(sizes[more.front()]))
      break;
    size *= sizes[more.front()];
    loops = more;
  }
  return loops;
}

struct MergeCopies : impl::FPWCPUMergeCopiesBase<MergeCopies> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    if (failed(generalizeLoops(rewriter, getOperation())))
      return signalPassFailure();
    SmallVector<linalg::GenericOp> copies;
    getOperation().walk([&](linalg::GenericOp op) {
      if (op.getNumLoops() > 1 && isBufferCopy(op))
        copies.push_back(op);
    });
    for (linalg::GenericOp op : copies) {
      SmallVector<ReassociationIndices> loops{chooseLoops(op)};
      if (loops.front().size() < 2)
        continue;
      rewriter.setInsertionPoint(op);
      if (succeeded(linalg::collapseOpIterationDims(op, loops, rewriter)))
        rewriter.eraseOp(op);
    }
  }
};

} // namespace
} // namespace fpw::cpu
