//===- Check.cpp - The error of a run against f64 -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Check.h"

#include "fpw/Execution/Float64Reference.h"
#include "fpw/Execution/LayerRanges.h"
#include "fpw/Support/TextTable.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>

using namespace mlir;
using namespace fpw;
using namespace fpw::tool;

static std::string print(double number) { return llvm::formatv("{0:e2}", number).str(); }

static Expected<std::vector<TensorBuffer>> runInFloat(const CheckedRun &run) {
  CompileOptions options = run.options;
  options.arithmetic = Arithmetic::Float;
  options.gpu = std::nullopt; // floats have the same bits on the processor
  auto model = CompiledModel::compile(run.module, options);
  if (!model)
    return model.takeError();
  return (*model)->run(run.inputs, run.threads);
}

static Expected<std::vector<Float64Buffer>> runReference(const CheckedRun &run) {
  auto reference = Float64Reference::compile(run.module);
  if (!reference)
    return reference.takeError();
  return (*reference)->run(run.inputs, run.threads);
}

/// Says where the range of the activations costs most: there, 24 bits may be fewer than those of an
/// f32, which has its own exponent for each element.
static llvm::Error printWidestRange(const CheckedRun &run, raw_ostream &os) {
  auto probe = LayerRangeProbe::compile(run.module);
  if (!probe)
    return probe.takeError();
  Expected<std::vector<LayerRange>> ranges = (*probe)->measure(run.inputs, run.threads);
  if (!ranges)
    return ranges.takeError();
  auto widest = llvm::max_element(
      *ranges, [](const LayerRange &a, const LayerRange &b) { return a.spread < b.spread; });
  if (widest == ranges->end() || widest->spread == 0)
    return llvm::Error::success();
  double lost = std::log2(widest->spread);
  os << llvm::formatv("widest range: input of '{0}', where the largest element is {1:f0} times the "
                      "mean magnitude; of {2} bits, {3:f0} are left for such an element\n",
                      widest->name, widest->spread, run.options.activationBits,
                      std::max(0.0, run.options.activationBits - lost));
  return llvm::Error::success();
}

LogicalResult tool::checkRun(const CheckedRun &run, double maxError, Progress &progress,
                             raw_ostream &os) {
  bool isFloat = run.options.arithmetic == Arithmetic::Float;
  progress.stage("computing in f64");
  Expected<std::vector<Float64Buffer>> reference = runReference(run);
  if (!reference)
    return fail(reference.takeError());
  std::vector<TensorBuffer> floats;
  if (!isFloat) {
    progress.stage("computing in f32");
    Expected<std::vector<TensorBuffer>> results = runInFloat(run);
    if (!results)
      return fail(results.takeError());
    floats = std::move(*results);
  }
  progress.clear();

  TextTable table(isFloat ? "lrrr" : "lrrrrr");
  SmallVector<std::string> header = {"output", "max|r|", "max error", "rms error"};
  if (!isFloat)
    header.append({"f32 max", "f32 rms"});
  table.addRow(header);
  double worst = 0;
  for (auto [i, output] : llvm::enumerate(run.outputs)) {
    ErrorStatistics error = compare(output.data, (*reference)[i]);
    worst = std::max(worst, error.maxError);
    SmallVector<std::string> row = {run.infos[i].name, print(error.maxMagnitude),
                                    print(error.maxError), print(error.rmsError)};
    if (!isFloat) {
      ErrorStatistics floatError = compare(floats[i].data, (*reference)[i]);
      row.append({print(floatError.maxError), print(floatError.rmsError)});
    }
    table.addRow(row);
  }
  table.print(os);
  if (!isFloat)
    if (llvm::Error error = printWidestRange(run, os))
      return fail(std::move(error));
  os.flush(); // in front of an error
  if (worst > maxError)
    return fail("expected a max error of at most " + print(maxError) + " but got " + print(worst));
  return success();
}
