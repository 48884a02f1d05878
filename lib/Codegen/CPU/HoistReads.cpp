//===- HoistReads.cpp - Reads once what loops read again and again -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LLVM has to assume that a store of a kernel's result may change its biases and scales, and loads
// them again for each row. Here buffers have names: what is read from another one than those that
// a loop writes to, at a place that the loop does not change, moves out of the loop. What an
// iteration reads twice, such as the step of a row for each vector of its results, it reads once.
//
//===----------------------------------------------------------------------===//

#include "AMXKernel.h"
#include "BufferRoot.h"
#include "fpw/Codegen/CPU/Passes.h"
#include "mlir/Dialect/AMX/AMXDialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/TypeSwitch.h"

namespace fpw::cpu {
#define GEN_PASS_DEF_FPWCPUHOISTREADS
#include "fpw/Codegen/CPU/Passes.h.inc"

using namespace mlir;

namespace {

/// The buffer that the op reads; null if it is no read or does something else, too.
Value getReadBuffer(Operation *op) {
  return TypeSwitch<Operation *, Value>(op)
      .Case([](memref::LoadOp load) { return load.getMemref(); })
      .Case<vector::LoadOp, vector::MaskedLoadOp>([](auto load) { return load.getBase(); })
      .Default(Value());
}

/// Moves what a loop does not change out of it, and out of its branches that say they may.
class Hoister {
public:
  explicit Hoister(scf::ForOp loop) : loop(loop) {
    std::optional<APInt> count = loop.getStaticTripCount();
    runs = count && !count->isZero();
    collectWrites();
  }

  void hoist() { hoistFrom(*loop.getBody()); }

  /// Lets a read take the value of the same read before it.
  void shareReads() {
    loop->walk([&](Block *block) {
      DenseSet<Operation *, SameRead> known;
      for (Operation &op : llvm::make_early_inc_range(*block)) {
        if (!getReadBuffer(&op) || !isUnchanged(op))
          continue;
        auto [first, isNew] = known.insert(&op);
        if (isNew)
          continue;
        op.replaceAllUsesWith(*first);
        op.erase();
      }
    });
  }

private:
  /// Reads are equal if their operands and types are.
  struct SameRead : DenseMapInfo<Operation *> {
    static unsigned getHashValue(const Operation *op) {
      return OperationEquivalence::computeHash(
          const_cast<Operation *>(op), OperationEquivalence::directHashValue,
          OperationEquivalence::ignoreHashValue, OperationEquivalence::IgnoreLocations);
    }
    static bool isEqual(const Operation *a, const Operation *b) {
      if (a == b || a == getEmptyKey() || a == getTombstoneKey() || b == getEmptyKey() ||
          b == getTombstoneKey())
        return a == b;
      return OperationEquivalence::isEquivalentTo(const_cast<Operation *>(a),
                                                  const_cast<Operation *>(b),
                                                  OperationEquivalence::IgnoreLocations);
    }
  };

  void hoistFrom(Block &block) {
    for (Operation &op : llvm::make_early_inc_range(block)) {
      if (isa<scf::IfOp>(op) && op.hasAttr(kReadableAttr))
        hoistFrom(op.getRegion(0).front());
      else if (isInvariant(op) && (isPure(&op) || (runs && isUnchanged(op))))
        op.moveBefore(loop);
    }
  }

  bool isInvariant(Operation &op) {
    return op.getNumRegions() == 0 && !op.hasTrait<OpTrait::IsTerminator>() &&
           llvm::all_of(op.getOperands(), [&](Value operand) {
             return !loop->isAncestor(operand.getParentBlock()->getParentOp());
           });
  }

  bool isUnchanged(Operation &op) {
    Value buffer = getReadBuffer(&op);
    if (!buffer || writesAnywhere)
      return false;
    return llvm::none_of(written, [&](Value other) { return mayAlias(buffer, other); });
  }

  void collectWrites() {
    loop->walk([&](Operation *op) {
      // Tiles have effects on registers only.
      if (op->hasTrait<OpTrait::HasRecursiveMemoryEffects>() ||
          isa<amx::TileLoadOp, amx::TileZeroOp>(op))
        return;
      std::optional<SmallVector<MemoryEffects::EffectInstance>> effects = getEffectsRecursively(op);
      if (!effects) {
        writesAnywhere = true;
        return;
      }
      for (const MemoryEffects::EffectInstance &effect : *effects) {
        if (!isa<MemoryEffects::Write>(effect.getEffect()))
          continue;
        if (effect.getValue())
          written.push_back(effect.getValue());
        else
          writesAnywhere = true;
      }
    });
  }

  scf::ForOp loop;
  bool runs = false;          ///< at least once
  SmallVector<Value> written; ///< buffers
  bool writesAnywhere = false;
};

struct HoistReads : impl::FPWCPUHoistReadsBase<HoistReads> {
  void runOnOperation() override {
    // From the inside out: what leaves a loop may leave the one around it, too.
    getOperation().walk([](scf::ForOp loop) {
      Hoister hoister(loop);
      hoister.hoist();
      hoister.shareReads();
    });
  }
};

} // namespace
} // namespace fpw::cpu
