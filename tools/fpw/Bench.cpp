//===- Bench.cpp - fpw bench -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BenchReport.h"
#include "CodeOptions.h"
#include "DataFiles.h"

#include "fpw/Runtime/Runtime.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"
#include <chrono>
#include <random>
#include <sys/resource.h>
#include <thread>

using namespace mlir;
using namespace fpw;
using namespace fpw::tool;
namespace cl = llvm::cl;
using Clock = std::chrono::steady_clock;

static LogicalResult bench();

static Command command("bench", "Measures where the time of a network goes, layer by layer", bench);
static ModelOptions model(command);
static CodeOptions code(command);

static cl::list<std::string>
    inputPaths("input", cl::sub(command.options()), cl::value_desc("[NAME=]FILE.npy"),
               cl::desc("data of an input, as for fpw run (default: random numbers)"));
static cl::opt<int64_t> batchSize("batch", cl::sub(command.options()), cl::value_desc("N"),
                                  cl::init(1),
                                  cl::desc("samples at a time, without --input (default 1)"));
static cl::opt<unsigned> threads("threads", cl::sub(command.options()), cl::init(1),
                                 cl::value_desc("N"),
                                 cl::desc("threads (default 1; 0: one per processor)"));
static cl::opt<double> duration("seconds", cl::sub(command.options()), cl::init(1.0),
                                cl::value_desc("X"),
                                cl::desc("how long to measure (default 1, five runs at least)"));
static cl::opt<std::string> json("json", cl::sub(command.options()), cl::value_desc("FILE"),
                                 cl::desc("also write the figures as JSON; - is standard output"));

//===----------------------------------------------------------------------===//
// Data
//===----------------------------------------------------------------------===//

/// Random numbers for a batch of samples; of integers zeros, which any table has a row for.
static FailureOr<TypedTensor> makeInput(const TensorInfo &info, unsigned seed) {
  constexpr int64_t kMost = int64_t(1) << 32;
  TypedTensor tensor;
  tensor.type = info.type;
  int64_t count = 1;
  for (int64_t size : info.shape) {
    tensor.shape.push_back(size < 0 ? batchSize : size);
    if (llvm::MulOverflow(count, tensor.shape.back(), count) || count > kMost)
      return fail("expected a --batch that fits the memory but got " + Twine(batchSize));
  }
  tensor.bytes.resize(count * getElementSize(info.type));
  if (info.type != FPW_F32)
    return tensor;
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  for (size_t i = 0; i < tensor.bytes.size(); i += sizeof(float)) {
    float element = normal(random);
    std::memcpy(&tensor.bytes[i], &element, sizeof(float));
  }
  return tensor;
}

static FailureOr<std::vector<TypedTensor>> getInputs(const CompiledModel &compiled) {
  if (!inputPaths.empty())
    return readInputs(inputPaths, compiled.getInputs());
  std::vector<TypedTensor> inputs;
  for (auto [i, info] : llvm::enumerate(compiled.getInputs())) {
    FailureOr<TypedTensor> input = makeInput(info, i);
    if (failed(input))
      return failure();
    inputs.push_back(std::move(*input));
  }
  return inputs;
}

static int64_t getBatch(ArrayRef<TensorInfo> infos, ArrayRef<TypedTensor> inputs) {
  for (auto [info, input] : llvm::zip_equal(infos, inputs))
    if (!info.shape.empty() && info.shape.front() < 0)
      return input.shape.front();
  return 1;
}

//===----------------------------------------------------------------------===//
// Measurements
//===----------------------------------------------------------------------===//

static double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// The seconds of each run, after a fifth of the time for warming up.
static Expected<std::vector<double>> timeRuns(const CompiledModel &compiled,
                                              ArrayRef<TensorView> inputs, Progress &progress,
                                              StringRef what) {
  std::vector<double> seconds;
  bool isWarm = false;
  for (auto start = Clock::now();
       !isWarm || seconds.size() < 5 || secondsSince(start) < duration;) {
    auto before = Clock::now();
    Expected<std::vector<TensorBuffer>> outputs = compiled.run(inputs, threads);
    if (!outputs)
      return outputs.takeError();
    double time = secondsSince(before);
    if (isWarm)
      seconds.push_back(time);
    else if ((isWarm = secondsSince(start) > duration / 5))
      start = Clock::now();
    if (time > 0.05)
      progress.stage(what + ", run " + Twine(seconds.size() + 1));
  }
  return seconds;
}

