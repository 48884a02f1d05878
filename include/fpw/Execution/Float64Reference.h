//===- Float64Reference.h - What a network gives in f64 ---------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_EXECUTION_FLOAT64REFERENCE_H
#define FPW_EXECUTION_FLOAT64REFERENCE_H

#include "fpw/Execution/CompiledModel.h"
#include <cmath>

namespace fpw {

/// A result in f64: two f32 per element, whose sum it is.
struct Float64Buffer {
  TensorBuffer nearest, rest;

  size_t size() const { return nearest.data.size(); }
  double operator[](size_t i) const {
    double value = nearest.data[i];
    return std::isfinite(value) ? value + rest.data[i] : value;
  }
};

/// A network compiled to compute in f64, with weights of exactly `k * delta`: what other
/// arithmetics are measured against. It shares no code with `arithmetic=digits`.
class Float64Reference {
public:
  static Expected<std::unique_ptr<Float64Reference>> compile(ModuleOp module);

  Expected<std::vector<Float64Buffer>> run(ArrayRef<TensorView> inputs, unsigned threads = 1) const;

private:
  explicit Float64Reference(std::unique_ptr<CompiledModel> model) : model(std::move(model)) {}
  std::unique_ptr<CompiledModel> model;
};

/// How far results are from a reference.
struct ErrorStatistics {
  double maxError = 0;     ///< max|y - r| / max|r|; infinite where only one of the two is finite
  double rmsError = 0;     ///< the root of sum (y - r)^2 / sum r^2
  double maxMagnitude = 0; ///< max|r|
};

/// Elements that are not finite count as equal to those of the same value, NaNs to NaNs.
ErrorStatistics compare(ArrayRef<float> results, const Float64Buffer &reference);

} // namespace fpw

#endif // FPW_EXECUTION_FLOAT64REFERENCE_H
