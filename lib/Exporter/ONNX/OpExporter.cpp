//===- OpExporter.cpp - From nn ops to nodes of ONNX -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OpExporter.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"

using namespace mlir;
using namespace fpw;
using namespace fpw::onnx;

RuleTable::RuleTable() {
  addActivationRules(*this);
  addFixedPointRules(*this);
  addLayerRules(*this);
  addNormalizationRules(*this);
  addPoolingRules(*this);
  addReductionRules(*this);
  addShapeRules(*this);
}

const RuleTable::Rule *RuleTable::find(Operation *op) const {
  auto rule = rules.find(op->getName().getStringRef());
  return rule == rules.end() ? nullptr : &rule->second;
}

TensorProto::DataType onnx::getDataType(Type element) {
  if (element.isInteger(8))
    return TensorProto::BOOL;
  if (element.isInteger(32))
    return TensorProto::INT32;
  return element.isInteger(64) ? TensorProto::INT64 : TensorProto::FLOAT;
}

InFlightDiagnostic onnx::refuse(Operation *op) {
  return op->emitOpError("cannot be written as ONNX: ");
}

/// What the source calls an op, or its mnemonic.
static std::string nameOf(Operation *op) {
  if (auto name = op->getLoc()->findInstanceOf<NameLoc>())
    if (!name.getName().empty())
      return name.getName().str();
  return op->getName().stripDialect().str();
}

LogicalResult OpExporter::exportOp(Operation *op) {
  if (isa<nn::ParameterOp>(op))
    return success(); // stored where it is used
  graph.setScope(nameOf(op));
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    return exportConstant(constant);
  if (const RuleTable::Rule *rule = table.find(op))
    return (*rule)(*this, op);
  if (auto elementwise = dyn_cast<nn::ElementwiseOpInterface>(op))
    return exportFormula(*this, elementwise);
  return refuse(op) << "there is no rule for this op";
}

/// What was folded to a constant.
LogicalResult OpExporter::exportConstant(arith::ConstantOp op) {
  auto numbers = dyn_cast<DenseFPElementsAttr>(op.getValue());
  if (!numbers || !numbers.getElementType().isF32())
    return refuse(op) << "expected f32 numbers";
  std::vector<float> values(numbers.value_begin<float>(), numbers.value_end<float>());
  set(op, graph.floats("constant", numbers.getType().getShape(), values));
  return success();
}

std::string OpExporter::get(Value value) {
  if (auto parameter = value.getDefiningOp<nn::ParameterOp>()) {
    WeightUse use{value, {}, {}, SmallVector<int64_t>(parameter.getType().getShape())};
    return storeParameter(parameter, use);
  }
  return tensors.lookup(value);
}

SmallVector<std::string> OpExporter::get(ValueRange values) {
  return llvm::map_to_vector(values, [&](Value value) { return get(value); });
}

FailureOr<std::string> OpExporter::reshape(Operation *op, const std::string &x,
                                           ArrayRef<int64_t> shape) {
  SmallVector<int64_t> sizes(shape);
  std::replace(sizes.begin(), sizes.end(), ShapedType::kDynamic, int64_t(-1));
  if (llvm::count(sizes, -1) > 1)
    return refuse(op) << "expected at most one dynamic size to reshape to";
  if (llvm::is_contained(sizes, -1) && llvm::is_contained(sizes, 0))
    return refuse(op) << "expected no size of 0 beside a dynamic one to reshape to";
  return graph.reshape(x, sizes);
}

SmallVector<int64_t> onnx::channelToFront(int64_t rank, int64_t leading) {
  SmallVector<int64_t> order = llvm::to_vector(llvm::seq<int64_t>(leading));
  order.push_back(rank - 1);
  llvm::append_range(order, llvm::seq(leading, rank - 1));
  return order;
}

SmallVector<int64_t> onnx::channelToBack(int64_t rank, int64_t leading) {
  return invertPermutationVector(channelToFront(rank, leading));
}

SmallVector<int64_t> onnx::permute(ArrayRef<int64_t> shape, ArrayRef<int64_t> order) {
  return applyPermutation(shape, order);
}
