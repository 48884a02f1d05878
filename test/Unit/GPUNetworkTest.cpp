//===- GPUNetworkTest.cpp - Networks on GPUs through the C interface -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The C interface is compiled into this test, so that an emulator can be a device of it.
//
//===----------------------------------------------------------------------===//

#include "GoldenData.h"
#include "SIMTEmulator/Emulator.h"

#include "fpw-c/Network.h"
#include "fpw/Execution/GPUTarget.h"
#include "fpw/Support/Npy.h"
#include "llvm/ADT/SmallVectorExtras.h"
#include <cstdlib>
#include <gmock/gmock.h>

using namespace fpw;
using namespace fpw::test;
using testing::HasSubstr;

namespace {

constexpr int64_t kSamples = 3;

fpw_compile_options makeOptions() {
  fpw_compile_options options = {};
  options.size = sizeof(options);
  options.bits = 8;
  return options;
}

struct NetworkDeleter {
  void operator()(fpw_network *network) const { fpw_destroy_network(network); }
};
using NetworkPointer = std::unique_ptr<fpw_network, NetworkDeleter>;

struct GPUNetwork : testing::Test {
  GPUNetwork() {
    setenv("FPW_CUDA_LIBRARY", "/nowhere/libcuda.so.1", 1);
    static const auto functions =
        llvm::map_to_vector(simt::getRuntimeSymbols(), [](const simt::RuntimeSymbol &symbol) {
          return DeviceFunction{symbol.name, symbol.address};
        });
    addDevice("cuda-emulator", gpu::BinaryFormat::Bitcode, functions);
  }

  fpw_status compile(const fpw_compile_options &options) {
    fpw_network *result = nullptr;
    fpw_status status = fpw_compile_file(path.c_str(), &options, &result);
    network.reset(result);
    return status;
  }

  /// The first samples of the network's data, through it.
  std::vector<float> run() {
    const fpw_model *model = fpw_get_model(network.get());
    std::vector<float> result(kSamples * model->outputs[0].shape[1]);
    const void *inputs[] = {x.data.data()};
    void *outputs[] = {result.data()};
    fpw_context *context = nullptr;
    bool failed = fpw_create_context(model, 1, &context) || fpw_prepare(context, kSamples) ||
                  fpw_run(context, kSamples, inputs, outputs);
    EXPECT_FALSE(failed) << fpw_get_error(model);
    features = failed ? "" : context->code->features;
    fpw_destroy_context(context);
    return result;
  }

  std::string path = dataPath("models/lenet_digits/lenet_digits.nnp");
  FloatTensor x = llvm::cantFail(readNpy(dataPath("models/lenet_digits/x.npy")));
  NetworkPointer network;
  std::string features; ///< of the code that ran last
};

TEST_F(GPUNetwork, HasTheBitsOfTheProcessor) {
  fpw_compile_options options = makeOptions();
  ASSERT_EQ(compile(options), FPW_OK) << fpw_get_network_error();
  std::vector<float> expected = run();
  options.device = "cuda-emulator";
  for (const char *architectures : {(const char *)nullptr, "sm_90", "sm_90a,sm_80"}) {
    options.architectures = architectures;
    ASSERT_EQ(compile(options), FPW_OK) << fpw_get_network_error();
    EXPECT_EQ(run(), expected);
    EXPECT_EQ(features, architectures ? StringRef(architectures).split(',').first : "sm_80");
  }
}

TEST_F(GPUNetwork, SaysThatThereIsNoDevice) {
  fpw_compile_options options = makeOptions();
  options.device = "cuda";
  EXPECT_EQ(compile(options), FPW_NO_DEVICE);
  EXPECT_THAT(fpw_get_network_error(), HasSubstr("expected NVIDIA's driver but got: /nowhere"));
}

TEST_F(GPUNetwork, CompilesForDevicesThatAreElsewhere) {
  fpw_compile_options options = makeOptions();
  options.device = "cuda";
  options.architectures = "sm_80";
  ASSERT_EQ(compile(options), FPW_OK) << fpw_get_network_error();
  fpw_context *context = nullptr;
  EXPECT_EQ(fpw_create_context(fpw_get_model(network.get()), 1, &context), FPW_NO_DEVICE);
}

TEST_F(GPUNetwork, RefusesWhatItDoesNotKnow) {
  fpw_compile_options options = makeOptions();
  options.device = "cuda:x";
  EXPECT_EQ(compile(options), FPW_INVALID_FILE);
  EXPECT_THAT(fpw_get_network_error(), HasSubstr("target cuda or cuda:N but got 'cuda:x'"));
  options.device = "cuda-emulator";
  options.architectures = "sm_90,sm_1";
  EXPECT_EQ(compile(options), FPW_INVALID_FILE);
  EXPECT_THAT(fpw_get_network_error(), HasSubstr("but got 'sm_1'"));
  options.architectures = nullptr;
  options.processors = "x86-64";
  EXPECT_EQ(compile(options), FPW_INVALID_ARGUMENT);
  EXPECT_THAT(fpw_get_network_error(), HasSubstr("processors or a device but got both"));
  options.device = nullptr;
  options.architectures = "sm_80";
  EXPECT_EQ(compile(options), FPW_INVALID_FILE);
  EXPECT_THAT(fpw_get_network_error(), HasSubstr("expected architectures with target cuda only"));
}

/// A program that was compiled when the options had no device.
TEST_F(GPUNetwork, ReadsOldOptions) {
  fpw_compile_options options = makeOptions();
  options.size = offsetof(fpw_compile_options, device);
  options.device = "no such";
  ASSERT_EQ(compile(options), FPW_OK) << fpw_get_network_error();
  EXPECT_EQ(run().size(), size_t(kSamples * 10));
}

} // namespace
