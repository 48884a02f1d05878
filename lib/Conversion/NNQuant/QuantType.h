//===- QuantType.h - Fixed-point formats as quantised types --- -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_CONVERSION_NNQUANT_QUANTTYPE_H
#define FPW_LIB_CONVERSION_NNQUANT_QUANTTYPE_H

#include "fpw/Dialect/NN/IR/NN.h"
#include "fpw/Support/LLVM.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"

namespace fpw {

// Steps are scales, without zero points; the range of the codes is the range of the storage:
// codes of six bits with a sign are i8<-31:31>.

/// What layers keep of their activations where they have no attribute for it.
inline constexpr StringLiteral kNonNegativeAttr = "fpw.non_negative";
inline constexpr StringLiteral kActivationMaximumAttr = "fpw.activation_maximum";

/// The dimension of a weight that has a step for each index; nothing if there is none.
std::optional<int64_t> getChannelDim(ArrayRef<int64_t> shape, const nn::ChannelMap &channels);

/// The type of codes of a format. An error, if the format has none.
mlir::quant::QuantizedType getQuantType(function_ref<mlir::InFlightDiagnostic()> emitError,
                                        nn::FixedPointAttr format,
                                        std::optional<int64_t> channelDim);

/// The format of codes of a type; a reason, if there is none.
FailureOr<nn::FixedPointAttr> getFormat(mlir::quant::QuantizedType type,
                                        std::optional<int64_t> channelDim, std::string &reason);

} // namespace fpw

#endif // FPW_LIB_CONVERSION_NNQUANT_QUANTTYPE_H
