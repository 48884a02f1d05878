//===- ContextPool.cpp - Contexts of a network for whoever runs it -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Execution/ContextPool.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/ScopeExit.h"

using namespace llvm;

namespace fpw {

ContextPool::~ContextPool() {
  for (auto [threads, context] : idle)
    fpw_destroy_context(context);
}

/// A context for this number of threads, or null.
fpw_context *ContextPool::take(unsigned threads) {
  std::lock_guard<std::mutex> lock(mutex);
  auto it = find_if(idle, [&](const auto &entry) { return entry.first == threads; });
  if (it == idle.end())
    return nullptr;
  fpw_context *context = it->second;
  idle.erase(it);
  return context;
}

void ContextPool::put(unsigned threads, fpw_context *context) {
  std::lock_guard<std::mutex> lock(mutex);
  idle.push_back({threads, context});
}

Error ContextPool::check(fpw_status status) const {
  return status == FPW_OK ? Error::success() : createStringError(fpw_get_error(model));
}

Error ContextPool::run(int64_t batch, ArrayRef<const void *> inputs, ArrayRef<void *> outputs,
                       unsigned threads) {
  fpw_context *context = take(threads);
  if (!context)
    if (Error error = check(fpw_create_context(model, threads, &context)))
      return error;
  scope_exit release([&] { put(threads, context); });
  if (Error error = check(fpw_prepare(context, batch)))
    return error;
  return check(fpw_run(context, batch, inputs.data(), outputs.data()));
}

} // namespace fpw
