//===- Context.cpp - What a thread needs to run a network -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FloatControl.h"
#include "HugePages.h"
#include "Status.h"
#include "fpw/Runtime/Runtime.h"
#include <cinttypes>
#include <cstdlib>

using namespace fpw;

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

/// The first code that this processor runs; else null, and what the last one lacks.
const fpw_code *findCode(const fpw_model &model, const char *&missing, size_t &size) {
  for (const fpw_code *code = model.codes; code != model.codes + model.num_codes; ++code)
    if ((size = fpw_find_missing_feature(code->features, &missing)) == 0)
      return code;
  return nullptr;
}

} // namespace

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
  moveParametersToHugePages();
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
  if (fpw_status status = checkBatch(batch))
    return status;
  if (batch <= context->batch)
    return FPW_OK;
  // The size grows at most with the batch: larger ones would overflow.
  bool fits = batch < kMostBytes / (code.arena_size(1, context->threads) + 1);
  size_t bytes = fits ? code.arena_size(batch, context->threads) + kReadAhead : 0;
  char *arena = nullptr;
  if (fits)
    arena = static_cast<char *>(allocatePages(bytes));
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
  if (fpw_status status = checkRun(*context->model, context->batch, batch, inputs, outputs))
    return status;
  FloatControl rounding;
  uint32_t before = fpw_set_num_threads(context->threads);
  fpw_host_loop loopBefore = fpw_set_host_loop(context->hostLoop);
  context->code->run(inputs, outputs, context->arena, batch, context->threads);
  fpw_set_host_loop(loopBefore);
  fpw_set_num_threads(before);
  return FPW_OK;
}
