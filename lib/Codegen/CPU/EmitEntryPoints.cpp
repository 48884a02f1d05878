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

namespace fpw::cpu {
#define GEN_PASS_DEF_FPWCPUEMITENTRYPOINTS
#include "fpw/Codegen/CPU/Passes.h.inc"

using namespace mlir;

namespace {

/// Makes buffers of the pointers that a host program passes.
class EntryBuilder {
public:
  EntryBuilder(func::FuncOp network, unsigned inputs)
      : network(network), inputs(inputs), converter(network.getContext()), builder(network),
        loc(network.getLoc()), pointer(LLVM::LLVMPointerType::get(network.getContext())) {}

  void build() {
    Type i64 = builder.getI64Type();
    auto entry = func::FuncOp::create(builder, loc, (kEntryPrefix + network.getName()).str(),
                                      builder.getFunctionType({pointer, pointer, i64}, {}));
    builder.setInsertionPointToStart(entry.addEntryBlock());
    batch = entry.getArgument(2);
    SmallVector<Value> buffers;
    for (auto [i, type] : llvm::enumerate(network.getArgumentTypes())) {
      bool isInput = i < inputs;
      Value list = entry.getArgument(isInput ? 0 : 1);
      buffers.push_back(makeBuffer(cast<MemRefType>(type), list, isInput ? i : i - inputs));
    }
    func::CallOp::create(builder, loc, network, buffers);
    func::ReturnOp::create(builder, loc);
    network.setPrivate();
  }

private:
  Value makeBuffer(MemRefType type, Value list, int32_t number) {
    Value place =
        LLVM::GEPOp::create(builder, loc, pointer, pointer, list, ArrayRef<LLVM::GEPArg>{number});
    Value data = LLVM::LoadOp::create(builder, loc, pointer, place);
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

  func::FuncOp network;
  unsigned inputs;
  LLVMTypeConverter converter;
  OpBuilder builder;
  Location loc;
  LLVM::LLVMPointerType pointer;
  Value batch;
};

struct EmitEntryPoints : impl::FPWCPUEmitEntryPointsBase<EmitEntryPoints> {
  void runOnOperation() override {
    SmallVector<func::FuncOp> functions(getOperation().getOps<func::FuncOp>());
    for (func::FuncOp function : functions)
      if (auto inputs = function->getAttrOfType<IntegerAttr>(kInputsAttr)) {
        function->removeAttr(kInputsAttr);
        EntryBuilder(function, inputs.getInt()).build();
      }
  }
};

} // namespace
} // namespace fpw::cpu
