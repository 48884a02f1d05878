//===- GraphImporter.cpp - From a graph to a function -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GraphImporter.h"

using namespace fpw;
using namespace fpw::onnx;
using mlir::ShapedType;

GraphImporter::GraphImporter(const ModelProto &model, StringRef fileName,
                             const ONNXImportOptions &options, const OperatorTable &table,
                             ModuleOp module)
    : model(model), graph(model.graph()), options(options), table(table), module(module),
      builder(module.getContext()), nnBuilder(builder), reader(options.folder),
      state{nnBuilder, reader, options.limits},
      fileLoc(mlir::FileLineColLoc::get(builder.getContext(), fileName, 0, 0)) {}

InFlightDiagnostic GraphImporter::emitError() const { return mlir::emitError(fileLoc); }

Location GraphImporter::getLoc(StringRef name) const {
  return mlir::NameLoc::get(StringAttr::get(builder.getContext(), name), fileLoc);
}

LogicalResult GraphImporter::import() {
  if (!model.has_graph())
    return emitError() << "expected a model with a graph";
  if (failed(checkOpsets()) || failed(addInitializers()) || failed(createFunction()))
    return failure();
  for (const NodeProto &node : graph.node())
    if (failed(importNode(node)))
      return failure();
  return createReturn();
}

/// Whether a domain is that of the standard's own operators.
static bool isStandardDomain(StringRef domain) { return domain.empty() || domain == "ai.onnx"; }

LogicalResult GraphImporter::checkOpsets() {
  for (const OperatorSetIdProto &set : model.opset_import())
    if (isStandardDomain(set.domain()))
      opset = set.version();
  if (opset < kOldestONNXOpset || opset > kNewestONNXOpset)
    return emitError() << "expected opset " << kOldestONNXOpset << " to " << kNewestONNXOpset
                       << " but got " << opset;
  return success();
}

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

LogicalResult GraphImporter::addInitializers() {
  for (const TensorProto &tensor : graph.initializer())
    if (!initializers.try_emplace(tensor.name(), &tensor).second)
      return emitError() << "two initializers have the name '" << tensor.name() << "'";
  return success();
}

LogicalResult GraphImporter::define(StringRef name, GraphTensor tensor) {
  tensor.name = name.str();
  if (initializers.contains(name))
    return emitError() << "'" << name << "' is an initializer and has another value, too";
  tensors.push_back(std::move(tensor));
  if (!tensorsByName.try_emplace(name, &tensors.back()).second)
    return emitError() << "two tensors have the name '" << name << "'";
  return success();
}

GraphTensor *GraphImporter::find(StringRef name) {
  if (auto it = tensorsByName.find(name); it != tensorsByName.end())
    return it->second;
  auto it = initializers.find(name);
  if (it == initializers.end())
    return nullptr;
  Expected<Constant> constant = reader.read(*it->second);
  if (!constant) {
    emitError() << "initializer '" << name << "': " << llvm::toString(constant.takeError());
    return nullptr;
  }
  tensors.push_back(GraphTensor::makeKnown(std::move(*constant)));
  tensors.back().name = name.str();
  tensorsByName[name] = &tensors.back();
  return &tensors.back();
}

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

FailureOr<int64_t> GraphImporter::getSize(const ValueInfoProto &info,
                                          const TensorShapeProto::Dimension &dimension) const {
  if (auto it = options.dimensions.find(dimension.dim_param());
      !dimension.dim_param().empty() && it != options.dimensions.end())
    return it->second;
  if (!dimension.has_dim_value())
    return ShapedType::kDynamic;
  if (dimension.dim_value() < 0)
    return emitError() << "input '" << info.name() << "': expected sizes of 0 or more but got "
                       << dimension.dim_value();
  return dimension.dim_value();
}

