//===- EmitEntryPoints.cpp - Gives each network a function that a host program can call -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Codegen/CPU/Passes.h"
#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/SymbolTable.h"

namespace fpw::cpu {
#define GEN_PASS_DEF_FPWCPUEMITENTRYPOINTS
#include "fpw/Codegen/CPU/Passes.h.inc"

using namespace mlir;

namespace {

/// Makes buffers of the pointers that a host program passes.
class EntryBuilder {
public:
  EntryBuilder(func::FuncOp network, func::FuncOp arena)
      : network(network), arena(arena), converter(network.getContext()), builder(network),
        loc(network.getLoc()), pointer(LLVM::LLVMPointerType::get(network.getContext())) {}

  void buildEntry(unsigned inputs) {
    Type i64 = builder.getI64Type();
    auto entry = createFunction(kEntryPrefix, {pointer, pointer, pointer, i64, i64}, {});
    batch = entry.getArgument(3);
    SmallVector<Value> arguments;
    unsigned buffers = network.getNumArguments() - 2;
    for (unsigned i = 0; i < buffers; ++i)
      arguments.push_back(makeBuffer(i, i < inputs ? load(entry.getArgument(0), i)
                                                   : load(entry.getArgument(1), i - inputs)));
    arguments.push_back(makeBuffer(buffers, entry.getArgument(2)));
    arguments.push_back(makeIndex(entry.getArgument(4)));
    func::CallOp::create(builder, loc, network, arguments);
    func::ReturnOp::create(builder, loc);
    network.setPrivate();
  }

  void buildArenaSize() {
    Type i64 = builder.getI64Type();
    auto function = createFunction(kArenaPrefix, {i64, i64}, i64);
    SmallVector<Value> arguments =
        llvm::map_to_vector(function.getArguments(), [&](Value value) { return makeIndex(value); });
    Value size = func::CallOp::create(builder, loc, arena, arguments).getResults().back();
    func::ReturnOp::create(builder, loc,
                           Value(arith::IndexCastOp::create(builder, loc, i64, size)));
  }

private:
  func::FuncOp createFunction(StringRef prefix, TypeRange arguments, TypeRange results) {
    builder.setInsertionPoint(network);
    auto function = func::FuncOp::create(builder, loc, (prefix + network.getName()).str(),
                                         builder.getFunctionType(arguments, results));
    builder.setInsertionPointToStart(function.addEntryBlock());
    return function;
  }

  Value makeIndex(Value value) {
    return arith::IndexCastOp::create(builder, loc, builder.getIndexType(), value);
  }

  Value load(Value list, int32_t number) {
    Value place =
        LLVM::GEPOp::create(builder, loc, pointer, pointer, list, ArrayRef<LLVM::GEPArg>{number});
    return LLVM::LoadOp::create(builder, loc, pointer, place);
  }

  Value makeBuffer(unsigned argument, Value data) {
    auto type = cast<MemRefType>(network.getArgumentTypes()[argument]);
    auto descriptor = MemRefDescriptor::poison(builder, loc, converter.convertType(type));
    descriptor.setAllocatedPtr(builder, loc, data);
    descriptor.setAlignedPtr(builder, loc, data);
    descriptor.setConstantOffset(builder, loc, 0);
    int64_t stride = 1; // only the first size is dynamic, so that strides are constant
    for (int64_t dim = type.getRank(); dim-- > 0; stride *= type.getDimSize(dim)) {
      descriptor.setConstantStride(builder, loc, dim, stride);
      if (type.isDynamicDim(dim))
        descriptor.setSize(builder, loc, dim, batch);
      else
        descriptor.setConstantSize(builder, loc, dim, type.getDimSize(dim));
    }
    return UnrealizedConversionCastOp::create(builder, loc, type, Value(descriptor)).getResult(0);
  }

  func::FuncOp network, arena;
  LLVMTypeConverter converter;
  OpBuilder builder;
  Location loc;
  LLVM::LLVMPointerType pointer;
  Value batch;
};

struct EmitEntryPoints : impl::FPWCPUEmitEntryPointsBase<EmitEntryPoints> {
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    SmallVector<func::FuncOp> functions(getOperation().getOps<func::FuncOp>());
    for (func::FuncOp function : functions) {
      auto inputs = function->getAttrOfType<IntegerAttr>(kInputsAttr);
      auto arena = function->getAttrOfType<FlatSymbolRefAttr>(kArenaAttr);
      if (!inputs || !arena)
        continue;
      function->removeAttr(kInputsAttr);
      function->removeAttr(kArenaAttr);
      EntryBuilder entries(function, symbols.lookup<func::FuncOp>(arena.getValue()));
      entries.buildArenaSize();
      entries.buildEntry(inputs.getInt());
    }
  }
};

} // namespace
} // namespace fpw::cpu
