//===- NNAttributes.cpp - Attributes of the nn dialect -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Dialect/NN/IR/NN.h"
#include "fpw/Support/FixedPoint.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace fpw::nn;

#define GET_ATTRDEF_CLASSES
#include "fpw/Dialect/NN/IR/NNAttributes.cpp.inc"

// The dialect registers its attributes where their storage is complete.
void NNDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "fpw/Dialect/NN/IR/NNAttributes.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// Numbers in text
//===----------------------------------------------------------------------===//

/// Reads a number and rounds it once to the given format.
template <typename Float>
static ParseResult parseNumber(AsmParser &parser, const llvm::fltSemantics &format, Float &number) {
  APFloat value(format);
  if (parser.parseFloat(format, value))
    return failure();
  if constexpr (std::is_same_v<Float, float>)
    number = value.convertToFloat();
  else
    number = value.convertToDouble();
  return success();
}

static ParseResult parseNumber(AsmParser &parser, float &number) {
  return parseNumber(parser, APFloat::IEEEsingle(), number);
}

static ParseResult parseNumber(AsmParser &parser, double &number) {
  return parseNumber(parser, APFloat::IEEEdouble(), number);
}

//===----------------------------------------------------------------------===//
// FixedPointAttr
//===----------------------------------------------------------------------===//

int64_t FixedPointAttr::getMaxCode() const {
  return FixedPoint::getMaxCode(getBits(), getIsSigned());
}

int64_t FixedPointAttr::getMinCode() const { return getIsSigned() ? -getMaxCode() : 0; }

IntegerType FixedPointAttr::getStorageType() const {
  assert(getBits() <= 16 && "wider formats are not stored as codes");
  return IntegerType::get(getContext(), getBits() <= 8 ? 8 : 16,
                          getIsSigned() ? IntegerType::Signed : IntegerType::Unsigned);
}

LogicalResult FixedPointAttr::verify(function_ref<InFlightDiagnostic()> emitError, unsigned bits,
                                     bool isSigned, DenseF32ArrayAttr steps) {
  unsigned fewest = isSigned ? 2 : 1;
  if (bits < fewest || bits > 24)
    return emitError() << "expected " << fewest << " to 24 bits but got " << bits << " (C1)";
  for (float delta : steps.asArrayRef())
    if (!(delta > 0) || !std::isfinite(delta))
      return emitError() << "expected a positive finite step but got " << delta << " (C2)";
  if (steps.empty())
    return emitError() << "expected at least one step (C3)";
  return success();
}

/// `<bits = 8, signed, delta = 0.25>`, with a list of steps in brackets.
Attribute FixedPointAttr::parse(AsmParser &parser, Type) {
  unsigned bits = 0;
  StringRef sign;
  SmallVector<float> deltas;
  auto parseDelta = [&] { return parseNumber(parser, deltas.emplace_back()); };
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseLess() || parser.parseKeyword("bits") || parser.parseEqual() ||
      parser.parseInteger(bits) || parser.parseComma() || parser.parseKeyword(&sign))
    return {};
  if (sign != "signed" && sign != "unsigned") {
    parser.emitError(loc) << "expected signed or unsigned but got '" << sign << "'";
    return {};
  }
  if (parser.parseComma() || parser.parseKeyword("delta") || parser.parseEqual())
    return {};
  if (succeeded(parser.parseOptionalLSquare())) {
    if (failed(parser.parseOptionalRSquare()) &&
        (parser.parseCommaSeparatedList(parseDelta) || parser.parseRSquare()))
      return {};
  } else if (parseDelta()) {
    return {};
  }
  if (parser.parseGreater())
    return {};
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(), bits,
                    sign == "signed", DenseF32ArrayAttr::get(parser.getContext(), deltas));
}

void FixedPointAttr::print(AsmPrinter &printer) const {
  printer << "<bits = " << getBits() << ", " << (getIsSigned() ? "signed" : "unsigned")
          << ", delta = ";
  auto printDelta = [&](float delta) { printer.printFloat(APFloat(delta)); };
  if (isPerChannel()) {
    printer << '[';
    llvm::interleaveComma(getDeltas(), printer, printDelta);
    printer << ']';
  } else {
    printDelta(getDeltas().front());
  }
  printer << '>';
}

//===----------------------------------------------------------------------===//
// ConversionAttr
//===----------------------------------------------------------------------===//

StringRef ConversionAttr::getSource() const { return getImpl()->source; }
float ConversionAttr::getAbsmax() const { return getImpl()->absmax.convertToFloat(); }
int64_t ConversionAttr::getClipped() const { return getImpl()->clipped; }
double ConversionAttr::getError() const { return getImpl()->error.convertToDouble(); }
double ConversionAttr::getEnergy() const { return getImpl()->energy.convertToDouble(); }

LogicalResult ConversionAttr::verify(function_ref<InFlightDiagnostic()> emitError, StringRef,
                                     APFloat absmax, int64_t clipped, APFloat error,
                                     APFloat energy) {
  auto isSize = [](const APFloat &number) { return number.isFinite() && !number.isNegative(); };
  if (clipped < 0 || !isSize(absmax) || !isSize(error) || !isSize(energy))
    return emitError() << "expected finite numbers of 0 or more (C1)";
  return success();
}

/// Reads `, name = `.
static ParseResult parseField(AsmParser &parser, StringRef name) {
  return failure(parser.parseComma() || parser.parseKeyword(name) || parser.parseEqual());
}

Attribute ConversionAttr::parse(AsmParser &parser, Type) {
  std::string source;
  float absmax = 0;
  int64_t clipped = 0;
  double error = 0, energy = 0;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseLess() || parser.parseKeyword("source") || parser.parseEqual() ||
      parser.parseString(&source) || parseField(parser, "absmax") || parseNumber(parser, absmax) ||
      parseField(parser, "clipped") || parser.parseInteger(clipped) ||
      parseField(parser, "error") || parseNumber(parser, error) || parseField(parser, "energy") ||
      parseNumber(parser, energy) || parser.parseGreater())
    return {};
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(), StringRef(source),
                    APFloat(absmax), clipped, APFloat(error), APFloat(energy));
}

void ConversionAttr::print(AsmPrinter &printer) const {
  printer << "<source = ";
  printer.printString(getSource());
  printer << ", absmax = ";
  printer.printFloat(APFloat(getAbsmax()));
  printer << ", clipped = " << getClipped() << ", error = ";
  printer.printFloat(APFloat(getError()));
  printer << ", energy = ";
  printer.printFloat(APFloat(getEnergy()));
  printer << '>';
}
