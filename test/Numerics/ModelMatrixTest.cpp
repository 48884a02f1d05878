//===- ModelMatrixTest.cpp - Whole networks in digits have one bit pattern -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The networks of test/data/models with fixed-point weights, on each target, on several numbers of
// threads, all samples at once and one by one.
//
//===----------------------------------------------------------------------===//

#include "../Unit/GoldenData.h"
#include "Machine.h"
#include "Network.h"

#include "fpw/Dialect/NN/Transforms/FixedPointWeight.h"
#include "fpw/Importer/Model.h"
#include "mlir/IR/MLIRContext.h"
#include <gtest/gtest.h>

using namespace fpw;
using namespace fpw::test;

namespace {

class ModelMatrix : public testing::TestWithParam<const char *> {
protected:
  ModelMatrix() : directory(std::string("models/") + GetParam() + "/") {}

  void SetUp() override {
    module = readModel(dataPath(directory + GetParam() + ".nnp"), context.get());
    ASSERT_TRUE(module);
    nn::FixedPointWeightOptions conversion;
    conversion.functions = {"Affine", "Convolution", "Deconvolution"};
    ASSERT_TRUE(succeeded(nn::convertToFixedPointWeights(*module, conversion)));
    x = llvm::cantFail(readNpy(dataPath(directory + "x.npy")));
  }

  std::unique_ptr<CompiledModel> compileFor(const cpu::TargetInfo &target) {
    CompileOptions options;
    options.arithmetic = Arithmetic::Digits;
    options.activationBits = 24;
    options.target = target;
    return llvm::cantFail(CompiledModel::compile(*module, options));
  }

  std::string directory;
  std::unique_ptr<mlir::MLIRContext> context = makeContext();
  mlir::OwningOpRef<mlir::ModuleOp> module;
  FloatTensor x;
};

TEST_P(ModelMatrix, HasOneBitPattern) {
  std::optional<FloatTensor> expected;
  for (const Machine &machine : getMachines()) {
    std::optional<cpu::TargetInfo> target = machine.getTarget();
    if (!target)
      continue;
    std::unique_ptr<CompiledModel> model = compileFor(*target);
    if (!expected)
      expected = run(*model, x).front();
    for (unsigned threads : {1, 2, 3, 7})
      expectSameBits(run(*model, x, threads).front(), *expected, machine.name);
    bool hasAnyBatch = model->getInputs().front().shape.front() < 0;
    for (int64_t n = 0; hasAnyBatch && n < std::min<int64_t>(x.shape.front(), 5); ++n)
      expectSameBits(run(*model, takeSamples(x, n, 1)).front(), takeSamples(*expected, n, 1),
                     std::string(machine.name) + ", one sample");
  }
}

INSTANTIATE_TEST_SUITE_P(All, ModelMatrix,
                         testing::Values("autoencoder", "dcgan", "edge_base_axis", "edge_names",
                                         "edge_tied", "edge_zero", "lenet_digits", "lenet_ref",
                                         "mlp_digits", "small_resnet"),
                         [](const auto &info) { return std::string(info.param); });

} // namespace
