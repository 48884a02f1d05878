//===- PlaceParameters.cpp - Keeps parameters in one block of memory -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Codegen/CPU/Passes.h"
#include "fpw/Codegen/GPU/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Support/MathExtras.h"

namespace fpw::gpu {
#define GEN_PASS_DEF_FPWGPUPLACEPARAMETERS
#include "fpw/Codegen/GPU/Passes.h.inc"

using namespace mlir;

namespace {

/// Where kernels want operands to begin: no access of a warp then touches a line more than it
/// needs.
constexpr int64_t kAlignment = 256;

/// The places of a network's parameters.
class ParameterPlacer {
public:
  explicit ParameterPlacer(func::FuncOp network) : network(network) {
    network.walk([&](memref::GetGlobalOp get) {
      if (places.try_emplace(get.getNameAttr().getAttr(), bytes).second)
        bytes += llvm::alignTo(countBytes(get.getType()), kAlignment);
    });
  }

  void run() {
    auto type = MemRefType::get({bytes}, IntegerType::get(network.getContext(), 8));
    createUpload(type);
    auto inputs = network->getAttrOfType<IntegerAttr>(cpu::kInputsAttr);
    (void)network.insertArgument(inputs.getInt(), type, {}, network.getLoc());
    Value block = network.getArgument(inputs.getInt());
    network->setAttr(cpu::kInputsAttr,
                     Builder(network.getContext()).getI64IntegerAttr(inputs.getInt() + 1));
    network.walk([&](memref::GetGlobalOp get) {
      OpBuilder builder(get);
      get.replaceAllUsesWith(createView(builder, get.getLoc(), block, get));
      get.erase();
    });
    network->getParentOfType<ModuleOp>()->setAttr(
        kParameterBytesAttr, Builder(network.getContext()).getI64IntegerAttr(bytes));
  }

private:
  static int64_t countBytes(MemRefType type) {
    return llvm::divideCeil(type.getNumElements() * type.getElementTypeBitWidth(), 8);
  }

  Value createView(OpBuilder &builder, Location loc, Value block, memref::GetGlobalOp get) {
    int64_t place = places.lookup(get.getNameAttr().getAttr());
    Value offset = arith::ConstantIndexOp::create(builder, loc, place);
    return memref::ViewOp::create(builder, loc, get.getType(), block, offset, ValueRange());
  }

  void createUpload(MemRefType type) {
    OpBuilder builder(network);
    Location loc = network.getLoc();
    auto upload = func::FuncOp::create(builder, loc, (kUploadPrefix + network.getName()).str(),
                                       builder.getFunctionType(type, {}));
    builder.setInsertionPointToStart(upload.addEntryBlock());
    llvm::SmallDenseSet<Attribute> done;
    network.walk([&](memref::GetGlobalOp get) {
      if (!done.insert(get.getNameAttr().getAttr()).second)
        return;
      Value source = builder.clone(*get)->getResult(0);
      mlir::gpu::MemcpyOp::create(builder, get.getLoc(), /*asyncToken=*/Type(),
                                  /*asyncDependencies=*/ValueRange(),
                                  createView(builder, get.getLoc(), upload.getArgument(0), get),
                                  source);
    });
    func::ReturnOp::create(builder, loc);
  }

  func::FuncOp network;
  llvm::MapVector<StringAttr, int64_t> places;
  int64_t bytes = 0;
};

struct PlaceParameters : impl::FPWGPUPlaceParametersBase<PlaceParameters> {
  void runOnOperation() override {
    SmallVector<func::FuncOp> functions(getOperation().getOps<func::FuncOp>());
    for (func::FuncOp function : functions)
      if (function->hasAttr(cpu::kInputsAttr))
        ParameterPlacer(function).run();
  }
};

} // namespace
} // namespace fpw::gpu
