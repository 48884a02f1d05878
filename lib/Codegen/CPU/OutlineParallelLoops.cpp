//===- OutlineParallelLoops.cpp - Moves parallel loops into functions for the thread pool -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GenericEmitter.h"
#include "fpw/Codegen/CPU/Passes.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/RegionUtils.h"

namespace fpw::cpu {
#define GEN_PASS_DEF_FPWCPUOUTLINEPARALLELLOOPS
#include "fpw/Codegen/CPU/Passes.h.inc"

using namespace mlir;

namespace {

constexpr StringLiteral kParallelFor = "fpw_parallel_for";
constexpr StringLiteral kSuffix = "_parallel";

/// The iterations of a loop as one range.
struct Iterations {
  SmallVector<OpFoldResult> begins, steps, counts;
  OpFoldResult total;
};

Iterations countIterations(OpBuilder &builder, scf::ForallOp loop) {
  Iterations iterations{
      loop.getMixedLowerBound(), loop.getMixedStep(), {}, builder.getIndexAttr(1)};
  AffineExpr s0, s1, s2;
  bindSymbols(builder.getContext(), s0, s1, s2);
  Location loc = loop.getLoc();
  for (auto [begin, end, step] :
       llvm::zip(iterations.begins, loop.getMixedUpperBound(), iterations.steps)) {
    OpFoldResult count = affine::makeComposedFoldedAffineApply(builder, loc, (s1 - s0).ceilDiv(s2),
                                                               {begin, end, step});
    iterations.counts.push_back(count);
    iterations.total =
        affine::makeComposedFoldedAffineApply(builder, loc, s0 * s1, {iterations.total, count});
  }
  return iterations;
}

Value asValue(OpBuilder &builder, Location loc, OpFoldResult value) {
  return getValueOrCreateConstantIndexOp(builder, loc, value);
}

/// Moves the loop's body to where `variable` counts the iterations.
void inlineBody(OpBuilder &builder, scf::ForallOp loop, const Iterations &iterations,
                Value variable) {
  Location loc = loop.getLoc();
  SmallVector<Value> positions(iterations.counts.size());
  Value rest = variable;
  for (int64_t dim = positions.size() - 1; dim >= 0; --dim) {
    Value position = rest;
    if (isConstantIntValue(iterations.counts[dim], 1)) {
      position = arith::ConstantIndexOp::create(builder, loc, 0);
    } else if (dim > 0) {
      Value count = asValue(builder, loc, iterations.counts[dim]);
      position = arith::RemUIOp::create(builder, loc, rest, count);
      rest = arith::DivUIOp::create(builder, loc, rest, count);
    }
    AffineExpr d0, s0, s1;
    bindDims(builder.getContext(), d0);
    bindSymbols(builder.getContext(), s0, s1);
    positions[dim] =
        asValue(builder, loc,
                affine::makeComposedFoldedAffineApply(
                    builder, loc, d0 * s0 + s1,
                    {OpFoldResult(position), iterations.steps[dim], iterations.begins[dim]}));
  }
  Block *target = builder.getInsertionBlock();
  Block *body = loop.getBody();
  for (auto [argument, position] : llvm::zip(body->getArguments(), positions))
    argument.replaceAllUsesWith(position);
  body->getTerminator()->erase();
  target->getOperations().splice(builder.getInsertionPoint(), body->getOperations());
}

/// A loop with too little work for threads.
void runInPlace(scf::ForallOp loop) {
  OpBuilder builder(loop);
  Location loc = loop.getLoc();
  Iterations iterations = countIterations(builder, loop);
  auto forOp = scf::ForOp::create(builder, loc, arith::ConstantIndexOp::create(builder, loc, 0),
                                  asValue(builder, loc, iterations.total),
                                  arith::ConstantIndexOp::create(builder, loc, 1));
  builder.setInsertionPointToStart(forOp.getBody());
  inlineBody(builder, loop, iterations, forOp.getInductionVar());
  loop.erase();
}

class Outliner {
public:
  explicit Outliner(ModuleOp module)
      : module(module), symbols(module), converter(module.getContext()),
        pointer(LLVM::LLVMPointerType::get(module.getContext())) {}

