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
#include <gtest/gtest.h>

using namespace fpw;
using namespace fpw::test;

namespace {

/// Some consecutive samples of a batch.
FloatTensor takeSamples(const FloatTensor &batch, int64_t first, int64_t count) {
  FloatTensor samples = batch;
  samples.shape.front() = count;
  size_t size = batch.data.size() / batch.shape.front();
  samples.data.assign(batch.data.begin() + first * size,
                      batch.data.begin() + (first + count) * size);
  return samples;
}

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
  network.addParameter("w", makeZeros({0, 3}));
  network.addParameter("b", {{3}, {1.0f, 2.0f, 3.0f}});
  network.addOp("y", "nn.affine %x, %w, %b : (tensor<?x0xf32>, tensor<0x3xf32>, tensor<3xf32>) -> "
                     "tensor<?x3xf32>");
  network.addOp("s", "nn.sum %x axes [1] : (tensor<?x0xf32>) -> tensor<?xf32>");
  network.addOutput("y");
  network.addOutput("s");
  std::vector<FloatTensor> results = network.run(makeZeros({2, 0}));
  expectClose(results[0], {{2, 3}, {1, 2, 3, 1, 2, 3}}, {0.0}, "affine of nothing");
  expectClose(results[1], {{2}, {0, 0}}, {0.0}, "sum of nothing");
}

} // namespace
