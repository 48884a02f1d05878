//===- CompiledModelTest.cpp - Networks as native code -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Execution/CompiledModel.h"
#include "fpw/Pipelines/Pipelines.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include <cstring>
#include <gtest/gtest.h>
#include <random>
#include <thread>

using namespace fpw;

namespace {

/// A convolution with padding and stride, a depthwise one, a pooling, an affine layer with an odd
/// number of outputs, and a softmax: every kind of loop.
constexpr const char *kNetwork = R"(
  func.func @net(%x: tensor<?x3x18x18xf32> {nn.name = "image"})
      -> (tensor<?x37xf32> {nn.name = "scores"}, tensor<?x37xf32>) {
    %w1 = nn.parameter "w1" = dense<0.037> : tensor<24x3x3x3xf32>
    %b1 = nn.parameter "b1" = dense<-0.3> : tensor<24xf32>
    %w2 = nn.parameter "w2" = dense<0.7> : tensor<24x3x3xf32>
    %w3 = nn.parameter "w3" = dense<-0.011> : tensor<384x37xf32>
    %0 = nn.convolution %x, %w1, %b1 pad [1, 1] stride [2, 2]
        : (tensor<?x3x18x18xf32>, tensor<24x3x3x3xf32>, tensor<24xf32>) -> tensor<?x24x9x9xf32>
    %1 = nn.tanh %0 : (tensor<?x24x9x9xf32>) -> tensor<?x24x9x9xf32>
    %2 = nn.depthwise_convolution %1, %w2 pad [1, 1]
        : (tensor<?x24x9x9xf32>, tensor<24x3x3xf32>) -> tensor<?x24x9x9xf32>
    %3 = nn.max_pooling %2 kernel [2, 2] : (tensor<?x24x9x9xf32>) -> tensor<?x24x4x4xf32>
    %4 = nn.affine %3, %w3 : (tensor<?x24x4x4xf32>, tensor<384x37xf32>) -> tensor<?x37xf32>
    %5 = nn.softmax %4 : (tensor<?x37xf32>) -> tensor<?x37xf32>
    return %5, %4 : tensor<?x37xf32>, tensor<?x37xf32>
  }
)";

class CompiledModelTest : public testing::Test {
protected:
  CompiledModelTest() {
    mlir::DialectRegistry registry;
    registerPipelineDialects(registry);
    context.appendDialectRegistry(registry);
  }

  Expected<std::unique_ptr<CompiledModel>> compile(StringRef text,
                                                   const CompileOptions &options = {}) {
    auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    EXPECT_TRUE(module);
    return CompiledModel::compile(*module, options);
  }

  std::string getError(StringRef text, const CompileOptions &options = {}) {
    auto model = compile(text, options);
    return model ? "no error" : llvm::toString(model.takeError());
  }

  mlir::MLIRContext context;
};

std::vector<float> makeData(size_t count) {
  std::mt19937 random(7);
  std::normal_distribution<float> normal;
  std::vector<float> data(count);
  for (float &value : data)
    value = normal(random);
  return data;
}

