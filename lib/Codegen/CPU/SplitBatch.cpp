//===- SplitBatch.cpp - Takes a few samples through the whole network at a time -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Codegen/CPU/Passes.h"
#include "fpw/Dialect/NN/IR/NN.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/TypeSwitch.h"

namespace fpw::cpu {
#define GEN_PASS_DEF_FPWCPUSPLITBATCH
#include "fpw/Codegen/CPU/Passes.h.inc"

using namespace mlir;

namespace {

/// Finds the values of a function whose first dimension is the batch, each sample on its own.
class BatchAnalysis {
public:
  /// Whether no op of the function mixes samples.
  bool run(func::FuncOp function) {
    for (BlockArgument argument : function.getArguments())
      if (isBatchType(argument.getType())) {
        // Two dynamic sizes need not be the same batch.
        if (batchArgument)
          return false;
        batchArgument = argument;
        batched.insert(argument);
      } else if (!cast<ShapedType>(argument.getType()).hasStaticShape()) {
        return false;
      }
    if (!batchArgument)
      return false;
    for (Operation &op : function.front())
      if ((dependsOnBatch(op) || isa<func::ReturnOp>(op)) && !visit(op))
        return false;
    return true;
  }

  Value getBatchArgument() const { return batchArgument; }
  bool dependsOnBatch(Operation &op) const {
    bool depends = false;
    op.walk([&](Operation *inner) {
      depends |= llvm::any_of(inner->getOperands(), [&](Value operand) {
        return batched.contains(operand) || sizes.contains(operand);
      });
    });
    return depends;
  }

  /// The bytes of one sample in the largest value.
  int64_t getLargestSample() const {
    int64_t largest = 1;
    for (Value value : batched) {
      auto type = cast<RankedTensorType>(value.getType());
      int64_t bytes = type.getElementTypeBitWidth() / 8;
      for (int64_t size : type.getShape().drop_front())
        bytes *= size;
      largest = std::max(largest, bytes);
    }
    return largest;
  }

private:
  /// A tensor whose first and only dynamic dimension is the batch. One without elements cannot be
  /// cut into slices.
  static bool isBatchType(Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    return tensor && tensor.getRank() > 0 && tensor.isDynamicDim(0) &&
           tensor.getNumDynamicDims() == 1 && !llvm::is_contained(tensor.getShape(), 0);
  }

  bool isBatch(OpFoldResult size) const {
    auto value = dyn_cast<Value>(size);
    return value && sizes.contains(value);
  }

  bool visit(Operation &op) {
    if (isa<func::ReturnOp>(op))
      return llvm::all_of(op.getOperands(), [&](Value value) { return batched.contains(value); });
    if (auto dim = dyn_cast<tensor::DimOp>(op)) {
      if (dim.getConstantIndex() != 0)
        return false;
      sizes.insert(dim.getResult());
      return true;
    }
    bool keepsSamplesApart =
        TypeSwitch<Operation *, bool>(&op)
            .Case<linalg::LinalgOp, tensor::PadOp, tensor::ExpandShapeOp, tensor::CollapseShapeOp,
                  tensor::ExtractSliceOp, tensor::InsertSliceOp, tensor::ConcatOp, tensor::EmptyOp>(
                [&](auto typed) { return keepsApart(typed); })
            .Case<tensor::CastOp>([](auto) { return true; })
            .Default([](Operation *) { return false; });
    batched.insert_range(op.getResults());
    return keepsSamplesApart && llvm::all_of(op.getResultTypes(), isBatchType);
  }

  bool keepsApart(tensor::EmptyOp op) {
    return isBatchType(op.getType()) && isBatch(op.getMixedSizes()[0]);
  }

  bool keepsApart(linalg::LinalgOp op) {
    std::optional<unsigned> batchLoop;
    for (OpOperand &operand : op->getOpOperands()) {
      if (!batched.contains(operand.get())) {
        if (op.isDpsInit(&operand) || sizes.contains(operand.get()))
          return false;
        continue;
      }
      auto dim = dyn_cast<AffineDimExpr>(op.getMatchingIndexingMap(&operand).getResult(0));
      if (!dim || (batchLoop && batchLoop != dim.getPosition()))
        return false;
      batchLoop = dim.getPosition();
    }
    if (!batchLoop || op.getIteratorTypesArray()[*batchLoop] != utils::IteratorType::parallel)
      return false;
    for (OpOperand &operand : op->getOpOperands())
      for (auto [i, expr] : llvm::enumerate(op.getMatchingIndexingMap(&operand).getResults()))
        if (expr.isFunctionOfDim(*batchLoop) && !(i == 0 && batched.contains(operand.get())))
          return false;
    WalkResult usesPosition = op->walk([&](Operation *inner) {
      auto index = dyn_cast<linalg::IndexOp>(inner);
      bool leavesBody = inner != op && llvm::any_of(inner->getOperands(), [&](Value value) {
                          return batched.contains(value) || sizes.contains(value);
                        });
      return (index && index.getDim() == *batchLoop) || leavesBody ? WalkResult::interrupt()
                                                                   : WalkResult::advance();
    });
    return !usesPosition.wasInterrupted();
  }

  bool keepsApart(tensor::PadOp op) {
    auto isZero = [](OpFoldResult size) { return isConstantIntValue(size, 0); };
    bool computed =
        llvm::any_of(op.getBody()->without_terminator(), [](Operation &) { return true; });
    return !computed && batched.contains(op.getSource()) && isZero(op.getMixedLowPad()[0]) &&
           isZero(op.getMixedHighPad()[0]);
  }

