//===- Dialects.h - FPW's part of MLIR's C interface -*- C -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The library fpw-c has MLIR's C interface, too (mlir-c/IR.h, Pass.h, Dialect/Func.h): objects of
// one cannot be handed to a second copy of MLIR.
//
//===----------------------------------------------------------------------===//

#ifndef FPW_C_DIALECTS_H
#define FPW_C_DIALECTS_H

#include "mlir-c/IR.h"

#ifdef __cplusplus
extern "C" {
#endif

MLIR_DECLARE_CAPI_DIALECT_REGISTRATION(NN, nn);

/// Adds every dialect, with what the pipelines of FPW need to know of it.
MLIR_CAPI_EXPORTED void mlirRegisterFPWDialects(MlirDialectRegistry registry);

/// Makes the passes and pipelines of FPW known by name (mlirParsePassPipeline).
MLIR_CAPI_EXPORTED void mlirRegisterFPWPasses(void);

//===----------------------------------------------------------------------===//
// #nn.fixed_point
//===----------------------------------------------------------------------===//

MLIR_CAPI_EXPORTED bool mlirAttributeIsANNFixedPoint(MlirAttribute attribute);
MLIR_CAPI_EXPORTED MlirTypeID mlirNNFixedPointAttrGetTypeID(void);

/// A format with one step, or with one per output channel. Null, after a diagnostic, if there is no
/// such format.
MLIR_CAPI_EXPORTED MlirAttribute mlirNNFixedPointAttrGet(MlirContext context, uint32_t bits,
                                                         bool isSigned, intptr_t numSteps,
                                                         const float *steps);

MLIR_CAPI_EXPORTED uint32_t mlirNNFixedPointAttrGetBits(MlirAttribute attribute);
MLIR_CAPI_EXPORTED bool mlirNNFixedPointAttrIsSigned(MlirAttribute attribute);
MLIR_CAPI_EXPORTED intptr_t mlirNNFixedPointAttrGetNumSteps(MlirAttribute attribute);
MLIR_CAPI_EXPORTED float mlirNNFixedPointAttrGetStep(MlirAttribute attribute, intptr_t index);
MLIR_CAPI_EXPORTED int64_t mlirNNFixedPointAttrGetMinCode(MlirAttribute attribute);
MLIR_CAPI_EXPORTED int64_t mlirNNFixedPointAttrGetMaxCode(MlirAttribute attribute);
/// The type of a stored code.
MLIR_CAPI_EXPORTED MlirType mlirNNFixedPointAttrGetStorageType(MlirAttribute attribute);

//===----------------------------------------------------------------------===//
// #nn.conversion
//===----------------------------------------------------------------------===//

MLIR_CAPI_EXPORTED bool mlirAttributeIsANNConversion(MlirAttribute attribute);
MLIR_CAPI_EXPORTED MlirTypeID mlirNNConversionAttrGetTypeID(void);

/// The name of the float tensor, its largest magnitude, how many of its elements were clipped, and
/// the sums of `(w - k * delta)^2` and of `w^2`.
MLIR_CAPI_EXPORTED MlirStringRef mlirNNConversionAttrGetSource(MlirAttribute attribute);
MLIR_CAPI_EXPORTED float mlirNNConversionAttrGetAbsmax(MlirAttribute attribute);
MLIR_CAPI_EXPORTED int64_t mlirNNConversionAttrGetClipped(MlirAttribute attribute);
MLIR_CAPI_EXPORTED double mlirNNConversionAttrGetError(MlirAttribute attribute);
MLIR_CAPI_EXPORTED double mlirNNConversionAttrGetEnergy(MlirAttribute attribute);

#ifdef __cplusplus
}
#endif

#endif // FPW_C_DIALECTS_H
