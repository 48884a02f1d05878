//===- ModelTest.cpp - Whole networks against nnabla ------------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// test/data/models holds networks, inputs, and the results that nnabla computes with float weights
// and with weights converted in many ways (manifest.json says how).
//
//===----------------------------------------------------------------------===//

#include "../Unit/GoldenData.h"
#include "Network.h"

#include "fpw/Dialect/NN/Transforms/FixedPointWeight.h"
#include "fpw/Importer/Model.h"
#include "mlir/IR/MLIRContext.h"
#include <gtest/gtest.h>

using namespace fpw;
using namespace fpw::test;

namespace {

/// The arguments of a conversion as the manifest gives them.
nn::FixedPointWeightOptions getOptions(const llvm::json::Object &arguments) {
  nn::FixedPointWeightOptions options;
  options.functions = {"Affine", "Convolution", "Deconvolution"};
  if (const llvm::json::Array *functions = arguments.getArray("functions")) {
    options.functions.clear();
    for (const llvm::json::Value &function : *functions)
      options.functions.push_back(function.getAsString()->str());
  }
  for (auto [numbers, suffix] : {std::pair(&options.weight, "w"), std::pair(&options.bias, "b")}) {
    std::string end = std::string("_") + suffix;
    numbers->isSigned = *arguments.getBoolean("sign" + end);
    numbers->bits = *arguments.getInteger("n" + end);
    numbers->quantize = arguments.getBoolean("quantize" + end).value_or(true);
    if (std::optional<double> delta = arguments.getNumber("delta" + end))
      numbers->delta = float(*delta);
  }
  if (*arguments.getBoolean("floor"))
    options.rounding = StepRounding::Floor;
  options.clipLimit = 1.0; // Bad choices belong to the test; no warnings, please.
  return options;
}

/// One model of test/data/models.
class ModelTest : public testing::TestWithParam<const char *> {
protected:
  std::string getDirectory() const { return std::string("models/") + GetParam() + "/"; }

  mlir::OwningOpRef<mlir::ModuleOp> read() {
    return readModel(dataPath(getDirectory() + GetParam() + ".nnp"), context.get());
  }
  FloatTensor readTensor(StringRef file) {
    return llvm::cantFail(readNpy(dataPath(getDirectory() + file.str())));
  }
  void check(mlir::ModuleOp module, StringRef file) {
    expectClose(run(*compile(module), readTensor("x.npy")).front(), readTensor(file), {1e-4},
                getDirectory() + file.str());
  }

  std::unique_ptr<mlir::MLIRContext> context = makeContext();
};

TEST_P(ModelTest, FloatWeights) {
  auto module = read();
  ASSERT_TRUE(module);
  check(*module, "y_float.npy");
}

/// Conversions whose results are compared: each way to find a step, and each choice of what to
/// convert. (The codes are tested for all of them elsewhere; it takes long to compile every network
/// so often.)
bool isCompared(const llvm::json::Object &config) {
  StringRef name = *config.getString("config");
  return name == "default" || name == "ceil_n4_nobias" || name == "floor_n8" ||
         config.getObject("args")->getArray("functions");
}

TEST_P(ModelTest, ConvertedWeights) {
  llvm::json::Value manifest = readJSON(getDirectory() + "manifest.json");
  for (const llvm::json::Value &entry : *manifest.getAsObject()->getArray("configs")) {
    const llvm::json::Object &config = *entry.getAsObject();
    if (!isCompared(config))
      continue;
    auto module = read();
    ASSERT_TRUE(module);
    ASSERT_TRUE(
        succeeded(nn::convertToFixedPointWeights(*module, getOptions(*config.getObject("args")))));
    check(*module, *config.getString("file"));
  }
}

INSTANTIATE_TEST_SUITE_P(All, ModelTest,
                         testing::Values("autoencoder", "dcgan", "edge_base_axis", "edge_names",
                                         "edge_tied", "edge_zero", "lenet_digits", "lenet_ref",
                                         "mlp_digits", "small_resnet"),
                         [](const auto &info) { return std::string(info.param); });

/// Files that nnabla's converter wrote itself: float weights, each behind a quantiser.
TEST(ConvertedModelTest, AgreesWithNNabla) {
  std::unique_ptr<mlir::MLIRContext> context = makeContext();
  for (auto [model, file, result] :
       {std::tuple("lenet_digits", "lenet_digits_converted_fixed_n8_2m4.nnp", "y_fixed_n8_2m4.npy"),
        std::tuple("mlp_digits", "mlp_digits_converted_default.nnp", "y_default.npy")}) {
    std::string directory = std::string("models/") + model + "/";
    auto module = readModel(dataPath(directory + file), context.get());
    ASSERT_TRUE(module) << file;
    FloatTensor x = llvm::cantFail(readNpy(dataPath(directory + "x.npy")));
    FloatTensor y = llvm::cantFail(readNpy(dataPath(directory + result)));
    expectClose(run(*compile(*module), x).front(), y, {1e-4}, file);
  }
}

} // namespace