FailureOr<Type> GraphImporter::getElementType(const ValueInfoProto &info) const {
  int type = info.type().tensor_type().elem_type();
  auto elementType = static_cast<ElementType>(type);
  Builder b(builder.getContext());
  if (TensorProto::DataType_IsValid(type) && isFloat(elementType))
    return Type(b.getF32Type());
  switch (type) {
  case TensorProto::BOOL:
    return Type(b.getI8Type());
  case TensorProto::INT32:
    return Type(b.getI32Type());
  case TensorProto::INT64:
    return Type(b.getI64Type());
  default:
    return emitError() << "'" << info.name() << "': expected floats, bool, int32 or int64 but got "
                       << onnx::getName(type);
  }
}

FailureOr<RankedTensorType> GraphImporter::getType(const ValueInfoProto &info) const {
  if (!info.type().has_tensor_type())
    return emitError() << "input '" << info.name() << "': expected a tensor";
  FailureOr<Type> element = getElementType(info);
  if (failed(element))
    return failure();
  if (!info.type().tensor_type().has_shape())
    return emitError() << "input '" << info.name() << "': expected a shape";
  SmallVector<int64_t> shape;
  for (const TensorShapeProto::Dimension &dimension : info.type().tensor_type().shape().dim()) {
    FailureOr<int64_t> size = getSize(info, dimension);
    if (failed(size))
      return failure();
    if (ShapedType::isDynamic(*size) && !shape.empty()) {
      InFlightDiagnostic error = emitError() << "input '" << info.name()
                                             << "': expected only the first size to be open, the "
                                                "batch, but size "
                                             << shape.size() << " is";
      if (!dimension.dim_param().empty())
        error << "; fix it: --dimension " << dimension.dim_param() << "=SIZE";
      return error;
    }
    shape.push_back(*size);
  }
  SmallVector<int64_t> sizes = shape; // the batch counts as one element here
  if (!sizes.empty() && ShapedType::isDynamic(sizes.front()))
    sizes.front() = 1;
  if (!countElements(sizes))
    return emitError() << "input '" << info.name()
                       << "': expected at most 32 sizes and at most 2^40 elements";
  return RankedTensorType::get(shape, *element);
}

mlir::DictionaryAttr GraphImporter::getNameAttrs(StringRef name) {
  return builder.getDictionaryAttr(
      builder.getNamedAttr(nn::kNameAttr, builder.getStringAttr(name)));
}