bool equalBits(ArrayRef<float> a, ArrayRef<float> b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

TEST_F(CompiledModelTest, DescribesInputsAndOutputs) {
  auto model = llvm::cantFail(compile(kNetwork));
  ASSERT_EQ(model->getInputs().size(), 1u);
  EXPECT_EQ(model->getInputs()[0].name, "image");
  EXPECT_EQ(model->getInputs()[0].shape, (SmallVector<int64_t>{-1, 3, 18, 18}));
  ASSERT_EQ(model->getOutputs().size(), 2u);
  EXPECT_EQ(model->getOutputs()[0].name, "scores");
  EXPECT_EQ(model->getOutputs()[1].name, "output1");
}

TEST_F(CompiledModelTest, GivesTheSameBitsForEveryBatchAndNumberOfThreads) {
  auto model = llvm::cantFail(compile(kNetwork));
  constexpr int64_t kBatch = 53, kSample = 3 * 18 * 18; // more than one group of samples
  std::vector<float> data = makeData(kBatch * kSample);
  auto run = [&](int64_t first, int64_t batch, unsigned threads) {
    SmallVector<int64_t> shape{batch, 3, 18, 18};
    return llvm::cantFail(model->run({{shape, data.data() + first * kSample}}, threads));
  };
  std::vector<TensorBuffer> all = run(0, kBatch, 1);
  EXPECT_EQ(all[0].shape, (SmallVector<int64_t>{kBatch, 37}));
  for (unsigned threads : {2, 3, 7, 0}) {
    std::vector<TensorBuffer> again = run(0, kBatch, threads);
    EXPECT_TRUE(equalBits(all[0].data, again[0].data)) << threads << " threads";
    EXPECT_TRUE(equalBits(all[1].data, again[1].data)) << threads << " threads";
  }
  for (int64_t sample = 0; sample < kBatch; ++sample) {
    std::vector<TensorBuffer> one = run(sample, 1, 1);
    EXPECT_TRUE(equalBits(all[0].data.slice(sample * 37, 37), one[0].data)) << "sample " << sample;
  }
  std::vector<TensorBuffer> five = run(0, 5, 1);
  EXPECT_TRUE(equalBits(all[1].data.take_front(5 * 37), five[1].data));
}

TEST_F(CompiledModelTest, AcceptsAnEmptyBatch) {
  auto model = llvm::cantFail(compile(kNetwork));
  SmallVector<int64_t> shape{0, 3, 18, 18};
  auto outputs = llvm::cantFail(model->run({{shape, nullptr}}));
  EXPECT_EQ(outputs[0].shape, (SmallVector<int64_t>{0, 37}));
  EXPECT_TRUE(outputs[0].data.empty());
}

TEST_F(CompiledModelTest, ServesSeveralThreadsAtOnce) {
  auto model = llvm::cantFail(compile(kNetwork));
  std::vector<float> data = makeData(8 * 3 * 18 * 18);
  SmallVector<int64_t> shape{8, 3, 18, 18};
  auto expected = llvm::cantFail(model->run({{shape, data.data()}}));
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i)
    callers.emplace_back([&] {
      for (int round = 0; round < 20; ++round) {
        auto outputs = llvm::cantFail(model->run({{shape, data.data()}}, 2));
        EXPECT_TRUE(equalBits(outputs[0].data, expected[0].data));
      }
    });
  for (std::thread &caller : callers)
    caller.join();
}

TEST_F(CompiledModelTest, GivesCloseResultsForEveryVectorLength) {
  std::vector<float> data = makeData(6 * 3 * 18 * 18);
  SmallVector<int64_t> shape{6, 3, 18, 18};
  auto expected = llvm::cantFail(llvm::cantFail(compile(kNetwork))->run({{shape, data.data()}}));
  for (const char *features : {"+avx2,+fma", "+sse4.2", ""}) {
    CompileOptions options;
    if (!options.target.has("avx2"))
      GTEST_SKIP() << "needs AVX2";
    options.target.features = features;
    auto outputs =
        llvm::cantFail(llvm::cantFail(compile(kNetwork, options))->run({{shape, data.data()}}));
    for (auto [actual, wanted] : llvm::zip_equal(outputs[0].data, expected[0].data))
      EXPECT_NEAR(actual, wanted, 1e-5) << features;
  }
}

TEST_F(CompiledModelTest, ReturnsItsInput) {
  auto model = llvm::cantFail(compile("func.func @net(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {"
                                      "  return %x : tensor<?x4xf32> }"));
  std::vector<float> data = makeData(12);
  SmallVector<int64_t> shape{3, 4};
  auto outputs = llvm::cantFail(model->run({{shape, data.data()}}));
  EXPECT_TRUE(equalBits(outputs[0].data, data));
  EXPECT_NE(outputs[0].data.data(), data.data());
}

