//===- FixedPointReport.cpp - Prints what a conversion cost -----*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Report/FixedPointReport.h"
#include "fpw/Support/TextTable.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>

using namespace mlir;
using namespace fpw;

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

static llvm::json::Value toJSON(const TensorReport &tensor) {
  llvm::json::Object object{
      {"name", llvm::json::fixUTF8(tensor.name)},
      {"layer", tensor.layer},
      {"kind", tensor.isBias ? "bias" : "weight"},
      {"shape", llvm::json::Array(tensor.shape)},
      {"bits", tensor.bits},
      {"signed", tensor.isSigned},
      {"delta", llvm::json::Array(tensor.deltas)},
      {"absmax", nullptr},
      {"clipped", nullptr},
      {"mse", nullptr},
      {"sqnr_db", nullptr},
      {"bytes_before", tensor.bytesBefore},
      {"bytes_after", tensor.bytesAfter},
      {"codes_sha256", tensor.codesSHA256},
  };
  if (tensor.loss) {
    object["absmax"] = tensor.loss->absMax;
    object["clipped"] = tensor.loss->clipped;
    object["mse"] = tensor.loss->mse;
    object["sqnr_db"] = tensor.loss->sqnr;
  }
  return object;
}

/// The sum of something over all tensors.
template <typename Function> static int64_t sumOver(const Report &report, Function function) {
  int64_t sum = 0;
  for (const TensorReport &tensor : report.tensors)
    sum += function(tensor);
  return sum;
}

static int64_t getBytesBefore(const TensorReport &tensor) { return tensor.bytesBefore; }
static int64_t getBytesAfter(const TensorReport &tensor) { return tensor.bytesAfter; }
static int64_t getClipped(const TensorReport &tensor) {
  return tensor.loss ? tensor.loss->clipped : 0;
}

llvm::json::Value Report::toJSON(StringRef model) const {
  llvm::json::Array rows;
  for (const TensorReport &tensor : tensors)
    rows.push_back(::toJSON(tensor));
  return llvm::json::Object{
      {"model", llvm::json::fixUTF8(model)},
      {"tensors", std::move(rows)},
      {"totals", llvm::json::Object{{"tensors", int64_t(tensors.size())},
                                    {"bytes_before", sumOver(*this, getBytesBefore)},
                                    {"bytes_after", sumOver(*this, getBytesAfter)},
                                    {"clipped", sumOver(*this, getClipped)}}},
  };
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

static std::string formatNumber(double number, const char *format) {
  char buffer[32];
  std::snprintf(buffer, sizeof(buffer), format, number);
  return buffer;
}

/// A power of two as such, any other step as a number.
static std::string formatStep(float delta) {
  int exponent;
  if (std::frexp(delta, &exponent) == 0.5f)
    return "2^" + std::to_string(exponent - 1);
  return formatNumber(delta, "%.6g");
}

static std::string formatSteps(ArrayRef<float> deltas) {
  auto [least, largest] = std::minmax_element(deltas.begin(), deltas.end());
  if (*least == *largest)
    return formatStep(*least);
  return formatStep(*least) + ".." + formatStep(*largest);
}

static std::string formatName(StringRef name) {
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::printEscapedString(name, os);
  return text;
}

static std::string formatShape(ArrayRef<int64_t> shape) {
  return shape.empty()
             ? "scalar"
             : llvm::join(llvm::map_range(shape, [](int64_t size) { return std::to_string(size); }),
                          "x");
}

static SmallVector<std::string> makeRow(const TensorReport &tensor) {
  const std::optional<QuantizationLoss> &loss = tensor.loss;
  return {formatName(tensor.name),
          tensor.layer,
          tensor.isBias ? "bias" : "weight",
          formatShape(tensor.shape),
          (tensor.isSigned ? "s" : "u") + std::to_string(tensor.bits),
          formatSteps(tensor.deltas),
          loss ? formatNumber(loss->absMax, "%.4g") : "?",
          loss ? withThousands(loss->clipped) : "?",
          !loss        ? "?"
          : loss->sqnr ? formatNumber(*loss->sqnr, "%.1f")
                       : "-",
          withThousands(tensor.bytesAfter),
          tensor.codesSHA256.substr(0, 16)};
}

void Report::print(raw_ostream &os) const {
  TextTable table("llllrrrrrrl");
  table.addRow({"tensor", "layer", "kind", "shape", "bits", "step", "max", "clipped", "SQNR/dB",
                "bytes", "codes"});
  table.addRule();
  for (const TensorReport &tensor : tensors)
    table.addRow(makeRow(tensor));
  table.print(os);

  int64_t before = sumOver(*this, getBytesBefore), after = sumOver(*this, getBytesAfter);
  os << "total: " << tensors.size() << " tensors, " << withThousands(before) << " -> "
     << withThousands(after) << " bytes";
  if (after)
    os << " (" << formatNumber(double(before) / after, "%.1f") << " times smaller)";
  os << ", " << withThousands(sumOver(*this, getClipped)) << " clipped\n";
}
