//===- ModelFileTest.cpp - Compiled networks as files -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Execution/ModelFile.h"
#include "fpw-c/Model.h"
#include "fpw/Pipelines/Pipelines.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <atomic>
#include <cstring>
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <random>
#include <thread>
#ifdef __SSE__
#include <xmmintrin.h>
#endif

using namespace fpw;

#ifdef __GLIBC__
/// How often anything in this program asked for memory.
static std::atomic<int64_t> allocations{0};

extern "C" {
void *__libc_malloc(size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void *malloc(size_t size) {
  ++allocations;
  return __libc_malloc(size);
}
void *aligned_alloc(size_t alignment, size_t size) {
  ++allocations;
  return __libc_memalign(alignment, size);
}
}
#endif

namespace {

constexpr const char *kNetwork = R"(
  func.func @net(%x: tensor<?x3x8x8xf32> {nn.name = "image"}, %s: tensor<1x10xf32>)
      -> (tensor<?x10xf32> {nn.name = "scores"}, tensor<?x4x8x8xf32>) {
    %w1 = nn.parameter "w1" = dense<0.37> : tensor<4x3x3x3xf32>
    %w2 = nn.parameter "w2" = dense<-0.011> : tensor<256x10xf32>
    %0 = nn.convolution %x, %w1 pad [1, 1]
        : (tensor<?x3x8x8xf32>, tensor<4x3x3x3xf32>) -> tensor<?x4x8x8xf32>
    %1 = nn.affine %0, %w2 : (tensor<?x4x8x8xf32>, tensor<256x10xf32>) -> tensor<?x10xf32>
    %2 = nn.add2 %1, %s : (tensor<?x10xf32>, tensor<1x10xf32>) -> tensor<?x10xf32>
    return %2, %0 : tensor<?x10xf32>, tensor<?x4x8x8xf32>
  }
)";
constexpr int64_t kInput = 3 * 8 * 8, kScores = 10, kImage = 4 * 8 * 8;

std::vector<float> makeData(size_t count) {
  std::mt19937 random(7);
  std::normal_distribution<float> normal;
  std::vector<float> data(count);
  for (float &value : data)
    value = normal(random);
  return data;
}

/// A library of the network, and the network in this process.
class ModelFileTest : public testing::Test {
protected:
  ModelFileTest() {
    mlir::DialectRegistry registry;
    registerPipelineDialects(registry);
    context.appendDialectRegistry(registry);
    EXPECT_FALSE(llvm::sys::fs::createUniqueDirectory("fpw-test", folder));
  }
  ~ModelFileTest() override {
    if (library)
      dlclose(library);
    llvm::sys::fs::remove_directories(folder);
  }

  ObjectCode compile(const CompileOptions &options = {}) {
    auto module = mlir::parseSourceString<mlir::ModuleOp>(kNetwork, &context);
    return llvm::cantFail(compileToObject(*module, options));
  }

  /// Writes, loads and asks the library.
  const fpw_model *load(const CompileOptions &options = {}) {
    std::string path = (folder + "/net.so").str();
    llvm::cantFail(writeModelFile(compile(options), path));
    library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    EXPECT_TRUE(library) << dlerror();
    auto entry = reinterpret_cast<const fpw_model *(*)(void)>(dlsym(library, "fpw_model"));
    EXPECT_EQ(dlsym(library, "fpw_model_net"), reinterpret_cast<void *>(entry));
    return entry();
  }

  std::vector<std::vector<float>> runHere(ArrayRef<float> image, ArrayRef<float> shift) {
    auto module = mlir::parseSourceString<mlir::ModuleOp>(kNetwork, &context);
    auto model = llvm::cantFail(CompiledModel::compile(*module));
    SmallVector<int64_t> shape{int64_t(image.size()) / kInput, 3, 8, 8}, row{1, 10};
    std::vector<std::vector<float>> results;
    for (const TensorBuffer &output :
         llvm::cantFail(model->run({{shape, image.data()}, {row, shift.data()}})))
      results.push_back(output.data.vec());
    return results;
  }

  mlir::MLIRContext context;
  llvm::SmallString<128> folder;
  void *library = nullptr;
};

TEST_F(ModelFileTest, AnswersQueries) {
  const fpw_model *model = load();
  EXPECT_EQ(model->version, uint32_t(FPW_MODEL_VERSION));
  EXPECT_STREQ(model->name, "net");
  ASSERT_EQ(model->num_inputs, 2u);
  ASSERT_EQ(model->num_outputs, 2u);
  EXPECT_STREQ(model->inputs[0].name, "image");
  EXPECT_EQ(model->inputs[0].type, FPW_F32);
  EXPECT_EQ(llvm::ArrayRef(model->inputs[0].shape, model->inputs[0].rank),
            llvm::ArrayRef<int64_t>({-1, 3, 8, 8}));
  EXPECT_STREQ(model->inputs[1].name, "input1");
  EXPECT_STREQ(model->outputs[0].name, "scores");
  EXPECT_EQ(llvm::ArrayRef(model->outputs[1].shape, model->outputs[1].rank),
            llvm::ArrayRef<int64_t>({-1, 4, 8, 8}));
  ASSERT_EQ(model->num_codes, 1u);
  EXPECT_EQ(StringRef(model->codes[0].features),
            llvm::join(cpu::TargetInfo::getHost().getFeatures(), ","));
}

TEST_F(ModelFileTest, GivesTheSameBitsAsInThisProcess) {
  constexpr int64_t kBatch = 7;
  std::vector<float> image = makeData(kBatch * kInput), shift = makeData(10);
  const fpw_model *model = load();
  fpw_context *context = nullptr;
  ASSERT_EQ(fpw_create_context(model, 2, &context), FPW_OK);
  ASSERT_EQ(fpw_prepare(context, kBatch), FPW_OK);
  auto expected = runHere(image, shift);
  for (int64_t batch : {kBatch, int64_t(1), int64_t(0), kBatch}) {
    // One float behind a 64-byte boundary: any alignment serves.
    std::vector<float> memory(batch * (kInput + kScores + kImage) + 3);
    float *x = memory.data() + 1, *y = x + batch * kInput, *z = y + batch * kScores;
    std::copy_n(image.data(), batch * kInput, x);
    const void *inputs[] = {x, shift.data()};
    void *outputs[] = {y, z};
    ASSERT_EQ(fpw_run(context, batch, inputs, outputs), FPW_OK);
    EXPECT_EQ(std::memcmp(y, expected[0].data(), batch * kScores * sizeof(float)), 0);
    EXPECT_EQ(std::memcmp(z, expected[1].data(), batch * kImage * sizeof(float)), 0);
  }
  fpw_destroy_context(context);
}

TEST_F(ModelFileTest, ServesSeveralThreadsWithContextsOfTheirOwn) {
  std::vector<float> image = makeData(3 * kInput), shift = makeData(10);
  const fpw_model *model = load();
  auto expected = runHere(image, shift);
  std::vector<std::thread> callers;
  for (uint32_t caller = 0; caller < 4; ++caller)
    callers.emplace_back([&, caller] {
      fpw_context *context = nullptr;
      ASSERT_EQ(fpw_create_context(model, caller, &context), FPW_OK);
      ASSERT_EQ(fpw_prepare(context, 3), FPW_OK);
      std::vector<float> y(3 * kScores), z(3 * kImage);
      const void *inputs[] = {image.data(), shift.data()};
      void *outputs[] = {y.data(), z.data()};
      for (int round = 0; round < 50; ++round) {
        ASSERT_EQ(fpw_run(context, 3, inputs, outputs), FPW_OK);
        ASSERT_EQ(y, expected[0]);
      }
      fpw_destroy_context(context);
    });
  for (std::thread &caller : callers)
    caller.join();
}

/// Loops that a host program may have.
struct HostLoops {
  using Task = void(void *work, int64_t index);

  static void inThreads(void *host, int64_t count, Task *task, void *work) {
    static_cast<std::atomic<int> *>(host)->fetch_add(1);
    std::vector<std::thread> threads;
    for (int64_t i = 0; i < count; ++i)
      threads.emplace_back(task, work, i);
    for (std::thread &thread : threads)
      thread.join();
  }
  static void backwards(void *host, int64_t count, Task *task, void *work) {
    static_cast<std::atomic<int> *>(host)->fetch_add(1);
    while (count > 0)
      task(work, --count);
  }
};

TEST_F(ModelFileTest, ComputesInTheThreadsOfTheProgram) {
  constexpr int64_t kBatch = 96;
  std::vector<float> image = makeData(kBatch * kInput), shift = makeData(10);
  const fpw_model *model = load();
  auto expected = runHere(image, shift);
  fpw_context *context = nullptr;
  ASSERT_EQ(fpw_create_context(model, 3, &context), FPW_OK);
  ASSERT_EQ(fpw_prepare(context, kBatch), FPW_OK);
  std::vector<float> y(kBatch * kScores), z(kBatch * kImage);
  const void *inputs[] = {image.data(), shift.data()};
  void *outputs[] = {y.data(), z.data()};
  for (fpw_parallel_for_function loop : {HostLoops::inThreads, HostLoops::backwards}) {
    std::atomic<int> calls{0};
    fpw_set_parallel_for(context, loop, &calls);
    ASSERT_EQ(fpw_run(context, kBatch, inputs, outputs), FPW_OK);
    EXPECT_GT(calls, 0);
    EXPECT_EQ(y, expected[0]);
    EXPECT_EQ(z, expected[1]);
  }
  fpw_set_parallel_for(context, nullptr, nullptr);
  std::fill(y.begin(), y.end(), 0);
  ASSERT_EQ(fpw_run(context, kBatch, inputs, outputs), FPW_OK);
  EXPECT_EQ(y, expected[0]);
  fpw_destroy_context(context);
}

#ifdef __GLIBC__
TEST_F(ModelFileTest, AllocatesNothingWhileRunning) {
  const fpw_model *model = load();
  for (uint32_t threads : {1, 2}) {
    fpw_context *context = nullptr;
    ASSERT_EQ(fpw_create_context(model, threads, &context), FPW_OK);
    ASSERT_EQ(fpw_prepare(context, 64), FPW_OK);
    std::vector<float> x(64 * kInput), s(10), y(64 * kScores), z(64 * kImage);
    const void *inputs[] = {x.data(), s.data()};
    void *outputs[] = {y.data(), z.data()};
    ASSERT_EQ(fpw_run(context, 64, inputs, outputs), FPW_OK); // starts the threads
    int64_t before = allocations;
    for (int64_t batch : {1, 64, 7})
      ASSERT_EQ(fpw_run(context, batch, inputs, outputs), FPW_OK);
    EXPECT_EQ(allocations, before);
    fpw_destroy_context(context);
  }
}
#endif

TEST_F(ModelFileTest, ReportsErrors) {
  const fpw_model *model = load();
  fpw_context *context = nullptr;
  ASSERT_EQ(fpw_create_context(model, 1, &context), FPW_OK);
  std::vector<float> x(2 * kInput), s(10), y(2 * kScores), z(2 * kImage);
  const void *inputs[] = {x.data(), s.data()};
  void *outputs[] = {y.data(), z.data()};
  EXPECT_EQ(fpw_run(context, 1, inputs, outputs), FPW_INVALID_ARGUMENT);
  EXPECT_STREQ(fpw_get_error(model), "expected a prepared context but got a new one");
  ASSERT_EQ(fpw_prepare(context, 1), FPW_OK);
  EXPECT_EQ(fpw_run(context, 2, inputs, outputs), FPW_INVALID_ARGUMENT);
  EXPECT_STREQ(fpw_get_error(model), "expected a batch of at most 1, as prepared, but got 2");
  EXPECT_EQ(fpw_run(context, -1, inputs, outputs), FPW_INVALID_ARGUMENT);
  EXPECT_EQ(fpw_prepare(context, -1), FPW_INVALID_ARGUMENT);
  EXPECT_STREQ(fpw_get_error(model), "expected a batch of at least 0 but got -1");
  EXPECT_EQ(fpw_prepare(context, INT64_MAX / 64), FPW_OUT_OF_MEMORY);
  EXPECT_EQ(fpw_run(context, 1, inputs, outputs), FPW_OK) << "is still prepared for 1";
  inputs[1] = nullptr;
  EXPECT_EQ(fpw_run(context, 1, inputs, outputs), FPW_INVALID_ARGUMENT);
  EXPECT_STREQ(fpw_get_error(model), "expected a buffer for input 'input1' but got none");
  outputs[0] = nullptr;
  inputs[1] = s.data();
  EXPECT_EQ(fpw_run(context, 1, inputs, outputs), FPW_INVALID_ARGUMENT);
  EXPECT_STREQ(fpw_get_error(model), "expected a buffer for output 'scores' but got none");
  fpw_destroy_context(context);
  fpw_destroy_context(nullptr);

  fpw_model newer = *model;
  ++newer.version;
  EXPECT_EQ(fpw_create_context(&newer, 1, &context), FPW_WRONG_VERSION);
}

#ifdef __SSE__
TEST_F(ModelFileTest, ComputesInItsOwnRoundingMode) {
  std::vector<float> image = makeData(kInput), shift = makeData(10);
  const fpw_model *model = load();
  auto expected = runHere(image, shift);
  fpw_context *context = nullptr;
  ASSERT_EQ(fpw_create_context(model, 1, &context), FPW_OK);
  ASSERT_EQ(fpw_prepare(context, 1), FPW_OK);
  std::vector<float> y(kScores), z(kImage);
  const void *inputs[] = {image.data(), shift.data()};
  void *outputs[] = {y.data(), z.data()};
  unsigned before = _mm_getcsr(), towardsZero = before | 0xe040; // and denormals are zero
  _mm_setcsr(towardsZero);
  fpw_status status = fpw_run(context, 1, inputs, outputs);
  unsigned after = _mm_getcsr();
  _mm_setcsr(before);
  EXPECT_EQ(status, FPW_OK);
  EXPECT_EQ(after & 0xe040, towardsZero & 0xe040);
  EXPECT_EQ(y, expected[0]);
  fpw_destroy_context(context);
}
#endif

} // namespace
