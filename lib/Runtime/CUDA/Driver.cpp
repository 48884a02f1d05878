//===- Driver.cpp - NVIDIA's driver -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Driver.h"
#include "fpw/Runtime/Device.h"
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <pthread.h>

namespace fpw::cuda {

static Driver driver;
static int chosenDevice = 0;
static bool isChosen = false; ///< for good

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

namespace {
struct ThreadError {
  fpw_status status;
  char text[512];
};
} // namespace

static thread_local ThreadError firstError, takenError;

void report(fpw_status status, const char *format, ...) {
  if (firstError.status != FPW_OK)
    return;
  firstError.status = status;
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(firstError.text, sizeof(firstError.text), format, arguments);
  va_end(arguments);
}

static const char *describe(Result result) {
  const char *text = nullptr;
  if (driver.cuGetErrorString(result, &text) != 0 || !text)
    return "unknown error";
  return text;
}

bool check(Result result, const char *what) {
  if (result != 0)
    report(result == kOutOfMemory ? FPW_OUT_OF_MEMORY : FPW_DEVICE_FAILED, "%s failed: %s", what,
           describe(result));
  return result == 0;
}

//===----------------------------------------------------------------------===//
// The driver and the device
//===----------------------------------------------------------------------===//

__attribute__((format(printf, 1, 2))) static bool giveUp(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(driver.problem, sizeof(driver.problem), format, arguments);
  va_end(arguments);
  return false;
}

static bool loadFunctions() {
  const char *path = std::getenv("FPW_CUDA_LIBRARY");
  if (!path || !*path)
    path = "libcuda.so.1";
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return giveUp("expected NVIDIA's driver but got: %s", dlerror());
#define FPW_LOAD(NAME, PARAMETERS)                                                                 \
  if (!(driver.NAME = reinterpret_cast<Result(*) PARAMETERS>(dlsym(library, #NAME))))              \
    return giveUp("expected a driver of CUDA 11.2 or newer but '%s' lacks %s", path, #NAME);
  FPW_CUDA_FUNCTIONS(FPW_LOAD)
#undef FPW_LOAD
  return true;
}

static bool findDevice(Device &device) {
  int count = 0;
  Result result = driver.cuInit(0);
  if (result == 0)
    result = driver.cuDeviceGetCount(&count);
  if (result != 0 && result != kNoDevice)
    return giveUp("the driver of CUDA failed to start: %s", describe(result));
  if (count == 0)
    return giveUp("expected an NVIDIA GPU but the driver found none");
  if (chosenDevice < 0 || chosenDevice >= count)
    return giveUp("expected a device from 0 to %d but got %d", count - 1, chosenDevice);
  result = driver.cuDeviceGet(&device, chosenDevice);
  if (result != 0)
    return giveUp("device %d cannot be used: %s", chosenDevice, describe(result));
  return true;
}

static bool openDevice(Device device) {
  int major = 0, minor = 0;
  struct {
    DeviceAttribute attribute;
    int &value;
  } attributes[] = {
      {kCapabilityMajor, major},
      {kCapabilityMinor, minor},
      {kMostThreadsPerBlock, driver.mostThreads},
      {kMostBlocksX, driver.mostBlocks[0]},
      {kMostBlocksY, driver.mostBlocks[1]},
      {kMostBlocksZ, driver.mostBlocks[2]},
      {kMostSharedBytes, driver.mostSharedBytes},
  };
  Result result = driver.cuDeviceGetName(driver.name, sizeof(driver.name), device);
  for (auto &[attribute, value] : attributes)
    if (result == 0)
      result = driver.cuDeviceGetAttribute(&value, attribute, device);
  if (result == 0)
    result = driver.cuDevicePrimaryCtxRetain(&driver.context, device);
  if (result != 0)
    return giveUp("device %d cannot be used: %s", chosenDevice, describe(result));
  driver.capability = 10 * major + minor;
  // Memory that is given back stays with the process: the next allocation then costs nothing.
  constexpr int kReleaseThreshold = 4;
  uint64_t everything = UINT64_MAX;
  Pool pool;
  if (driver.cuDeviceGetDefaultMemPool(&pool, device) == 0)
    driver.cuMemPoolSetAttribute(pool, kReleaseThreshold, &everything);
  return true;
}

const Driver &getDriver() {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, [] {
    isChosen = true;
    Device device;
    if (loadFunctions() && findDevice(device))
      openDevice(device);
  });
  return driver;
}

const Driver *useDevice() {
  if (firstError.status != FPW_OK)
    return nullptr;
  const Driver &found = getDriver();
  if (found.problem[0]) {
    report(FPW_NO_DEVICE, "%s", found.problem);
    return nullptr;
  }
  // Each time: the program may use contexts of its own in between.
  return check(found.cuCtxSetCurrent(found.context), "use of the device") ? &found : nullptr;
}

void chooseDevice(int number) {
  if (isChosen && number != chosenDevice)
    return report(FPW_NO_DEVICE, "expected device %d, which this process uses, but got %d",
                  chosenDevice, number);
  chosenDevice = number;
}

} // namespace fpw::cuda

using namespace fpw::cuda;

extern "C" const char *fpw_device_take_error(fpw_status *status) {
  takenError = firstError;
  firstError.status = FPW_OK;
  *status = takenError.status;
  return takenError.status == FPW_OK ? nullptr : takenError.text;
}

extern "C" int32_t fpw_device_get_capability(void) {
  const Driver &found = getDriver();
  return found.problem[0] ? 0 : found.capability;
}

/// Code of sm_90a is for this generation only; that of others is for newer ones, too.
extern "C" const char *fpw_device_check(const char *architecture) {
  const Driver &found = getDriver();
  if (found.problem[0])
    return found.problem;
  constexpr size_t kPrefix = 3; // sm_
  char *end = nullptr;
  long number = std::strtol(architecture + kPrefix, &end, 10);
  bool isExact = *end != 0;
  if (isExact ? found.capability == number : found.capability >= number)
    return nullptr;
  static thread_local char text[256];
  std::snprintf(text, sizeof(text), "expected a device of sm_%ld%s but '%s' is sm_%d", number,
                isExact ? "" : " or newer", found.name, found.capability);
  return text;
}
