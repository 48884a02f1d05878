//===- Float64Reference.cpp - What a network gives in f64 -------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Execution/Float64Reference.h"

#include "fpw/Pipelines/Pipelines.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"
#include <limits>

using namespace mlir;

namespace fpw {

Expected<std::unique_ptr<Float64Reference>> Float64Reference::compile(ModuleOp module) {
  OwningOpRef<ModuleOp> copy = module.clone();
  DialectRegistry registry;
  registerPipelineDialects(registry);
  module.getContext()->appendDialectRegistry(registry);
  PassManager pm(module.getContext());
  buildToFloat64Pipeline(pm);
  if (failed(pm.run(*copy)))
    return llvm::createStringError("the network cannot be computed in f64");
  auto model = CompiledModel::compile(*copy);
  if (!model)
    return model.takeError();
  return std::unique_ptr<Float64Reference>(new Float64Reference(std::move(*model)));
}

Expected<std::vector<Float64Buffer>> Float64Reference::run(ArrayRef<TensorView> inputs,
                                                           unsigned threads) const {
  Expected<std::vector<TensorBuffer>> outputs = model->run(inputs, threads);
  if (!outputs)
    return outputs.takeError();
  std::vector<Float64Buffer> results;
  for (size_t i = 0; i + 1 < outputs->size(); i += 2)
    results.push_back({std::move((*outputs)[i]), std::move((*outputs)[i + 1])});
  return results;
}

/// The distance of a result from its reference.
static double getDistance(double y, double r) {
  if (y == r || (std::isnan(y) && std::isnan(r)))
    return 0;
  double distance = std::fabs(y - r);
  return std::isnan(distance) ? std::numeric_limits<double>::infinity() : distance;
}

ErrorStatistics compare(ArrayRef<float> results, const Float64Buffer &reference) {
  ErrorStatistics statistics;
  double largest = 0, distances = 0, magnitudes = 0;
  for (auto [i, y] : llvm::enumerate(results)) {
    double r = reference[i], distance = getDistance(y, r);
    largest = std::max(largest, distance);
    distances += distance * distance;
    if (!std::isfinite(r))
      continue;
    statistics.maxMagnitude = std::max(statistics.maxMagnitude, std::fabs(r));
    magnitudes += r * r;
  }
  // A distance from nothing but zeros has no relative size.
  auto divide = [](double distance, double by) {
    return by > 0 ? distance / by : distance > 0 ? std::numeric_limits<double>::infinity() : 0.0;
  };
  statistics.maxError = divide(largest, statistics.maxMagnitude);
  statistics.rmsError = divide(std::sqrt(distances), std::sqrt(magnitudes));
  return statistics;
}

} // namespace fpw
