//===- FixedPointReport.h - What a conversion cost --------------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_REPORT_FIXEDPOINTREPORT_H
#define FPW_REPORT_FIXEDPOINTREPORT_H

#include "fpw/Support/LLVM.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/JSON.h"
#include <optional>
#include <string>

namespace fpw {

/// What is known about the float tensor behind some codes.
struct QuantizationLoss {
  float absMax = 0.0f;
  int64_t clipped = 0;
  /// The mean of (w - k * delta)^2.
  double mse = 0.0;
  /// 10 log10(sum w^2 / sum (w - k * delta)^2); nothing if either sum is 0.
  std::optional<double> sqnr;
};

/// One tensor of codes.
struct TensorReport {
  /// The name of the float tensor in the source file.
  std::string name;
  /// The nnabla function of the first layer that uses it.
  std::string layer;
  bool isBias = false;
  SmallVector<int64_t> shape;
  unsigned bits = 0;
  bool isSigned = false;
  SmallVector<float> deltas;
  /// Nothing if the codes do not say where they come from.
  std::optional<QuantizationLoss> loss;
  int64_t bytesBefore = 0;
  int64_t bytesAfter = 0;
  /// SHA-256 of the codes as 32-bit little-endian integers in row-major order, in hexadecimal
  /// digits.
  std::string codesSHA256;
};

/// All tensors of codes of a module, each once, in the order of their first use.
struct Report {
  SmallVector<TensorReport, 0> tensors;

  /// Prints a table for people.
  void print(raw_ostream &os) const;
  llvm::json::Value toJSON(StringRef model) const;
};

/// Reads the codes of a converted module. The loss is the one recorded by the conversion or, if
/// there is a float module `against`, computed from its parameters of the same names.
FailureOr<Report> buildReport(ModuleOp module, ModuleOp against = {});

} // namespace fpw

#endif // FPW_REPORT_FIXEDPOINTREPORT_H
