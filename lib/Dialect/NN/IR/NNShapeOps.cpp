//===- NNShapeOps.cpp - Ops that move elements -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ShapeInference.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;

#define GET_OP_CLASSES
#include "fpw/Dialect/NN/IR/NNShapeOps.cpp.inc"

namespace fpw::nn {

//===----------------------------------------------------------------------===//
// Reshape
//===----------------------------------------------------------------------===//

LogicalResult ReshapeOp::inferReturnTypes(MLIRContext *context, OptionalLocation loc,
                                          Adaptor adaptor, Types &types) {
  RankedTensorType input = tensorTypeOf(adaptor.getInput());
  SmallVector<int64_t> shape(adaptor.getShape());
  int64_t known = 1;
  int64_t *open = nullptr;
  for (int64_t &size : shape) {
    if (size < -1 || (size == -1 && open))
      return emitOptionalError(loc, "expected sizes, at most one of them -1, but got [",
                               adaptor.getShape(), "] (C1)");
    if (size == -1)
      open = &size;
    else if (llvm::MulOverflow(known, size, known))
      return emitOptionalError(loc, "expected the number of elements to fit 64 bits (C1)");
  }
  if (!input.hasStaticShape()) {
    if (!open)
      return emitOptionalError(loc, "expected a -1 in the shape, as ", input, " is dynamic (C3)");
    *open = ShapedType::kDynamic;
    return inferTensor(context, loc, shape, types);
  }
  int64_t elements = input.getNumElements();
  if (open && known != 0 && elements % known == 0)
    *open = elements / known;
  else if (open || elements != known)
    return emitOptionalError(loc, "expected a shape of ", elements, " elements but got [",
                             adaptor.getShape(), "] (C2)");
  return inferTensor(context, loc, shape, types);
}

/// reshape(x) of x's own shape -> x; reshape(reshape(x, s), t) -> reshape(x, t)
OpFoldResult ReshapeOp::fold(FoldAdaptor) {
  if (getInput().getType() == getType()) // with at most one dynamic size, which is the same then
    return getInput();
  auto producer = getInput().getDefiningOp<ReshapeOp>();
  if (!producer)
    return {};
  getInputMutable().assign(producer.getInput());
  return getResult();
}

//===----------------------------------------------------------------------===//
// Transpose
//===----------------------------------------------------------------------===//

LogicalResult TransposeOp::inferReturnTypes(MLIRContext *context, OptionalLocation loc,
                                            Adaptor adaptor, Types &types) {
  RankedTensorType input = tensorTypeOf(adaptor.getInput());
  ArrayRef<int64_t> axes = adaptor.getAxes();
  if (int64_t(axes.size()) != input.getRank() || !isPermutationVector(axes))
    return emitOptionalError(loc, "expected a permutation of ", input.getRank(),
                             " dimensions but got [", axes, "] (C1)");
  return inferTensor(context, loc, applyPermutation(input.getShape(), axes), types);
}

/// transpose(x) in the same order -> x; transpose(transpose(x, p), q) -> transpose(x, p[q])
OpFoldResult TransposeOp::fold(FoldAdaptor) {
  if (isIdentityPermutation(getAxes()))
    return getInput();
  auto producer = getInput().getDefiningOp<TransposeOp>();
  if (!producer)
    return {};
  setAxes(applyPermutation(producer.getAxes(), getAxes()));
  getInputMutable().assign(producer.getInput());
  return getResult();
}

//===----------------------------------------------------------------------===//
// Slice
//===----------------------------------------------------------------------===//

/// How many elements Python's x[start:stop:step] has.
static int64_t sliceSize(int64_t size, int64_t start, int64_t stop, int64_t step) {
  auto clamp = [&](int64_t bound) {
    if (bound < 0)
      bound = bound < -size ? -1 : bound + size;
    return std::clamp<int64_t>(bound, step > 0 ? 0 : -1, step > 0 ? size : size - 1);
  };
  int64_t first = clamp(start), last = clamp(stop);
  if (step > 0)
    return last > first ? (last - first - 1) / step + 1 : 0;
  // Negating the step must not overflow.
  return first > last ? (first - last - 1) / -std::max(step, -INT64_MAX) + 1 : 0;
}

LogicalResult SliceOp::inferReturnTypes(MLIRContext *context, OptionalLocation loc, Adaptor adaptor,
                                        Types &types) {
  RankedTensorType input = tensorTypeOf(adaptor.getInput());
  ArrayRef<int64_t> start = adaptor.getStart(), stop = adaptor.getStop(), step = adaptor.getStep();
  size_t rank = input.getRank();
  if (start.size() != rank || stop.size() != rank || step.size() != rank ||
      llvm::is_contained(step, 0))
    return emitOptionalError(loc, "expected start, stop and a step other than 0 for each of ", rank,
                             " dimensions (C1)");
  SmallVector<int64_t> shape(input.getShape());
  for (auto [dim, size] : llvm::enumerate(shape)) {
    if (!ShapedType::isDynamic(size))
      size = sliceSize(size, start[dim], stop[dim], step[dim]);
    else if (start[dim] != 0 || stop[dim] != INT64_MAX || step[dim] != 1)
      return emitOptionalError(loc, "expected the dynamic dimension ", dim,
                               " to be taken whole but got ", start[dim], ":", stop[dim], ":",
                               step[dim], " (C2)");
  }
  return inferTensor(context, loc, shape, types);
}

/// x[:] -> x
OpFoldResult SliceOp::fold(FoldAdaptor) {
  bool isWhole = getInput().getType() == getType() &&
                 llvm::all_of(getStep(), [](int64_t step) { return step == 1; });
  return isWhole ? getInput() : OpFoldResult();
}

//===----------------------------------------------------------------------===//
// Take
//===----------------------------------------------------------------------===//

LogicalResult TakeOp::inferReturnTypes(MLIRContext *context, OptionalLocation loc, Adaptor adaptor,
                                       Types &types) {
  RankedTensorType input = tensorTypeOf(adaptor.getInput());
  FailureOr<int64_t> axis = normalizeAxis(loc, "axis", adaptor.getAxis(), input.getRank());
  if (failed(axis))
    return failure();
  if (input.isDynamicDim(*axis))
    return emitOptionalError(loc, "expected a static dimension ", *axis, " but got ", input,
                             " (C1)");
  ArrayRef<int64_t> indices = adaptor.getIndices();
  if (!isImageSize(indices.size()))
    return emitOptionalError(loc, "expected 1 to 16777216 indices but got ", indices.size(),
                             " (C2)");
  for (int64_t index : indices)
    if (index < 0 || index >= input.getDimSize(*axis))
      return emitOptionalError(loc, "expected indices of dimension ", *axis, " of ", input,
                               " but got ", index, " (C2)");
  SmallVector<int64_t> shape(input.getShape());
  shape[*axis] = indices.size();
  return inferTensor(context, loc, shape, types);
}

//===----------------------------------------------------------------------===//
// Pad
//===----------------------------------------------------------------------===//

LogicalResult PadOp::inferReturnTypes(MLIRContext *context, OptionalLocation loc, Adaptor adaptor,
                                      Types &types) {
  RankedTensorType input = tensorTypeOf(adaptor.getInput());
  ArrayRef<int64_t> width = adaptor.getPadWidth();
  int64_t count = width.size() / 2;
  if (width.size() % 2 || count > input.getRank())
    return emitOptionalError(loc, "expected pairs of pads for at most ", input.getRank(),
                             " dimensions but got [", width, "] (C1)");
  if (failed(checkSizes(loc, "pad_width", width, width.size(), 0, "C1")))
    return failure();
  StringRef mode = adaptor.getMode();
  if (mode != "constant" && mode != "reflect" && mode != "repeat")
    return emitOptionalError(loc, "expected mode constant, reflect or repeat but got ", mode,
                             " (C3)");
  SmallVector<int64_t> shape(input.getShape());
  for (int64_t i = 0; i < count; ++i) {
    int64_t before = width[2 * i], after = width[2 * i + 1];
    int64_t &size = shape[input.getRank() - count + i];
    if (before == 0 && after == 0)
      continue;
    bool tooSmall =
        (mode == "reflect" && size <= std::max(before, after)) || (mode == "repeat" && size == 0);
    if (ShapedType::isDynamic(size) || tooSmall)
      return emitOptionalError(loc, "expected padded dimensions of ", input,
                               " to be static and larger than reflected pads (C2)");
    size += before + after;
    if (mode != "constant" && !isImageSize(size))
      return emitOptionalError(loc, "expected at most ", kLargestImage,
                               " indices after padding with mode ", mode, " but got ", size,
                               " (C2)");
  }
  return inferTensor(context, loc, shape, types);
}

/// pad(x) by nothing -> x
OpFoldResult PadOp::fold(FoldAdaptor) {
  bool isNothing = llvm::all_of(getPadWidth(), [](int64_t pad) { return pad == 0; });
  return isNothing ? getInput() : OpFoldResult();
}

//===----------------------------------------------------------------------===//
// Broadcast
//===----------------------------------------------------------------------===//

LogicalResult BroadcastOp::inferReturnTypes(MLIRContext *context, OptionalLocation loc,
                                            Adaptor adaptor, Types &types) {
  RankedTensorType input = tensorTypeOf(adaptor.getInput());
  if (int64_t(adaptor.getShape().size()) != input.getRank())
    return emitOptionalError(loc, "expected ", input.getRank(), " sizes but got [",
                             adaptor.getShape(), "] (C1)");
  SmallVector<int64_t> shape(input.getShape());
  for (auto [size, target] : llvm::zip_equal(shape, adaptor.getShape())) {
    if (target < -1 || (target != -1 && size != 1 && target != size))
      return emitOptionalError(loc, "expected sizes of ", input,
                               " or -1, or to repeat 1, but got [", adaptor.getShape(), "] (C2)");
    if (target != -1)
      size = target;
  }
  return inferTensor(context, loc, shape, types);
}

/// broadcast(x) to x's own shape -> x
OpFoldResult BroadcastOp::fold(FoldAdaptor) {
  return getInput().getType() == getType() ? getInput() : OpFoldResult();
}

//===----------------------------------------------------------------------===//
// Interpolate
//===----------------------------------------------------------------------===//

LogicalResult InterpolateOp::inferReturnTypes(MLIRContext *context, OptionalLocation loc,
                                              Adaptor adaptor, Types &types) {
  RankedTensorType input = tensorTypeOf(adaptor.getInput());
  ArrayRef<int64_t> target = adaptor.getOutputSize();
  int64_t count = target.size();
  int64_t first = input.getRank() - count - (adaptor.getChannelLast() ? 1 : 0);
  if (count < 1 || count > 3 || first < 0 ||
      !llvm::all_of(input.getShape().slice(first, count), isImageSize))
    return emitOptionalError(
        loc, "expected output sizes for 1 to 3 static spatial dimensions but got ", input, " (C1)");
  if (!llvm::all_of(target, isImageSize))
    return emitOptionalError(loc, "expected output sizes of 1 to ", kLargestImage, " but got [",
                             target, "] (C1)");
  if (adaptor.getMode() != "nearest" && adaptor.getMode() != "linear")
    return emitOptionalError(loc, "expected mode nearest or linear but got ", adaptor.getMode(),
                             " (C2)");
  SmallVector<int64_t> shape(input.getShape());
  llvm::copy(target, shape.begin() + first);
  return inferTensor(context, loc, shape, types);
}

//===----------------------------------------------------------------------===//
// Concatenate, stack, split
//===----------------------------------------------------------------------===//

/// Makes the size the other one where it is dynamic. Fails if both are static and differ.
static bool unifySizes(int64_t &size, int64_t other) {
  if (ShapedType::isDynamic(size))
    size = other;
  return size == other || ShapedType::isDynamic(other);
}

LogicalResult ConcatenateOp::inferReturnTypes(MLIRContext *context, OptionalLocation loc,
                                              Adaptor adaptor, Types &types) {
  if (adaptor.getInputs().empty())
    return emitOptionalError(loc, "expected at least one input (C1)");
  RankedTensorType first = tensorTypeOf(adaptor.getInputs().front());
  FailureOr<int64_t> axis = normalizeAxis(loc, "axis", adaptor.getAxis(), first.getRank());
  if (failed(axis))
    return failure();
  SmallVector<int64_t> shape(first.getShape());
  shape[*axis] = 0;
  for (Value input : adaptor.getInputs()) {
    RankedTensorType type = tensorTypeOf(input);
    if (type.getRank() != first.getRank())
      return emitOptionalError(loc, "expected inputs of one rank but got ", first, " and ", type,
                               " (C1)");
    for (auto [dim, size] : llvm::enumerate(type.getShape())) {
      bool joined = int64_t(dim) == *axis;
      if (joined ? ShapedType::isDynamic(size) : !unifySizes(shape[dim], size))
        return emitOptionalError(loc, "expected sizes to agree except along axis ", *axis,
                                 ", where they are static, but got ", first, " and ", type,
                                 " (C2)");
      if (joined)
        shape[dim] += size;
    }
  }
  return inferTensor(context, loc, shape, types);
}

/// concatenate(x) -> x
OpFoldResult ConcatenateOp::fold(FoldAdaptor) {
  return getInputs().size() == 1 ? getInputs().front() : OpFoldResult();
}

LogicalResult StackOp::inferReturnTypes(MLIRContext *context, OptionalLocation loc, Adaptor adaptor,
                                        Types &types) {
  if (adaptor.getInputs().empty())
    return emitOptionalError(loc, "expected at least one input (C1)");
  RankedTensorType first = tensorTypeOf(adaptor.getInputs().front());
  FailureOr<int64_t> axis = normalizeAxis(loc, "axis", adaptor.getAxis(), first.getRank() + 1);
  if (failed(axis))
    return failure();
  SmallVector<int64_t> shape(first.getShape());
  for (Value input : adaptor.getInputs()) {
    RankedTensorType type = tensorTypeOf(input);
    bool agree = type.getRank() == first.getRank();
    for (size_t dim = 0; agree && dim < shape.size(); ++dim)
      agree = unifySizes(shape[dim], type.getDimSize(dim));
    if (!agree)
      return emitOptionalError(loc, "expected inputs of one shape but got ", first, " and ", type,
                               " (C1)");
  }
  shape.insert(shape.begin() + *axis, adaptor.getInputs().size());
  return inferTensor(context, loc, shape, types);
}

LogicalResult SplitOp::inferReturnTypes(MLIRContext *context, OptionalLocation loc, Adaptor adaptor,
                                        Types &types) {
  RankedTensorType input = tensorTypeOf(adaptor.getInput());
  FailureOr<int64_t> axis = normalizeAxis(loc, "axis", adaptor.getAxis(), input.getRank());
  if (failed(axis))
    return failure();
  int64_t count = input.getDimSize(*axis);
  constexpr int64_t kMostResults = 1 << 16;
  if (ShapedType::isDynamic(count) || count > kMostResults)
    return emitOptionalError(loc, "expected a static dimension of at most ", kMostResults,
                             " but got ", input, " (C1)");
  SmallVector<int64_t> shape(input.getShape());
  shape.erase(shape.begin() + *axis);
  for (int64_t i = 0; i < count; ++i)
    if (failed(inferTensor(context, loc, shape, types)))
      return failure();
  return success();
}

//===----------------------------------------------------------------------===//
// BatchMatmul
//===----------------------------------------------------------------------===//

LogicalResult BatchMatmulOp::inferReturnTypes(MLIRContext *context, OptionalLocation loc,
                                              Adaptor adaptor, Types &types) {
  RankedTensorType a = tensorTypeOf(adaptor.getA()), b = tensorTypeOf(adaptor.getB());
  int64_t rank = a.getRank();
  if (rank < 2 || b.getRank() != rank || ShapedType::isDynamicShape(a.getShape().take_back(2)) ||
      ShapedType::isDynamicShape(b.getShape().take_back(2)))
    return emitOptionalError(loc, "expected batches of static matrices of one rank but got ", a,
                             " and ", b, " (C1)");
  int64_t inner = a.getDimSize(adaptor.getTransposeA() ? rank - 2 : rank - 1);
  int64_t innerOfB = b.getDimSize(adaptor.getTransposeB() ? rank - 1 : rank - 2);
  if (inner != innerOfB)
    return emitOptionalError(loc, "expected inner sizes to agree but got ", inner, " and ",
                             innerOfB, " (C2)");
  SmallVector<int64_t> shape(a.getShape());
  for (int64_t dim = 0; dim < rank - 2; ++dim) {
    std::optional<int64_t> size = broadcastSize(a.getDimSize(dim), b.getDimSize(dim));
    if (!size)
      return emitOptionalError(loc, "expected leading sizes to agree or to be 1 but got ", a,
                               " and ", b, " (C3)");
    shape[dim] = *size;
  }
  shape[rank - 2] = a.getDimSize(adaptor.getTransposeA() ? rank - 1 : rank - 2);
  shape[rank - 1] = b.getDimSize(adaptor.getTransposeB() ? rank - 2 : rank - 1);
  return inferTensor(context, loc, shape, types);
}

} // namespace fpw::nn
