//===- NetworkImporter.cpp - From a network to a function -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NetworkImporter.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace fpw;
using namespace fpw::nnp;
using google::protobuf::Message;
using mlir::ShapedType;

NetworkImporter::NetworkImporter(const Source &source, Selection selection,
                                 const FunctionTable &table, ModuleOp module)
    : source(source), network(*selection.network), executor(selection.executor), table(table),
      module(module), builder(module.getContext()) {}

Location NetworkImporter::getLoc(const Message &message, StringRef name) const {
  return mlir::NameLoc::get(StringAttr::get(builder.getContext(), name), source.getLoc(message));
}

NetworkImporter::Variable *NetworkImporter::find(StringRef name) {
  auto it = variables.find(name);
  return it == variables.end() ? nullptr : &it->second;
}

LogicalResult NetworkImporter::import() {
  if (failed(checkUnknownFields()) || failed(checkNoLoops()) || failed(addVariables()))
    return failure();
  for (const proto::Function &function : network.function())
    if (failed(connect(function)))
      return failure();
  if (failed(findInputsAndOutputs()))
    return failure();
  createFunction();
  for (const proto::Function &function : network.function())
    if (failed(importFunction(function)))
      return failure();
  return createReturn();
}

//===----------------------------------------------------------------------===//
// Checks of the whole network
//===----------------------------------------------------------------------===//

/// Unknown fields outside of functions, which look at their own. What belongs to other networks and
/// executors does not matter.
LogicalResult NetworkImporter::checkUnknownFields() const {
  const Description &description = source.getDescription();
  SmallVector<const Message *> owners = {&description.getProto(), &network};
  if (executor)
    owners.push_back(executor);
  for (const proto::Variable &variable : network.variable())
    owners.push_back(&variable);
  for (const proto::Parameter &parameter : description.getProto().parameter())
    owners.push_back(&parameter);
  for (const Message *owner : owners)
    if (const UnknownField *field = description.findUnknownField(*owner))
      return mlir::emitError(source.getLoc(field->position)) << field->message;
  return success();
}

/// Whether a function only exists in loops of Neural Network Console.
static bool isLoopFunction(const proto::Function &function) {
  bool hasLoopType =
      llvm::StringSwitch<bool>(function.type())
          .Cases({"RepeatStart", "RepeatEnd", "RecurrentInput", "RecurrentOutput", "Delay"}, true)
          .Default(false);
  return hasLoopType || function.repeat_id_size() || function.has_repeat_param() ||
         function.has_recurrent_param();
}

LogicalResult NetworkImporter::checkNoLoops() const {
  for (const proto::Function &function : network.function())
    if (isLoopFunction(function))
      return mlir::emitError(source.getLoc(function))
             << "loops are not supported: " << describe(function) << " is part of one";
  for (const proto::Variable &variable : network.variable())
    if (variable.repeat_id_size())
      return mlir::emitError(source.getLoc(variable))
             << "loops are not supported: variable '" << variable.name() << "' is part of loop '"
             << variable.repeat_id(0) << "'";
  if (network.repeat_info_size())
    return mlir::emitError(source.getLoc(network))
           << "loops are not supported: network '" << network.name() << "' has loop '"
           << network.repeat_info(0).id() << "'";
  return success();
}

//===----------------------------------------------------------------------===//
// Variables
//===----------------------------------------------------------------------===//

FailureOr<RankedTensorType>
NetworkImporter::getDeclaredType(const proto::Variable &variable) const {
  SmallVector<int64_t> shape(variable.shape().dim().begin(), variable.shape().dim().end());
  // The batch counts as one element here.
  SmallVector<int64_t> sizes = shape;
  std::replace(sizes.begin(), sizes.end(), int64_t(-1), int64_t(1));
  bool fits = llvm::all_of(sizes, [](int64_t size) { return llvm::isInt<32>(size); });
  if (!fits || !countElements(sizes))
    return mlir::emitError(source.getLoc(variable))
           << "variable '" << variable.name()
           << "': expected positive sizes or -1 for the batch, at "
           << "most 32, and at most 2^40 elements, but got " << printShape(shape);
  std::replace(shape.begin(), shape.end(), int64_t(-1), ShapedType::kDynamic);
  return RankedTensorType::get(shape, mlir::Float32Type::get(builder.getContext()));
}