static double takeMedian(std::vector<double> values) {
  llvm::sort(values);
  return (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2;
}

/// A time in the unit of the profile: a device counts nanoseconds.
static uint64_t getProfileTime(bool usesDevice) {
  if (!usesDevice)
    return fpw_profile_now();
  return std::chrono::nanoseconds(Clock::now().time_since_epoch()).count();
}

/// Fills in the shares of the layers: of the time that all threads together spent in the network.
/// Medians of the runs leave out those that other programs interrupted.
static llvm::Error profileLayers(ModuleOp module, CompileOptions options,
                                 ArrayRef<TensorView> inputs, Progress &progress,
                                 BenchReport &report) {
  options.profile = true;
  auto compiled = CompiledModel::compile(module, options);
  if (!compiled)
    return compiled.takeError();
  ArrayRef<std::string> names = (*compiled)->getProfiledLayers();
  auto warm = timeRuns(**compiled, inputs, progress, "measuring layers");
  if (!warm)
    return warm.takeError();
  for (size_t slot = 0; slot < names.size(); ++slot)
    fpw_profile_take(slot);
  std::vector<double> totals;
  std::vector<std::vector<double>> times(names.size());
  for (size_t i = 0, runs = std::min<size_t>(warm->size(), 1000); i < runs; ++i) {
    uint64_t before = getProfileTime(options.gpu.has_value());
    auto outputs = (*compiled)->run(inputs, threads);
    if (!outputs)
      return outputs.takeError();
    totals.push_back(getProfileTime(options.gpu.has_value()) - before);
    for (auto [slot, list] : llvm::enumerate(times))
      list.push_back(fpw_profile_take(slot));
  }
  double sum = 0;
  for (const std::vector<double> &list : times)
    sum += takeMedian(list);
  double all = std::max(takeMedian(totals), sum); // threads may work at the same time
  report.otherSeconds = report.medianSeconds * (all - sum) / all;
  for (auto [name, list] : llvm::zip_equal(names, times)) {
    size_t index;
    if (llvm::to_integer(name, index) && index < report.layers.size())
      report.layers[index].seconds += report.medianSeconds * takeMedian(list) / all;
  }
  return llvm::Error::success();
}

static uint64_t getPeakMemory() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return uint64_t(usage.ru_maxrss) * 1024;
}

//===----------------------------------------------------------------------===//
// The command
//===----------------------------------------------------------------------===//

static LogicalResult write(const BenchReport &report) {
  if (json != "-")
    report.print(llvm::outs());
  if (json.empty())
    return success();
  llvm::Error error = llvm::writeToOutput(json, [&](raw_ostream &os) {
    os << llvm::formatv("{0:2}\n", report.toJSON());
    return llvm::Error::success();
  });
  return error ? fail(std::move(error)) : success();
}

static LogicalResult bench() {
  if (batchSize < 1)
    return fail("expected a --batch of at least 1 but got " + Twine(batchSize));
  ModelContext context;
  Progress progress;
  OwningOpRef<ModuleOp> module = model.readNetwork(&context, progress);
  if (!module)
    return failure();
  FailureOr<CompileOptions> options = code.get(*module, model.path);
  if (failed(options))
    return failure();

  progress.stage("compiling");
  auto start = Clock::now();
  Expected<std::unique_ptr<CompiledModel>> compiled = CompiledModel::compile(*module, *options);
  if (!compiled)
    return fail(compiled.takeError());
  BenchReport report;
  report.compileSeconds = secondsSince(start);
  FailureOr<std::vector<TypedTensor>> inputs = getInputs(**compiled);
  if (failed(inputs))
    return failure();
  std::vector<TensorView> views = getViews(*inputs);

  report.model = model.path;
  report.arithmetic = options->arithmetic;
  report.activationBits = options->activationBits;
  report.threads = threads ? unsigned(threads) : std::thread::hardware_concurrency();
  report.batch = getBatch((*compiled)->getInputs(), *inputs);
  progress.stage("measuring");
  Expected<std::vector<double>> seconds = timeRuns(**compiled, views, progress, "measuring");
  if (!seconds)
    return fail(seconds.takeError());
  report.leastSeconds = *llvm::min_element(*seconds);
  report.medianSeconds = takeMedian(*seconds);
  report.peakMemory = getPeakMemory();
  if (options->gpu) {
    report.device = options->gpu->device.empty() ? BenchDevice::GPU : BenchDevice::Emulator;
  } else {
    report.integerPeak = measureIntegerPeak(options->target);
    report.floatPeak = measureFloatPeak(options->target);
  }

  progress.stage("measuring layers");
  for (LayerCost &cost : labelLayers(*module, report.batch))
    report.layers.push_back({std::move(cost), 0});
  if (llvm::Error error = profileLayers(*module, *options, views, progress, report))
    return fail(std::move(error));
  progress.clear();
  return write(report);
}
