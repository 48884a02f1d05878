//===- Check.h - The error of a run against f64 -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_TOOLS_FPW_CHECK_H
#define FPW_TOOLS_FPW_CHECK_H

#include "Command.h"

#include "fpw/Execution/CompiledModel.h"

namespace fpw::tool {

/// A run whose error is asked for.
struct CheckedRun {
  ModuleOp module;
  const CompileOptions &options;
  ArrayRef<TensorView> inputs;
  ArrayRef<TensorInfo> infos; ///< of the outputs
  ArrayRef<TensorBuffer> outputs;
  unsigned threads;
};

/// Prints how far the outputs are from those in f64, and what f32 arithmetic gives instead. Fails
/// if an output is further from its reference than `maxError`.
LogicalResult checkRun(const CheckedRun &run, double maxError, Progress &progress, raw_ostream &os);

} // namespace fpw::tool

#endif // FPW_TOOLS_FPW_CHECK_H
