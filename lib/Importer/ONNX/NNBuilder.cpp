//===- NNBuilder.cpp - Builds nn ops in few words -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NNBuilder.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace fpw;
using namespace fpw::onnx;
using mlir::ShapedType;

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

std::optional<SmallVector<Number>> NNBuilder::getSizes(Value value) const {
  auto it = multiples.find(value);
  int64_t multiple = it == multiples.end() ? 1 : it->second;
  SmallVector<Number> sizes;
  for (int64_t size : getShape(value)) {
    bool isDynamic = ShapedType::isDynamic(size);
    if (isDynamic && multiple == 0)
      return std::nullopt;
    sizes.push_back(isDynamic ? Number{0, multiple} : Number{size, 0});
  }
  return sizes;
}

SmallVector<int64_t> NNBuilder::getOpenShape(ArrayRef<int64_t> shape) {
  return llvm::map_to_vector(
      shape, [](int64_t size) { return ShapedType::isDynamic(size) ? int64_t(-1) : size; });
}

int64_t NNBuilder::countPerBatch(Value value) const {
  auto it = multiples.find(value);
  int64_t count = it == multiples.end() ? 1 : it->second;
  for (int64_t size : getShape(value))
    count *= ShapedType::isDynamic(size) ? 1 : size;
  return count;
}

//===----------------------------------------------------------------------===//
// Any op
//===----------------------------------------------------------------------===//

