//===- LayerDims.cpp - Which dimensions of a layer mean what ----*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Dialect/NN/IR/LayerDims.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace fpw::nn {

static int64_t normalizeAxis(int64_t axis, int64_t rank) { return axis < 0 ? axis + rank : axis; }

/// The leading dimensions.
static Units getLeadingUnits(int64_t count) {
  return {llvm::to_vector(llvm::seq<int64_t>(0, count)), SmallVector<int64_t>(count, 1)};
}

/// Pixels for pointwise convolutions, else samples.
template <typename Convolution>
static Units getUnitsOfConvolution(Convolution op, ArrayRef<int64_t> kernel) {
  Units units = getLeadingUnits(op.getBaseAxis());
  auto isOne = [](int64_t size) { return size == 1; };
  auto isZero = [](int64_t size) { return size == 0; };
  if (!llvm::all_of(kernel, isOne) || !llvm::all_of(op.getPad(), isZero))
    return units;
  llvm::append_range(units.strides, withDefault(op.getStride(), kernel.size(), 1));
  int64_t first = op.getBaseAxis() + (op.getChannelLast() ? 0 : 1);
  llvm::append_range(units.dims, llvm::seq<int64_t>(first, first + kernel.size()));
  return units;
}

Units getUnits(LayerOpInterface layer) {
  ArrayRef<int64_t> weight = layer.getWeight().getType().getShape();
  return TypeSwitch<Operation *, Units>(layer)
      .Case([&](FixedPointQuantizedAffineOp op) {
        return getLeadingUnits(normalizeAxis(op.getBaseAxis(), op.getInput().getType().getRank()));
      })
      .Case([&](FixedPointQuantizedConvolutionOp op) {
        return getUnitsOfConvolution(op, op.getChannelLast() ? weight.drop_front().drop_back()
                                                             : weight.drop_front(2));
      })
      .Case([&](FixedPointQuantizedDepthwiseConvolutionOp op) {
        return getUnitsOfConvolution(op, weight.drop_front());
      })
      .Case<FixedPointQuantizedDeconvolutionOp, FixedPointQuantizedDepthwiseDeconvolutionOp>(
          [&](auto op) { return getLeadingUnits(op.getBaseAxis()); });
}

SmallVector<int64_t> getChannelDims(LayerOpInterface layer) {
  int64_t rank = cast<RankedTensorType>(layer->getResult(0).getType()).getRank();
  return TypeSwitch<Operation *, SmallVector<int64_t>>(layer)
      .Case([&](FixedPointQuantizedAffineOp op) {
        int64_t count = op.getWeight().getType().getRank() - 1;
        return llvm::to_vector(llvm::seq(rank - count, rank));
      })
      .Case<FixedPointQuantizedConvolutionOp, FixedPointQuantizedDeconvolutionOp,
            FixedPointQuantizedDepthwiseConvolutionOp, FixedPointQuantizedDepthwiseDeconvolutionOp>(
          [&](auto op) {
            return SmallVector<int64_t>{op.getChannelLast() ? rank - 1 : int64_t(op.getBaseAxis())};
          });
}

} // namespace fpw::nn
