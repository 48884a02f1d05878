//===- BenchReport.cpp - Where the time of a network goes -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BenchReport.h"

#include "fpw/Support/TextTable.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>

using namespace fpw;
using namespace fpw::tool;

//===----------------------------------------------------------------------===//
// Operations
//===----------------------------------------------------------------------===//

bool BenchReport::usesIntegers(const LayerCost &cost) const {
  return arithmetic == Arithmetic::Digits && cost.weightBits > 0;
}

/// What the machine multiplies and adds: with digits, each digit of an activation with each byte of
/// a weight.
double BenchReport::countOperations(const LayerCost &cost) const {
  unsigned products = usesIntegers(cost) ? activationBits / 8 * (cost.weightBits > 8 ? 2 : 1) : 1;
  return 2 * cost.multiplyAdds * products;
}

/// 0 if it is not known.
double BenchReport::getShareOfPeak(const Layer &layer) const {
  const MachinePeak &peak = usesIntegers(layer.cost) ? integerPeak : floatPeak;
  double attainable = peak.operationsPerSecond * threads * layer.seconds;
  return attainable > 0 ? countOperations(layer.cost) / attainable : 0;
}

//===----------------------------------------------------------------------===//
// As text
//===----------------------------------------------------------------------===//

static std::string fixed(double number, int digits) {
  return llvm::formatv(("{0:f" + llvm::Twine(digits) + "}").str().c_str(), number).str();
}

/// Three digits that count, as far as that goes without an exponent.
static std::string shortly(double number) {
  return fixed(number, number < 1 ? 3 : number < 10 ? 2 : number < 100 ? 1 : 0);
}

static std::string orNothing(double number) { return number > 0 ? shortly(number) : ""; }

/// A bar of the length of a share.
static std::string drawBar(double share) {
  return std::string(std::lround(std::min(share, 1.0) * 40), '#');
}

static void printPeak(raw_ostream &os, const MachinePeak &peak) {
  if (!peak.instruction.empty())
    os << "peak of one core, " << peak.instruction << ": "
       << shortly(peak.operationsPerSecond * 1e-12) << " TOP/s\n";
}

void BenchReport::printLayers(raw_ostream &os) const {
  TextTable table("lrrrrrrl");
  bool isEmulated = device == BenchDevice::Emulator;
  table.addRow(
      {"layer", "MMAC", isEmulated ? "us, emulated" : "us", "%", "TOP/s", "% of peak", "MB", ""});
  table.addRule();
  double multiplyAdds = 0, bytes = 0, operations = 0;
  for (const Layer &layer : layers) {
    double share = medianSeconds > 0 ? layer.seconds / medianSeconds : 0;
    double done = countOperations(layer.cost);
    bool isTimed = layer.seconds > 0;
    multiplyAdds += layer.cost.multiplyAdds;
    bytes += layer.cost.bytes;
    operations += done;
    table.addRow(
        {layer.cost.name, orNothing(layer.cost.multiplyAdds * 1e-6),
         isTimed ? shortly(layer.seconds * 1e6) : "fused", isTimed ? fixed(100 * share, 1) : "",
         isTimed && !isEmulated ? orNothing(done / layer.seconds * 1e-12) : "",
         orNothing(100 * getShareOfPeak(layer)), shortly(layer.cost.bytes * 1e-6), drawBar(share)});
  }
  double otherShare = medianSeconds > 0 ? otherSeconds / medianSeconds : 0;
  table.addRow({"other", "", shortly(otherSeconds * 1e6), fixed(100 * otherShare, 1), "", "", "",
                drawBar(otherShare)});
  table.addRule();
  table.addRow({"total", shortly(multiplyAdds * 1e-6), shortly(medianSeconds * 1e6), "100.0",
                isEmulated ? "" : orNothing(operations / medianSeconds * 1e-12), "",
                shortly(bytes * 1e-6), ""});
  table.print(os);
}

void BenchReport::print(raw_ostream &os) const {
  printLayers(os);
  os << "batch " << batch << ", ";
  if (device == BenchDevice::CPU)
    os << threads << (threads == 1 ? " thread, " : " threads, ");
  else
    os << (device == BenchDevice::GPU ? "GPU, " : "emulated GPU, ");
  os << (arithmetic == Arithmetic::Float ? "f32"
                                         : "digits, " + std::to_string(activationBits) + " bits")
     << ": median " << shortly(medianSeconds * 1e6) << " us, least " << shortly(leastSeconds * 1e6)
     << " us; compiled in " << fixed(compileSeconds, 2) << " s; peak memory "
     << shortly(peakMemory * 1e-6) << " MB\n";
  if (arithmetic == Arithmetic::Digits)
    printPeak(os, integerPeak);
  printPeak(os, floatPeak);
}

//===----------------------------------------------------------------------===//
// As JSON
//===----------------------------------------------------------------------===//

static llvm::json::Value toJSON(const MachinePeak &peak) {
  return llvm::json::Object{{"instruction", peak.instruction},
                            {"operations_per_second", peak.operationsPerSecond}};
}

llvm::json::Value BenchReport::toJSON() const {
  llvm::json::Array rows;
  for (const Layer &layer : layers)
    rows.push_back(llvm::json::Object{{"name", layer.cost.name},
                                      {"op", layer.cost.op},
                                      {"seconds", layer.seconds},
                                      {"multiply_adds", layer.cost.multiplyAdds},
                                      {"operations", countOperations(layer.cost)},
                                      {"share_of_peak", getShareOfPeak(layer)},
                                      {"bytes", layer.cost.bytes}});
  return llvm::json::Object{
      {"model", model},
      {"arithmetic", arithmetic == Arithmetic::Float ? "float" : "digits"},
      {"activation_bits", activationBits},
      {"threads", threads},
      {"batch", batch},
      {"device", device == BenchDevice::CPU   ? "cpu"
                 : device == BenchDevice::GPU ? "cuda"
                                              : "cuda-emulator"},
      {"compile_seconds", compileSeconds},
      {"median_seconds", medianSeconds},
      {"least_seconds", leastSeconds},
      {"peak_memory_bytes", peakMemory},
      {"integer_peak", ::toJSON(integerPeak)},
      {"float_peak", ::toJSON(floatPeak)},
      {"layers", std::move(rows)},
      {"other_seconds", otherSeconds},
  };
}
