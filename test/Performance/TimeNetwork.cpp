//===- TimeNetwork.cpp - Times a network or a layer in MLIR -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// time-network FILE BATCH THREADS [--gflop=N] [--arithmetic=digits] [--activation-bits=24]
//
// Compiles the network in FILE, runs it on random data and prints the median time and the rate. The
// commands in docs/Performance.md use it.
//
//===----------------------------------------------------------------------===//

#include "fpw/Execution/CompiledModel.h"
#include "fpw/Pipelines/Pipelines.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include <algorithm>
#include <chrono>
#include <ctime>
#include <random>

namespace cl = llvm::cl;
using Clock = std::chrono::steady_clock;

static std::vector<float> makeData(size_t count) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  std::vector<float> data(count);
  for (float &value : data)
    value = normal(random);
  return data;
}

struct Times {
  double median, least;
  double processor; ///< the median of the processor's time, which other programs do not lengthen
};

static double getProcessorSeconds() {
  timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return double(time.tv_sec) + 1e-9 * double(time.tv_nsec);
}

static double takeMedian(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

/// The time of a run, after half a second of warming up and within about two seconds.
static Times measure(const std::function<void()> &run) {
  std::vector<double> seconds, processorSeconds;
  auto start = Clock::now();
  auto elapsed = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  while (elapsed() < 0.5)
    run();
  for (start = Clock::now(); elapsed() < 1.5 || seconds.size() < 5;) {
    double before = elapsed(), processorBefore = getProcessorSeconds();
    run();
    seconds.push_back(elapsed() - before);
    processorSeconds.push_back(getProcessorSeconds() - processorBefore);
  }
  return {takeMedian(seconds), *std::min_element(seconds.begin(), seconds.end()),
          takeMedian(processorSeconds)};
}

static cl::opt<std::string> file(cl::Positional, cl::Required, cl::desc("FILE"));
static cl::opt<int64_t> batch(cl::Positional, cl::Required, cl::desc("BATCH"));
static cl::opt<unsigned> threads(cl::Positional, cl::Required, cl::desc("THREADS"));
static cl::opt<double> gflop("gflop", cl::desc("Work per sample"), cl::init(0));
static cl::opt<fpw::Arithmetic>
    arithmetic("arithmetic", cl::desc("How layers multiply and add"),
               cl::init(fpw::Arithmetic::Float),
               cl::values(clEnumValN(fpw::Arithmetic::Float, "float", "f32"),
                          clEnumValN(fpw::Arithmetic::Digits, "digits", "integers")));
static cl::opt<unsigned> activationBits("activation-bits", cl::desc("8, 16, 24 or 32"),
                                        cl::init(24));

int main(int argc, char **argv) {
  cl::ParseCommandLineOptions(argc, argv, "times a network or a layer on random data\n");
  llvm::ExitOnError check("time-network: error: ");
  mlir::DialectRegistry registry;
  fpw::registerPipelineDialects(registry);
  mlir::MLIRContext context(registry);
  auto module = mlir::parseSourceFile<mlir::ModuleOp>(file, &context);
  if (!module)
    return 1;
  fpw::CompileOptions options;
  options.arithmetic = arithmetic;
  options.activationBits = activationBits;

  auto before = Clock::now();
  auto model = check(fpw::CompiledModel::compile(*module, options));
  double compileSeconds = std::chrono::duration<double>(Clock::now() - before).count();

  std::vector<std::vector<float>> data;
  std::vector<llvm::SmallVector<int64_t>> shapes;
  std::vector<fpw::TensorView> inputs;
  for (const fpw::TensorInfo &info : model->getInputs()) {
    shapes.push_back(info.shape);
    for (int64_t &size : shapes.back())
      size = size < 0 ? int64_t(batch) : size;
    size_t count = 1;
    for (int64_t size : shapes.back())
      count *= size;
    data.push_back(makeData(count));
  }
  for (size_t i = 0; i < data.size(); ++i)
    inputs.push_back({shapes[i], data[i].data()});

  double sum = 0;
  Times times = measure([&] {
    auto outputs = check(model->run(inputs, threads));
    sum = outputs[0].data.empty() ? 0 : outputs[0].data[0];
  });
  double perSample = 1e6 / double(std::max<int64_t>(batch, 1));
  llvm::outs() << llvm::format(
      "compile %.0f ms, per sample %.3f us (least %.3f, processor %.3f), y[0] %g",
      compileSeconds * 1e3, times.median * perSample, times.least * perSample,
      times.processor * perSample, sum);
  if (gflop > 0) {
    double work = gflop * batch;
    llvm::outs() << llvm::format(", %.1f GFLOP/s (processor %.1f)", work / times.median,
                                 work / times.processor);
  }
  llvm::outs() << "\n";
  return 0;
}
