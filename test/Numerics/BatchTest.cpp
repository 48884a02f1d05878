//===- BatchTest.cpp - One compilation for batches of every size -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../Unit/GoldenData.h"
#include "Network.h"

#include "fpw/Importer/Model.h"
#include "mlir/IR/MLIRContext.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace fpw;
using namespace fpw::test;

namespace {

/// Samples do not depend on what else is in the batch, nor on how large it is.
TEST(BatchTest, SamplesAreIndependent) {
  std::unique_ptr<mlir::MLIRContext> context = makeContext();
  for (const char *name : {"lenet_digits", "autoencoder", "small_resnet", "dcgan"}) {
    std::string directory = std::string("models/") + name + "/";
    auto module = readModel(dataPath(directory + name + ".nnp"), context.get());
    ASSERT_TRUE(module) << name;
    std::unique_ptr<CompiledModel> model = compile(*module);
    FloatTensor x = llvm::cantFail(readNpy(dataPath(directory + "x.npy")));
    FloatTensor y = llvm::cantFail(readNpy(dataPath(directory + "y_float.npy")));
    for (int64_t batch : {1, 3, 7}) {
      if (batch > x.shape.front())
        continue;
      FloatTensor together = run(*model, takeSamples(x, 0, batch)).front();
      expectClose(together, takeSamples(y, 0, batch), {1e-4}, name);
      for (int64_t i = 0; i < batch; ++i)
        expectClose(takeSamples(together, i, 1), run(*model, takeSamples(x, i, 1)).front(), {0.0},
                    name);
    }
  }
}

/// A batch of nothing gives a result of nothing.
TEST(BatchTest, EmptyBatch) {
  Network network;
  network.addInput("x", "tensor<?x2x4x4xf32>");
  network.addParameter("w", makeIntegers({3, 2, 3, 3}, 19));
  network.addOp("a", "nn.convolution %x, %w pad [1, 1] : (tensor<?x2x4x4xf32>, "
                     "tensor<3x2x3x3xf32>) -> tensor<?x3x4x4xf32>");
  network.addOp("b", "nn.relu %a : (tensor<?x3x4x4xf32>) -> tensor<?x3x4x4xf32>");
  network.addOp("y", "nn.softmax %b axis 1 : (tensor<?x3x4x4xf32>) -> tensor<?x3x4x4xf32>");
  network.addOutput("y");
  FloatTensor result = network.run(makeZeros({0, 2, 4, 4})).front();
  EXPECT_EQ(ArrayRef<int64_t>(result.shape), ArrayRef<int64_t>({0, 3, 4, 4}));
}

/// Dimensions of size 0 elsewhere.
TEST(BatchTest, EmptyDimensions) {
  Network network;
  network.addInput("x", "tensor<?x0xf32>");
  network.addInput("z", "tensor<?x2x4xf32>");
  network.addParameter("w", makeZeros({0, 3}));
  network.addParameter("b", {{3}, {1.0f, 2.0f, 3.0f}});
  network.addParameter("v", makeZeros({0, 2, 3}));
  network.addOp("y", "nn.affine %x, %w, %b : (tensor<?x0xf32>, tensor<0x3xf32>, tensor<3xf32>) -> "
                     "tensor<?x3xf32>");
  network.addOp("s", "nn.sum %x axes [1] : (tensor<?x0xf32>) -> tensor<?xf32>");
  network.addOp("c", "nn.convolution %z, %v : (tensor<?x2x4xf32>, tensor<0x2x3xf32>) -> "
                     "tensor<?x0x2xf32>");
  for (const char *name : {"y", "s", "c"})
    network.addOutput(name);
  std::vector<FloatTensor> results = network.run({makeZeros({2, 0}), makeZeros({2, 2, 4})});
  expectClose(results[0], {{2, 3}, {1, 2, 3, 1, 2, 3}}, {0.0}, "affine of nothing");
  expectClose(results[1], {{2}, {0, 0}}, {0.0}, "sum of nothing");
  expectClose(results[2], makeZeros({2, 0, 2}), {0.0}, "convolution to nothing");
}

/// Results that are the input, twice the same tensor, or do not depend on the input.
TEST(BatchTest, ResultsWithoutLayers) {
  Network network;
  network.addInput("x", "tensor<?x2xf32>");
  FloatTensor x = makeNormal({60, 2}, 22), constant = makeIntegers({3}, 23);
  network.addParameter("c", constant);
  network.addOp("a", "nn.abs %x : (tensor<?x2xf32>) -> tensor<?x2xf32>");
  for (const char *name : {"x", "a", "a", "x"})
    network.addOutput(name);
  std::vector<FloatTensor> results = network.run(x);
  FloatTensor magnitudes = x;
  for (float &element : magnitudes.data)
    element = std::fabs(element);
  for (size_t i = 0; i < 4; ++i)
    expectClose(results[i], i == 0 || i == 3 ? x : magnitudes, {0.0}, "result");
  network.addOutput("c");
  expectClose(network.run(x).back(), constant, {0.0}, "constant");
}

/// The batch says how large everything is: it is the only dynamic size, and the first of results.
TEST(BatchTest, OtherDynamicSizes) {
  std::unique_ptr<mlir::MLIRContext> context = makeContext();
  auto getError = [&](const Network &network) {
    auto model = CompiledModel::compile(*network.build(context.get()));
    return model ? std::string() : llvm::toString(model.takeError());
  };
  Network twoSizes;
  twoSizes.addInput("x", "tensor<?x?x4xf32>");
  twoSizes.addOp("y", "nn.relu %x : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>");
  twoSizes.addOutput("y");
  EXPECT_NE(getError(twoSizes).find("expected input 0 with no dynamic size but the first"),
            std::string::npos)
      << getError(twoSizes);
  Network merged;
  merged.addInput("x", "tensor<?x4x6xf32>");
  merged.addOp("y", "nn.reshape %x shape [-1, 6] : (tensor<?x4x6xf32>) -> tensor<?x6xf32>");
  merged.addOutput("y");
  EXPECT_NE(getError(merged).find("expected the batch to be the only dynamic size of result 0"),
            std::string::npos)
      << getError(merged);
}

} // namespace
