//===- Run.cpp - fpw run -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Check.h"
#include "CodeOptions.h"
#include "DataFiles.h"

#include "fpw/Execution/CompiledModel.h"
#include "fpw/Support/Npy.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include <chrono>
#include <limits>

using namespace mlir;
using namespace fpw;
using namespace fpw::tool;
namespace cl = llvm::cl;

static LogicalResult run();

static Command command("run", "Compiles a network for this machine and runs it on data", run);
static ModelOptions model(command);
static CodeOptions code(command);

static cl::list<std::string> inputPaths(
    "input", cl::sub(command.options()), cl::value_desc("[NAME=]FILE.npy"),
    cl::desc("data of an input, in the order of the inputs or by name; - is standard input"));
static cl::list<std::string>
    outputPaths("output", cl::sub(command.options()), cl::value_desc("[NAME=]FILE.npy"),
                cl::desc("where an output goes, in the order of the outputs or by name"));
static cl::opt<std::string> labelPath("labels", cl::sub(command.options()),
                                      cl::value_desc("FILE.npy"),
                                      cl::desc("class of each sample, to print the accuracy"));
static cl::opt<unsigned> threads("threads", cl::sub(command.options()), cl::init(1),
                                 cl::value_desc("N"),
                                 cl::desc("threads (default 1; 0: one per processor)"));
static cl::opt<unsigned> repeats("repeat", cl::sub(command.options()), cl::value_desc("N"),
                                 cl::desc("run N times more and print the median time"));
static cl::opt<bool> check("check", cl::sub(command.options()),
                           cl::desc("print the error of the outputs against f64 arithmetic"));
static cl::opt<double> maxError("max-error", cl::sub(command.options()), cl::value_desc("X"),
                                cl::init(std::numeric_limits<double>::infinity()),
                                cl::desc("with --check: fail if max|y - r| / max|r| is larger"));

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

static LogicalResult writeOutputs(const CompiledModel &compiled, ArrayRef<TensorBuffer> outputs) {
  auto paths = assignPaths(outputPaths, compiled.getOutputs(), "output");
  if (failed(paths))
    return failure();
  for (auto [path, output] : llvm::zip(*paths, outputs))
    if (!path.empty())
      if (llvm::Error error = writeNpy(path, output.shape, output.type, output.getBytes()))
        return fail(std::move(error));
  return success();
}

//===----------------------------------------------------------------------===//
// Accuracy and time
//===----------------------------------------------------------------------===//

/// Where figures go: standard output, unless data goes there.
static raw_ostream &figures() {
  bool outputTaken = llvm::any_of(
      outputPaths, [](StringRef argument) { return argument == "-" || argument.ends_with("=-"); });
  return outputTaken ? llvm::errs() : llvm::outs();
}

/// Compares the largest value of each sample of the first output with the labels.
static LogicalResult printAccuracy(const TensorBuffer &output) {
  Expected<FloatTensor> labels = readNpy(labelPath);
  if (!labels)
    return fail(labels.takeError());
  size_t samples = output.shape.empty() ? 1 : output.shape.front();
  if (labels->data.size() != samples)
    return fail("expected " + Twine(samples) + " labels, one per sample, but got " +
                Twine(labels->data.size()));
  if (samples == 0 || output.data.empty())
    return fail("expected samples to measure the accuracy of but got none");
  size_t classes = output.data.size() / samples, correct = 0;
  for (size_t i = 0; i < samples; ++i) {
    ArrayRef<float> scores = output.data.slice(i * classes, classes);
    correct += llvm::max_element(scores) - scores.begin() == labels->data[i];
  }
  figures() << "accuracy: " << llvm::format("%.4f", double(correct) / samples) << " (" << correct
            << '/' << samples << ")\n";
  return success();
}

/// Runs again and prints the median time.
static LogicalResult printTime(const CompiledModel &compiled, ArrayRef<TensorView> inputs,
                               Progress &progress) {
  std::vector<double> seconds;
  for (unsigned i = 0; i < repeats; ++i) {
    progress.stage("running, " + Twine(i + 1) + " of " + Twine(repeats));
    auto start = std::chrono::steady_clock::now();
    Expected<std::vector<TensorBuffer>> outputs = compiled.run(inputs, threads);
    std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    if (!outputs)
      return fail(outputs.takeError());
    seconds.push_back(time.count());
  }
  progress.clear();
  llvm::sort(seconds);
  double median = (seconds[(seconds.size() - 1) / 2] + seconds[seconds.size() / 2]) / 2;
  int64_t batch = inputs.empty() || inputs.front().shape.empty() ? 1 : inputs.front().shape.front();
  double perSample = 1e6 * median / std::max<int64_t>(batch, 1);
  figures() << "time: " << llvm::format("%.*f", perSample < 1 ? 3 : 1, perSample)
            << " us per sample (median of " << repeats << ", batch " << batch << ")\n";
  return success();
}

//===----------------------------------------------------------------------===//
// The command
//===----------------------------------------------------------------------===//

static LogicalResult run() {
  ModelContext context;
  Progress progress;
  OwningOpRef<ModuleOp> module = model.readNetwork(&context, progress);
  if (!module)
    return failure();

  FailureOr<CompileOptions> options = code.get(*module, model.path);
  if (failed(options))
    return failure();
  progress.stage("compiling");
  Expected<std::unique_ptr<CompiledModel>> compiled = CompiledModel::compile(*module, *options);
  if (!compiled)
    return fail(compiled.takeError());

  FailureOr<std::vector<TypedTensor>> inputs = readInputs(inputPaths, (*compiled)->getInputs());
  if (failed(inputs))
    return failure();
  std::vector<TensorView> views = getViews(*inputs);

  progress.stage("running");
  Expected<std::vector<TensorBuffer>> outputs = (*compiled)->run(views, threads);
  if (!outputs)
    return fail(outputs.takeError());
  progress.clear();
  if (failed(writeOutputs(**compiled, *outputs)))
    return failure();
  if (!labelPath.empty() && failed(printAccuracy(outputs->front())))
    return failure();
  CheckedRun checked{*module, *options, views, (*compiled)->getOutputs(), *outputs, threads};
  if (check && failed(checkRun(checked, maxError, progress, figures())))
    return failure();
  return repeats > 0 ? printTime(**compiled, views, progress) : success();
}
