//===- Device.h - What networks for a device call -*- C -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A network for a device is an fpw_model like any other, with more behind it that its functions
// know of. The device's functions have the names and types that MLIR's gpu-to-llvm gives them;
// whoever defines them is the device: a driver (lib/Runtime/CUDA), or an emulator. After an error
// the functions do nothing, until fpw_device_take_error tells what went wrong.

#ifndef FPW_RUNTIME_DEVICE_H
#define FPW_RUNTIME_DEVICE_H

#include "fpw-c/Model.h"
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

//===----------------------------------------------------------------------===//
// Models
//===----------------------------------------------------------------------===//

/// What a code of a model has on the device.
typedef struct fpw_device_code {
  /// Make the kernels known and forget them; null if there are none.
  void (*load)(void), (*unload)(void);
  /// Copies the parameters into a block of memory of the device: a memref of bytes.
  void (*upload)(void *block, void *aligned, int64_t offset, int64_t size, int64_t stride);
  int64_t parameter_bytes;
} fpw_device_code;

/// The functions of the device that contexts call.
typedef struct fpw_device_functions {
  const char *(*check)(const char *architecture);                  ///< fpw_device_check
  const char *(*take_error)(fpw_status *status);                   ///< fpw_device_take_error
  void *(*allocate)(uint64_t bytes, void *stream, uint8_t shared); ///< mgpuMemAlloc
  void (*free)(void *memory, void *stream);                        ///< mgpuMemFree
} fpw_device_functions;

/// A model for a device. The inputs of its codes end with the block of parameters.
typedef struct fpw_device_model {
  fpw_model model;
  const fpw_device_code *codes; ///< for each code of the model
  fpw_device_functions functions;
} fpw_device_model;

// What the functions of such a model are.
fpw_status fpw_device_create_context(const fpw_model *model, uint32_t threads,
                                     fpw_context **context);
void fpw_device_destroy_context(fpw_context *context);
void fpw_device_set_parallel_for(fpw_context *context, fpw_parallel_for_function loop, void *host);
fpw_status fpw_device_prepare(fpw_context *context, int64_t batch);
fpw_status fpw_device_run(fpw_context *context, int64_t batch, const void *const *inputs,
                          void *const *outputs);

//===----------------------------------------------------------------------===//
// Devices
//===----------------------------------------------------------------------===//

/// Why no code for an architecture can run here, "sm_80" or "sm_90a"; null if it can.
const char *fpw_device_check(const char *architecture);

/// What went wrong in this thread since the last call; null for nothing.
const char *fpw_device_take_error(fpw_status *status);

/// The device's generation, 90 for sm_90; 0 if there is no device.
int32_t fpw_device_get_capability(void);

void *mgpuModuleLoad(void *data, size_t bytes);
void *mgpuModuleLoadJIT(void *data, int32_t optimisation);
void mgpuModuleUnload(void *module);
void *mgpuModuleGetFunction(void *module, const char *name);
void mgpuLaunchKernel(void *function, intptr_t gridX, intptr_t gridY, intptr_t gridZ,
                      intptr_t blockX, intptr_t blockY, intptr_t blockZ, int32_t sharedBytes,
                      void *stream, void **parameters, void **extra, size_t count);
void *mgpuStreamCreate(void);
void mgpuStreamDestroy(void *stream);
void mgpuStreamSynchronize(void *stream);
void mgpuStreamWaitEvent(void *stream, void *event);
void *mgpuEventCreate(void);
void mgpuEventDestroy(void *event);
void mgpuEventSynchronize(void *event);
void mgpuEventRecord(void *event, void *stream);
void *mgpuMemAlloc(uint64_t bytes, void *stream, uint8_t shared);
void mgpuMemFree(void *memory, void *stream);
void mgpuMemcpy(void *target, void *source, size_t bytes, void *stream);
void mgpuMemset32(void *target, unsigned value, size_t count, void *stream);
void mgpuMemset16(void *target, unsigned short value, size_t count, void *stream);
/// What this thread asks for until the next call belongs to a slot of fpw/Runtime/Runtime.h. The
/// nanoseconds that it takes are added when the thread has waited for its stream, which ends the
/// profile. Networks compiled for profiling call it.
void fpw_device_profile(int64_t slot);

/// Chooses the device, by its number; before the first one of the other functions.
void mgpuSetDefaultDevice(int32_t number);

#ifdef __cplusplus
}
#endif

#endif // FPW_RUNTIME_DEVICE_H
