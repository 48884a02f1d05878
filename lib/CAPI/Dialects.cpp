//===- Dialects.cpp - FPW's part of MLIR's C interface -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw-c/Dialects.h"

#include "fpw/Dialect/NN/IR/NN.h"
#include "fpw/InitAll.h"
#include "mlir/CAPI/IR.h"
#include "mlir/CAPI/Registration.h"
#include "mlir/CAPI/Support.h"
#include <mutex>

using namespace mlir;
using namespace fpw;

MLIR_DEFINE_CAPI_DIALECT_REGISTRATION(NN, nn, fpw::nn::NNDialect)

void mlirRegisterFPWDialects(MlirDialectRegistry registry) {
  registerAllDialects(*unwrap(registry));
}

void mlirRegisterFPWPasses(void) {
  static std::once_flag once;
  std::call_once(once, registerAllPasses);
}

//===----------------------------------------------------------------------===//
// #nn.fixed_point
//===----------------------------------------------------------------------===//

static nn::FixedPointAttr getFormat(MlirAttribute attribute) {
  return cast<nn::FixedPointAttr>(unwrap(attribute));
}

bool mlirAttributeIsANNFixedPoint(MlirAttribute attribute) {
  return isa_and_present<nn::FixedPointAttr>(unwrap(attribute));
}

MlirTypeID mlirNNFixedPointAttrGetTypeID(void) { return wrap(nn::FixedPointAttr::getTypeID()); }

MlirAttribute mlirNNFixedPointAttrGet(MlirContext context, uint32_t bits, bool isSigned,
                                      intptr_t numSteps, const float *steps) {
  Location loc = UnknownLoc::get(unwrap(context));
  return wrap(
      Attribute(nn::FixedPointAttr::getChecked([&] { return emitError(loc); }, unwrap(context),
                                               bits, isSigned, ArrayRef<float>(steps, numSteps))));
}

uint32_t mlirNNFixedPointAttrGetBits(MlirAttribute attribute) {
  return getFormat(attribute).getBits();
}

bool mlirNNFixedPointAttrIsSigned(MlirAttribute attribute) {
  return getFormat(attribute).getIsSigned();
}

intptr_t mlirNNFixedPointAttrGetNumSteps(MlirAttribute attribute) {
  return getFormat(attribute).getDeltas().size();
}

float mlirNNFixedPointAttrGetStep(MlirAttribute attribute, intptr_t index) {
  return getFormat(attribute).getDeltas()[index];
}

int64_t mlirNNFixedPointAttrGetMinCode(MlirAttribute attribute) {
  return getFormat(attribute).getMinCode();
}

int64_t mlirNNFixedPointAttrGetMaxCode(MlirAttribute attribute) {
  return getFormat(attribute).getMaxCode();
}

MlirType mlirNNFixedPointAttrGetStorageType(MlirAttribute attribute) {
  return wrap(Type(getFormat(attribute).getStorageType()));
}

//===----------------------------------------------------------------------===//
// #nn.conversion
//===----------------------------------------------------------------------===//

static nn::ConversionAttr getConversion(MlirAttribute attribute) {
  return cast<nn::ConversionAttr>(unwrap(attribute));
}

bool mlirAttributeIsANNConversion(MlirAttribute attribute) {
  return isa_and_present<nn::ConversionAttr>(unwrap(attribute));
}

MlirTypeID mlirNNConversionAttrGetTypeID(void) { return wrap(nn::ConversionAttr::getTypeID()); }

MlirStringRef mlirNNConversionAttrGetSource(MlirAttribute attribute) {
  return wrap(getConversion(attribute).getSource());
}

float mlirNNConversionAttrGetAbsmax(MlirAttribute attribute) {
  return getConversion(attribute).getAbsmax();
}

int64_t mlirNNConversionAttrGetClipped(MlirAttribute attribute) {
  return getConversion(attribute).getClipped();
}

double mlirNNConversionAttrGetError(MlirAttribute attribute) {
  return getConversion(attribute).getError();
}

double mlirNNConversionAttrGetEnergy(MlirAttribute attribute) {
  return getConversion(attribute).getEnergy();
}
