//===- GPUTarget.h - The GPUs that a network computes on -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_EXECUTION_GPUTARGET_H
#define FPW_EXECUTION_GPUTARGET_H

#include "fpw/Codegen/GPU/Target.h"
#include "fpw/Support/LLVM.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace fpw {

/// A function of a device under the name that include/fpw/Runtime/Device.h gives it.
struct DeviceFunction {
  const char *name;
  void *address;
};

/// The GPUs that a network computes on, in place of the host's processor.
struct GPUTarget {
  /// "sm_90"; none: the device's, or for a file the oldest that there is code for.
  std::vector<std::string> architectures;
  gpu::BinaryFormat format = gpu::BinaryFormat::Auto;
  /// The device of a network that runs in this process; none: what NVIDIA's driver finds.
  ArrayRef<DeviceFunction> device;
};

/// The functions of the device that NVIDIA's driver finds.
ArrayRef<DeviceFunction> getCUDADevice();

/// Makes a device known by a name: programs may bring their own.
void addDevice(StringRef name, gpu::BinaryFormat format, ArrayRef<DeviceFunction> functions);

/// The GPU that a name stands for: "cuda" or "cuda:1", one of NVIDIA's by its number, or one that
/// was added. Nothing if the name is of no device; an error if the process uses another one.
Expected<std::optional<GPUTarget>> findGPUTarget(StringRef name);

/// Fills in the device of this process, and its architecture where none is asked for.
Error useDeviceHere(GPUTarget &target);

/// The architecture of NVIDIA's device, the next older one that there is code for, or nothing where
/// there is no such device.
std::optional<std::string> findDeviceArchitecture();

} // namespace fpw

#endif // FPW_EXECUTION_GPUTARGET_H