LogicalResult GraphImporter::createFunction() {
  SmallVector<const ValueInfoProto *> inputs;
  SmallVector<Type> types;
  SmallVector<mlir::DictionaryAttr> attributes;
  for (const ValueInfoProto &info : graph.input()) {
    if (initializers.contains(info.name()))
      continue; // an input with a default value
    FailureOr<RankedTensorType> type = getType(info);
    if (failed(type))
      return failure();
    inputs.push_back(&info);
    types.push_back(*type);
    attributes.push_back(getNameAttrs(info.name()));
  }
  builder.setInsertionPointToEnd(module.getBody());
  StringRef name = graph.name().empty() ? StringRef("network") : StringRef(graph.name());
  func =
      mlir::func::FuncOp::create(builder, getLoc(name), name, builder.getFunctionType(types, {}));
  mlir::Block *entry = func.addEntryBlock();
  builder.setInsertionPointToStart(entry);
  func.setAllArgAttrs(attributes);
  for (auto [info, argument] : llvm::zip_equal(inputs, entry->getArguments())) {
    argument.setLoc(getLoc(info->name()));
    nnBuilder.setLoc(argument.getLoc());
    GraphTensor tensor;
    tensor.type = static_cast<ElementType>(info->type().tensor_type().elem_type());
    bool isFloatTensor = isFloat(tensor.type);
    tensor.value = isFloatTensor ? Value(argument) : nnBuilder.create<nn::ToFloatOp>(argument);
    if (tensor.type == TensorProto::BOOL) {
      tensor.least = 0;
      tensor.most = 1;
    }
    if (tensor.value && !nnBuilder.getType(tensor.value).hasStaticShape())
      nnBuilder.setBatchWitness(tensor.value);
    if (!tensor.value || failed(define(info->name(), std::move(tensor))))
      return failure();
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

LogicalResult GraphImporter::collectInputs(const NodeProto &node,
                                           SmallVectorImpl<GraphTensor *> &inputs) {
  for (const std::string &name : node.input()) {
    if (name.empty()) { // an optional input that is left out
      inputs.push_back(nullptr);
      continue;
    }
    GraphTensor *tensor = find(name);
    if (!tensor && initializers.contains(name))
      return failure();
    if (!tensor)
      return emitError() << describe(node) << ": expected a value for input '" << name
                         << "' before it is used";
    inputs.push_back(tensor);
  }
  while (!inputs.empty() && !inputs.back())
    inputs.pop_back();
  return success();
}

LogicalResult GraphImporter::importNode(const NodeProto &node) {
  const OperatorRule *rule = isStandardDomain(node.domain()) ? table.find(node.op_type()) : nullptr;
  if (!rule) {
    int64_t version = opset;
    for (const OperatorSetIdProto &set : model.opset_import())
      if (set.domain() == node.domain())
        version = set.version();
    return mlir::emitError(getLoc(node.name()))
           << describe(node) << ": the operator of domain '"
           << (node.domain().empty() ? "ai.onnx" : node.domain()) << "', opset " << version
           << ", is not supported";
  }
  SmallVector<GraphTensor *> inputs;
  if (failed(collectInputs(node, inputs)))
    return failure();
  StringRef name = node.name();
  if (name.empty() && node.output_size() > 0)
    name = node.output(0);
  nnBuilder.setLoc(getLoc(name));
  nnBuilder.setName(name.empty() ? StringRef("constant") : name);
  NodeImporter importer(node, opset, inputs, state);
  if (failed(importer.import(*rule)))
    return failure();
  return setOutputs(node, std::move(importer.getResults()));
}

LogicalResult GraphImporter::setOutputs(const NodeProto &node, std::vector<GraphTensor> results) {
  for (int i = 0; i < node.output_size(); ++i)
    if (!node.output(i).empty() && failed(define(node.output(i), std::move(results[i]))))
      return failure();
  return success();
}

//===----------------------------------------------------------------------===//
// Outputs
//===----------------------------------------------------------------------===//

FailureOr<Value> GraphImporter::getOutput(const ValueInfoProto &info) {
  GraphTensor *tensor = find(info.name());
  if (!tensor)
    return emitError() << "expected a value for output '" << info.name() << "'";
  FailureOr<Type> element = Type(builder.getF32Type());
  if (!isFloat(tensor->type)) {
    ValueInfoProto actual = info;
    actual.mutable_type()->mutable_tensor_type()->set_elem_type(tensor->type);
    element = getElementType(actual);
  }
  if (failed(element))
    return failure();
  if (!tensor->isExact())
    return emitError() << "output '" << info.name()
                       << "': expected integers that are known to lie within 2^24";
  Value value = tensor->value;
  if (!value) {
    std::optional<std::vector<float>> values = tensor->constant->getFloats();
    if (!values)
      return emitError() << "output '" << info.name() << "' depends on the batch size only";
    nnBuilder.setName(info.name());
    value = nnBuilder.makeParameter(tensor->constant->shape, std::move(*values));
  }
  if (element->isF32())
    return value;
  nn::FromFloatOp::Properties properties;
  properties.element = mlir::TypeAttr::get(*element);
  Value result = nnBuilder.create<nn::FromFloatOp>(properties, value);
  if (!result)
    return failure();
  return result;
}

LogicalResult GraphImporter::createReturn() {
  nnBuilder.setLoc(func.getLoc());
  if (graph.output_size() == 0)
    return emitError() << "expected a graph with outputs";
  SmallVector<Value> values;
  SmallVector<mlir::DictionaryAttr> attributes;
  for (const ValueInfoProto &info : graph.output()) {
    FailureOr<Value> value = getOutput(info);
    if (failed(value))
      return failure();
    values.push_back(*value);
    attributes.push_back(getNameAttrs(info.name()));
  }
  mlir::func::ReturnOp::create(builder, func.getLoc(), values);
  func.setFunctionType(
      builder.getFunctionType(func.getArgumentTypes(), mlir::TypeRange(ValueRange(values))));
  func.setAllResultAttrs(attributes);
  return success();
}