LogicalResult NetworkImporter::addVariables() {
  for (const proto::Variable &variable : network.variable()) {
    auto emitError = [&] { return mlir::emitError(source.getLoc(variable)); };
    FailureOr<RankedTensorType> type = getDeclaredType(variable);
    if (failed(type))
      return failure();
    bool isParameter = variable.type() == "Parameter";
    if (!isParameter && variable.type() != "Buffer")
      return emitError() << "variable '" << variable.name()
                         << "': expected type 'Buffer' or 'Parameter' but got '" << variable.type()
                         << "'";
    Variable entry;
    entry.proto = &variable;
    entry.type = *type;
    entry.isParameter = isParameter;
    if (!variables.try_emplace(variable.name(), entry).second)
      return emitError() << "two variables have the name '" << variable.name() << "'";
  }
  return success();
}

/// Notes which variables a function makes and uses.
LogicalResult NetworkImporter::connect(const proto::Function &function) {
  auto emitError = [&] {
    return mlir::emitError(source.getLoc(function)) << describe(function) << ": ";
  };
  for (const std::string &name : function.input()) {
    Variable *variable = find(name);
    if (!variable)
      return emitError() << "there is no variable '" << name << "'";
    variable->isConsumed = true;
  }
  for (const std::string &name : function.output()) {
    Variable *variable = find(name);
    if (!variable)
      return emitError() << "there is no variable '" << name << "'";
    if (variable->isParameter || variable->isProduced)
      return emitError() << "output '" << name << "' already has a value";
    variable->isProduced = true;
  }
  return success();
}

/// Adds the variables that an executor names, each once.
LogicalResult NetworkImporter::addInterface(const Uses &uses, SetVector<Variable *> &variables) {
  for (const proto::VariableUse &use : uses) {
    Variable *variable = find(use.variable_name());
    if (!variable)
      return mlir::emitError(source.getLoc(*executor))
             << "executor '" << executor->name() << "': network '" << network.name()
             << "' has no variable '" << use.variable_name() << "'";
    variables.insert(variable);
  }
  return success();
}

LogicalResult NetworkImporter::findInputsAndOutputs() {
  // Where nnabla would make up numbers for a variable, the caller has to.
  if (executor && (failed(addInterface(executor->data_variable(), inputs)) ||
                   failed(addInterface(executor->generator_variable(), inputs)) ||
                   failed(addInterface(executor->output_variable(), outputs))))
    return failure();
  bool findInputs = inputs.empty();
  bool findOutputs = outputs.empty();
  for (const proto::Variable &proto : network.variable()) {
    Variable *variable = find(proto.name());
    if (findInputs && !variable->isParameter && !variable->isProduced && variable->isConsumed)
      inputs.insert(variable);
    if (findOutputs && variable->isProduced && !variable->isConsumed)
      outputs.insert(variable);
  }
  for (Variable *input : inputs)
    if (input->isParameter || input->isProduced)
      return mlir::emitError(source.getLoc(*input->proto))
             << "input '" << input->proto->name() << "' is a parameter or the output of a function";
  if (outputs.empty())
    return mlir::emitError(source.getLoc(network))
           << "network '" << network.name() << "' has no output";
  return success();
}

//===----------------------------------------------------------------------===//
// Building
//===----------------------------------------------------------------------===//

/// The attributes of an argument or result: the variable's name.
mlir::DictionaryAttr NetworkImporter::getNameAttrs(const Variable &variable) {
  return builder.getDictionaryAttr(
      builder.getNamedAttr(nn::kNameAttr, builder.getStringAttr(variable.proto->name())));
}

void NetworkImporter::createFunction() {
  SmallVector<Type> inputTypes;
  SmallVector<mlir::DictionaryAttr> inputAttributes;
  for (Variable *input : inputs) {
    inputTypes.push_back(input->type);
    inputAttributes.push_back(getNameAttrs(*input));
  }
  builder.setInsertionPointToEnd(module.getBody());
  StringRef name = network.name().empty() ? StringRef("network") : StringRef(network.name());
  func = mlir::func::FuncOp::create(builder, source.getLoc(network), name,
                                    builder.getFunctionType(inputTypes, {}));
  if (network.batch_size() > 0)
    func->setAttr(nn::kBatchSizeAttr, builder.getI64IntegerAttr(network.batch_size()));
  mlir::Block *entry = func.addEntryBlock();
  builder.setInsertionPointToStart(entry);
  func.setAllArgAttrs(inputAttributes);
  for (auto [input, argument] : llvm::zip_equal(inputs, entry->getArguments())) {
    input->value = argument;
    argument.setLoc(getLoc(*input->proto, input->proto->name()));
  }
}

