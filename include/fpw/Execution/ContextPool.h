//===- ContextPool.h - Contexts of a network for whoever runs it -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_EXECUTION_CONTEXTPOOL_H
#define FPW_EXECUTION_CONTEXTPOOL_H

#include "fpw-c/Model.h"
#include "fpw/Support/LLVM.h"
#include "llvm/Support/Error.h"
#include <mutex>

namespace fpw {

/// Runs a network for any thread that asks. Contexts that no run uses keep their memory for the
/// next one. The model outlives the pool.
class ContextPool {
public:
  explicit ContextPool(const fpw_model *model) : model(model) {}
  ContextPool(const ContextPool &) = delete;
  ~ContextPool();

  /// Runs the network on a batch, on the given number of threads (0: one per processor).
  Error run(int64_t batch, ArrayRef<const void *> inputs, ArrayRef<void *> outputs,
            unsigned threads);

private:
  fpw_context *take(unsigned threads);
  void put(unsigned threads, fpw_context *context);
  Error check(fpw_status status) const;

  const fpw_model *model;
  std::mutex mutex;
  SmallVector<std::pair<unsigned, fpw_context *>> idle;
};

} // namespace fpw

#endif // FPW_EXECUTION_CONTEXTPOOL_H
