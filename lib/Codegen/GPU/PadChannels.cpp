//===- PadChannels.cpp - Widens images whose pixels are no whole words -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ByteProduct.h"
#include "fpw/Codegen/GPU/Passes.h"
#include "fpw/Dialect/NN/IR/NN.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>

namespace fpw::gpu {
#define GEN_PASS_DEF_FPWGPUPADCHANNELS
#include "fpw/Codegen/GPU/Passes.h.inc"

using namespace mlir;

namespace {

/// Bytes of a pixel that can be copied: words, and many of them in the widest copies.
int64_t getPaddedChannels(int64_t channels) {
  return llvm::alignTo(channels, channels % 4 == 0 || channels < 16 ? 4 : 16);
}

/// The type with another size in one dimension.
RankedTensorType resize(Type type, int64_t dim, int64_t size) {
  auto tensor = cast<RankedTensorType>(type);
  SmallVector<int64_t> shape(tensor.getShape());
  shape[dim] = size;
  return RankedTensorType::get(shape, tensor.getElementType());
}

/// The bytes with zeros behind the elements of one dimension.
ElementsAttr padBytes(nn::ParameterOp parameter, RankedTensorType padded, int64_t dim) {
  if (parameter.isSplat()) // meets zeros of the image there
    return cast<DenseElementsAttr>(parameter.getValue()).resizeSplat(padded);
  ArrayRef<int64_t> shape = cast<RankedTensorType>(parameter.getType()).getShape();
  int64_t inner = ShapedType::getNumElements(shape.drop_front(dim));
  int64_t paddedInner = ShapedType::getNumElements(padded.getShape().drop_front(dim));
  AsmResourceBlob blob = HeapAsmResourceBlob::allocate(padded.getNumElements(), /*align=*/64);
  MutableArrayRef<char> target = blob.getMutableData();
  llvm::fill(target, 0);
  ArrayRef<char> source = parameter.getRawData();
  for (; !source.empty(); source = source.drop_front(inner)) {
    llvm::copy(source.take_front(inner), target.begin());
    target = target.drop_front(paddedInner);
  }
  return DenseResourceElementsAttr::get(padded, parameter.getName(), std::move(blob));
}

struct PadChannels : impl::FPWGPUPadChannelsBase<PadChannels> {
  void runOnOperation() override {
    std::vector<ByteProduct> products;
    getOperation().walk([&](linalg::GenericOp op) {
      if (std::optional<ByteProduct> product = ByteProduct::match(op); product && isOdd(*product))
        products.push_back(*product);
    });
    for (const ByteProduct &product : products)
      pad(product);
  }

private:
  /// Whether a wider image would let the matrix units in.
  static bool isOdd(const ByteProduct &product) {
    linalg::GenericOp op = product.op;
    int64_t channels = product.getChannels();
    std::optional<int64_t> columns = product.countStatic(product.columns);
    constexpr int64_t kFewestColumns = 8, kShortestSums = 32;
    AffineExpr channel = getAffineDimExpr(product.sums.back(), op.getContext());
    return channels % 4 != 0 && columns && *columns >= kFewestColumns &&
           *product.countStatic(product.sums) >= kShortestSums &&
           product.getMap(0).getResults().back() == channel &&
           op.getDpsInputs()[1].getDefiningOp<nn::ParameterOp>() && op.hasPureTensorSemantics();
  }

  static void pad(const ByteProduct &product) {
    linalg::GenericOp op = product.op;
    int64_t channels = getPaddedChannels(product.getChannels());
    OpBuilder builder(op);
    op.setOperand(0, padImage(builder, op.getDpsInputs()[0], channels));
    AffineExpr channel = getAffineDimExpr(product.sums.back(), op.getContext());
    int64_t dim = *product.getMap(1).getResultPosition(channel);
    auto parameter = op.getDpsInputs()[1].getDefiningOp<nn::ParameterOp>();
    RankedTensorType type = resize(parameter.getType(), dim, channels);
    builder.setInsertionPoint(parameter);
    op.setOperand(
        1, nn::ParameterOp::create(builder, parameter.getLoc(), type, parameter.getNameAttr(),
                                   padBytes(parameter, type, dim), parameter.getConversionAttr()));
    if (parameter->use_empty())
      parameter->erase();
  }

  /// The image with zeros behind its channels. What pads it already does that, too.
  static Value padImage(OpBuilder &builder, Value image, int64_t channels) {
    int64_t dim = cast<RankedTensorType>(image.getType()).getRank() - 1;
    RankedTensorType type = resize(image.getType(), dim, channels);
    Value source = image;
    SmallVector<OpFoldResult> low(dim + 1, builder.getIndexAttr(0)), high = low;
    if (auto pad = image.getDefiningOp<tensor::PadOp>();
        pad && pad.getConstantPaddingValue() &&
        isConstantIntValue(pad.getConstantPaddingValue(), 0)) {
      source = pad.getSource();
      low = pad.getMixedLowPad();
      high = pad.getMixedHighPad();
    }
    int64_t sourceChannels = cast<RankedTensorType>(source.getType()).getDimSize(dim);
    int64_t before = getConstantIntValue(low[dim]).value_or(0);
    high[dim] = builder.getIndexAttr(channels - sourceChannels - before);
    Value zero = arith::ConstantIntOp::create(builder, image.getLoc(), 0, 8);
    return tensor::PadOp::create(builder, image.getLoc(), type, source, low, high, zero);
  }
};

} // namespace
} // namespace fpw::gpu
