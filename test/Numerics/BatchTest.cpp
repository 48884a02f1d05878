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
  network.addOp("r", "nn.reshape %c shape [-1, 7] : (tensor<?x0x2xf32>) -> tensor<?x7xf32>");
  for (const char *name : {"y", "s", "c", "r"})
    network.addOutput(name);
  std::vector<FloatTensor> results = network.run({makeZeros({2, 0}), makeZeros({2, 2, 4})});
  expectClose(results[0], {{2, 3}, {1, 2, 3, 1, 2, 3}}, {0.0}, "affine of nothing");
  expectClose(results[1], {{2}, {0, 0}}, {0.0}, "sum of nothing");
  expectClose(results[2], makeZeros({2, 0, 2}), {0.0}, "convolution to nothing");
  expectClose(results[3], makeZeros({0, 7}), {0.0}, "reshape of nothing");
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

/// With a base axis of 2, two dimensions may be dynamic.
TEST(BatchTest, TwoDynamicDimensions) {
  Network network;
  network.addInput("x", "tensor<?x?x4xf32>");
  FloatTensor weight = makeIntegers({4, 3, 2}, 20), x = makeIntegers({2, 3, 4}, 21);
  network.addParameter("w", weight);
  network.addOp("y", "nn.affine %x, %w base_axis 2 : (tensor<?x?x4xf32>, tensor<4x3x2xf32>) -> "
                     "tensor<?x?x3x2xf32>");
  network.addOp("p", "nn.max_pooling %y kernel [2] stride [1] : (tensor<?x?x3x2xf32>) -> "
                     "tensor<?x?x3x1xf32>");
  network.addOutput("y");
  network.addOutput("p");
  std::vector<FloatTensor> results = network.run(x);
  auto product = [&](ArrayRef<int64_t> p, int64_t last) {
    float sum = 0;
    for (int64_t i = 0; i < 4; ++i)
      sum += at(x, {p[0], p[1], i}) * at(weight, {i, p[2], last});
    return sum;
  };
  expectClose(results[0],
              generate({2, 3, 3, 2}, [&](ArrayRef<int64_t> p) { return product(p, p[3]); }), {0.0},
              "affine");
  expectClose(results[1],
              generate({2, 3, 3, 1},
                       [&](ArrayRef<int64_t> p) { return std::max(product(p, 0), product(p, 1)); }),
              {0.0}, "max_pooling");
}

} // namespace
