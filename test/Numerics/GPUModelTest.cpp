//===- GPUModelTest.cpp - Whole networks on a GPU give the bits of the CPU -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The networks of test/data, with their host code, on the emulator.
//
//===----------------------------------------------------------------------===//

#include "../Unit/GoldenData.h"
#include "EmulatedNetwork.h"
#include "Network.h"

#include "fpw/Dialect/NN/Transforms/FixedPointWeight.h"
#include "fpw/Execution/CompiledModel.h"
#include "fpw/Importer/Model.h"
#include "mlir/IR/MLIRContext.h"
#include <gtest/gtest.h>

using namespace fpw;
using namespace fpw::test;

namespace {

struct Model {
  const char *name;
  int64_t samples;
  unsigned bits;
};

std::ostream &operator<<(std::ostream &os, const Model &model) { return os << model.name; }

/// The converted network, on both, with the first samples of its data.
void compare(mlir::ModuleOp module, const FloatTensor &x, unsigned bits, StringRef name) {
  CompileOptions options;
  options.arithmetic = Arithmetic::Digits;
  options.activationBits = bits;
  auto onCPU = CompiledModel::compile(module, options);
  ASSERT_TRUE(bool(onCPU)) << name.str() << ": " << toString(onCPU.takeError());
  EmulationOptions emulation;
  emulation.activationBits = bits;
  auto results = runOnEmulator(module, x, emulation);
  ASSERT_TRUE(bool(results)) << name.str() << ": " << toString(results.takeError());
  std::vector<FloatTensor> expected = run(**onCPU, x);
  ASSERT_EQ(results->size(), expected.size());
  for (auto [result, other] : llvm::zip(*results, expected))
    expectSameBits(result, other, name);
}

class GPUModel : public testing::TestWithParam<Model> {};

TEST_P(GPUModel, GivesTheBitsOfTheCPU) {
  auto [name, samples, bits] = GetParam();
  std::string directory = std::string("models/") + name + "/";
  auto context = makeContext();
  auto module = readModel(dataPath(directory + name + ".nnp"), context.get());
  ASSERT_TRUE(module);
  nn::FixedPointWeightOptions conversion;
  conversion.functions = {"Affine", "Convolution", "Deconvolution"};
  ASSERT_TRUE(succeeded(nn::convertToFixedPointWeights(*module, conversion)));
  FloatTensor x = llvm::cantFail(readNpy(dataPath(directory + "x.npy")));
  if (samples > 0)
    x = takeSamples(x, 0, std::min(samples, x.shape.front()));
  compare(*module, x, bits, name);
}

// No samples: the batch that the network is for.
INSTANTIATE_TEST_SUITE_P(All, GPUModel,
                         testing::Values(Model{"autoencoder", 3, 24}, Model{"dcgan", 2, 24},
                                         Model{"lenet_digits", 5, 24}, Model{"lenet_digits", 5, 8},
                                         Model{"mlp_digits", 0, 32}, Model{"small_resnet", 2, 16}),
                         [](const auto &info) {
                           return std::string(info.param.name) + "_" +
                                  std::to_string(info.param.bits);
                         });

/// One layer each, also those that stay floats.
TEST(GPULayerData, GivesTheBitsOfTheCPU) {
  auto context = makeContext();
  llvm::json::Value root = readJSON("layers/cases.json");
  for (const llvm::json::Value &entry : *root.getAsObject()->getArray("cases")) {
    StringRef name = *entry.getAsObject()->getString("name");
    auto module = readModel(dataPath(("layers/" + name + ".nnp").str()), context.get());
    ASSERT_TRUE(module) << name.str();
    ASSERT_TRUE(succeeded(nn::convertToFixedPointWeights(*module, {})));
    compare(*module, readNpz(("layers/" + name + ".npz").str())["x"], 24, name);
  }
}

} // namespace
