//===- Network.cpp - Networks of a few ops, for tests -----------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Network.h"

#include "fpw/Dialect/NN/IR/NN.h"
#include "fpw/Importer/Model.h"
#include "fpw/Pipelines/Pipelines.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/bit.h"
#include <cmath>
#include <gtest/gtest.h>
#include <random>

using namespace mlir;

namespace fpw::test {

//===----------------------------------------------------------------------===//
// Compiling and running
//===----------------------------------------------------------------------===//

std::unique_ptr<MLIRContext> makeContext() {
  DialectRegistry registry;
  registerPipelineDialects(registry);
  registerModelDialects(registry);
  auto context = std::make_unique<MLIRContext>(registry, MLIRContext::Threading::DISABLED);
  context->loadAllAvailableDialects();
  return context;
}

std::unique_ptr<CompiledModel> compile(ModuleOp module) {
  return llvm::ExitOnError("cannot compile the network: ")(CompiledModel::compile(module));
}

std::vector<FloatTensor> run(const CompiledModel &model, ArrayRef<FloatTensor> inputs,
                             unsigned threads) {
  std::vector<TensorView> views;
  for (const FloatTensor &input : inputs)
    views.push_back({input.shape, input.data.data()});
  std::vector<FloatTensor> results;
  llvm::ExitOnError check("cannot run the network: ");
  for (const TensorBuffer &output : check(model.run(views, threads)))
    results.push_back({output.shape, output.data.vec()});
  return results;
}

//===----------------------------------------------------------------------===//
// Building
//===----------------------------------------------------------------------===//

std::string typeOf(ArrayRef<int64_t> shape, StringRef element) {
  std::string type = "tensor<";
  for (int64_t size : shape)
    type += (size < 0 ? "?" : std::to_string(size)) + "x";
  return type + element.str() + ">";
}

std::string batchTypeOf(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> dynamic(shape);
  dynamic.front() = -1;
  return typeOf(dynamic);
}

std::string listOf(ArrayRef<int64_t> values) {
  auto print = [](int64_t value) { return std::to_string(value); };
  return "[" + llvm::join(llvm::map_range(values, print), ", ") + "]";
}

void Network::addInput(StringRef name, StringRef type) {
  inputs.push_back({name.str(), type.str()});
  values.push_back(inputs.back());
}

void Network::addParameter(StringRef name, FloatTensor tensor) {
  std::string type = typeOf(tensor.shape);
  body += ("  %" + name + " = nn.parameter \"" + name + "\" = dense<0.0> : " + type + "\n").str();
  values.push_back({name.str(), type});
  parameters[name.str()] = std::move(tensor);
}

void Network::addCodes(StringRef name, StringRef element, ArrayRef<int64_t> shape,
                       std::vector<int32_t> numbers) {
  std::string type = typeOf(shape, element);
  body += ("  %" + name + " = nn.parameter \"" + name + "\" = dense<0> : " + type + "\n").str();
  values.push_back({name.str(), type});
  codes[name.str()] = std::move(numbers);
}

void Network::addOp(StringRef name, StringRef text) {
  body += ("  %" + name + " = " + text + "\n").str();
  values.push_back({name.str(), text.rsplit("-> ").second.str()});
}

std::string Network::typeOfValue(StringRef name) const {
  auto it = llvm::find_if(values, [&](const Value &value) { return value.name == name; });
  return it->type;
}

void Network::addOutput(StringRef name) { outputs.push_back({name.str(), typeOfValue(name)}); }

std::string Network::getText() const {
  auto list = [](ArrayRef<Value> values, auto print) {
    return llvm::join(llvm::map_range(values, print), ", ");
  };
  auto name = [](const Value &value) { return "%" + value.name; };
  auto type = [](const Value &value) { return value.type; };
  auto argument = [](const Value &value) { return "%" + value.name + ": " + value.type; };
  return "func.func @network(" + list(inputs, argument) + ") -> (" + list(outputs, type) + ") {\n" +
         body + "  return " + list(outputs, name) + " : " + list(outputs, type) + "\n}\n";
}

OwningOpRef<ModuleOp> Network::build(MLIRContext *context) const {
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(getText(), context);
  if (!module)
    llvm::report_fatal_error(llvm::Twine("invalid network:\n") + getText());
  module->walk([&](nn::ParameterOp parameter) {
    auto type = cast<RankedTensorType>(parameter.getType());
    if (auto it = parameters.find(parameter.getName().str()); it != parameters.end())
      parameter.setValueAttr(DenseElementsAttr::get(type, ArrayRef<float>(it->second.data)));
    auto it = codes.find(parameter.getName().str());
    if (it == codes.end())
      return;
    SmallVector<APInt> elements;
    for (int32_t code : it->second)
      elements.emplace_back(type.getElementTypeBitWidth(), code, /*isSigned=*/true,
                            /*implicitTrunc=*/true);
    parameter.setValueAttr(DenseElementsAttr::get(type, elements));
  });
  return module;
}

std::unique_ptr<CompiledModel> Network::compile() const {
  std::unique_ptr<MLIRContext> context = makeContext();
  return test::compile(*build(context.get()));
}

std::vector<FloatTensor> Network::run(ArrayRef<FloatTensor> inputs) const {
  return test::run(*compile(), inputs);
}

//===----------------------------------------------------------------------===//
// Comparing
//===----------------------------------------------------------------------===//

void expectClose(const FloatTensor &actual, const FloatTensor &expected, Tolerance tolerance,
                 StringRef what) {
  ASSERT_EQ(ArrayRef<int64_t>(actual.shape), ArrayRef<int64_t>(expected.shape)) << what.str();
  double largest = 0;
  for (float y : expected.data)
    if (std::isfinite(y))
      largest = std::max(largest, std::fabs(double(y)));
  size_t exceptions = 0;
  for (size_t i = 0; i < expected.data.size(); ++i) {
    float a = actual.data[i], e = expected.data[i];
    if (a == e || (std::isnan(a) && std::isnan(e)))
      continue;
    double difference = std::fabs(double(a) - double(e));
    if (difference <= tolerance.relative * largest)
      continue;
    bool isException = difference <= tolerance.exceptionLimit;
    ASSERT_TRUE(isException && ++exceptions <= tolerance.exceptions)
        << what.str() << ": element " << i << " is " << a << ", expected " << e
        << " (largest magnitude " << largest << ")";
  }
}

void expectSameBits(const FloatTensor &actual, const FloatTensor &expected, StringRef what) {
  ASSERT_EQ(ArrayRef<int64_t>(actual.shape), ArrayRef<int64_t>(expected.shape)) << what.str();
  for (size_t i = 0; i < expected.data.size(); ++i) {
    float a = actual.data[i], e = expected.data[i];
    ASSERT_EQ(llvm::bit_cast<uint32_t>(a), llvm::bit_cast<uint32_t>(e))
        << what.str() << ": element " << i << " is " << a << ", expected " << e;
  }
}

int64_t countElements(ArrayRef<int64_t> shape) { return llvm::product_of(shape); }

FloatTensor generate(ArrayRef<int64_t> shape, llvm::function_ref<float(ArrayRef<int64_t>)> f) {
  FloatTensor tensor = makeZeros(shape);
  SmallVector<int64_t> strides = computeStrides(shape);
  for (auto [i, element] : llvm::enumerate(tensor.data))
    element = f(delinearize(i, strides));
  return tensor;
}

float at(const FloatTensor &tensor, ArrayRef<int64_t> position) {
  return tensor.data[linearize(position, computeStrides(tensor.shape))];
}

FloatTensor takeSamples(const FloatTensor &batch, int64_t first, int64_t count) {
  FloatTensor samples = batch;
  samples.shape.front() = count;
  size_t size = batch.data.size() / batch.shape.front();
  samples.data.assign(batch.data.begin() + first * size,
                      batch.data.begin() + (first + count) * size);
  return samples;
}

FloatTensor makeZeros(ArrayRef<int64_t> shape) {
  return {SmallVector<int64_t>(shape), std::vector<float>(countElements(shape))};
}

FloatTensor makeIntegers(ArrayRef<int64_t> shape, unsigned seed, int range) {
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> number(-range, range);
  FloatTensor tensor = makeZeros(shape);
  for (float &element : tensor.data)
    element = float(number(random));
  return tensor;
}

FloatTensor makeNormal(ArrayRef<int64_t> shape, unsigned seed, float scale) {
  std::mt19937 random(seed);
  std::normal_distribution<float> number(0.0f, scale);
  FloatTensor tensor = makeZeros(shape);
  for (float &element : tensor.data)
    element = number(random);
  return tensor;
}

} // namespace fpw::test
