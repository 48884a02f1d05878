//===- FakeCUDA.cpp - A driver of CUDA that records -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// The part of the driver's interface that FPW's runtime uses. Memory of the device is the host's,
// and a launch computes nothing.
//
//===----------------------------------------------------------------------===//

#include "FakeCUDA.h"

#include <cstdlib>
#include <cstring>

extern "C" {

FakeCUDA fakeCUDA;

enum { kSuccess = 0, kInvalidValue = 1, kOutOfMemory = 2, kNoDevice = 100, kLaunchFailed = 719 };

int cuInit(unsigned) {
  if (const char *capability = std::getenv("FAKE_CUDA_CAPABILITY")) {
    fakeCUDA.major = std::atoi(capability) / 10;
    fakeCUDA.minor = std::atoi(capability) % 10;
  }
  return fakeCUDA.devices > 0 ? kSuccess : kNoDevice;
}

int cuGetErrorString(int result, const char **text) {
  *text = result == kLaunchFailed ? "unspecified launch failure" : "some error";
  return kSuccess;
}

int cuDeviceGetCount(int *count) {
  *count = fakeCUDA.devices;
  return kSuccess;
}

int cuDeviceGet(int *device, int number) {
  *device = number;
  return kSuccess;
}

int cuDeviceGetName(char *name, int, int) {
  std::strcpy(name, "Fake GPU");
  return kSuccess;
}

int cuDeviceGetAttribute(int *value, int attribute, int) {
  switch (attribute) {
  case 1: // threads of a block
    *value = 1024;
    return kSuccess;
  case 5: // blocks along x
    *value = 2147483647;
    return kSuccess;
  case 6:
  case 7:
    *value = 65535;
    return kSuccess;
  case 75:
    *value = fakeCUDA.major;
    return kSuccess;
  case 76:
    *value = fakeCUDA.minor;
    return kSuccess;
  case 97: // shared memory of a block
    *value = 232448;
    return kSuccess;
  }
  return kInvalidValue;
}

int cuDevicePrimaryCtxRetain(void **context, int) {
  *context = &fakeCUDA;
  return kSuccess;
}
int cuDeviceGetDefaultMemPool(void **pool, int) {
  *pool = &fakeCUDA;
  return kSuccess;
}
int cuMemPoolSetAttribute(void *, int, void *) { return kSuccess; }
int cuCtxSetCurrent(void *) { return kSuccess; }

int cuModuleLoadDataEx(void **module, const void *, unsigned, int *, void **) {
  ++fakeCUDA.modulesLoaded;
  *module = &fakeCUDA;
  return kSuccess;
}
int cuModuleUnload(void *) {
  ++fakeCUDA.modulesUnloaded;
  return kSuccess;
}
int cuModuleGetFunction(void **function, void *, const char *) {
  ++fakeCUDA.functionsFound;
  *function = &fakeCUDA;
  return kSuccess;
}
int cuFuncSetAttribute(void *, int, int value) {
  ++fakeCUDA.attributesSet;
  fakeCUDA.sharedBytesAllowed = value;
  return kSuccess;
}

int cuLaunchKernel(void *, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX,
                   unsigned blockY, unsigned blockZ, unsigned, void *, void **, void **) {
  unsigned sizes[] = {gridX, gridY, gridZ, blockX, blockY, blockZ};
  std::memcpy(fakeCUDA.grid, sizes, sizeof(fakeCUDA.grid));
  std::memcpy(fakeCUDA.block, sizes + 3, sizeof(fakeCUDA.block));
  return fakeCUDA.launches++ == fakeCUDA.failingLaunch ? kLaunchFailed : kSuccess;
}

int cuStreamCreate(void **stream, unsigned) {
  ++fakeCUDA.streamsMade;
  *stream = &fakeCUDA;
  return kSuccess;
}
int cuStreamSynchronize(void *) { return kSuccess; }
int cuStreamWaitEvent(void *, void *, unsigned) { return kSuccess; }
int cuEventCreate(void **event, unsigned) {
  ++fakeCUDA.events;
  *event = &fakeCUDA;
  return kSuccess;
}
int cuEventDestroy_v2(void *) {
  --fakeCUDA.events;
  return kSuccess;
}
int cuEventSynchronize(void *) { return kSuccess; }
int cuEventRecord(void *, void *) {
  ++fakeCUDA.eventsRecorded;
  return kSuccess;
}
int cuEventElapsedTime(float *milliseconds, void *, void *) {
  *milliseconds = 0.25f;
  return kSuccess;
}

int cuMemAlloc_v2(uint64_t *memory, size_t bytes) {
  if (bytes > fakeCUDA.memoryBytes)
    return kOutOfMemory;
  ++fakeCUDA.allocations;
  *memory = reinterpret_cast<uint64_t>(std::malloc(bytes));
  return kSuccess;
}
int cuMemAllocAsync(uint64_t *memory, size_t bytes, void *) { return cuMemAlloc_v2(memory, bytes); }
int cuMemAllocManaged(uint64_t *memory, size_t bytes, unsigned) {
  return cuMemAlloc_v2(memory, bytes);
}
int cuMemFree_v2(uint64_t memory) {
  ++fakeCUDA.frees;
  std::free(reinterpret_cast<void *>(memory));
  return kSuccess;
}
int cuMemFreeAsync(uint64_t memory, void *) { return cuMemFree_v2(memory); }

int cuMemcpyAsync(uint64_t target, uint64_t source, size_t bytes, void *) {
  ++fakeCUDA.copies;
  std::memcpy(reinterpret_cast<void *>(target), reinterpret_cast<void *>(source), bytes);
  return kSuccess;
}
int cuMemsetD32Async(uint64_t, unsigned, size_t, void *) { return kSuccess; }
int cuMemsetD16Async(uint64_t, unsigned short, size_t, void *) { return kSuccess; }

} // extern "C"
