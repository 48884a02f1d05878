//===- Context.cpp - What a thread needs to run a network -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FloatControl.h"
#include "HugePages.h"
#include "fpw/Runtime/Runtime.h"
#include <cinttypes>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>

namespace {

struct Context : fpw_context {
  uint32_t threads;
  int64_t batch; ///< the largest that it is prepared for
};

thread_local char message[256];

__attribute__((format(printf, 2, 3))) fpw_status fail(fpw_status status, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(message, sizeof(message), format, arguments);
  va_end(arguments);
  return status;
}

/// The bytes of a tensor, or -1 if there are too many to count.
int64_t countBytes(const fpw_tensor &tensor, int64_t batch) {
  int64_t bytes = sizeof(float);
  for (uint32_t i = 0; i < tensor.rank; ++i)
    if (__builtin_mul_overflow(bytes, tensor.shape[i] < 0 ? batch : tensor.shape[i], &bytes))
      return -1;
  return bytes;
}

fpw_status checkBuffers(const void *const *buffers, const fpw_tensor *tensors, uint32_t count,
                        int64_t batch, const char *kind) {
  for (uint32_t i = 0; i < count; ++i)
    if ((!buffers || !buffers[i]) && countBytes(tensors[i], batch) != 0)
      return fail(FPW_INVALID_ARGUMENT, "expected a buffer for %s '%s' but got none", kind,
                  tensors[i].name);
  return FPW_OK;
}

} // namespace

extern "C" const char *fpw_runtime_get_error(void) { return message; }

extern "C" fpw_status fpw_runtime_create_context(const fpw_model *model, uint32_t threads,
                                                 fpw_context **result) {
  *result = nullptr;
  const char *missing = nullptr;
  if (size_t size = fpw_find_missing_feature(model->features, &missing))
    return fail(FPW_UNSUPPORTED_CPU,
                "expected a processor and a system with %.*s, which '%s' was compiled for",
                int(size), missing, model->name);
  fpw::moveParametersToHugePages();
  auto *context = static_cast<Context *>(std::malloc(sizeof(Context)));
  if (!context)
    return fail(FPW_OUT_OF_MEMORY, "out of memory for a context");
  *context = Context{{model}, threads, -1};
  *result = context;
  return FPW_OK;
}

extern "C" void fpw_runtime_destroy_context(fpw_context *context) {
  std::free(static_cast<Context *>(context));
}

extern "C" fpw_status fpw_runtime_prepare(fpw_context *context, int64_t batch) {
  const fpw_model &model = *context->model;
  if (batch < 0)
    return fail(FPW_INVALID_ARGUMENT, "expected a batch of at least 0 but got %" PRId64, batch);
  for (uint32_t i = 0; i < model.num_inputs; ++i)
    if (countBytes(model.inputs[i], batch) < 0)
      return fail(FPW_OUT_OF_MEMORY, "out of memory for a batch of %" PRId64, batch);
  static_cast<Context *>(context)->batch = batch;
  return FPW_OK;
}

extern "C" fpw_status fpw_runtime_run(fpw_context *base, int64_t batch, const void *const *inputs,
                                      void *const *outputs) {
  auto *context = static_cast<Context *>(base);
  const fpw_model &model = *context->model;
  if (context->batch < 0)
    return fail(FPW_INVALID_ARGUMENT, "expected a prepared context but got a new one");
  if (batch < 0 || batch > context->batch)
    return fail(FPW_INVALID_ARGUMENT,
                "expected a batch of at most %" PRId64 ", as prepared, but got %" PRId64,
                context->batch, batch);
  if (fpw_status status = checkBuffers(inputs, model.inputs, model.num_inputs, batch, "input"))
    return status;
  if (fpw_status status = checkBuffers(outputs, model.outputs, model.num_outputs, batch, "output"))
    return status;
  FloatControl rounding;
  uint32_t before = fpw_set_num_threads(context->threads);
  model.code(inputs, outputs, batch);
  fpw_set_num_threads(before);
  return FPW_OK;
}
