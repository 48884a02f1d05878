//===- NNPoolingOps.cpp - Pooling -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ShapeInference.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;

#define GET_OP_CLASSES
#include "fpw/Dialect/NN/IR/NNPoolingOps.cpp.inc"

namespace fpw::nn {

/// The first of `count` spatial dimensions.
static int64_t firstSpatialDim(RankedTensorType type, int64_t count, bool channelLast) {
  return type.getRank() - count - (channelLast ? 1 : 0);
}

template <typename Pooling>
static LogicalResult inferPooling(OptionalLocation loc, Pooling pooling, Types &types) {
  RankedTensorType input = tensorTypeOf(pooling.getInput());
  ArrayRef<int64_t> kernel = pooling.getKernel();
  int64_t count = kernel.size();
  int64_t first = firstSpatialDim(input, count, pooling.getChannelLast());
  if (count < 1 || count > 3 || input.getRank() <= count ||
      !llvm::all_of(input.getShape().slice(first, count), isImageSize))
    return emitOptionalError(loc,
                             "expected a kernel for 1 to 3 static dimensions, with others before ",
                             "them or the channel behind, but got ", input, " (C1)");
  if (failed(checkSizes(loc, "kernel", kernel, count, 1, "C1")) ||
      failed(checkSizes(loc, "stride", pooling.getStride(), count, 1, "C2")) ||
      failed(checkSizes(loc, "pad", pooling.getPad(), count, 0, "C2")))
    return failure();
  SmallVector<int64_t> stride =
      pooling.getStride().empty() ? llvm::to_vector(kernel) : llvm::to_vector(pooling.getStride());
  SmallVector<int64_t> pad = withDefault(pooling.getPad(), count, 0);
  SmallVector<int64_t> shape(input.getShape());
  for (int64_t i = 0; i < count; ++i) {
    if (pad[i] >= kernel[i])
      return emitOptionalError(loc, "expected a pad below the kernel ", kernel[i], " but got ",
                               pad[i], " (C2)");
    int64_t &size = shape[first + i];
    // Without ignore_border, each window that begins in the image counts.
    int64_t extent = pooling.getIgnoreBorder() ? kernel[i] : pad[i] + 1;
    std::optional<int64_t> windows = windowCount(size, 2 * pad[i], extent, stride[i]);
    if (!windows)
      return emitOptionalError(loc, "expected the kernel to fit into the padded ", input,
                               " in spatial dimension ", i, " (C3)");
    size = *windows;
  }
  return inferTensor(input.getContext(), loc, shape, types);
}

#define FPW_DEFINE_POOLING(Op)                                                                     \
  LogicalResult Op::inferReturnTypes(MLIRContext *, OptionalLocation location, Adaptor adaptor,    \
                                     Types &types) {                                               \
    return inferPooling(location, adaptor, types);                                                 \
  }
FPW_DEFINE_POOLING(MaxPoolingOp)
FPW_DEFINE_POOLING(AveragePoolingOp)
FPW_DEFINE_POOLING(SumPoolingOp)
#undef FPW_DEFINE_POOLING

LogicalResult GlobalAveragePoolingOp::inferReturnTypes(MLIRContext *context, OptionalLocation loc,
                                                       Adaptor adaptor, Types &types) {
  RankedTensorType input = tensorTypeOf(adaptor.getInput());
  int64_t count = input.getRank() - 2;
  int64_t first = firstSpatialDim(input, count, adaptor.getChannelLast());
  if (count < 1 || !llvm::all_of(input.getShape().slice(first, count), isImageSize))
    return emitOptionalError(loc, "expected a batch, a channel and static spatial dimensions but ",
                             "got ", input, " (C1)");
  SmallVector<int64_t> shape(input.getShape());
  std::fill_n(shape.begin() + first, count, 1);
  return inferTensor(context, loc, shape, types);
}

LogicalResult UnpoolingOp::inferReturnTypes(MLIRContext *context, OptionalLocation loc,
                                            Adaptor adaptor, Types &types) {
  RankedTensorType input = tensorTypeOf(adaptor.getInput());
  ArrayRef<int64_t> kernel = adaptor.getKernel();
  int64_t count = kernel.size();
  int64_t first = firstSpatialDim(input, count, adaptor.getChannelLast());
  if (count < 1 || first < 0 || ShapedType::isDynamicShape(input.getShape().slice(first, count)))
    return emitOptionalError(loc, "expected a kernel of 1 or more sizes for static dimensions of ",
                             input, " but got [", kernel, "] (C1)");
  if (failed(checkSizes(loc, "kernel", kernel, count, 1, "C1")))
    return failure();
  SmallVector<int64_t> shape(input.getShape());
  for (int64_t i = 0; i < count; ++i)
    if (llvm::MulOverflow(shape[first + i], kernel[i], shape[first + i]))
      return emitOptionalError(loc, "expected result sizes to fit 64 bits (C1)");
  return inferTensor(context, loc, shape, types);
}

} // namespace fpw::nn
