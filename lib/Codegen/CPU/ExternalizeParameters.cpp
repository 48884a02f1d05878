//===- ExternalizeParameters.cpp - Makes parameters external symbols -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Codegen/CPU/Passes.h"
#include "fpw/Dialect/NN/IR/NN.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/MapVector.h"

namespace fpw::cpu {
#define GEN_PASS_DEF_FPWCPUEXTERNALIZEPARAMETERS
#include "fpw/Codegen/CPU/Passes.h.inc"

using namespace mlir;

namespace {

struct ExternalizeParameters : impl::FPWCPUExternalizeParametersBase<ExternalizeParameters> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    SymbolTable symbols(module);
    SmallVector<nn::ParameterOp> parameters;
    module.walk([&](nn::ParameterOp parameter) { parameters.push_back(parameter); });
    llvm::MapVector<Attribute, memref::GlobalOp> globals;
    Block::iterator place = module.getBody()->begin(); // in front of the functions, in order
    for (nn::ParameterOp parameter : parameters) {
      memref::GlobalOp &global = globals[parameter.getValueAttr()];
      if (!global)
        global = createGlobal(symbols, place, parameter, globals.size() - 1);
      OpBuilder builder(parameter);
      Value buffer = memref::GetGlobalOp::create(builder, parameter.getLoc(), global.getType(),
                                                 global.getSymName());
      parameter.replaceAllUsesWith(bufferization::ToTensorOp::create(builder, parameter.getLoc(),
                                                                     parameter.getType(), buffer,
                                                                     /*restrict=*/true)
                                       .getResult());
      parameter.erase();
    }
    SmallVector<NamedAttribute> table;
    for (auto [value, global] : globals)
      table.emplace_back(global.getSymNameAttr(), value);
    module->setAttr(kParametersAttr, DictionaryAttr::get(&getContext(), table));
  }

private:
  static memref::GlobalOp createGlobal(SymbolTable &symbols, Block::iterator place,
                                       nn::ParameterOp parameter, size_t number) {
    auto type = cast<RankedTensorType>(parameter.getType());
    OpBuilder builder(parameter.getContext());
    // Public: a private global without initial value would be undefined, not external.
    auto global = memref::GlobalOp::create(
        builder, parameter.getLoc(), ("fpw_parameter_" + Twine(number)).str(),
        /*sym_visibility=*/nullptr, MemRefType::get(type.getShape(), type.getElementType()),
        /*initial_value=*/nullptr, /*constant=*/false, builder.getI64IntegerAttr(64));
    symbols.insert(global, place);
    return global;
  }
};

} // namespace
} // namespace fpw::cpu
