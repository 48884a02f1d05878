//===- Modules.cpp - Kernels and their launches -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// Networks name their modules before anything runs, and their kernels at each launch. Modules are
// loaded at the first launch; kernels are looked for behind the one that was used last, since a
// network uses them in one order.
//
//===----------------------------------------------------------------------===//

#include "Driver.h"
#include "Profile.h"
#include "fpw/Runtime/Device.h"
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <pthread.h>

using namespace fpw;
using namespace fpw::cuda;

namespace {

struct Kernel {
  const char *name; ///< the module's
  FunctionHandle function;
  int32_t sharedBytes; ///< that the driver expects at most
};

/// Kernels do not move, as launches hold them: a list of arrays.
struct Kernels {
  static constexpr unsigned kMost = 64;
  Kernel kernels[kMost];
  unsigned count;
  Kernels *following;
};

struct Module {
  const void *data;
  ModuleHandle handle; ///< null: not loaded yet
  Kernels *first, *recent;
  unsigned recentKernel;
  pthread_mutex_t mutex;
};

struct Lock {
  explicit Lock(Module *module) : module(module) { pthread_mutex_lock(&module->mutex); }
  ~Lock() { pthread_mutex_unlock(&module->mutex); }
  Module *module;
};

/// Shared memory of a block that no kernel has to ask for.
constexpr int32_t kSharedBytesOfAll = 48 * 1024;

bool load(const Driver &driver, Module *module) {
  enum : int { kErrorLog = 5, kErrorLogBytes = 6 };
  char log[400] = "";
  int options[] = {kErrorLog, kErrorLogBytes};
  void *values[] = {log, reinterpret_cast<void *>(sizeof(log) - 1)};
  Result result = driver.cuModuleLoadDataEx(&module->handle, module->data, 2, options, values);
  if (result != 0 && log[0])
    report(FPW_DEVICE_FAILED, "loading kernels failed: %s", log);
  return check(result, "loading kernels");
}

Kernel *findFrom(Kernels *list, unsigned place, const char *name) {
  for (; list; list = list->following, place = 0)
    for (; place < list->count; ++place)
      if (list->kernels[place].name == name)
        return &list->kernels[place];
  return nullptr;
}

Kernel *find(Module *module, const char *name) {
  Kernel *kernel = findFrom(module->recent, module->recentKernel, name);
  return kernel ? kernel : findFrom(module->first, 0, name);
}

Kernel *add(const Driver &driver, Module *module, const char *name) {
  FunctionHandle function = nullptr;
  if (!check(driver.cuModuleGetFunction(&function, module->handle, name), name))
    return nullptr;
  Kernels **last = &module->first;
  while (*last && ((*last)->count == Kernels::kMost))
    last = &(*last)->following;
  if (!*last)
    *last = static_cast<Kernels *>(std::calloc(1, sizeof(Kernels)));
  if (!*last) {
    report(FPW_OUT_OF_MEMORY, "out of memory for kernels");
    return nullptr;
  }
  Kernel *kernel = &(*last)->kernels[(*last)->count++];
  *kernel = Kernel{name, function, kSharedBytesOfAll};
  return kernel;
}

void remember(Module *module, Kernel *kernel) {
  for (Kernels *list = module->first; list; list = list->following)
    if (kernel >= list->kernels && kernel < list->kernels + Kernels::kMost) {
      module->recent = list;
      module->recentKernel = unsigned(kernel - list->kernels);
      return;
    }
}

} // namespace

extern "C" void *mgpuModuleLoad(void *data, size_t) {
  auto *module = static_cast<Module *>(std::calloc(1, sizeof(Module)));
  if (!module) {
    report(FPW_OUT_OF_MEMORY, "out of memory for kernels");
    return nullptr;
  }
  module->data = data;
  pthread_mutex_init(&module->mutex, nullptr);
  return module;
}

/// The driver tells PTX from machine code by itself.
extern "C" void *mgpuModuleLoadJIT(void *data, int32_t) { return mgpuModuleLoad(data, 0); }

extern "C" void mgpuModuleUnload(void *handle) {
  auto *module = static_cast<Module *>(handle);
  if (!module)
    return;
  if (module->handle)
    if (const Driver *driver = useDevice())
      check(driver->cuModuleUnload(module->handle), "unloading kernels");
  while (Kernels *list = module->first) {
    module->first = list->following;
    std::free(list);
  }
  pthread_mutex_destroy(&module->mutex);
  std::free(module);
}

extern "C" void *mgpuModuleGetFunction(void *handle, const char *name) {
  auto *module = static_cast<Module *>(handle);
  const Driver *driver = useDevice();
  if (!driver || !module)
    return nullptr;
  Lock lock(module);
  if (!module->handle && !load(*driver, module))
    return nullptr;
  Kernel *kernel = find(module, name);
  if (!kernel)
    kernel = add(*driver, module, name);
  if (kernel)
    remember(module, kernel);
  return kernel;
}

//===----------------------------------------------------------------------===//
// Launches
//===----------------------------------------------------------------------===//

static bool fitsDevice(const Driver &driver, const Kernel &kernel, const intptr_t (&grid)[3],
                       const intptr_t (&block)[3], int32_t sharedBytes) {
  intptr_t threads = block[0] * block[1] * block[2];
  if (threads > driver.mostThreads) {
    report(FPW_DEVICE_FAILED, "expected at most %d threads in a block of '%s' but got %ld",
           driver.mostThreads, kernel.name, long(threads));
    return false;
  }
  for (int i = 0; i < 3; ++i)
    if (grid[i] > driver.mostBlocks[i]) {
      report(FPW_DEVICE_FAILED, "expected at most %d blocks of '%s' but got %ld",
             driver.mostBlocks[i], kernel.name, long(grid[i]));
      return false;
    }
  if (sharedBytes > driver.mostSharedBytes) {
    report(FPW_DEVICE_FAILED, "expected at most %d bytes of shared memory for '%s' but got %d",
           driver.mostSharedBytes, kernel.name, sharedBytes);
    return false;
  }
  return true;
}

/// Asks for more shared memory than every kernel has.
static bool allowSharedBytes(const Driver &driver, Kernel &kernel, int32_t bytes) {
  constexpr int kMostDynamicSharedBytes = 8;
  if (bytes <= kernel.sharedBytes)
    return true;
  if (!check(driver.cuFuncSetAttribute(kernel.function, kMostDynamicSharedBytes, bytes),
             "asking for shared memory"))
    return false;
  kernel.sharedBytes = bytes;
  return true;
}

extern "C" void mgpuLaunchKernel(void *handle, intptr_t gridX, intptr_t gridY, intptr_t gridZ,
                                 intptr_t blockX, intptr_t blockY, intptr_t blockZ,
                                 int32_t sharedBytes, void *stream, void **parameters, void **extra,
                                 size_t) {
  auto *kernel = static_cast<Kernel *>(handle);
  const Driver *driver = useDevice();
  if (!driver || !kernel || gridX == 0 || gridY == 0 || gridZ == 0) // no results, no work
    return;
  if (!fitsDevice(*driver, *kernel, {gridX, gridY, gridZ}, {blockX, blockY, blockZ}, sharedBytes) ||
      !allowSharedBytes(*driver, *kernel, sharedBytes))
    return;
  ProfiledOperation profiled(*driver, stream);
  check(driver->cuLaunchKernel(kernel->function, unsigned(gridX), unsigned(gridY), unsigned(gridZ),
                               unsigned(blockX), unsigned(blockY), unsigned(blockZ),
                               unsigned(sharedBytes), stream, parameters, extra),
        kernel->name);
}