Value NNBuilder::create(mlir::OperationState &state, ValueRange operands) {
  if (!llvm::all_of(operands, [](Value operand) { return bool(operand); }))
    return {};
  state.addOperands(operands);
  // An optional operand that is not there has no place in the list, but one in the segments.
  auto *inference = state.name.getInterface<mlir::InferTypeOpInterface>();
  if (failed(inference->inferReturnTypes(builder.getContext(), loc, state.operands,
                                         state.attributes.getDictionary(builder.getContext()),
                                         state.getRawProperties(),
                                         /*regions=*/{}, state.types)))
    return {};
  Operation *op = builder.create(state);
  if (failed(mlir::verify(op)))
    return {};
  Value result = op->getResult(0);
  if (!getType(result).hasStaticShape())
    for (Value operand : operands)
      if (auto it = multiples.find(operand); it != multiples.end()) {
        int64_t multiple = it->second;
        multiples[result] = multiple;
        break;
      }
  return result;
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

Value NNBuilder::makeParameter(ArrayRef<int64_t> shape, std::vector<float> values) {
  auto type = RankedTensorType::get(shape, builder.getF32Type());
  assert(type.getNumElements() == int64_t(values.size()) && "expected a value per element");
  constexpr size_t alignment = 64;
  mlir::ElementsAttr value;
  if (values.size() <= 1) {
    value = mlir::DenseElementsAttr::get(type, ArrayRef<float>(values));
  } else {
    ArrayRef<char> bytes(reinterpret_cast<const char *>(values.data()),
                         values.size() * sizeof(float));
    value = mlir::DenseResourceElementsAttr::get(
        type, parameterName, mlir::HeapAsmResourceBlob::allocateAndCopyWithAlign(bytes, alignment));
  }
  return nn::ParameterOp::create(builder, loc, type, parameterName, value, /*conversion=*/nullptr);
}

Value NNBuilder::makeSplat(ArrayRef<int64_t> shape, float value) {
  auto type = RankedTensorType::get(shape, builder.getF32Type());
  return nn::ParameterOp::create(builder, loc, type, parameterName,
                                 mlir::DenseElementsAttr::get(type, value),
                                 /*conversion=*/nullptr);
}

//===----------------------------------------------------------------------===//
// Element-wise ops
//===----------------------------------------------------------------------===//

Value NNBuilder::clamp(Value x, float low, float high) {
  return createScalar<nn::MinimumScalarOp>(createScalar<nn::MaximumScalarOp>(x, low), high);
}

Value NNBuilder::extendRank(Value x, int64_t rank) {
  if (!x || getRank(x) >= rank)
    return x;
  SmallVector<int64_t> shape(rank - getRank(x), 1);
  for (int64_t size : getShape(x))
    shape.push_back(ShapedType::isDynamic(size) ? -1 : size);
  return reshape(x, shape);
}

void NNBuilder::alignRanks(SmallVectorImpl<Value> &operands) {
  int64_t rank = 0;
  for (Value operand : operands) {
    if (!operand)
      return;
    rank = std::max(rank, getRank(operand));
  }
  for (Value &operand : operands)
    operand = extendRank(operand, rank);
}

//===----------------------------------------------------------------------===//
// Ops that move elements
//===----------------------------------------------------------------------===//

Value NNBuilder::reshape(Value x, ArrayRef<int64_t> shape) {
  if (!x || (getType(x).hasStaticShape() && getShape(x) == shape))
    return x;
  nn::ReshapeOp::Properties properties;
  properties.shape = getSizes(shape);
  Value result = create<nn::ReshapeOp>(properties, x);
  if (!result || getType(result).hasStaticShape())
    return result;
  int64_t elements = countPerBatch(x), rest = 1;
  for (int64_t size : shape)
    rest *= size == -1 ? 1 : size;
  multiples[result] = rest && elements % rest == 0 ? elements / rest : 0;
  return result;
}

Value NNBuilder::transpose(Value x, ArrayRef<int64_t> axes) {
  if (llvm::equal(axes, llvm::seq<int64_t>(0, axes.size())))
    return x;
  nn::TransposeOp::Properties properties;
  properties.axes = getSizes(axes);
  return create<nn::TransposeOp>(properties, x);
}

Value NNBuilder::swap(Value x, int64_t a, int64_t b) {
  if (!x)
    return x;
  auto axes = llvm::to_vector(llvm::seq<int64_t>(0, getRank(x)));
  std::swap(axes[a], axes[b]);
  return transpose(x, axes);
}

Value NNBuilder::slice(Value x, int64_t axis, int64_t begin, int64_t count, int64_t step) {
  if (!x || (begin == 0 && step == 1 && getShape(x)[axis] == count))
    return x;
  int64_t rank = getRank(x);
  SmallVector<int64_t> start(rank, 0), steps(rank, 1);
  SmallVector<int64_t> stop(rank, std::numeric_limits<int64_t>::max());
  start[axis] = begin;
  steps[axis] = step;
  // One beyond the last element; before the first one, the smallest number says so.
  int64_t end = begin + (count - 1) * step + (step > 0 ? 1 : -1);
  stop[axis] = end < 0 ? std::numeric_limits<int64_t>::min() : end;
  nn::SliceOp::Properties properties;
  properties.start = getSizes(start);
  properties.stop = getSizes(stop);
  properties.step = getSizes(steps);
  return create<nn::SliceOp>(properties, x);
}

Value NNBuilder::take(Value x, int64_t axis, ArrayRef<int64_t> indices) {
  if (!x)
    return x;
  bool isRegular = !indices.empty();
  int64_t step = indices.size() > 1 ? indices[1] - indices[0] : 1;
  for (size_t i = 1; i < indices.size(); ++i)
    isRegular &= indices[i] - indices[i - 1] == step;
  if (isRegular && step != 0)
    return slice(x, axis, indices[0], indices.size(), step);
  nn::TakeOp::Properties properties;
  properties.axis = getInteger(axis);
  properties.indices = getSizes(indices);
  return create<nn::TakeOp>(properties, x);
}

Value NNBuilder::pad(Value x, ArrayRef<int64_t> before, ArrayRef<int64_t> after, float value,
                     StringRef mode) {
  auto isZero = [](int64_t width) { return width == 0; };
  if (llvm::all_of(before, isZero) && llvm::all_of(after, isZero))
    return x;
  SmallVector<int64_t> widths;
  for (auto [low, high] : llvm::zip_equal(before, after))
    widths.append({low, high});
  nn::PadOp::Properties properties;
  properties.pad_width = getSizes(widths);
  properties.mode = builder.getStringAttr(mode);
  properties.constant_value = getFloat(value);
  return create<nn::PadOp>(properties, x);
}

Value NNBuilder::concatenate(ValueRange inputs, int64_t axis) {
  if (inputs.size() == 1)
    return inputs.front();
  nn::ConcatenateOp::Properties properties;
  properties.axis = getInteger(axis);
  return create<nn::ConcatenateOp>(properties, inputs);
}

Value NNBuilder::expandToBatch(Value x, int64_t dim) {
  if (!x || !batchWitness || dim < 0 || getShape(x)[dim] != 1)
    return {};
  Value samples = batchWitness;
  for (int64_t i = 1; i < getRank(batchWitness); ++i)
    samples = slice(samples, i, 0, 1);
  SmallVector<int64_t> shape(getRank(x), 1);
  shape[dim] = -1;
  // Whatever the elements of the samples are: both choices are x.
  return where(reshape(samples, shape), x, x);
}

Value NNBuilder::repeat(Value x, ArrayRef<int64_t> shape) {
  if (!x || llvm::all_of(llvm::zip_equal(shape, getShape(x)), [](auto sizes) {
        auto [to, from] = sizes;
        return to == -1 || to == from;
      }))
    return x;
  nn::BroadcastOp::Properties properties;
  properties.shape = getSizes(shape);
  return create<nn::BroadcastOp>(properties, x);
}
