//===- GPUTarget.cpp - The GPUs that a network computes on -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Execution/GPUTarget.h"

#include "fpw/Runtime/Device.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/Twine.h"

namespace fpw {

ArrayRef<DeviceFunction> getCUDADevice() {
#define FUNCTION(NAME)                                                                             \
  {                                                                                                \
    #NAME, reinterpret_cast<void *>(&NAME)                                                         \
  }
  static const DeviceFunction functions[] = {
      FUNCTION(fpw_device_check),     FUNCTION(fpw_device_take_error),
      FUNCTION(fpw_device_profile),   FUNCTION(mgpuEventCreate),
      FUNCTION(mgpuEventDestroy),     FUNCTION(mgpuEventRecord),
      FUNCTION(mgpuEventSynchronize), FUNCTION(mgpuLaunchKernel),
      FUNCTION(mgpuMemAlloc),         FUNCTION(mgpuMemFree),
      FUNCTION(mgpuMemcpy),           FUNCTION(mgpuMemset16),
      FUNCTION(mgpuMemset32),         FUNCTION(mgpuModuleGetFunction),
      FUNCTION(mgpuModuleLoad),       FUNCTION(mgpuModuleLoadJIT),
      FUNCTION(mgpuModuleUnload),     FUNCTION(mgpuStreamCreate),
      FUNCTION(mgpuStreamDestroy),    FUNCTION(mgpuStreamSynchronize),
      FUNCTION(mgpuStreamWaitEvent),
  };
#undef FUNCTION
  return functions;
}

/// The devices that programs added.
static llvm::StringMap<GPUTarget> &getDevices() {
  static llvm::StringMap<GPUTarget> devices;
  return devices;
}

void addDevice(StringRef name, gpu::BinaryFormat format, ArrayRef<DeviceFunction> functions) {
  getDevices()[name] = GPUTarget{{}, format, functions};
}

static Error makeDeviceError(const Twine &text) {
  return llvm::make_error<llvm::StringError>(text, std::make_error_code(std::errc::no_such_device));
}

Expected<std::optional<GPUTarget>> findGPUTarget(StringRef name) {
  auto added = getDevices().find(name);
  if (added != getDevices().end())
    return added->second;
  int32_t number = 0;
  bool isNumbered = name.consume_front("cuda:");
  if (isNumbered ? name.getAsInteger(10, number) || number < 0 : name != "cuda")
    return std::nullopt;
  mgpuSetDefaultDevice(number);
  fpw_status status = FPW_OK;
  if (const char *error = fpw_device_take_error(&status))
    return makeDeviceError(error);
  return GPUTarget();
}

Error useDeviceHere(GPUTarget &target) {
  if (!target.device.empty())
    return Error::success();
  target.device = getCUDADevice();
  std::optional<std::string> architecture = findDeviceArchitecture();
  if (!architecture)
    return makeDeviceError(fpw_device_check("sm_80"));
  if (target.architectures.empty())
    target.architectures = {*architecture};
  return Error::success();
}

std::optional<std::string> findDeviceArchitecture() {
  unsigned capability = fpw_device_get_capability();
  std::optional<gpu::Architecture> best;
  for (const gpu::Architecture &known : gpu::getArchitectures()) {
    bool runs = known.isExact ? known.number == capability : known.number <= capability;
    bool isBetter = !best || known.number > best->number || known.isExact;
    if (runs && isBetter)
      best = known;
  }
  return best ? std::optional(best->name.str()) : std::nullopt;
}

} // namespace fpw
