//===- DeviceContext.cpp - What a thread needs to run a network on a device -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// Contexts know the device by the functions that the model names, so that they serve any device.
// All contexts of a code share its kernels and parameters on the device, which are there as long as
// one of them lives.
//
//===----------------------------------------------------------------------===//

#include "../Status.h"
#include "fpw/Runtime/Device.h"
#include <cinttypes>
#include <cstdlib>
#include <cstring>
#include <pthread.h>

using namespace fpw;

namespace {

/// What contexts of a code share.
struct SharedCode {
  const fpw_device_code *code;
  void *parameters;
  uint32_t users;
  SharedCode *following;
};

struct Context : fpw_context {
  SharedCode *shared;
  const void **inputs; ///< of a run, with the parameters behind them
  int64_t batch;       ///< the largest that it is prepared for; -1: none
  void *arena;
};

constexpr int64_t kMostBytes = int64_t(1) << 46;

pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; ///< of the list
SharedCode *allShared = nullptr;

struct Lock {
  Lock() { pthread_mutex_lock(&mutex); }
  ~Lock() { pthread_mutex_unlock(&mutex); }
};

const fpw_device_model &getDeviceModel(const fpw_model *model) {
  return *reinterpret_cast<const fpw_device_model *>(model); // its first member
}

const fpw_device_functions &getFunctions(const fpw_context *context) {
  return getDeviceModel(context->model).functions;
}

/// Tells what the device's functions found since the last call.
fpw_status checkDevice(const fpw_device_functions &functions) {
  fpw_status status = FPW_OK;
  const char *error = functions.take_error(&status);
  return error ? fail(status, "%s", error) : FPW_OK;
}

/// The first code that the device runs; else null, and why not the last.
const fpw_code *findCode(const fpw_device_model &model, const char *&why) {
  const fpw_model &base = model.model;
  for (const fpw_code *code = base.codes; code != base.codes + base.num_codes; ++code)
    if (!(why = model.functions.check(code->features)))
      return code;
  return nullptr;
}

//===----------------------------------------------------------------------===//
// Kernels and parameters
//===----------------------------------------------------------------------===//

void unload(SharedCode *shared, const fpw_device_functions &functions) {
  functions.free(shared->parameters, nullptr);
  if (shared->code->unload)
    shared->code->unload();
  for (SharedCode **place = &allShared; *place; place = &(*place)->following)
    if (*place == shared) {
      *place = shared->following;
      break;
    }
  std::free(shared);
}

fpw_status load(const fpw_device_code &code, const fpw_device_functions &functions,
                SharedCode *&result) {
  auto *shared = static_cast<SharedCode *>(std::malloc(sizeof(SharedCode)));
  if (!shared)
    return fail(FPW_OUT_OF_MEMORY, "out of memory for a context");
  *shared = SharedCode{&code, nullptr, 0, allShared};
  allShared = shared;
  if (code.load)
    code.load();
  if (code.parameter_bytes > 0) {
    shared->parameters = functions.allocate(uint64_t(code.parameter_bytes), nullptr, 0);
    code.upload(shared->parameters, shared->parameters, 0, code.parameter_bytes, 1);
  }
  if (fpw_status status = checkDevice(functions)) {
    unload(shared, functions);
    fpw_status ignored;
    functions.take_error(&ignored);
    return status;
  }
  result = shared;
  return FPW_OK;
}

fpw_status acquire(const fpw_device_code &code, const fpw_device_functions &functions,
                   SharedCode *&result) {
  Lock lock;
  result = allShared;
  while (result && result->code != &code)
    result = result->following;
  if (!result)
    if (fpw_status status = load(code, functions, result))
      return status;
  ++result->users;
  return FPW_OK;
}

void release(SharedCode *shared, const fpw_device_functions &functions) {
  Lock lock;
  if (--shared->users == 0)
    unload(shared, functions);
}

void destroy(Context *context) {
  const fpw_device_functions &functions = getFunctions(context);
  if (context->arena)
    functions.free(context->arena, nullptr);
  if (context->shared)
    release(context->shared, functions);
  std::free(context->inputs);
  std::free(context);
}

} // namespace

//===----------------------------------------------------------------------===//
// Contexts
//===----------------------------------------------------------------------===//

extern "C" fpw_status fpw_device_create_context(const fpw_model *base, uint32_t,
                                                fpw_context **result) {
  *result = nullptr;
  const fpw_device_model &model = getDeviceModel(base);
  const char *why = nullptr;
  const fpw_code *code = findCode(model, why);
  if (!code)
    return fail(FPW_NO_DEVICE, "%s", why);
  auto *context = static_cast<Context *>(std::calloc(1, sizeof(Context)));
  auto *inputs = static_cast<const void **>(std::calloc(base->num_inputs + 1, sizeof(void *)));
  if (!context || !inputs) {
    std::free(context);
    std::free(inputs);
    return fail(FPW_OUT_OF_MEMORY, "out of memory for a context");
  }
  *context = Context{{base, code}, nullptr, inputs, -1, nullptr};
  if (fpw_status status =
          acquire(model.codes[code - base->codes], model.functions, context->shared)) {
    destroy(context);
    return status;
  }
  *result = context;
  return FPW_OK;
}

extern "C" void fpw_device_destroy_context(fpw_context *context) {
  destroy(static_cast<Context *>(context));
}

/// The host has no loops to share.
extern "C" void fpw_device_set_parallel_for(fpw_context *, fpw_parallel_for_function, void *) {}

extern "C" fpw_status fpw_device_prepare(fpw_context *base, int64_t batch) {
  auto *context = static_cast<Context *>(base);
  const fpw_code &code = *context->code;
  const fpw_device_functions &functions = getFunctions(context);
  if (fpw_status status = checkBatch(batch))
    return status;
  if (batch <= context->batch)
    return FPW_OK;
  // The size grows at most with the batch: larger ones would overflow.
  if (batch >= kMostBytes / (code.arena_size(1, 1) + 1))
    return fail(FPW_OUT_OF_MEMORY, "out of memory for a batch of %" PRId64, batch);
  if (context->arena)
    functions.free(context->arena, nullptr); // first: a device has little memory
  context->arena = nullptr;
  context->batch = -1;
  int64_t bytes = code.arena_size(batch, 1);
  void *arena = functions.allocate(uint64_t(bytes > 0 ? bytes : 1), nullptr, 0);
  if (fpw_status status = checkDevice(functions))
    return status;
  context->arena = arena;
  context->batch = batch;
  return FPW_OK;
}

extern "C" fpw_status fpw_device_run(fpw_context *base, int64_t batch, const void *const *inputs,
                                     void *const *outputs) {
  auto *context = static_cast<Context *>(base);
  const fpw_model &model = *context->model;
  if (fpw_status status = checkRun(model, context->batch, batch, inputs, outputs))
    return status;
  if (model.num_inputs > 0)
    std::memcpy(context->inputs, inputs, model.num_inputs * sizeof(void *));
  context->inputs[model.num_inputs] = context->shared->parameters;
  context->code->run(context->inputs, outputs, context->arena, batch, /*workers=*/1);
  return checkDevice(getFunctions(context));
}
