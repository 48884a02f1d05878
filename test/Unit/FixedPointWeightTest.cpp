//===- FixedPointWeightTest.cpp - The conversion on golden data -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Dialect/NN/Transforms/FixedPointWeight.h"
#include "GoldenData.h"
#include "fpw/Dialect/NN/IR/NN.h"
#include "fpw/Importer/Model.h"
#include "fpw/Report/FixedPointReport.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/StringExtras.h"
#include <gtest/gtest.h>

using namespace fpw;
using namespace fpw::nn;
using namespace fpw::test;
using mlir::OwningOpRef;

namespace {

class FixedPointWeightTest : public ::testing::Test {
protected:
  FixedPointWeightTest() {
    DialectRegistry registry;
    registerModelDialects(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
    // Conversions that clip on purpose warn about it.
    context.getDiagEngine().registerHandler([](mlir::Diagnostic &diagnostic) {
      EXPECT_NE(diagnostic.getSeverity(), mlir::DiagnosticSeverity::Error) << diagnostic.str();
    });
  }

  MLIRContext context;
};

SmallVector<int64_t> getSizes(const llvm::json::Array &array) {
  SmallVector<int64_t> sizes;
  for (const llvm::json::Value &size : array)
    sizes.push_back(*size.getAsInteger());
  return sizes;
}

/// The numbers of weights ("w") or biases ("b") in the arguments of nnabla's converter.
FixedPointWeightOptions::Numbers getNumbers(const llvm::json::Object &args, StringRef suffix) {
  FixedPointWeightOptions::Numbers numbers;
  numbers.quantize = args.getBoolean(("quantize_" + suffix).str()).value_or(true);
  numbers.isSigned = *args.getBoolean(("sign_" + suffix).str());
  numbers.bits = *args.getInteger(("n_" + suffix).str());
  if (std::optional<double> delta = args.getNumber(("delta_" + suffix).str()))
    numbers.delta = static_cast<float>(*delta);
  return numbers;
}

FixedPointWeightOptions getOptions(const llvm::json::Object &args) {
  FixedPointWeightOptions options;
  options.weight = getNumbers(args, "w");
  options.bias = getNumbers(args, "b");
  if (args.getBoolean("floor").value_or(false))
    options.rounding = StepRounding::Floor;
  options.functions = {"Affine", "Convolution", "Deconvolution"};
  if (const llvm::json::Array *functions = args.getArray("functions")) {
    options.functions.clear();
    for (const llvm::json::Value &function : *functions)
      options.functions.push_back(function.getAsString()->str());
  }
  return options;
}

//===----------------------------------------------------------------------===//
// Models
//===----------------------------------------------------------------------===//

/// Compares a tensor of the report with one of the manifest.
void expectTensor(const TensorReport &actual, const llvm::json::Object &expected,
                  StringRef function) {
  SCOPED_TRACE(actual.name);
  EXPECT_EQ(actual.layer, function);
  EXPECT_EQ(actual.shape, getSizes(*expected.getArray("shape")));
  EXPECT_EQ(int64_t(actual.bits), *expected.getInteger("n"));
  EXPECT_EQ(actual.isSigned, *expected.getBoolean("sign"));
  ASSERT_EQ(actual.deltas.size(), 1u);
  ASSERT_TRUE(actual.loss);
  EXPECT_EQ(actual.loss->clipped, *expected.getInteger("clipped"));
  EXPECT_EQ(actual.loss->absMax, static_cast<float>(*expected.getNumber("absmax")));
  // Some tensors were float64 when the manifest was written: each element moved by half an ulp at
  // most.
  double root = std::sqrt(*expected.getNumber("mse"));
  EXPECT_NEAR(std::sqrt(actual.loss->mse), root, actual.loss->absMax * 0x1p-24 + 1e-12 * root);
  // nnabla has no step for a tensor of zeros.
  std::optional<double> delta = expected.getNumber("delta");
  EXPECT_EQ(actual.deltas.front(), static_cast<float>(delta.value_or(1.0)));
  if (delta) {
    EXPECT_EQ(actual.codesSHA256.substr(0, 16), *expected.getString("codes_sha256_16"));
  }
}

/// Compares all tensors; returns how many there are.
size_t expectLayers(const Report &report, const llvm::json::Array &layers) {
  llvm::StringMap<const TensorReport *> tensors;
  for (const TensorReport &tensor : report.tensors)
    EXPECT_TRUE(tensors.try_emplace(tensor.name, &tensor).second) << tensor.name;
  size_t compared = 0;
  for (const llvm::json::Value &value : layers) {
    const llvm::json::Object &layer = *value.getAsObject();
    for (StringRef kind : {"W", "b"}) {
      const llvm::json::Object *expected = layer.getObject(kind);
      if (!expected || expected->getBoolean("shared").value_or(false))
        continue;
      const TensorReport *actual = tensors.lookup(*expected->getString("name"));
      EXPECT_TRUE(actual) << expected->getString("name")->str();
      if (!actual)
        continue;
      EXPECT_EQ(actual->isBias, kind == "b");
      expectTensor(*actual, *expected, *layer.getString("function"));
      ++compared;
    }
  }
  EXPECT_EQ(compared, report.tensors.size());
  return compared;
}

TEST_F(FixedPointWeightTest, ConvertsModelsAsGoldenData) {
  size_t compared = 0;
  for (StringRef name : {"autoencoder", "dcgan", "edge_base_axis", "edge_names", "edge_tied",
                         "edge_zero", "lenet_digits", "lenet_ref", "mlp_digits", "small_resnet"}) {
    std::string directory = ("models/" + name + "/").str();
    llvm::json::Value manifest = readJSON(directory + "manifest.json");
    OwningOpRef<ModuleOp> model =
        readModel(dataPath(directory + manifest.getAsObject()->getString("nnp")->str()), &context);
    ASSERT_TRUE(model);
    for (const llvm::json::Value &value : *manifest.getAsObject()->getArray("configs")) {
      const llvm::json::Object &config = *value.getAsObject();
      SCOPED_TRACE((name + " " + *config.getString("config")).str());
      OwningOpRef<ModuleOp> converted = model->clone();
      ASSERT_TRUE(
          succeeded(convertToFixedPointWeights(*converted, getOptions(*config.getObject("args")))));
      ASSERT_TRUE(succeeded(mlir::verify(*converted)));
      FailureOr<Report> report = buildReport(*converted);
      ASSERT_TRUE(succeeded(report));
      compared += expectLayers(*report, *config.getArray("layers"));
      // Measured against the float model, the loss is the same.
      FailureOr<Report> measured = buildReport(*converted, *model);
      ASSERT_TRUE(succeeded(measured));
      expectLayers(*measured, *config.getArray("layers"));
    }
  }
  EXPECT_EQ(compared, 959u);
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

/// Builds a network of one layer.
class LayerBuilder {
public:
  explicit LayerBuilder(MLIRContext &context)
      : builder(&context), loc(builder.getUnknownLoc()), module(ModuleOp::create(loc)) {}

  RankedTensorType getType(ArrayRef<int64_t> shape) {
    return RankedTensorType::get(shape, builder.getF32Type());
  }

  void build(StringRef function, const llvm::json::Object &args, ArrayRef<int64_t> inputShape,
             ArrayRef<int64_t> outputShape, const FloatTensor &weight, const FloatTensor *bias) {
    builder.setInsertionPointToEnd(module->getBody());
    auto type = builder.getFunctionType(getType(inputShape), getType(outputShape));
    auto network = mlir::func::FuncOp::create(builder, loc, "net", type);
    builder.setInsertionPointToEnd(network.addEntryBlock());
    mlir::OperationState state(loc, getOpName(function));
    state.addOperands(network.getArgument(0));
    state.addOperands(addParameter("W", weight));
    if (bias)
      state.addOperands(addParameter("b", *bias));
    state.addTypes(getType(outputShape));
    for (const auto &[name, value] : args)
      if (Attribute attribute = getAttribute(value))
        state.addAttribute(name.str(), attribute);
    Operation *layer = builder.create(state);
    mlir::func::ReturnOp::create(builder, loc, layer->getResults());
  }

  ModuleOp get() { return *module; }

private:
  static std::string getOpName(StringRef function) {
    std::string name = "nn.";
    for (auto [i, c] : llvm::enumerate(function)) {
      if (i > 0 && llvm::isUpper(c))
        name += '_';
      name += llvm::toLower(c);
    }
    return name;
  }

  Value addParameter(StringRef name, const FloatTensor &tensor) {
    auto value = mlir::DenseElementsAttr::get(getType(tensor.shape), ArrayRef(tensor.data));
    return ParameterOp::create(builder, loc, value.getType(), name, value, ConversionAttr());
  }

  Attribute getAttribute(const llvm::json::Value &value) {
    if (const llvm::json::Array *sizes = value.getAsArray())
      return builder.getDenseI64ArrayAttr(getSizes(*sizes));
    if (std::optional<bool> flag = value.getAsBoolean())
      return *flag ? builder.getUnitAttr() : Attribute();
    if (std::optional<int64_t> number = value.getAsInteger())
      return builder.getI64IntegerAttr(*number);
    return {};
  }

  OpBuilder builder;
  Location loc;
  OwningOpRef<ModuleOp> module;
};

/// The one layer of a converted module.
LayerOpInterface getLayer(ModuleOp module) {
  LayerOpInterface found;
  module.walk([&](LayerOpInterface layer) { found = layer; });
  return found;
}

/// Compares codes with the values that nnabla gives, but for the sign of zero.
void expectValues(Value codes, FixedPointAttr format, const ChannelMap &channels,
                  const FloatTensor &expected) {
  auto parameter = codes.getDefiningOp<ParameterOp>();
  ASSERT_TRUE(parameter);
  auto values = cast<mlir::DenseElementsAttr>(parameter.getValue()).getValues<APInt>();
  ASSERT_EQ(size_t(values.size()), expected.data.size());
  for (auto [i, code] : llvm::enumerate(values)) {
    int64_t k = format.getIsSigned() ? code.getSExtValue() : code.getZExtValue();
    float delta = format.getDelta(format.isPerChannel() ? channels(i) : 0);
    EXPECT_EQ(float(k) * delta, expected.data[i]) << "element " << i;
  }
}

TEST_F(FixedPointWeightTest, ConvertsLayersAsGoldenData) {
  llvm::json::Value cases = readJSON("ops/cases.json");
  for (const llvm::json::Value &value : *cases.getAsObject()->getArray("cases")) {
    const llvm::json::Object &testCase = *value.getAsObject();
    std::string name = testCase.getString("name")->str();
    SCOPED_TRACE(name);
    auto tensors = readNpz("ops/" + name + ".npz");
    LayerBuilder network(context);
    network.build(*testCase.getString("op"), *testCase.getObject("args"),
                  getSizes(*testCase.getArray("x_shape")), getSizes(*testCase.getArray("y_shape")),
                  tensors.at("W"), tensors.count("b") ? &tensors.at("b") : nullptr);
    ASSERT_TRUE(succeeded(mlir::verify(network.get())));
    FixedPointWeightOptions options = getOptions(*testCase.getObject("quant"));
    options.functions.clear();
    ASSERT_TRUE(succeeded(convertToFixedPointWeights(network.get(), options)));
    ASSERT_TRUE(succeeded(mlir::verify(network.get())));
    LayerOpInterface layer = getLayer(network.get());
    ASSERT_TRUE(layer.getWeightFormatOrNull());
    expectValues(layer.getWeight(), layer.getWeightFormatOrNull(), {}, tensors.at("W_q"));
    if (layer.getBias())
      expectValues(layer.getBias(), layer.getBiasFormatOrNull(), {}, tensors.at("b_q"));
  }
}

/// Shapes around a weight that a layer accepts: a window of exactly the input, or of the output.
std::pair<SmallVector<int64_t>, SmallVector<int64_t>>
getShapes(StringRef function, ArrayRef<int64_t> weight, int64_t group) {
  SmallVector<int64_t> input = {1}, output = {1};
  if (function == "Affine") {
    input.push_back(weight.front());
    output.append(weight.begin() + 1, weight.end());
    return {input, output};
  }
  SmallVector<int64_t> kernel(weight.drop_front(2)), pixel(kernel.size(), 1);
  bool isTransposed = function == "Deconvolution";
  input.push_back(isTransposed ? weight[0] : weight[1] * group);
  input.append(isTransposed ? pixel : kernel);
  output.push_back(isTransposed ? weight[1] * group : weight[0]);
  output.append(isTransposed ? kernel : pixel);
  return {input, output};
}

TEST_F(FixedPointWeightTest, ConvertsChannelsAsGoldenData) {
  auto tensors = readNpz("ops/perchannel.npz");
  llvm::json::Value cases = readJSON("ops/perchannel.json");
  for (const llvm::json::Value &value : *cases.getAsObject()->getArray("cases")) {
    const llvm::json::Object &testCase = *value.getAsObject();
    std::string id = "_" + std::to_string(*testCase.getInteger("id"));
    StringRef function = *testCase.getString("op");
    SCOPED_TRACE((function + id).str());
    int64_t group = *testCase.getInteger("group");
    const FloatTensor &weight = tensors.at("W" + id);
    auto [input, output] = getShapes(function, weight.shape, group);
    llvm::json::Object args;
    if (function != "Affine")
      args["group"] = group;
    LayerBuilder network(context);
    network.build(function, args, input, output, weight, nullptr);
    ASSERT_TRUE(succeeded(mlir::verify(network.get())));

    FixedPointWeightOptions options;
    options.perChannel = true;
    options.weight.bits = *testCase.getInteger("n");
    options.weight.isSigned = *testCase.getBoolean("sign");
    options.rounding = *testCase.getBoolean("floor") ? StepRounding::Floor : StepRounding::Ceil;
    ASSERT_TRUE(succeeded(convertToFixedPointWeights(network.get(), options)));
    ASSERT_TRUE(succeeded(mlir::verify(network.get())));
    LayerOpInterface layer = getLayer(network.get());
    FixedPointAttr format = layer.getWeightFormatOrNull();
    ASSERT_TRUE(format);
    // A step of 0 marks a channel of zeros.
    std::vector<float> deltas = tensors.at("D" + id).data;
    std::replace(deltas.begin(), deltas.end(), 0.0f, 1.0f);
    EXPECT_EQ(format.getDeltas(), ArrayRef<float>(deltas));
    expectValues(layer.getWeight(), format, layer.getChannelMap(), tensors.at("Q" + id));
  }
}

//===----------------------------------------------------------------------===//
// Data
//===----------------------------------------------------------------------===//

TEST_F(FixedPointWeightTest, DropsFloatDataOnlyWhenAsked) {
  OwningOpRef<ModuleOp> model = readModel(dataPath("models/mlp_digits/mlp_digits.nnp"), &context);
  ASSERT_TRUE(model);
  auto convertClone = [&](bool dropFloat) {
    OwningOpRef<ModuleOp> clone = model->clone();
    FixedPointWeightOptions options;
    options.dropFloat = dropFloat;
    EXPECT_TRUE(succeeded(convertToFixedPointWeights(*clone, options)));
    EXPECT_TRUE(succeeded(mlir::verify(*clone)));
  };
  convertClone(/*dropFloat=*/false);
  EXPECT_TRUE(succeeded(mlir::verify(*model)));
  convertClone(/*dropFloat=*/true);
  mlir::ScopedDiagnosticHandler ignore(&context, [](mlir::Diagnostic &) { return success(); });
  EXPECT_TRUE(failed(mlir::verify(*model)));
}

} // namespace