TEST_F(CompiledModelTest, ReturnsOneValueTwiceAndParameters) {
  auto model = llvm::cantFail(compile(R"(
    func.func @net(%x: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>, tensor<2xf32>) {
      %w = nn.parameter "w" = dense<[1.0, 2.0]> : tensor<2xf32>
      %0 = nn.relu %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
      return %0, %0, %w : tensor<?x4xf32>, tensor<?x4xf32>, tensor<2xf32>
    })"));
  std::vector<float> data{-1, 2, -3, 4};
  SmallVector<int64_t> shape{1, 4};
  auto outputs = llvm::cantFail(model->run({{shape, data.data()}}));
  EXPECT_TRUE(equalBits(outputs[0].data, {0, 2, 0, 4}));
  EXPECT_TRUE(equalBits(outputs[1].data, {0, 2, 0, 4}));
  EXPECT_NE(outputs[0].data.data(), outputs[1].data.data());
  EXPECT_TRUE(equalBits(outputs[2].data, {1, 2}));
}

TEST_F(CompiledModelTest, ReportsWrongInputs) {
  auto model = llvm::cantFail(compile(kNetwork));
  std::vector<float> data(3 * 18 * 18);
  SmallVector<int64_t> shape{1, 3, 18, 17}, rank{3, 18, 18};
  auto error = [&](ArrayRef<TensorView> inputs) {
    auto outputs = model->run(inputs);
    return outputs ? "no error" : llvm::toString(outputs.takeError());
  };
  EXPECT_EQ(error({{shape, data.data()}}),
            "expected input 'image' of shape (?, 3, 18, 18) but got (1, 3, 18, 17)");
  EXPECT_EQ(error({{rank, data.data()}}),
            "expected input 'image' of shape (?, 3, 18, 18) but got (3, 18, 18)");
  EXPECT_EQ(error({}), "expected 1 inputs but got 0");
}

TEST_F(CompiledModelTest, ReportsDifferentBatches) {
  auto model = llvm::cantFail(
      compile("func.func @net(%a: tensor<?x4xf32>, %b: tensor<?x4xf32>) -> tensor<?x4xf32> {"
              "  %0 = nn.add2 %a, %b : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>"
              "  return %0 : tensor<?x4xf32> }"));
  std::vector<float> data(12);
  SmallVector<int64_t> two{2, 4}, three{3, 4};
  auto outputs = model->run({{two, data.data()}, {three, data.data()}});
  ASSERT_FALSE(outputs);
  EXPECT_EQ(llvm::toString(outputs.takeError()),
            "expected input 'input1' with batch size 2 but got 3");
}

TEST_F(CompiledModelTest, ReportsWhatItCannotCompile) {
  EXPECT_EQ(getError("func.func private @other(tensor<2xf32>) -> tensor<2xf32>\n"
                     "func.func @net(%x: tensor<2xf32>) -> tensor<2xf32> {\n"
                     "  %0 = call @other(%x) : (tensor<2xf32>) -> tensor<2xf32>\n"
                     "  return %0 : tensor<2xf32> }")
                .find("no error"),
            std::string::npos);
  EXPECT_EQ(getError("module {}"), "expected one network in the module but got none");
  CompileOptions options;
  options.function = "other";
  EXPECT_EQ(getError(kNetwork, options), "expected network 'other' but the module has 'net'");
  EXPECT_EQ(getError("func.func @net(%x: tensor<2xi16>) -> tensor<2xi16> {"
                     "  return %x : tensor<2xi16> }"),
            "expected input 0 to be a tensor of f32, i64, i32 or i8 but got tensor<2xi16>");
  EXPECT_EQ(getError("func.func @net(%x: tensor<2xf32>) -> tensor<2xf32> { return %x : "
                     "tensor<2xf32> } func.func @b() { return }"),
            "expected one network in the module but got 'net', 'b'");
}

} // namespace