  /// Outlines the loop and returns the new function.
  func::FuncOp outline(scf::ForallOp loop, int64_t grain) {
    auto caller = loop->getParentOfType<func::FuncOp>();
    OpBuilder builder(loop);
    Location loc = loop.getLoc();
    Iterations iterations = countIterations(builder, loop);
    SmallVector<Value> captures = findCaptures(loop, iterations);
    SmallVector<Type> types = llvm::map_to_vector(
        captures, [&](Value value) { return converter.convertType(value.getType()); });
    auto contextType = LLVM::LLVMStructType::getLiteral(builder.getContext(), types);

    func::FuncOp function = createFunction(caller, loc);
    Value context = packContext(builder, caller, contextType, captures, loc);
    Value total = asValue(builder, loc, iterations.total);
    callParallelFor(builder, loc, function, context, total, grain);

    builder.setInsertionPointToStart(&function.front());
    DenseMap<Value, Value> replacements =
        unpackContext(builder, function.getArgument(0), contextType, captures, loc);
    auto replace = [&](OpFoldResult &value) {
      if (auto old = dyn_cast<Value>(value))
        value = replacements.lookup(old);
    };
    for (auto *list : {&iterations.begins, &iterations.steps, &iterations.counts})
      llvm::for_each(*list, replace);
    fillFunction(builder, function, loop, iterations, replacements);
    loop.erase();
    return function;
  }

private:
  /// Whether computing the value again costs less than handing it over.
  static bool isCheap(Operation *owner) {
    return owner && (owner->hasTrait<OpTrait::ConstantLike>() ||
                     isa<memref::GetGlobalOp, vector::ConstantMaskOp>(owner));
  }

  /// What the body uses from outside; constants and globals are copied into the body instead.
  SmallVector<Value> findCaptures(scf::ForallOp loop, const Iterations &iterations) {
    llvm::SetVector<Value> captures;
    getUsedValuesDefinedAbove(loop.getRegion(), captures);
    for (auto *list : {&iterations.begins, &iterations.steps, &iterations.counts})
      for (OpFoldResult value : *list)
        if (auto dynamic = dyn_cast<Value>(value))
          captures.insert(dynamic);
    OpBuilder builder = OpBuilder::atBlockBegin(loop.getBody());
    SmallVector<Value> values;
    for (Value value : captures) {
      Operation *owner = value.getDefiningOp();
      if (isCheap(owner))
        value.replaceUsesWithIf(builder.clone(*owner)->getResult(0), [&](OpOperand &use) {
          return loop->isProperAncestor(use.getOwner());
        });
      else
        values.push_back(value);
    }
    return values;
  }

  func::FuncOp createFunction(func::FuncOp caller, Location loc) {
    OpBuilder builder(caller.getContext());
    Type i64 = builder.getI64Type();
    StringRef network = caller.getName().split(kSuffix).first;
    auto function = func::FuncOp::create(builder, loc, (network + kSuffix).str(),
                                         builder.getFunctionType({pointer, i64, i64}, {}));
    function.setPrivate();
    function.addEntryBlock();
    symbols.insert(function); // makes the name unique
    return function;
  }

  Value packContext(OpBuilder &builder, func::FuncOp caller, LLVM::LLVMStructType type,
                    ArrayRef<Value> captures, Location loc) {
    OpBuilder entry = OpBuilder::atBlockBegin(&caller.front());
    Value one = arith::ConstantOp::create(entry, loc, entry.getI64IntegerAttr(1));
    Value memory = LLVM::AllocaOp::create(entry, loc, pointer, type, one);
    Value context = LLVM::UndefOp::create(builder, loc, type);
    for (auto [i, value] : llvm::enumerate(captures)) {
      Value converted = value;
      if (type.getBody()[i] != value.getType())
        converted =
            UnrealizedConversionCastOp::create(builder, loc, type.getBody()[i], value).getResult(0);
      context = LLVM::InsertValueOp::create(builder, loc, context, converted, i);
    }
    LLVM::StoreOp::create(builder, loc, context, memory);
    return memory;
  }

