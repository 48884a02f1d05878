//===- NodeImporter.cpp - From a node of a graph to nn ops -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NodeImporter.h"

using namespace fpw;
using namespace fpw::onnx;

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

OperatorTable::OperatorTable() {
  addActivationOperators(*this);
  addComparisonOperators(*this);
  addConstantOperators(*this);
  addElementwiseOperators(*this);
  addLayerOperators(*this);
  addMoveOperators(*this);
  addNormalizationOperators(*this);
  addPoolingOperators(*this);
  addQuantizationOperators(*this);
  addReductionOperators(*this);
  addReshapeOperators(*this);
  addResizeOperators(*this);
  addSelectionOperators(*this);
}

void OperatorTable::add(StringRef name, unsigned minInputs, unsigned maxInputs,
                        std::function<LogicalResult(NodeImporter &)> import,
                        std::function<bool(NodeImporter &)> fold) {
  OperatorRule rule{minInputs, maxInputs, std::move(import), std::move(fold)};
  [[maybe_unused]] bool isNew = rules.try_emplace(name, std::move(rule)).second;
  assert(isNew && "an operator has two rules");
}

const OperatorRule *OperatorTable::find(StringRef name) const {
  auto it = rules.find(name);
  return it == rules.end() ? nullptr : &it->second;
}

//===----------------------------------------------------------------------===//
// Importing
//===----------------------------------------------------------------------===//

bool GraphTensor::isExact() const {
  constexpr double limit = 1 << 24;
  return isFloat(type) || (least >= -limit && most <= limit);
}

GraphTensor GraphTensor::makeKnown(Constant constant) {
  GraphTensor tensor;
  tensor.type = constant.type;
  if (!constant.integers.empty())
    tensor.least = tensor.most = double(constant.integers.front().fixed);
  for (Number number : constant.integers) {
    tensor.least = std::min(tensor.least, double(number.fixed));
    tensor.most = std::max(tensor.most, double(number.fixed));
  }
  tensor.constant = std::make_shared<const Constant>(std::move(constant));
  return tensor;
}

std::string onnx::describe(const NodeProto &node) {
  std::string text = "node";
  if (!node.name().empty())
    text += " '" + node.name() + "'";
  else if (node.output_size() > 0)
    text += " of output '" + node.output(0) + "'";
  return text + ", operator '" + node.op_type() + "'";
}

InFlightDiagnostic NodeImporter::emitError() const {
  hasFailed = true;
  return mlir::emitError(b.getLoc());
}

LogicalResult NodeImporter::import(const OperatorRule &rule) {
  // Whatever is wrong, and whoever says so: a note tells which node it is about.
  mlir::ScopedDiagnosticHandler handler(
      b.getBuilder().getContext(), [&](mlir::Diagnostic &diagnostic) {
        diagnostic.attachNote(b.getLoc()) << "in " << describe(node) << ", opset " << opset;
        return failure();
      });
  if (failed(checkInputs(rule)))
    return failure();
  bool isFolded = rule.fold && allInputsAreKnown() && rule.fold(*this);
  if (!isFolded && !hasFailed && failed(rule.import(*this)))
    return failure();
  if (hasFailed || failed(checkAttributes()))
    return failure();
  for (size_t i = results.size(); i < getNumOutputs(); ++i)
    if (wantsOutput(i))
      return emitError() << "output " << i << " is not supported";
  return success();
}

LogicalResult NodeImporter::checkInputs(const OperatorRule &rule) const {
  size_t count = inputs.size();
  bool hasRequired =
      count >= rule.minInputs && llvm::all_of(ArrayRef(inputs).take_front(rule.minInputs),
                                              [](GraphTensor *input) { return input != nullptr; });
  if (hasRequired && count <= rule.maxInputs)
    return success();
  InFlightDiagnostic error = emitError() << "expected " << rule.minInputs;
  if (rule.maxInputs == OperatorTable::kAnyNumber)
    error << " or more";
  else if (rule.maxInputs != rule.minInputs)
    error << " to " << rule.maxInputs;
  return error << (rule.maxInputs == 1 ? " input" : " inputs") << " but got " << count;
}

LogicalResult NodeImporter::checkAttributes() const {
  for (const AttributeProto &attribute : node.attribute())
    if (!readAttributes.contains(&attribute))
      return emitError() << "attribute '" << attribute.name() << "' is not supported";
  return success();
}

