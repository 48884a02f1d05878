//===- Runtime.cpp - The functions that host code calls, over host memory -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The names and types are those of the code that gpu-to-llvm makes. Work is done when it is asked
// for, so that streams and events have nothing to order. The first fault stops everything after
// it, as on a device; takeRuntimeError() tells it.
//
//===----------------------------------------------------------------------===//

#include "fpw/Runtime/Runtime.h"
#include "Emulator.h"
#include "Memory.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MemoryBufferRef.h"
#include <chrono>
#include <cstring>
#include <mutex>

using namespace llvm;

namespace fpw::simt {

namespace {
/// A module, compiled at its first use.
struct LoadedModule {
  MemoryBufferRef code;
  std::unique_ptr<Program> program;
};

std::recursive_mutex runtimeMutex; ///< one block runs at a time
std::string firstFault;
} // namespace

static void report(Error error) {
  std::string message = toString(std::move(error));
  if (firstFault.empty())
    firstFault = message;
}

static void report(const Twine &message) { report(createStringError(message)); }

/// True if nothing may run any more.
static bool hasFaulted() { return !firstFault.empty(); }

Error takeRuntimeError() {
  std::lock_guard<std::recursive_mutex> lock(runtimeMutex);
  if (firstFault.empty())
    return Error::success();
  Error error = createStringError(firstFault);
  firstFault.clear();
  return error;
}

//===----------------------------------------------------------------------===//
// Modules and kernels
//===----------------------------------------------------------------------===//

static void *loadModule(void *data, size_t size) {
  StringRef bytes(static_cast<const char *>(data), size);
  return new LoadedModule{MemoryBufferRef(bytes, "kernels"), nullptr};
}

static void unloadModule(void *module) { delete static_cast<LoadedModule *>(module); }

static void *getFunction(void *handle, const char *name) {
  std::lock_guard<std::recursive_mutex> lock(runtimeMutex);
  auto *module = static_cast<LoadedModule *>(handle);
  if (hasFaulted())
    return nullptr;
  if (!module->program) {
    Expected<std::unique_ptr<Program>> program = Program::load(module->code);
    if (!program) {
      report(program.takeError());
      return nullptr;
    }
    module->program = std::move(*program);
  }
  const Kernel *kernel = module->program->find(name);
  if (!kernel)
    report("expected kernel '" + Twine(name) + "' but the module has none of this name");
  return const_cast<Kernel *>(kernel);
}

/// The slot of fpw_device_profile, whose times are those that the emulator takes.
static thread_local int64_t profileSlot = FPW_PROFILE_NO_SLOT;
static void profile(int64_t slot) { profileSlot = slot; }

static void launchKernel(void *function, intptr_t gridX, intptr_t gridY, intptr_t gridZ,
                         intptr_t blockX, intptr_t blockY, intptr_t blockZ, int32_t sharedBytes,
                         void *, void **parameters, void **, size_t) {
  std::lock_guard<std::recursive_mutex> lock(runtimeMutex);
  if (hasFaulted())
    return;
  if (gridX == 0 || gridY == 0 || gridZ == 0) // no results, no work
    return;
  for (intptr_t size : {gridX, gridY, gridZ, blockX, blockY, blockZ})
    if (size < 1 || size > INT32_MAX)
      return report("expected a grid of at least one thread but got a size of " + Twine(size));
  Dim3 grid{uint32_t(gridX), uint32_t(gridY), uint32_t(gridZ)};
  Dim3 block{uint32_t(blockX), uint32_t(blockY), uint32_t(blockZ)};
  auto start = std::chrono::steady_clock::now();
  if (Error error =
          launch(*static_cast<const Kernel *>(function), grid, block, sharedBytes, parameters))
    report(std::move(error));
  std::chrono::nanoseconds time = std::chrono::steady_clock::now() - start;
  fpw_profile_add(profileSlot, time.count());
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

static void *allocate(uint64_t bytes, void *, uint8_t) {
  void *pointer = DeviceMemory::get().allocate(bytes);
  if (!pointer)
    report("out of memory for " + Twine(bytes) + " bytes");
  return pointer;
}

static void release(void *pointer, void *) {
  if (pointer && !DeviceMemory::get().free(pointer))
    report("frees what is not an allocation of the device");
}

/// Whether the bytes are in one allocation, or not the device's at all.
static bool isWhole(const void *pointer, size_t bytes) {
  DeviceMemory &memory = DeviceMemory::get();
  return bytes == 0 || !memory.isDevice(pointer) || memory.contains(pointer, bytes);
}

static void copy(void *target, void *source, size_t bytes, void *) {
  if (hasFaulted())
    return;
  if (!isWhole(target, bytes) || !isWhole(source, bytes))
    return report("copies " + Twine(bytes) + " bytes beyond the end of a buffer");
  std::memcpy(target, source, bytes);
}

template <typename T> static void fill(void *target, T value, size_t count, void *) {
  if (hasFaulted())
    return;
  if (!DeviceMemory::get().contains(target, count * sizeof(T)) && count > 0)
    return report("fills " + Twine(count * sizeof(T)) + " bytes beyond the end of a buffer");
  std::fill_n(static_cast<T *>(target), count, value);
}

//===----------------------------------------------------------------------===//
// Streams and events
//===----------------------------------------------------------------------===//

static void *createToken() {
  static char token;
  return &token;
}
static void useToken(void *) {}
static void useTokens(void *, void *) {}
static void setDevice(int32_t) {}

//===----------------------------------------------------------------------===//
// The device
//===----------------------------------------------------------------------===//

/// It runs code for any architecture.
static const char *checkArchitecture(const char *) { return nullptr; }

static const char *takeError(fpw_status *status) {
  static thread_local std::string text;
  text = toString(takeRuntimeError());
  *status = text.empty() ? FPW_OK : FPW_DEVICE_FAILED;
  return text.empty() ? nullptr : text.c_str();
}

ArrayRef<RuntimeSymbol> getRuntimeSymbols() {
#define SYMBOL(NAME, FUNCTION)                                                                     \
  {                                                                                                \
    NAME, reinterpret_cast<void *>(FUNCTION)                                                       \
  }
  static const RuntimeSymbol symbols[] = {
      SYMBOL("mgpuModuleLoad", loadModule),
      SYMBOL("mgpuModuleUnload", unloadModule),
      SYMBOL("mgpuModuleGetFunction", getFunction),
      SYMBOL("mgpuLaunchKernel", launchKernel),
      SYMBOL("fpw_device_profile", profile),
      SYMBOL("fpw_device_check", checkArchitecture),
      SYMBOL("fpw_device_take_error", takeError),
      SYMBOL("mgpuMemAlloc", allocate),
      SYMBOL("mgpuMemFree", release),
      SYMBOL("mgpuMemcpy", copy),
      SYMBOL("mgpuMemset32", fill<uint32_t>),
      SYMBOL("mgpuMemset16", fill<uint16_t>),
      SYMBOL("mgpuStreamCreate", createToken),
      SYMBOL("mgpuStreamDestroy", useToken),
      SYMBOL("mgpuStreamSynchronize", useToken),
      SYMBOL("mgpuStreamWaitEvent", useTokens),
      SYMBOL("mgpuEventCreate", createToken),
      SYMBOL("mgpuEventDestroy", useToken),
      SYMBOL("mgpuEventSynchronize", useToken),
      SYMBOL("mgpuEventRecord", useTokens),
      SYMBOL("mgpuSetDefaultDevice", setDevice),
  };
#undef SYMBOL
  return symbols;
}

} // namespace fpw::simt
