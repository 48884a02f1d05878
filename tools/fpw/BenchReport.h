//===- BenchReport.h - Where the time of a network goes -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_TOOLS_FPW_BENCHREPORT_H
#define FPW_TOOLS_FPW_BENCHREPORT_H

#include "fpw/Conversion/NNToLinalg.h"
#include "fpw/Execution/LayerCosts.h"
#include "fpw/Execution/MachinePeak.h"
#include "llvm/Support/JSON.h"

namespace fpw::tool {

/// What ran the network. The times of an emulator say nothing of a GPU.
enum class BenchDevice { CPU, GPU, Emulator };

/// The figures of one measurement.
struct BenchReport {
  std::string model;
  Arithmetic arithmetic;
  unsigned activationBits, threads;
  int64_t batch;
  double compileSeconds, medianSeconds, leastSeconds; ///< of a run of the whole batch
  uint64_t peakMemory;                                ///< of the process, in bytes
  BenchDevice device = BenchDevice::CPU;
  MachinePeak integerPeak = {}, floatPeak = {}; ///< of one core; of a GPU not known

  struct Layer {
    LayerCost cost;
    double seconds; ///< its share of the median; 0 if it runs as a part of another one
  };
  std::vector<Layer> layers; ///< in the order of the network
  double otherSeconds = 0;   ///< what belongs to no layer

  void print(raw_ostream &os) const;
  llvm::json::Value toJSON() const;

private:
  void printLayers(raw_ostream &os) const;
  bool usesIntegers(const LayerCost &cost) const;
  double countOperations(const LayerCost &cost) const;
  double getShareOfPeak(const Layer &layer) const;
};

} // namespace fpw::tool

#endif // FPW_TOOLS_FPW_BENCHREPORT_H