bool NodeImporter::allInputsAreKnown() const {
  return llvm::all_of(inputs, [](GraphTensor *input) { return !input || input->constant; });
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

bool NodeImporter::hasAttribute(StringRef name) const {
  return llvm::any_of(node.attribute(),
                      [&](const AttributeProto &attribute) { return attribute.name() == name; });
}

const AttributeProto *NodeImporter::find(StringRef name, AttributeProto::AttributeType type) {
  for (const AttributeProto &attribute : node.attribute()) {
    if (attribute.name() != name)
      continue;
    readAttributes.insert(&attribute);
    if (attribute.type() == type && attribute.ref_attr_name().empty())
      return &attribute;
    emitError() << "expected attribute '" << name << "' of type "
                << StringRef(AttributeProto::AttributeType_Name(type)).lower() << " but got "
                << StringRef(AttributeProto::AttributeType_Name(attribute.type())).lower();
    return nullptr;
  }
  return nullptr;
}

int64_t NodeImporter::getInt(StringRef name, int64_t defaultValue) {
  const AttributeProto *attribute = find(name, AttributeProto::INT);
  return attribute ? attribute->i() : defaultValue;
}

float NodeImporter::getFloat(StringRef name, float defaultValue) {
  const AttributeProto *attribute = find(name, AttributeProto::FLOAT);
  return attribute ? attribute->f() : defaultValue;
}

StringRef NodeImporter::getString(StringRef name, StringRef defaultValue) {
  const AttributeProto *attribute = find(name, AttributeProto::STRING);
  return attribute ? StringRef(attribute->s()) : defaultValue;
}

std::optional<SmallVector<int64_t>> NodeImporter::getInts(StringRef name) {
  const AttributeProto *attribute = find(name, AttributeProto::INTS);
  if (!attribute)
    return std::nullopt;
  return SmallVector<int64_t>(attribute->ints().begin(), attribute->ints().end());
}

std::optional<std::vector<float>> NodeImporter::getFloats(StringRef name) {
  const AttributeProto *attribute = find(name, AttributeProto::FLOATS);
  if (!attribute)
    return std::nullopt;
  return std::vector<float>(attribute->floats().begin(), attribute->floats().end());
}

const TensorProto *NodeImporter::getTensor(StringRef name) {
  const AttributeProto *attribute = find(name, AttributeProto::TENSOR);
  return attribute ? &attribute->t() : nullptr;
}

void NodeImporter::ignore(ArrayRef<StringRef> names) {
  for (const AttributeProto &attribute : node.attribute())
    if (llvm::is_contained(names, attribute.name()))
      readAttributes.insert(&attribute);
}

LogicalResult NodeImporter::expectString(StringRef name, StringRef defaultValue,
                                         StringRef expected) {
  StringRef value = getString(name, defaultValue);
  if (value == expected)
    return success();
  return emitError() << name << " '" << value << "' is not supported";
}

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

Value NodeImporter::getFloatInput(size_t i) {
  if (isFloat(inputs[i]->type))
    return getAnyInput(i);
  emitError() << "expected input " << i << " of floats but got " << onnx::getName(inputs[i]->type);
  return {};
}

Value NodeImporter::getAnyInput(size_t i) {
  GraphTensor &tensor = *inputs[i];
  if (tensor.value)
    return tensor.value;
  std::optional<std::vector<float>> values = tensor.constant->getFloats();
  if (!values) {
    emitError() << "expected integers of at most 2^24 that do not depend on the batch in '"
                << tensor.name << "'";
    return {};
  }
  b.setName(tensor.name);
  tensor.value = b.makeParameter(tensor.constant->shape, std::move(*values));
  return tensor.value;
}

SmallVector<int64_t> NodeImporter::getShape(size_t i) const {
  const GraphTensor &tensor = *inputs[i];
  return tensor.constant ? tensor.constant->shape
                         : SmallVector<int64_t>(NNBuilder::getShape(tensor.value));
}

Value NodeImporter::getReshapedInput(size_t i, ArrayRef<int64_t> shape) {
  const GraphTensor &tensor = *inputs[i];
  bool isKnown = tensor.constant && isFloat(tensor.type) && !tensor.value &&
                 countElements(shape) == int64_t(tensor.constant->floats.size());
  if (!isKnown)
    return b.reshape(getFloatInput(i), shape);
  b.setName(tensor.name);
  return b.makeParameter(shape, tensor.constant->floats);
}

FailureOr<SmallVector<int64_t>> NodeImporter::getIntegers(size_t i, StringRef what) {
  const Constant *constant = getConstant(i);
  if (!constant || isFloat(constant->type))
    return emitError() << "expected " << what << " to be integers that are known at import";
  auto values = constant->getFixedIntegers();
  if (!values)
    return emitError() << "expected " << what << " not to depend on the batch";
  return *values;
}

FailureOr<std::vector<float>> NodeImporter::getKnownFloats(size_t i, StringRef what) {
  const Constant *constant = getConstant(i);
  if (!constant || !isFloat(constant->type))
    return emitError() << "expected " << what << " to be floats that are known at import";
  return constant->floats;
}

FailureOr<std::optional<SmallVector<int64_t>>>
NodeImporter::getIntsOrInput(StringRef name, size_t i, int64_t inputSince) {
  if (opset < inputSince)
    return getInts(name);
  if (!hasInput(i))
    return std::optional<SmallVector<int64_t>>();
  FailureOr<SmallVector<int64_t>> values = getIntegers(i, name);
  if (failed(values))
    return failure();
  return std::optional<SmallVector<int64_t>>(*values);
}

LogicalResult NodeImporter::checkSameType(size_t first) const {
  for (size_t i = first + 1; i < inputs.size(); ++i)
    if (inputs[i]->type != inputs[first]->type)
      return emitError() << "expected inputs of one type but got "
                         << onnx::getName(inputs[first]->type) << " and "
                         << onnx::getName(inputs[i]->type);
  return success();
}

FailureOr<int64_t> NodeImporter::normalizeAxis(int64_t axis, int64_t rank) {
  if (axis < -rank || axis >= rank)
    return emitError() << "expected an axis of " << rank << " dimensions but got " << axis;
  return axis < 0 ? axis + rank : axis;
}

FailureOr<SmallVector<int64_t>> NodeImporter::normalizeAxes(ArrayRef<int64_t> axes, int64_t rank) {
  SmallVector<int64_t> normalized;
  for (int64_t axis : axes) {
    FailureOr<int64_t> dim = normalizeAxis(axis, rank);
    if (failed(dim))
      return failure();
    if (llvm::is_contained(normalized, *dim))
      return emitError() << "expected axes that differ but got " << axis << " twice";
    normalized.push_back(*dim);
  }
  return normalized;
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

LogicalResult NodeImporter::addFloats(Value value) {
  GraphTensor tensor;
  tensor.value = value;
  results.push_back(std::move(tensor));
  return success(bool(value));
}

LogicalResult NodeImporter::addLike(const GraphTensor &source, Value value) {
  if (isFloat(source.type))
    return addFloats(value);
  return addIntegers(value, source.type, source.least, source.most);
}

LogicalResult NodeImporter::addTruth(Value value) {
  return addIntegers(value, TensorProto::BOOL, 0, 1);
}

LogicalResult NodeImporter::addIntegers(Value value, ElementType type, double least, double most) {
  GraphTensor tensor;
  tensor.type = type;
  tensor.value = value;
  tensor.least = least;
  tensor.most = most;
  results.push_back(std::move(tensor));
  return success(bool(value));
}

LogicalResult NodeImporter::addConstant(Constant constant) {
  results.push_back(GraphTensor::makeKnown(std::move(constant)));
  return success();
}

LogicalResult NodeImporter::addQuantized(Constant constant, QuantizedTensor quantized) {
  GraphTensor tensor = GraphTensor::makeKnown(std::move(constant));
  tensor.quantized = std::make_shared<const QuantizedTensor>(std::move(quantized));
  results.push_back(std::move(tensor));
  return success();
}

bool NodeImporter::mayCompute(int64_t elements) {
  state.computedBytes += uint64_t(elements) * sizeof(Number);
  if (elements >= 0 && uint64_t(elements) <= state.limits.maxComputedBytes / sizeof(Number) &&
      state.computedBytes <= state.limits.maxComputedBytes)
    return true;
  emitError() << "expected to compute at most " << state.limits.maxComputedBytes
              << " bytes of tensors at import";
  return false;
}
