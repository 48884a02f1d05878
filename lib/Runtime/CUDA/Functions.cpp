//===- Functions.cpp - MLIR's functions for GPUs, over NVIDIA's driver -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Driver.h"
#include "Profile.h"
#include "fpw/Runtime/Device.h"
#include <cinttypes>
#include <cstdlib>
#include <pthread.h>

using namespace fpw;
using namespace fpw::cuda;

static DevicePointer toDevice(const void *pointer) {
  return reinterpret_cast<DevicePointer>(pointer);
}

extern "C" void mgpuSetDefaultDevice(int32_t number) { chooseDevice(number); }

//===----------------------------------------------------------------------===//
// Streams: each run asks for one and gives it back
//===----------------------------------------------------------------------===//

namespace {
struct IdleStream {
  Stream stream;
  IdleStream *following;
};
} // namespace

static pthread_mutex_t streamMutex = PTHREAD_MUTEX_INITIALIZER;
static IdleStream *idleStreams = nullptr;

extern "C" void *mgpuStreamCreate(void) {
  const Driver *driver = useDevice();
  if (!driver)
    return nullptr;
  pthread_mutex_lock(&streamMutex);
  IdleStream *idle = idleStreams;
  if (idle)
    idleStreams = idle->following;
  pthread_mutex_unlock(&streamMutex);
  Stream stream = nullptr;
  if (idle)
    stream = idle->stream;
  else
    check(driver->cuStreamCreate(&stream, /*non-blocking=*/1), "making a stream");
  std::free(idle);
  return stream;
}

extern "C" void mgpuStreamDestroy(void *stream) {
  auto *idle = stream ? static_cast<IdleStream *>(std::malloc(sizeof(IdleStream))) : nullptr;
  if (!idle)
    return;
  pthread_mutex_lock(&streamMutex);
  *idle = IdleStream{stream, idleStreams};
  idleStreams = idle;
  pthread_mutex_unlock(&streamMutex);
}

extern "C" void mgpuStreamSynchronize(void *stream) {
  if (const Driver *driver = useDevice())
    check(driver->cuStreamSynchronize(stream), "running the network");
  finishProfile(getDriver());
}

extern "C" void mgpuStreamWaitEvent(void *stream, void *event) {
  if (const Driver *driver = useDevice())
    check(driver->cuStreamWaitEvent(stream, event, 0), "waiting for an event");
}

extern "C" void *mgpuEventCreate(void) {
  constexpr unsigned kNoTiming = 2;
  Event event = nullptr;
  if (const Driver *driver = useDevice())
    check(driver->cuEventCreate(&event, kNoTiming), "making an event");
  return event;
}

extern "C" void mgpuEventDestroy(void *event) {
  if (const Driver *driver = useDevice())
    check(driver->cuEventDestroy_v2(event), "freeing an event");
}

extern "C" void mgpuEventSynchronize(void *event) {
  if (const Driver *driver = useDevice())
    check(driver->cuEventSynchronize(event), "running the network");
}

extern "C" void mgpuEventRecord(void *event, void *stream) {
  if (const Driver *driver = useDevice())
    check(driver->cuEventRecord(event, stream), "recording an event");
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

extern "C" void *mgpuMemAlloc(uint64_t bytes, void *stream, uint8_t shared) {
  constexpr unsigned kForAll = 1;
  const Driver *driver = useDevice();
  if (!driver || bytes == 0)
    return nullptr;
  DevicePointer memory = 0;
  Result result = shared   ? driver->cuMemAllocManaged(&memory, bytes, kForAll)
                  : stream ? driver->cuMemAllocAsync(&memory, bytes, stream)
                           : driver->cuMemAlloc_v2(&memory, bytes);
  if (result == kOutOfMemory)
    report(FPW_OUT_OF_MEMORY, "out of memory for %" PRIu64 " bytes on '%s'", bytes, driver->name);
  check(result, "getting memory of the device");
  return reinterpret_cast<void *>(memory);
}

extern "C" void mgpuMemFree(void *memory, void *stream) {
  const Driver *driver = memory ? useDevice() : nullptr;
  if (driver)
    check(stream ? driver->cuMemFreeAsync(toDevice(memory), stream)
                 : driver->cuMemFree_v2(toDevice(memory)),
          "freeing memory of the device");
}

extern "C" void mgpuMemcpy(void *target, void *source, size_t bytes, void *stream) {
  const Driver *driver = bytes > 0 ? useDevice() : nullptr;
  if (!driver)
    return;
  ProfiledOperation profiled(*driver, stream);
  check(driver->cuMemcpyAsync(toDevice(target), toDevice(source), bytes, stream), "a copy");
}

extern "C" void mgpuMemset32(void *target, unsigned value, size_t count, void *stream) {
  const Driver *driver = count > 0 ? useDevice() : nullptr;
  if (!driver)
    return;
  ProfiledOperation profiled(*driver, stream);
  check(driver->cuMemsetD32Async(toDevice(target), value, count, stream), "filling memory");
}

extern "C" void mgpuMemset16(void *target, unsigned short value, size_t count, void *stream) {
  const Driver *driver = count > 0 ? useDevice() : nullptr;
  if (!driver)
    return;
  ProfiledOperation profiled(*driver, stream);
  check(driver->cuMemsetD16Async(toDevice(target), value, count, stream), "filling memory");
}