  /// Whether the first group of a reshape is the batch and nothing else.
  static bool isBatchAlone(ArrayRef<ReassociationIndices> groups, RankedTensorType expanded) {
    return !groups.empty() && llvm::all_of(ArrayRef(groups[0]).drop_front(), [&](int64_t dim) {
      return expanded.getDimSize(dim) == 1;
    });
  }
  bool keepsApart(tensor::ExpandShapeOp op) {
    return batched.contains(op.getSrc()) &&
           isBatchAlone(op.getReassociationIndices(), op.getResultType());
  }
  bool keepsApart(tensor::CollapseShapeOp op) {
    return isBatchAlone(op.getReassociationIndices(), op.getSrcType());
  }

  bool takesAllSamples(OffsetSizeAndStrideOpInterface slice) {
    return isConstantIntValue(slice.getMixedOffsets()[0], 0) &&
           isConstantIntValue(slice.getMixedStrides()[0], 1) && isBatch(slice.getMixedSizes()[0]);
  }
  bool keepsApart(tensor::ExtractSliceOp op) {
    return takesAllSamples(op) && batched.contains(op.getSource());
  }
  bool keepsApart(tensor::InsertSliceOp op) {
    return takesAllSamples(op) && batched.contains(op.getSource()) &&
           batched.contains(op.getDest());
  }
  bool keepsApart(tensor::ConcatOp op) {
    return op.getDim() != 0 &&
           llvm::all_of(op.getInputs(), [&](Value input) { return batched.contains(input); });
  }

  Value batchArgument;
  DenseSet<Value> batched; ///< values whose first dimension is the batch
  DenseSet<Value> sizes;   ///< the size of the batch
};

struct SplitBatch : impl::FPWCPUSplitBatchBase<SplitBatch> {
  using FPWCPUSplitBatchBase::FPWCPUSplitBatchBase;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    BatchAnalysis analysis;
    if (maxSamples <= 0 || function.isExternal() || !function.getBody().hasOneBlock() ||
        !analysis.run(function))
      return;
    // Weights that do not stay in the cache are worth fetching for more samples.
    int64_t most = getParameterBytes(function) > maxBytes ? 4 * maxSamples : maxSamples;
    int64_t samples = std::clamp<int64_t>(maxBytes / analysis.getLargestSample(), 1, most);
    split(function, analysis, samples);
  }

private:
  static int64_t getParameterBytes(func::FuncOp function) {
    int64_t bytes = 0;
    function.walk([&](nn::ParameterOp parameter) {
      auto type = cast<RankedTensorType>(parameter.getType());
      bytes += type.getNumElements() * type.getElementTypeBitWidth() / 8;
    });
    return bytes;
  }

  /// Moves what depends on the batch into a loop over groups of samples.
  void split(func::FuncOp function, const BatchAnalysis &analysis, int64_t samples) {
    auto returnOp = cast<func::ReturnOp>(function.front().getTerminator());
    OpBuilder builder(returnOp);
    Location loc = function.getLoc();
    Value input = analysis.getBatchArgument();
    SmallVector<Operation *> moved;
    for (Operation &op : function.front().without_terminator())
      if (analysis.dependsOnBatch(op))
        moved.push_back(&op);

    OpFoldResult zero = builder.getIndexAttr(0), step = builder.getIndexAttr(samples);
    OpFoldResult batch = tensor::DimOp::create(builder, loc, input, 0).getResult();
    SmallVector<Value> results;
    for (Type type : function.getResultTypes()) {
      auto tensor = cast<RankedTensorType>(type);
      SmallVector<OpFoldResult> sizes =
          getAsIndexOpFoldResult(builder.getContext(), tensor.getShape());
      sizes[0] = batch;
      results.push_back(tensor::EmptyOp::create(builder, loc, sizes, tensor.getElementType()));
    }
    auto forall =
        scf::ForallOp::create(builder, loc, {zero}, {batch}, {step}, results, std::nullopt);
    Value first = forall.getInductionVar(0);
    builder.setInsertionPointToStart(forall.getBody());
    AffineExpr d0, s0;
    bindDims(builder.getContext(), d0);
    bindSymbols(builder.getContext(), s0);
    AffineMap rest = AffineMap::get(1, 1, {builder.getAffineConstantExpr(samples), s0 - d0},
                                    builder.getContext());
    OpFoldResult count = affine::makeComposedFoldedAffineMin(builder, loc, rest, {first, batch});

    auto slice = [&](RankedTensorType type) {
      auto sizes = getAsIndexOpFoldResult(builder.getContext(), type.getShape());
      sizes[0] = count;
      SmallVector<OpFoldResult> offsets(type.getRank(), zero);
      offsets[0] = first;
      SmallVector<OpFoldResult> strides(type.getRank(), builder.getIndexAttr(1));
      return std::tuple(offsets, sizes, strides);
    };
    auto [offsets, sizes, strides] = slice(cast<RankedTensorType>(input.getType()));
    Value part = tensor::ExtractSliceOp::create(builder, loc, input, offsets, sizes, strides);
    for (Operation *op : moved)
      op->moveBefore(forall.getTerminator());
    input.replaceUsesWithIf(part, [&](OpOperand &use) {
      return forall->isProperAncestor(use.getOwner()) && use.getOwner() != part.getDefiningOp();
    });
    builder.setInsertionPointToStart(forall.getTerminator().getBody());
    for (auto [value, target] : llvm::zip(returnOp.getOperands(), forall.getRegionIterArgs())) {
      auto [offsets, sizes, strides] = slice(cast<RankedTensorType>(value.getType()));
      tensor::ParallelInsertSliceOp::create(builder, loc, value == input ? part : value, target,
                                            offsets, sizes, strides);
    }
    returnOp->setOperands(forall.getResults());
  }
};

} // namespace
} // namespace fpw::cpu
