//===- Parameter.cpp - Stores weights and their codes -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../ParameterData.h"
#include "OpExporter.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace fpw;
using namespace fpw::onnx;

//===----------------------------------------------------------------------===//
// Codes
//===----------------------------------------------------------------------===//

/// The narrowest integers of ONNX that hold the codes of a format.
static TensorProto::DataType getCodeType(nn::FixedPointAttr format) {
  if (format.getBits() <= 4)
    return format.getIsSigned() ? TensorProto::INT4 : TensorProto::UINT4;
  if (format.getBits() <= 8)
    return format.getIsSigned() ? TensorProto::INT8 : TensorProto::UINT8;
  return format.getIsSigned() ? TensorProto::INT16 : TensorProto::UINT16;
}

/// Two codes per byte, the first one in the lower half.
static std::string packHalves(StringRef codes) {
  std::string packed((codes.size() + 1) / 2, '\0');
  for (auto [i, code] : llvm::enumerate(codes))
    packed[i / 2] |= (code & 15) << (i % 2 ? 4 : 0);
  return packed;
}

namespace {
/// Steps as a tensor that broadcasts to a weight: a size of 1 where the step does not change.
struct StepTensor {
  SmallVector<int64_t> shape;
  std::vector<float> steps;

  /// The dimensions along which the step changes.
  SmallVector<int64_t> getDims() const {
    SmallVector<int64_t> dims;
    for (auto [dim, size] : llvm::enumerate(shape))
      if (size > 1)
        dims.push_back(dim);
    return dims;
  }
};
} // namespace

/// Finds the dimensions of a weight along which its output channel changes. The steps are those at
/// the positions that are 0 in all others.
static StepTensor findSteps(const WeightUse &use) {
  StepTensor result;
  SmallVector<int64_t> strides = computeStrides(use.shape);
  int64_t count = computeProduct(use.shape);
  result.shape.assign(use.shape.size(), 1);
  for (auto [dim, size] : llvm::enumerate(use.shape))
    for (int64_t i = 0; i < count && result.shape[dim] == 1; ++i) {
      int64_t first = i - i / strides[dim] % size * strides[dim];
      if (use.channels(i) != use.channels(first))
        result.shape[dim] = size;
    }
  SmallVector<int64_t> ownStrides = computeStrides(result.shape);
  for (int64_t i = 0, e = computeProduct(result.shape); i < e; ++i)
    result.steps.push_back(
        use.format.getDelta(use.channels(linearize(delinearize(i, ownStrides), strides))));
  return result;
}

/// Nodes for codes times steps. `order` is the order of the dimensions that the codes have.
static std::string dequantize(GraphBuilder &graph, const std::string &codes, const WeightUse &use,
                              ArrayRef<int64_t> order) {
  std::string steps = codes + "/step";
  if (!use.format.isPerChannel())
    return graph.node("DequantizeLinear",
                      {codes, graph.floats(steps, {}, ArrayRef<float>(use.format.getDelta(0)))});
  StepTensor tensor = findSteps(use);
  SmallVector<int64_t> dims = tensor.getDims();
  if (dims.size() <= 1) {
    int64_t axis = dims.empty() ? 0 : dims.front();
    tensor.steps.resize(use.shape[axis], tensor.steps.front());
    return graph
        .node("DequantizeLinear", {codes, graph.floats(steps, use.shape[axis], tensor.steps)})
        .integer("axis", llvm::find(order, axis) - order.begin());
  }
  // A deconvolution in groups: no single axis numbers its output channels.
  std::string factors = graph.floats(steps, tensor.shape, tensor.steps);
  return graph.node("Mul", {graph.toFloat(codes), graph.transpose(factors, order)});
}

//===----------------------------------------------------------------------===//
// Parameters
//===----------------------------------------------------------------------===//

/// What tells apart the ways in which one parameter is stored.
static std::string makeKey(nn::ParameterOp parameter, const WeightUse &use) {
  std::string key;
  llvm::raw_string_ostream os(key);
  os << parameter.getOperation() << use.format << ':';
  llvm::interleaveComma(use.shape, os);
  os << ':';
  llvm::interleaveComma(use.order, os);
  return key;
}

std::string OpExporter::storeParameter(nn::ParameterOp parameter, const WeightUse &use) {
  std::string &name = stored[makeKey(parameter, use)];
  if (!name.empty())
    return name;
  SmallVector<int64_t> order = use.order;
  if (order.empty())
    order = llvm::to_vector(llvm::seq<int64_t>(use.shape.size()));
  SmallVector<int64_t> shape = permute(use.shape, order);
  if (!use.format || weights == WeightForm::Float) {
    std::vector<float> numbers = getNumbers(parameter, use.format, use.channels);
    std::string bytes(reinterpret_cast<const char *>(numbers.data()),
                      numbers.size() * sizeof(float));
    return name = graph.tensor(parameter.getName(), TensorProto::FLOAT, shape,
                               permuteElements(std::move(bytes), sizeof(float), use.shape, order));
  }
  TensorProto::DataType type = getCodeType(use.format);
  std::string bytes = permuteElements(getBytes(parameter),
                                      use.format.getStorageType().getWidth() / 8, use.shape, order);
  if (use.format.getBits() <= 4)
    bytes = packHalves(bytes);
  std::string codes = graph.tensor(parameter.getName(), type, shape, std::move(bytes));
  return name = dequantize(graph, codes, use, order);
}

FailureOr<std::string> OpExporter::getWeight(Operation *layer, const WeightUse &use) {
  if (auto parameter = use.value.getDefiningOp<nn::ParameterOp>())
    return storeParameter(parameter, use);
  if (use.format)
    return refuse(layer) << "expected codes that are a parameter";
  std::string weight = get(use.value);
  if (cast<ShapedType>(use.value.getType()).getShape() != ArrayRef(use.shape))
    weight = graph.reshape(weight, use.shape);
  return use.order.empty() ? weight : graph.transpose(weight, use.order);
}