LogicalResult NetworkImporter::importFunction(const proto::Function &function) {
  Location loc = getLoc(function, function.name());
  const FunctionRule *rule = table.find(function.type());
  if (!rule)
    return mlir::emitError(loc) << describe(function) << ": the function is not supported";
  if (const UnknownField *field = source.getDescription().findUnknownField(function))
    return mlir::emitError(source.getLoc(field->position))
           << describe(function) << ": " << field->message;
  SmallVector<Value> operands;
  for (const std::string &name : function.input()) {
    FailureOr<Value> operand = getInput(function, name);
    if (failed(operand))
      return failure();
    operands.push_back(*operand);
  }
  FunctionImporter importer(function, builder, loc, operands, network.batch_size());
  if (failed(importer.import(*rule)))
    return failure();
  return setOutputs(function, importer.getResults());
}

FailureOr<Value> NetworkImporter::getInput(const proto::Function &function, StringRef name) {
  Variable &variable = *find(name);
  if (variable.value)
    return variable.value;
  if (variable.isParameter)
    return createParameter(function, variable);
  InFlightDiagnostic error = mlir::emitError(source.getLoc(function)) << describe(function);
  if (variable.isProduced)
    return error << ": input '" << name << "' is used before the function that makes it";
  return error << ": unbound input '" << name << "': no function makes it, the executor does not "
               << "feed it, and the file has no value for it";
}

FailureOr<Value> NetworkImporter::createParameter(const proto::Function &function,
                                                  Variable &variable) {
  StringRef name = variable.proto->name();
  const Parameter *parameter = source.getParameters().find(name);
  if (!parameter)
    return mlir::emitError(source.getLoc(*variable.proto))
           << "parameter '" << name << "' has no value in the file; it is an input of "
           << describe(function);
  if (ArrayRef<int64_t>(parameter->shape) != variable.type.getShape())
    return mlir::emitError(source.getLoc(*variable.proto))
           << "parameter '" << name << "': expected the shape " << printShape(parameter->shape)
           << " of its value but got " << variable.type;
  constexpr size_t alignment = 64;
  size_t elements = variable.type.getNumElements();
  mlir::AsmResourceBlob blob =
      mlir::HeapAsmResourceBlob::allocate(elements * sizeof(float), alignment);
  parameter->read({reinterpret_cast<float *>(blob.getMutableData().data()), elements});
  auto value = mlir::DenseResourceElementsAttr::get(variable.type, name, std::move(blob));
  variable.value =
      nn::ParameterOp::create(builder, getLoc(*variable.proto, name), variable.type, name, value,
                              /*conversion=*/nullptr);
  return variable.value;
}

/// Whether an inferred type is the one in the file. The file's -1 stands for the batch, and marks
/// each first size that happens to equal the batch size.
bool NetworkImporter::matchesDeclaration(RankedTensorType type, RankedTensorType declared) const {
  auto isBatch = [&](int64_t size) {
    return ShapedType::isDynamic(size) || network.batch_size() <= 0 || size == network.batch_size();
  };
  return llvm::equal(type.getShape(), declared.getShape(), [&](int64_t size, int64_t expected) {
    bool hasBatch = ShapedType::isDynamic(size) || ShapedType::isDynamic(expected);
    return hasBatch ? isBatch(size) && isBatch(expected) : size == expected;
  });
}

LogicalResult NetworkImporter::setOutputs(const proto::Function &function, ValueRange results) {
  for (auto [name, result] : llvm::zip_equal(function.output(), results)) {
    Variable &variable = *find(name);
    auto type = cast<RankedTensorType>(result.getType());
    if (!matchesDeclaration(type, variable.type))
      return mlir::emitError(source.getLoc(function))
             << describe(function) << ": output '" << name << "': expected " << variable.type
             << " as in the file but the function gives " << type;
    variable.value = result;
  }
  return success();
}

LogicalResult NetworkImporter::createReturn() {
  SmallVector<Value> values;
  SmallVector<mlir::DictionaryAttr> attributes;
  for (Variable *output : outputs) {
    if (!output->value)
      return mlir::emitError(source.getLoc(*output->proto))
             << "output '" << output->proto->name() << "' is not made by any function";
    values.push_back(output->value);
    attributes.push_back(getNameAttrs(*output));
  }
  mlir::func::ReturnOp::create(builder, func.getLoc(), values);
  func.setFunctionType(
      builder.getFunctionType(func.getArgumentTypes(), mlir::TypeRange(ValueRange(values))));
  func.setAllResultAttrs(attributes);
  return success();
}
