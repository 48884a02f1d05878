//===- GPUTarget.cpp - The GPUs that a network computes on -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Execution/GPUTarget.h"

#include "fpw/Runtime/Device.h"

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
