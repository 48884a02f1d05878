//===- NetworkExporter.cpp - From a function to a network of nnabla -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NetworkExporter.h"

#include "../ParameterData.h"
#include "FunctionParameters.h"
#include "fpw/Importer/NNP.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace fpw;
using namespace fpw::nnp;

NetworkExporter::NetworkExporter(func::FuncOp func, WeightForm weights,
                                 proto::Description &description, binary::Parameters &parameters)
    : func(func), weights(weights), network(*description.add_network()),
      executor(*description.add_executor()), parameters(parameters) {
  for (const auto &[function, op] : getNNPFunctions(func.getContext()))
    functions[op] = function;
  auto batchSize = func->getAttrOfType<IntegerAttr>(nn::kBatchSizeAttr);
  network.set_name(func.getName().str());
  network.set_batch_size(batchSize ? batchSize.getInt() : 1);
  executor.set_name("runtime");
  executor.set_network_name(network.name());
}

LogicalResult NetworkExporter::run() {
  addInputs();
  for (Operation &op : func.getBody().front().without_terminator())
    if (failed(exportOp(&op)))
      return failure();
  return addOutputs();
}

//===----------------------------------------------------------------------===//
// Variables
//===----------------------------------------------------------------------===//

std::string NetworkExporter::claim(StringRef wanted) {
  std::string name = wanted.str();
  while (!names.insert(name).second)
    name = wanted.str() + "_" + std::to_string(++nextNumber[wanted]);
  return name;
}

std::string NetworkExporter::addVariable(StringRef name, Type type, StringRef kind) {
  proto::Variable &variable = *network.add_variable();
  variable.set_name(name.str());
  variable.set_type(kind.str());
  for (int64_t size : cast<RankedTensorType>(type).getShape())
    variable.mutable_shape()->add_dim(ShapedType::isDynamic(size) ? -1 : size);
  return name.str();
}

std::string NetworkExporter::addBuffer(StringRef function, Type type) {
  return addVariable(claim("@" + network.name() + "/" + function.str() + "_out"), type, "Buffer");
}

std::string NetworkExporter::addParameter(StringRef name, ArrayRef<int64_t> shape,
                                          ArrayRef<float> values) {
  std::string variable = addVariable(
      claim(name), RankedTensorType::get(shape, Float32Type::get(func.getContext())), "Parameter");
  binary::Parameter &parameter = *parameters.add_parameter();
  parameter.set_variable_name(variable);
  parameter.mutable_shape()->mutable_dim()->Add(shape.begin(), shape.end());
  parameter.mutable_data()->Add(values.begin(), values.end());
  executor.add_parameter_variable()->set_variable_name(variable);
  return variable;
}

/// The name of the source for an argument or a result.
static StringRef nameOf(DictionaryAttr attributes, StringRef otherwise) {
  auto name = attributes ? attributes.getAs<StringAttr>(nn::kNameAttr) : StringAttr();
  return name && !name.empty() ? name.getValue() : otherwise;
}

void NetworkExporter::addInputs() {
  for (BlockArgument argument : func.getArguments()) {
    StringRef name = nameOf(func.getArgAttrDict(argument.getArgNumber()), "x");
    std::string variable = addVariable(claim(name), argument.getType(), "Buffer");
    variables[argument] = variable;
    proto::VariableUse &use = *executor.add_data_variable();
    use.set_variable_name(variable);
    use.set_data_name(variable);
  }
  // Outputs have their names before anything else may take them.
  for (unsigned i = 0; i < func.getNumResults(); ++i) {
    proto::VariableUse &use = *executor.add_output_variable();
    use.set_variable_name(claim(nameOf(func.getResultAttrDict(i), "y")));
    use.set_data_name(use.variable_name());
  }
}

