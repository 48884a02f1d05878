//===- SelectStreams.cpp - Chooses how kernels of few rows read their weights -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "StreamKernel.h"
#include "TileLayout.h"
#include "fpw/Codegen/CPU/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/STLExtras.h"
#include <cstring>
#include <map>

namespace fpw::cpu {
#define GEN_PASS_DEF_FPWCPUSELECTSTREAMS
#include "fpw/Codegen/CPU/Passes.h.inc"

using namespace mlir;

namespace {

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

/// Whether the op can have as few rows as streaming is for: all its loops but those over digits,
/// outputs and channels have one iteration, or some few, or a number that is not known.
bool canHaveFewRows(linalg::GenericOp op) {
  AffineMap digits = op.getMatchingIndexingMap(op.getDpsInputOperand(0));
  std::optional<TileLoops> loops =
      matchTileMap(op.getMatchingIndexingMap(op.getDpsInputOperand(1)));
  if (!loops || !loops->groups.empty() || !loops->outerReduction.empty() ||
      digits.getNumResults() < 2)
    return false;
  auto digit = dyn_cast<AffineDimExpr>(digits.getResults().drop_back().back());
  if (!digit)
    return false;
  int64_t rows = 1;
  for (auto [loop, size] : llvm::enumerate(op.getStaticLoopRanges()))
    if (loop != loops->output && loop != loops->channel && loop != digit.getPosition() &&
        !ShapedType::isDynamic(size))
      rows *= size;
  return rows > 0 && rows <= kStreamRows;
}

//===----------------------------------------------------------------------===//
// Codes
//===----------------------------------------------------------------------===//

/// The bytes of a tensor, of which a splat has one.
ArrayRef<char> getBytes(Attribute value) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value))
    return resource.getData();
  return cast<DenseElementsAttr>(value).getRawData();
}

/// The fewest bits in which all codes fit.
StreamPlan choosePlan(ArrayRef<char> codes, bool areUnsigned) {
  auto fits = [&](int64_t bits) {
    int64_t offset = areUnsigned ? 0 : int64_t(1) << (bits - 1);
    return llvm::all_of(codes, [&](char code) {
      int64_t number = areUnsigned ? int64_t(uint8_t(code)) : int64_t(int8_t(code));
      return number + offset >= 0 && number + offset < int64_t(1) << bits;
    });
  };
  StreamPlan plan;
  for (int64_t bits : {4, 2})
    if (fits(bits)) {
      plan.bits = bits;
      plan.offset = areUnsigned ? 0 : int64_t(1) << (bits - 1);
    }
  return plan;
}

/// Packs tiles of 64 bytes per row: row i * F + f into field f of row i.
void packCodes(ArrayRef<char> codes, const StreamPlan &plan, MutableArrayRef<char> packed) {
  int64_t fields = 8 / plan.bits, size = packed.size() * fields;
  for (int64_t at = 0; at < size; ++at) {
    int64_t row = at / kAMXBytes, byte = at % kAMXBytes;
    int64_t field = (codes[codes.size() == 1 ? 0 : at] + plan.offset) << (row % fields * plan.bits);
    packed[row / fields * kAMXBytes + byte] |= char(field);
  }
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

struct SelectStreams : impl::FPWCPUSelectStreamsBase<SelectStreams> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    table = NamedAttrList(module->getAttrOfType<DictionaryAttr>(kParametersAttr));
    SymbolTable symbols(module);
    module.walk([&](linalg::GenericOp op) {
      if (readsTiles(op) && op.hasPureBufferSemantics() && canHaveFewRows(op))
        select(op, symbols);
    });
    if (!table.empty())
      module->setAttr(kParametersAttr, table.getDictionary(&getContext()));
    packedCodes.clear();
  }

private:
  void select(linalg::GenericOp op, SymbolTable &symbols) {
    auto weights = op.getDpsInputs()[1].getDefiningOp<memref::GetGlobalOp>();
    Attribute codes = weights ? table.get(weights.getName()) : Attribute();
    if (!codes)
      return;
    bool areUnsigned = llvm::any_of(op.getBody()->getArgument(1).getUsers(),
                                    [](Operation *user) { return isa<arith::ExtUIOp>(user); });
    auto [entry, isNew] = packedCodes.try_emplace({weights.getName(), areUnsigned});
    StreamPlan &plan = entry->second;
    if (isNew) {
      plan = choosePlan(getBytes(codes), areUnsigned);
      if (plan.bits < 8)
        plan.packed =
            pack(symbols, symbols.lookup<memref::GlobalOp>(weights.getName()), codes, plan);
    }
    op->setAttr(kStreamsAttr, plan.toAttribute(&getContext()));
  }

  /// Adds the packed codes as another parameter.
  FlatSymbolRefAttr pack(SymbolTable &symbols, memref::GlobalOp global, Attribute codes,
                         const StreamPlan &plan) {
    int64_t size = global.getType().getNumElements() * plan.bits / 8;
    OpBuilder builder(global);
    AsmResourceBlob blob = HeapAsmResourceBlob::allocate(size, kAMXBytes);
    std::memset(blob.getMutableData().data(), 0, size);
    packCodes(getBytes(codes), plan, blob.getMutableData());
    auto packed = memref::GlobalOp::create(
        builder, global.getLoc(), (global.getSymName() + "_packed").str(),
        /*sym_visibility=*/nullptr, MemRefType::get({size}, builder.getI8Type()),
        /*initial_value=*/nullptr, /*constant=*/false, global.getAlignmentAttr());
    symbols.insert(packed, Block::iterator(global));
    auto type = RankedTensorType::get({size}, builder.getI8Type());
    table.set(packed.getSymNameAttr(),
              DenseResourceElementsAttr::get(type, packed.getSymName(), std::move(blob)));
    return FlatSymbolRefAttr::get(packed);
  }

  NamedAttrList table;
  std::map<std::pair<StringRef, bool>, StreamPlan> packedCodes;
};

} // namespace
} // namespace fpw::cpu
