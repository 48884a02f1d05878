//===- PackWeights.cpp - Lays weights out as the matrix units read them -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ByteProduct.h"
#include "fpw/Codegen/GPU/Passes.h"
#include "fpw/Dialect/NN/IR/NN.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/DialectResourceBlobManager.h"

namespace fpw::gpu {
#define GEN_PASS_DEF_FPWGPUPACKWEIGHTS
#include "fpw/Codegen/GPU/Passes.h.inc"

using namespace mlir;

namespace {

/// The bytes with dimension order[i] as dimension i.
ElementsAttr transposeBytes(nn::ParameterOp parameter, RankedTensorType packedType,
                            ArrayRef<int64_t> order) {
  if (parameter.isSplat())
    return cast<DenseElementsAttr>(parameter.getValue()).resizeSplat(packedType);
  ArrayRef<int64_t> shape = packedType.getShape();
  SmallVector<int64_t> strides = applyPermutation(
      computeStrides(cast<RankedTensorType>(parameter.getType()).getShape()), order);
  ArrayRef<char> source = parameter.getRawData();
  AsmResourceBlob blob = HeapAsmResourceBlob::allocate(source.size(), /*align=*/64);
  SmallVector<int64_t> position(shape.size(), 0);
  int64_t from = 0;
  for (char &byte : blob.getMutableData()) {
    byte = source[from];
    for (int64_t dim = shape.size() - 1; dim >= 0; --dim) {
      from += strides[dim];
      if (++position[dim] < shape[dim])
        break;
      from -= shape[dim] * strides[dim];
      position[dim] = 0;
    }
  }
  return DenseResourceElementsAttr::get(packedType, parameter.getName(), std::move(blob));
}

struct PackWeights : impl::FPWGPUPackWeightsBase<PackWeights> {
  void runOnOperation() override {
    getOperation().walk([&](linalg::GenericOp op) {
      auto kernel = op->getAttrOfType<StringAttr>(kKernelAttr);
      if (!kernel || kernel.getValue() == kNaiveKernel)
        return;
      if (std::optional<ByteProduct> product = ByteProduct::match(op))
        pack(*product);
    });
  }

private:
  static void pack(const ByteProduct &product) {
    linalg::GenericOp op = product.op;
    auto parameter = op.getDpsInputs()[1].getDefiningOp<nn::ParameterOp>();
    if (!parameter)
      return;
    AffineMap map = op.getIndexingMapsArray()[1];
    MLIRContext *context = op.getContext();
    SmallVector<int64_t> order;
    SmallVector<AffineExpr> results;
    for (unsigned loop :
         llvm::concat<const unsigned>(product.groups, product.columns, product.sums)) {
      AffineExpr index = getAffineDimExpr(loop, context);
      order.push_back(*map.getResultPosition(index));
      results.push_back(index);
    }
    if (llvm::is_sorted(order))
      return;
    auto type = cast<RankedTensorType>(parameter.getType());
    auto packedType =
        RankedTensorType::get(applyPermutation(type.getShape(), order), type.getElementType());
    OpBuilder builder(parameter);
    auto packed = nn::ParameterOp::create(
        builder, parameter.getLoc(), packedType, parameter.getNameAttr(),
        transposeBytes(parameter, packedType, order), parameter.getConversionAttr());
    SmallVector<AffineMap> maps = op.getIndexingMapsArray();
    maps[1] = AffineMap::get(map.getNumDims(), 0, results, context);
    op.setIndexingMapsAttr(builder.getAffineMapArrayAttr(maps));
    op.setOperand(1, packed);
    if (parameter->use_empty())
      parameter->erase();
  }
};

} // namespace
} // namespace fpw::gpu
