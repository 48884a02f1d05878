//===- Driver.h - NVIDIA's driver -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_RUNTIME_CUDA_DRIVER_H
#define FPW_LIB_RUNTIME_CUDA_DRIVER_H

#include "fpw-c/Model.h"
#include <cstddef>
#include <cstdint>

namespace fpw::cuda {

// The types of the driver's interface, which is C and stable.
using Result = int; ///< 0: success
using Device = int;
using DeviceContext = void *;
using ModuleHandle = void *;
using FunctionHandle = void *;
using Stream = void *;
using Event = void *;
using Pool = void *;
using DevicePointer = uint64_t;

enum : Result { kOutOfMemory = 2, kNoDevice = 100 };

enum DeviceAttribute : int {
  kMostThreadsPerBlock = 1,
  kMostBlocksX = 5,
  kMostBlocksY = 6,
  kMostBlocksZ = 7,
  kCapabilityMajor = 75,
  kCapabilityMinor = 76,
  kMostSharedBytes = 97, ///< of a block that asks for them
};

/// The driver's functions: name, parameters.
#define FPW_CUDA_FUNCTIONS(X)                                                                      \
  X(cuInit, (unsigned))                                                                            \
  X(cuGetErrorString, (Result, const char **))                                                     \
  X(cuDeviceGetCount, (int *))                                                                     \
  X(cuDeviceGet, (Device *, int))                                                                  \
  X(cuDeviceGetName, (char *, int, Device))                                                        \
  X(cuDeviceGetAttribute, (int *, DeviceAttribute, Device))                                        \
  X(cuDevicePrimaryCtxRetain, (DeviceContext *, Device))                                           \
  X(cuDeviceGetDefaultMemPool, (Pool *, Device))                                                   \
  X(cuMemPoolSetAttribute, (Pool, int, void *))                                                    \
  X(cuCtxSetCurrent, (DeviceContext))                                                              \
  X(cuModuleLoadDataEx, (ModuleHandle *, const void *, unsigned, int *, void **))                  \
  X(cuModuleUnload, (ModuleHandle))                                                                \
  X(cuModuleGetFunction, (FunctionHandle *, ModuleHandle, const char *))                           \
  X(cuFuncSetAttribute, (FunctionHandle, int, int))                                                \
  X(cuLaunchKernel, (FunctionHandle, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned,   \
                     unsigned, Stream, void **, void **))                                          \
  X(cuStreamCreate, (Stream *, unsigned))                                                          \
  X(cuStreamSynchronize, (Stream))                                                                 \
  X(cuStreamWaitEvent, (Stream, Event, unsigned))                                                  \
  X(cuEventCreate, (Event *, unsigned))                                                            \
  X(cuEventDestroy_v2, (Event))                                                                    \
  X(cuEventSynchronize, (Event))                                                                   \
  X(cuEventRecord, (Event, Stream))                                                                \
  X(cuEventElapsedTime, (float *, Event, Event))                                                   \
  X(cuMemAlloc_v2, (DevicePointer *, size_t))                                                      \
  X(cuMemAllocAsync, (DevicePointer *, size_t, Stream))                                            \
  X(cuMemAllocManaged, (DevicePointer *, size_t, unsigned))                                        \
  X(cuMemFree_v2, (DevicePointer))                                                                 \
  X(cuMemFreeAsync, (DevicePointer, Stream))                                                       \
  X(cuMemcpyAsync, (DevicePointer, DevicePointer, size_t, Stream))                                 \
  X(cuMemsetD32Async, (DevicePointer, unsigned, size_t, Stream))                                   \
  X(cuMemsetD16Async, (DevicePointer, unsigned short, size_t, Stream))

/// The driver and the device that this process uses. Both are found at the first use.
struct Driver {
#define FPW_DECLARE(NAME, PARAMETERS) Result(*NAME) PARAMETERS;
  FPW_CUDA_FUNCTIONS(FPW_DECLARE)
#undef FPW_DECLARE

  char problem[256]; ///< why there is no device, or empty
  DeviceContext context;
  char name[128]; ///< of the device
  int capability; ///< 90 for sm_90
  int mostThreads, mostBlocks[3], mostSharedBytes;
};

/// The number of the device to use; an error if another one is in use.
void chooseDevice(int number);

/// The driver, whether or not it found a device.
const Driver &getDriver();

/// The same for functions that use the device; null after an error, or if there is no device, which
/// is one. The device's context is the calling thread's then.
const Driver *useDevice();

/// Keeps the first error of the thread.
__attribute__((format(printf, 2, 3))) void report(fpw_status status, const char *format, ...);

/// Reports that `what` failed, if it did. Returns whether it worked.
bool check(Result result, const char *what);

} // namespace fpw::cuda

#endif // FPW_LIB_RUNTIME_CUDA_DRIVER_H
