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
  fpw_host_loop hostLoop;
  int64_t batch; ///< the largest that it is prepared for; -1: none
  char *arena;
};

/// Bytes behind the arena that may be read: kernels of the matrix unit load, and never use, up to
/// 15 rows behind the last one. Nobody touches these pages otherwise, so that they cost addresses
/// only.
constexpr size_t kReadAhead = size_t(1) << 20;
constexpr int64_t kMostBytes = int64_t(1) << 46;

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

/// The first code that this processor runs; else null, and what the last one lacks.
const fpw_code *findCode(const fpw_model &model, const char *&missing, size_t &size) {
  for (const fpw_code *code = model.codes; code != model.codes + model.num_codes; ++code)
    if ((size = fpw_find_missing_feature(code->features, &missing)) == 0)
      return code;
  return nullptr;
}

} // namespace

extern "C" const char *fpw_runtime_get_error(void) { return message; }

extern "C" fpw_status fpw_runtime_create_context(const fpw_model *model, uint32_t threads,
                                                 fpw_context **result) {
  *result = nullptr;
  const char *missing = nullptr;
  size_t size = 0;
  const fpw_code *code = findCode(*model, missing, size);
  if (!code)
    return fail(FPW_UNSUPPORTED_CPU,
                "expected a processor and a system with %.*s, which '%s' was compiled for",
                int(size), missing, model->name);
  fpw::moveParametersToHugePages();
  auto *context = static_cast<Context *>(std::malloc(sizeof(Context)));
  if (!context)
    return fail(FPW_OUT_OF_MEMORY, "out of memory for a context");
  *context = Context{{model, code},
                     threads > 0 ? threads : fpw_count_processors(),
                     {nullptr, nullptr},
                     -1,
                     nullptr};
  *result = context;
  return FPW_OK;
}

extern "C" void fpw_runtime_destroy_context(fpw_context *context) {
  std::free(static_cast<Context *>(context)->arena);
  std::free(static_cast<Context *>(context));
}

extern "C" void fpw_runtime_set_parallel_for(fpw_context *context, fpw_parallel_for_function loop,
                                             void *host) {
  static_cast<Context *>(context)->hostLoop = {loop, host};
}

extern "C" fpw_status fpw_runtime_prepare(fpw_context *base, int64_t batch) {
  auto *context = static_cast<Context *>(base);
  const fpw_code &code = *context->code;
  if (batch < 0)
    return fail(FPW_INVALID_ARGUMENT, "expected a batch of at least 0 but got %" PRId64, batch);
  if (batch <= context->batch)
    return FPW_OK;
  // The size grows at most with the batch: larger ones would overflow.
  bool fits = batch < kMostBytes / (code.arena_size(1, context->threads) + 1);
  size_t bytes = fits ? code.arena_size(batch, context->threads) + kReadAhead : 0;
  char *arena = nullptr;
  if (fits)
    arena = static_cast<char *>(fpw::allocatePages(bytes));
  if (!arena)
    return fail(FPW_OUT_OF_MEMORY, "out of memory for a batch of %" PRId64, batch);
  std::free(context->arena);
  context->arena = arena;
  context->batch = batch;
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
  fpw_host_loop loopBefore = fpw_set_host_loop(context->hostLoop);
  context->code->run(inputs, outputs, context->arena, batch, context->threads);
  fpw_set_host_loop(loopBefore);
  fpw_set_num_threads(before);
  return FPW_OK;
}
