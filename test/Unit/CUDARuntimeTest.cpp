//===- CUDARuntimeTest.cpp - Networks on a driver that is not there -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// The runtime finds its driver once, so that each case is a process of its own, which prints to
// standard error what the test looks at.
//
//===----------------------------------------------------------------------===//

#include "FakeCUDA/FakeCUDA.h"
#include "fpw/Runtime/Device.h"
#include "fpw/Runtime/Runtime.h"

#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <functional>
#include <gmock/gmock.h>
#include <string>

using testing::HasSubstr;

namespace {

//===----------------------------------------------------------------------===//
// Processes
//===----------------------------------------------------------------------===//

/// What `body` returns in a process whose driver is the library at `path`.
#define EXPECT_IN_PROCESS(PATH, BODY, TEXT)                                                        \
  EXPECT_EXIT(                                                                                     \
      {                                                                                            \
        setenv("FPW_CUDA_LIBRARY", PATH, 1);                                                       \
        std::string text = (BODY)();                                                               \
        std::fputs(text.c_str(), stderr);                                                          \
        std::_Exit(0);                                                                             \
      },                                                                                           \
      testing::ExitedWithCode(0), TEXT)

FakeCUDA &getFake() {
  void *library = dlopen(FPW_FAKE_CUDA, RTLD_NOW | RTLD_LOCAL);
  return *static_cast<FakeCUDA *>(dlsym(library, "fakeCUDA"));
}

std::string print(const char *text) { return text ? text : "no error"; }

std::string takeError() {
  fpw_status status = FPW_OK;
  const char *text = fpw_device_take_error(&status);
  return std::to_string(status) + ": " + print(text);
}

//===----------------------------------------------------------------------===//
// A model
//===----------------------------------------------------------------------===//

float weights[4] = {1, 2, 3, 4};
void *kernels = nullptr;
int loads = 0;

void load() {
  ++loads;
  kernels = mgpuModuleLoad(weights, sizeof(weights));
}
void unload() { mgpuModuleUnload(kernels); }
void upload(void *, void *block, int64_t, int64_t bytes, int64_t) {
  void *stream = mgpuStreamCreate();
  mgpuMemcpy(block, weights, bytes, stream);
  mgpuStreamSynchronize(stream);
  mgpuStreamDestroy(stream);
}
/// Copies the parameters, its last input, to its output, as a kernel would.
void run(const void *const *inputs, void *const *outputs, void *, int64_t batch, int64_t) {
  void *stream = mgpuStreamCreate();
  mgpuLaunchKernel(mgpuModuleGetFunction(kernels, "k"), batch, 1, 1, 256, 1, 1, 0, stream, nullptr,
                   nullptr, 0);
  mgpuMemcpy(outputs[0], const_cast<void *>(inputs[1]), sizeof(weights), stream);
  mgpuStreamSynchronize(stream);
  mgpuStreamDestroy(stream);
}
int64_t getArenaSize(int64_t batch, int64_t) { return 1024 * batch; }

constexpr int64_t kShape[] = {-1, 4};
constexpr fpw_tensor kTensor = {"x", FPW_F32, 2, kShape};
constexpr fpw_code kCodes[] = {{"sm_100", run, getArenaSize}, {"sm_80", run, getArenaSize}};
constexpr fpw_device_code kDeviceCodes[] = {{load, unload, upload, sizeof(weights)},
                                            {load, unload, upload, sizeof(weights)}};
const fpw_device_model kModel = {
    {FPW_MODEL_VERSION, 1, 1, 2, &kTensor, &kTensor, "net", "", kCodes, fpw_device_create_context,
     fpw_device_destroy_context, fpw_device_set_parallel_for, fpw_device_prepare, fpw_device_run,
     fpw_runtime_get_error},
    kDeviceCodes,
    {fpw_device_check, fpw_device_take_error, mgpuMemAlloc, mgpuMemFree}};

//===----------------------------------------------------------------------===//
// Finding a device
//===----------------------------------------------------------------------===//

std::string checkOldest() { return print(fpw_device_check("sm_80")); }

TEST(CUDARuntimeTest, NamesTheDriverThatIsMissing) {
  EXPECT_IN_PROCESS("/nowhere/libcuda.so.1", checkOldest,
                    HasSubstr("expected NVIDIA's driver but got: /nowhere/libcuda.so.1"));
}

TEST(CUDARuntimeTest, RefusesADriverWithoutAFunction) {
  EXPECT_IN_PROCESS("libm.so.6", checkOldest, HasSubstr("'libm.so.6' lacks cuInit"));
}

TEST(CUDARuntimeTest, SaysThatThereIsNoDevice) {
  auto body = [] {
    getFake().devices = 0;
    return checkOldest();
  };
  EXPECT_IN_PROCESS(FPW_FAKE_CUDA, body, "expected an NVIDIA GPU but the driver found none");
}

TEST(CUDARuntimeTest, RefusesANumberWithoutDevice) {
  auto body = [] {
    mgpuSetDefaultDevice(3);
    return checkOldest();
  };
  EXPECT_IN_PROCESS(FPW_FAKE_CUDA, body, "expected a device from 0 to 0 but got 3");
}

TEST(CUDARuntimeTest, RefusesASecondDevice) {
  auto body = [] {
    mgpuSetDefaultDevice(0);
    std::string first = checkOldest();
    mgpuSetDefaultDevice(0);
    first += ", " + takeError();
    mgpuSetDefaultDevice(1);
    return first + ", " + takeError();
  };
  EXPECT_IN_PROCESS(FPW_FAKE_CUDA, body,
                    "no error, 0: no error, 6: expected device 0, which this process uses, but "
                    "got 1");
}

TEST(CUDARuntimeTest, RefusesADeviceThatIsTooOld) {
  auto body = [] {
    getFake().major = 7;
    getFake().minor = 5;
    return checkOldest();
  };
  EXPECT_IN_PROCESS(FPW_FAKE_CUDA, body,
                    "expected a device of sm_80 or newer but 'Fake GPU' is sm_75");
}

TEST(CUDARuntimeTest, TakesCodeOfOneGenerationForThatOnly) {
  auto body = [] {
    std::string same = print(fpw_device_check("sm_90a"));
    return same + ", " + print(fpw_device_check("sm_100a"));
  };
  EXPECT_IN_PROCESS(FPW_FAKE_CUDA, body,
                    "no error, expected a device of sm_100 but 'Fake GPU' is sm_90");
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

TEST(CUDARuntimeTest, LoadsModulesAtTheFirstKernelAndFindsEachOnce) {
  auto body = [] {
    FakeCUDA &fake = getFake();
    static const char kFirst[] = "first", kSecond[] = "second";
    void *module = mgpuModuleLoad(weights, sizeof(weights));
    int before = fake.modulesLoaded;
    void *first = mgpuModuleGetFunction(module, kFirst);
    void *second = mgpuModuleGetFunction(module, kSecond);
    bool same = mgpuModuleGetFunction(module, kFirst) == first &&
                mgpuModuleGetFunction(module, kSecond) == second && first != second;
    int found = fake.functionsFound;
    mgpuModuleUnload(module);
    return std::to_string(before) + std::to_string(fake.modulesLoaded) + std::to_string(found) +
           std::to_string(fake.modulesUnloaded) + (same ? " same" : " other");
  };
  EXPECT_IN_PROCESS(FPW_FAKE_CUDA, body, "0121 same");
}

std::string launch(intptr_t blocks, intptr_t threads, int32_t sharedBytes) {
  void *function = mgpuModuleGetFunction(mgpuModuleLoad(weights, sizeof(weights)), "k");
  mgpuLaunchKernel(function, blocks, 1, 1, threads, 1, 1, sharedBytes, nullptr, nullptr, nullptr,
                   0);
  return takeError();
}

TEST(CUDARuntimeTest, ChecksTheLimitsOfLaunches) {
  EXPECT_IN_PROCESS(
      FPW_FAKE_CUDA, [] { return launch(1, 2048, 0); },
      "7: expected at most 1024 threads in a block of 'k' but got 2048");
  EXPECT_IN_PROCESS(
      FPW_FAKE_CUDA, [] { return launch(intptr_t(1) << 40, 32, 0); },
      "7: expected at most 2147483647 blocks of 'k' but got 1099511627776");
  EXPECT_IN_PROCESS(
      FPW_FAKE_CUDA, [] { return launch(1, 32, 300000); },
      "7: expected at most 232448 bytes of shared memory for 'k' but got 300000");
}

TEST(CUDARuntimeTest, AsksForSharedMemoryThatIsNotEverybodys) {
  auto body = [] {
    FakeCUDA &fake = getFake();
    std::string errors = launch(1, 32, 48 * 1024);
    int before = fake.attributesSet;
    errors += launch(1, 32, 100000);
    return errors + std::to_string(before) + std::to_string(fake.attributesSet) + " " +
           std::to_string(fake.sharedBytesAllowed);
  };
  EXPECT_IN_PROCESS(FPW_FAKE_CUDA, body, "0: no error0: no error01 100000");
}

TEST(CUDARuntimeTest, LaunchesNothingForNoResults) {
  auto body = [] {
    std::string error = launch(0, 256, 0);
    return error + " " + std::to_string(getFake().launches);
  };
  EXPECT_IN_PROCESS(FPW_FAKE_CUDA, body, "0: no error 0");
}

TEST(CUDARuntimeTest, UsesStreamsAgain) {
  auto body = [] {
    for (int i = 0; i < 3; ++i)
      mgpuStreamDestroy(mgpuStreamCreate());
    return std::to_string(getFake().streamsMade);
  };
  EXPECT_IN_PROCESS(FPW_FAKE_CUDA, body, "1");
}

TEST(CUDARuntimeTest, TakesTheTimesOfLayers) {
  auto body = [] {
    FakeCUDA &fake = getFake();
    void *stream = mgpuStreamCreate();
    void *function = mgpuModuleGetFunction(mgpuModuleLoad(weights, sizeof(weights)), "k");
    auto launchOn = [&] {
      mgpuLaunchKernel(function, 1, 1, 1, 32, 1, 1, 0, stream, nullptr, nullptr, 0);
    };
    launchOn(); // of no profile
    mgpuStreamSynchronize(stream);
    int before = fake.eventsRecorded;
    fpw_device_profile(FPW_PROFILE_NO_SLOT);
    mgpuMemset32(weights, 0, 4, stream);
    fpw_device_profile(1);
    launchOn();
    launchOn();
    fpw_device_profile(0);
    launchOn();
    uint64_t early = fpw_profile_take(1);
    mgpuStreamSynchronize(stream);
    launchOn(); // the profile has ended
    std::string counts = std::to_string(before) + " " + std::to_string(fake.eventsRecorded) + " " +
                         std::to_string(fake.events) + " ";
    std::string times = std::to_string(early) + " " + std::to_string(fpw_profile_take(0)) + " " +
                        std::to_string(fpw_profile_take(1));
    return counts + times + " " + takeError();
  };
  EXPECT_IN_PROCESS(FPW_FAKE_CUDA, body, "0 5 0 0 250000 500000 0: no error");
}

//===----------------------------------------------------------------------===//
// Contexts
//===----------------------------------------------------------------------===//

struct RunResult {
  fpw_status status;
  float result[4];
};

RunResult runModel(fpw_context *context, int64_t batch) {
  RunResult run{};
  float input[4] = {};
  const void *inputs[] = {input};
  void *outputs[] = {run.result};
  run.status = fpw_run(context, batch, inputs, outputs);
  return run;
}

TEST(CUDARuntimeTest, UploadsParametersOnceForAllContexts) {
  auto body = [] {
    FakeCUDA &fake = getFake();
    fpw_context *first = nullptr, *second = nullptr;
    fpw_create_context(&kModel.model, 1, &first);
    fpw_create_context(&kModel.model, 1, &second);
    std::string counts = std::to_string(loads) + std::to_string(fake.allocations) +
                         std::to_string(fake.copies) + " ";
    fpw_prepare(first, 4);
    fpw_prepare(first, 2); // enough is there
    counts += std::to_string(fake.allocations) + " ";
    RunResult run = runModel(first, 3);
    counts += std::to_string(run.status) + std::to_string(int(run.result[3])) +
              std::to_string(fake.grid[0]) + " ";
    fpw_destroy_context(first);
    counts += std::to_string(fake.modulesUnloaded) + " ";
    fpw_destroy_context(second);
    return counts + std::to_string(fake.modulesUnloaded) +
           std::to_string(fake.allocations - fake.frees);
  };
  EXPECT_IN_PROCESS(FPW_FAKE_CUDA, body, "111 2 043 0 10");
}

TEST(CUDARuntimeTest, ChoosesTheBestCodeThatTheDeviceRuns) {
  auto body = [] {
    fpw_context *context = nullptr;
    fpw_create_context(&kModel.model, 1, &context);
    std::string old = context->code->features;
    fpw_destroy_context(context);
    return old;
  };
  EXPECT_IN_PROCESS(FPW_FAKE_CUDA, body, "sm_80");
  auto onNewer = [body] {
    getFake().major = 12;
    return body();
  };
  EXPECT_IN_PROCESS(FPW_FAKE_CUDA, onNewer, "sm_100");
}

TEST(CUDARuntimeTest, RefusesToMakeAContextWithoutDevice) {
  auto body = [] {
    fpw_context *context = nullptr;
    fpw_status status = fpw_create_context(&kModel.model, 1, &context);
    return std::to_string(status) + (context ? " context" : " none: ") +
           fpw_get_error(&kModel.model);
  };
  EXPECT_IN_PROCESS("/nowhere/libcuda.so.1", body,
                    HasSubstr("6 none: expected NVIDIA's driver but got: "));
}

TEST(CUDARuntimeTest, TellsThatTheMemoryIsFull) {
  auto body = [] {
    fpw_context *context = nullptr;
    fpw_create_context(&kModel.model, 1, &context);
    fpw_status tooMuch = fpw_prepare(context, 1 << 20);
    std::string text = fpw_get_error(&kModel.model);
    fpw_status overflow = fpw_prepare(context, INT64_MAX);
    RunResult unprepared = runModel(context, 1);
    fpw_status fits = fpw_prepare(context, 8);
    return std::to_string(tooMuch) + std::to_string(overflow) + std::to_string(unprepared.status) +
           std::to_string(fits) + std::to_string(runModel(context, 8).status) + " " + text;
  };
  EXPECT_IN_PROCESS(FPW_FAKE_CUDA, body, "33100 out of memory for 1073741824 bytes on 'Fake GPU'");
}

TEST(CUDARuntimeTest, TellsThatALaunchFailedAndGoesOn) {
  auto body = [] {
    getFake().failingLaunch = 1;
    fpw_context *context = nullptr;
    fpw_create_context(&kModel.model, 1, &context);
    fpw_prepare(context, 1);
    std::string statuses;
    for (int i = 0; i < 3; ++i)
      statuses += std::to_string(runModel(context, 1).status);
    return statuses + " " + fpw_get_error(&kModel.model);
  };
  EXPECT_IN_PROCESS(FPW_FAKE_CUDA, body, "070 k failed: unspecified launch failure");
}

} // namespace
