//===- NNBuilder.h - Builds nn ops in few words -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_IMPORTER_ONNX_NNBUILDER_H
#define FPW_LIB_IMPORTER_ONNX_NNBUILDER_H

#include "Constant.h"
#include "fpw/Dialect/NN/IR/NN.h"

namespace fpw::onnx {

/// Builds ops of the nn dialect, which infers their types and checks them. Whatever fails gives a
/// null value, after a diagnostic, and an op on a null value is null: only the last result of a
/// computation needs a check.
class NNBuilder {
public:
  explicit NNBuilder(OpBuilder &builder) : builder(builder), loc(builder.getUnknownLoc()) {}

  OpBuilder &getBuilder() { return builder; }
  Location getLoc() const { return loc; }
  void setLoc(Location newLoc) { loc = newLoc; }
  /// Names the parameters that are made from here on.
  void setName(StringRef name) { parameterName = name.str(); }

  // Shapes. A tensor has at most one dynamic size, a multiple of the batch.

  static RankedTensorType getType(Value value) {
    return llvm::cast<RankedTensorType>(value.getType());
  }
  static int64_t getRank(Value value) { return getType(value).getRank(); }
  static ArrayRef<int64_t> getShape(Value value) { return getType(value).getShape(); }
  /// A shape as nn.reshape takes it, with -1 for an open size.
  static SmallVector<int64_t> getOpenShape(ArrayRef<int64_t> shape);
  /// The sizes; nothing if it is unknown which multiple of the batch one is.
  std::optional<SmallVector<Number>> getSizes(Value value) const;
  /// Says that the dynamic size of a value is this multiple of the batch.
  void setBatchMultiple(Value value, int64_t multiple) { multiples[value] = multiple; }

  // Any op.

  template <typename OpT>
  Value create(const typename OpT::Properties &properties, ValueRange operands) {
    mlir::OperationState state(loc, OpT::getOperationName());
    state.getOrAddProperties<typename OpT::Properties>() = properties;
    return create(state, operands);
  }
  template <typename OpT> Value create(ValueRange operands) { return create<OpT>({}, operands); }
  /// An op with one number.
  template <typename OpT> Value createScalar(Value x, float value) {
    typename OpT::Properties properties;
    properties.val = builder.getF32FloatAttr(value);
    return create<OpT>(properties, x);
  }

  // Constants.

  Value makeParameter(ArrayRef<int64_t> shape, std::vector<float> values);
  Value makeSplat(ArrayRef<int64_t> shape, float value);

  // Element-wise ops, whose operands broadcast as in numpy.

  template <typename OpT> Value broadcast(SmallVector<Value> operands) {
    alignRanks(operands);
    return create<OpT>(operands);
  }
  Value add(Value a, Value b) { return broadcast<nn::Add2Op>({a, b}); }
  Value sub(Value a, Value b) { return broadcast<nn::Sub2Op>({a, b}); }
  Value mul(Value a, Value b) { return broadcast<nn::Mul2Op>({a, b}); }
  Value div(Value a, Value b) { return broadcast<nn::Div2Op>({a, b}); }
  Value where(Value condition, Value yes, Value no) {
    return broadcast<nn::WhereOp>({condition, yes, no});
  }
  Value add(Value x, float value) { return createScalar<nn::AddScalarOp>(x, value); }
  Value mul(Value x, float value) { return createScalar<nn::MulScalarOp>(x, value); }
  Value pow(Value x, float value) { return createScalar<nn::PowScalarOp>(x, value); }
  Value sqrt(Value x) { return pow(x, 0.5f); }
  /// x cut to a range.
  Value clamp(Value x, float low, float high);
  /// Puts dimensions of size 1 in front.
  Value extendRank(Value x, int64_t rank);

  // Ops that move elements.

  /// A reshape; -1 stands for the size that follows from the others.
  Value reshape(Value x, ArrayRef<int64_t> shape);
  Value transpose(Value x, ArrayRef<int64_t> axes);
  /// Swaps two dimensions.
  Value swap(Value x, int64_t a, int64_t b);
  Value slice(Value x, int64_t axis, int64_t begin, int64_t count, int64_t step = 1);
  Value take(Value x, int64_t axis, ArrayRef<int64_t> indices);
  /// Adds elements before and after each of the last dimensions; x itself if there are none.
  Value pad(Value x, ArrayRef<int64_t> before, ArrayRef<int64_t> after, float value,
            StringRef mode = "constant");
  Value concatenate(ValueRange inputs, int64_t axis);
  /// Repeats along dimensions of size 1; -1 keeps a size.
  Value repeat(Value x, ArrayRef<int64_t> shape);

  /// Repeats a dimension of size 1 as often as there are samples. Null, without a diagnostic, where
  /// no input has a batch.
  Value expandToBatch(Value x, int64_t dim);
  /// Says which value has the batch as its first size.
  void setBatchWitness(Value value) { batchWitness = value; }

  // Reductions.

  template <typename OpT> Value reduce(Value x, ArrayRef<int64_t> axes, bool keepDims) {
    if (axes.empty())
      return x;
    typename OpT::Properties properties;
    properties.axes = builder.getDenseI64ArrayAttr(axes);
    properties.keep_dims = getUnit(keepDims);
    return create<OpT>(properties, x);
  }

  // Attributes.

  IntegerAttr getInteger(int64_t value) { return builder.getI64IntegerAttr(value); }
  FloatAttr getFloat(float value) { return builder.getF32FloatAttr(value); }
  mlir::UnitAttr getUnit(bool value) { return value ? builder.getUnitAttr() : nullptr; }
  mlir::DenseI64ArrayAttr getSizes(ArrayRef<int64_t> sizes) {
    return builder.getDenseI64ArrayAttr(sizes);
  }

private:
  Value create(mlir::OperationState &state, ValueRange operands);
  void alignRanks(SmallVectorImpl<Value> &operands);
  /// The elements per sample of a tensor with a dynamic size; 0 if unknown.
  int64_t countPerBatch(Value value) const;

  OpBuilder &builder;
  Location loc;
  std::string parameterName;
  Value batchWitness;
  /// The multiple of the batch that a value's dynamic size is; 1 for those that are not here.
  DenseMap<Value, int64_t> multiples;
};

} // namespace fpw::onnx

#endif // FPW_LIB_IMPORTER_ONNX_NNBUILDER_H
