//===- Status.cpp - What went wrong -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Status.h"
#include "fpw/Runtime/Runtime.h"
#include <cinttypes>
#include <cstdarg>
#include <cstdio>

namespace fpw {

static thread_local char message[512];

fpw_status fail(fpw_status status, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(message, sizeof(message), format, arguments);
  va_end(arguments);
  return status;
}

/// The bytes of a tensor, or -1 if there are too many to count.
static int64_t countBytes(const fpw_tensor &tensor, int64_t batch) {
  int64_t bytes = sizeof(float);
  for (uint32_t i = 0; i < tensor.rank; ++i)
    if (__builtin_mul_overflow(bytes, tensor.shape[i] < 0 ? batch : tensor.shape[i], &bytes))
      return -1;
  return bytes;
}

static fpw_status checkBuffers(const void *const *buffers, const fpw_tensor *tensors,
                               uint32_t count, int64_t batch, const char *kind) {
  for (uint32_t i = 0; i < count; ++i)
    if ((!buffers || !buffers[i]) && countBytes(tensors[i], batch) != 0)
      return fail(FPW_INVALID_ARGUMENT, "expected a buffer for %s '%s' but got none", kind,
                  tensors[i].name);
  return FPW_OK;
}

fpw_status checkBatch(int64_t batch) {
  if (batch < 0)
    return fail(FPW_INVALID_ARGUMENT, "expected a batch of at least 0 but got %" PRId64, batch);
  return FPW_OK;
}

fpw_status checkRun(const fpw_model &model, int64_t prepared, int64_t batch,
                    const void *const *inputs, void *const *outputs) {
  if (prepared < 0)
    return fail(FPW_INVALID_ARGUMENT, "expected a prepared context but got a new one");
  if (batch < 0 || batch > prepared)
    return fail(FPW_INVALID_ARGUMENT,
                "expected a batch of at most %" PRId64 ", as prepared, but got %" PRId64, prepared,
                batch);
  if (fpw_status status = checkBuffers(inputs, model.inputs, model.num_inputs, batch, "input"))
    return status;
  return checkBuffers(outputs, model.outputs, model.num_outputs, batch, "output");
}

} // namespace fpw

extern "C" const char *fpw_runtime_get_error(void) { return fpw::message; }