  DenseMap<Value, Value> unpackContext(OpBuilder &builder, Value memory, LLVM::LLVMStructType type,
                                       ArrayRef<Value> captures, Location loc) {
    DenseMap<Value, Value> replacements;
    Value context = LLVM::LoadOp::create(builder, loc, type, memory);
    for (auto [i, value] : llvm::enumerate(captures)) {
      Value element = LLVM::ExtractValueOp::create(builder, loc, context, i);
      if (element.getType() != value.getType())
        element =
            UnrealizedConversionCastOp::create(builder, loc, value.getType(), element).getResult(0);
      replacements[value] = element;
    }
    return replacements;
  }

  void callParallelFor(OpBuilder &builder, Location loc, func::FuncOp function, Value context,
                       Value total, int64_t grain) {
    Type i64 = builder.getI64Type();
    if (!symbols.lookup(kParallelFor)) {
      auto declaration = func::FuncOp::create(
          loc, kParallelFor, builder.getFunctionType({pointer, pointer, i64, i64}, {}));
      declaration.setPrivate();
      symbols.insert(declaration, module.getBody()->begin());
    }
    Value constant =
        func::ConstantOp::create(builder, loc, function.getFunctionType(), function.getName());
    Value address =
        UnrealizedConversionCastOp::create(builder, loc, Type(pointer), constant).getResult(0);
    Value count = arith::IndexCastOp::create(builder, loc, i64, total);
    Value smallest = arith::ConstantOp::create(builder, loc, builder.getI64IntegerAttr(grain));
    func::CallOp::create(builder, loc, kParallelFor, TypeRange(),
                         ValueRange{address, context, count, smallest});
  }

  /// A loop over the range that the pool gives to the function.
  void fillFunction(OpBuilder &builder, func::FuncOp function, scf::ForallOp loop,
                    const Iterations &iterations, const DenseMap<Value, Value> &replacements) {
    Location loc = loop.getLoc();
    Type index = builder.getIndexType();
    Value begin = arith::IndexCastOp::create(builder, loc, index, function.getArgument(1));
    Value end = arith::IndexCastOp::create(builder, loc, index, function.getArgument(2));
    Value one = arith::ConstantIndexOp::create(builder, loc, 1);
    auto forOp = scf::ForOp::create(builder, loc, begin, end, one);
    func::ReturnOp::create(builder, loc);
    for (auto [value, replacement] : replacements)
      replaceAllUsesInRegionWith(value, replacement, loop.getRegion());
    builder.setInsertionPointToStart(forOp.getBody());
    inlineBody(builder, loop, iterations, forOp.getInductionVar());
  }

  ModuleOp module;
  SymbolTable symbols;
  LLVMTypeConverter converter;
  LLVM::LLVMPointerType pointer;
};

struct OutlineParallelLoops : impl::FPWCPUOutlineParallelLoopsBase<OutlineParallelLoops> {
  using FPWCPUOutlineParallelLoopsBase::FPWCPUOutlineParallelLoopsBase;

  void runOnOperation() override {
    Outliner outliner(getOperation());
    SmallVector<func::FuncOp> functions(getOperation().getOps<func::FuncOp>());
    while (!functions.empty()) {
      func::FuncOp function = functions.pop_back_val();
      SmallVector<scf::ForallOp> loops; // outermost ones; those inside come with their new function
      function.walk<WalkOrder::PreOrder>([&](scf::ForallOp loop) {
        loops.push_back(loop);
        return WalkResult::skip();
      });
      for (scf::ForallOp loop : loops) {
        if (loop.getNumResults() > 0) {
          loop.emitError("expected a parallel loop on buffers");
          return signalPassFailure();
        }
        auto cost = loop->getAttrOfType<IntegerAttr>(kCostAttr);
        int64_t perIteration = cost ? std::max<int64_t>(cost.getInt(), 1) : grain;
        if (isSmall(loop, perIteration)) {
          runInPlace(loop);
          functions.push_back(function); // loops that were inside
        } else {
          functions.push_back(outliner.outline(loop, std::max<int64_t>(1, grain / perIteration)));
        }
      }
    }
  }

private:
  bool isSmall(scf::ForallOp loop, int64_t perIteration) {
    OpBuilder builder(loop);
    std::optional<int64_t> total = getConstantIntValue(countIterations(builder, loop).total);
    return total && *total < 2 * grain / perIteration + 1;
  }
};

} // namespace
} // namespace fpw::cpu