/// A function of each output's own makes it what it is called.
LogicalResult NetworkExporter::addOutputs() {
  Operation *terminator = func.getBody().front().getTerminator();
  for (auto [value, use] : llvm::zip_equal(terminator->getOperands(), executor.output_variable())) {
    std::string source = getVariable(value);
    // The variable of a value that is an output alone gets its name.
    auto isMine = [&](const proto::Function &function) {
      return llvm::is_contained(function.output(), source);
    };
    bool isAlone = value.hasOneUse() && llvm::any_of(network.function(), isMine);
    if (!isAlone) {
      addVariable(use.variable_name(), value.getType(), "Buffer");
      proto::Function &function = *network.add_function();
      function.set_name(claim("@" + network.name() + "/Identity"));
      function.set_type("Identity");
      function.add_input(source);
      function.add_output(use.variable_name());
      continue;
    }
    for (proto::Function &function : *network.mutable_function())
      llvm::replace(*function.mutable_output(), source, use.variable_name());
    for (proto::Variable &variable : *network.mutable_variable())
      if (variable.name() == source)
        variable.set_name(use.variable_name());
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Parameters
//===----------------------------------------------------------------------===//

/// What tells apart the ways in which one parameter is stored.
template <typename Way> static std::string makeKey(nn::ParameterOp parameter, const Way &way) {
  std::string key;
  llvm::raw_string_ostream os(key);
  os << parameter.getOperation() << ':' << way;
  return key;
}

std::string NetworkExporter::storeParameter(nn::ParameterOp parameter, ArrayRef<int64_t> shape) {
  std::string &name =
      stored[makeKey(parameter, RankedTensorType::get(shape, Float32Type::get(func.getContext())))];
  if (name.empty())
    name = addParameter(parameter.getName(), shape, getNumbers(parameter, {}, {}));
  return name;
}

std::string NetworkExporter::getVariable(Value value) {
  if (auto parameter = value.getDefiningOp<nn::ParameterOp>())
    return storeParameter(parameter, parameter.getType().getShape());
  return variables.lookup(value);
}

std::string NetworkExporter::storeQuantized(nn::LayerOpInterface layer, nn::ParameterOp codes,
                                            nn::FixedPointAttr format) {
  std::string &name = stored[makeKey(codes, format)];
  if (!name.empty())
    return name;
  std::vector<float> numbers = getNumbers(codes, format, layer.getChannelMap());
  ArrayRef<int64_t> shape = codes.getType().getShape();
  if (weights == WeightForm::Float)
    return name = addParameter(codes.getName(), shape, numbers);

  // The numbers of a format are what its quantiser makes of them. W_q, quantised, is W again.
  StringRef source = codes.getName();
  source.consume_back("_q");
  std::string parameter = addParameter(source.empty() ? codes.getName() : source, shape, numbers);
  Type type = RankedTensorType::get(shape, Float32Type::get(func.getContext()));
  name = addBuffer("FixedPointQuantize", type);
  proto::Function &function = *network.add_function();
  function.set_name(claim("@" + network.name() + "/FixedPointQuantize"));
  function.set_type("FixedPointQuantize");
  function.add_input(parameter);
  function.add_output(name);
  proto::FixedPointQuantizeParameter &values = *function.mutable_fixed_point_quantize_param();
  values.set_sign(format.getIsSigned());
  values.set_n(format.getBits());
  values.set_delta(format.getDelta(0));
  values.set_ste_fine_grained(true);
  return name;
}

FailureOr<std::string> NetworkExporter::getWeight(nn::LayerOpInterface layer, Value value,
                                                  nn::FixedPointAttr format) {
  if (!format)
    return getVariable(value);
  auto codes = value.getDefiningOp<nn::ParameterOp>();
  if (!codes)
    return refuse(layer) << "expected codes that are a parameter";
  if (format.isPerChannel() && weights == WeightForm::FixedPoint)
    return refuse(layer) << "nnabla's FixedPointQuantize has one step for all channels; write the "
                            "weights as float";
  return storeQuantized(layer, codes, format);
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

/// nnabla wants statistics of the input's rank.
static SmallVector<int64_t> getStatisticsShape(nn::BatchNormalizationOp op) {
  SmallVector<int64_t> shape(op.getType().getRank(), 1);
  int64_t axis = op.getAxes().front();
  shape[axis] = op.getType().getDimSize(axis);
  return shape;
}

FailureOr<SmallVector<std::string>> NetworkExporter::getInputs(Operation *op) {
  SmallVector<std::string> inputs;
  if (auto layer = dyn_cast<nn::LayerOpInterface>(op)) {
    inputs.push_back(getVariable(layer.getInput()));
    FailureOr<std::string> weight =
        getWeight(layer, layer.getWeight(), layer.getWeightFormatOrNull());
    if (failed(weight))
      return failure();
    inputs.push_back(*weight);
    if (!layer.getBias())
      return inputs;
    FailureOr<std::string> bias = getWeight(layer, layer.getBias(), layer.getBiasFormatOrNull());
    if (failed(bias))
      return failure();
    inputs.push_back(*bias);
    return inputs;
  }
  for (Value operand : op->getOperands()) {
    auto parameter = operand.getDefiningOp<nn::ParameterOp>();
    auto normalization = dyn_cast<nn::BatchNormalizationOp>(op);
    inputs.push_back(parameter && normalization && operand != op->getOperand(0)
                         ? storeParameter(parameter, getStatisticsShape(normalization))
                         : getVariable(operand));
  }
  return inputs;
}

proto::Function &NetworkExporter::addFunction(Operation *op, StringRef type,
                                              ArrayRef<std::string> inputs) {
  proto::Function &function = *network.add_function();
  function.set_name(claim("@" + network.name() + "/" + type.str()));
  function.set_type(type.str());
  for (const std::string &input : inputs)
    function.add_input(input);
  for (Value result : op->getResults()) {
    variables[result] = addBuffer(type, result.getType());
    function.add_output(variables[result]);
  }
  return function;
}

/// What was folded to a constant is a parameter here.
LogicalResult NetworkExporter::exportConstant(arith::ConstantOp op) {
  auto numbers = dyn_cast<DenseFPElementsAttr>(op.getValue());
  if (!numbers || !numbers.getElementType().isF32())
    return refuse(op) << "expected f32 numbers";
  std::vector<float> values(numbers.value_begin<float>(), numbers.value_end<float>());
  variables[op] = addParameter("constant", numbers.getType().getShape(), values);
  return success();
}

LogicalResult NetworkExporter::exportOp(Operation *op) {
  if (isa<nn::ParameterOp>(op))
    return success(); // stored where it is used
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    return exportConstant(constant);
  std::string type = functions.lookup(op->getName().getStringRef());
  if (auto layer = dyn_cast<nn::LayerOpInterface>(op))
    type = layer.getFunctionName().str();
  if (type.empty())
    return refuse(op) << "nnabla has no such function";
  FailureOr<SmallVector<std::string>> inputs = getInputs(op);
  if (failed(inputs))
    return failure();
  return setParameters(op, addFunction(op, type, *inputs));
}
