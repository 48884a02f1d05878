//===- ChooseFormat.h - The format that suits a tensor ----------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_DIALECT_NN_TRANSFORMS_CHOOSEFORMAT_H
#define FPW_LIB_DIALECT_NN_TRANSFORMS_CHOOSEFORMAT_H

#include "fpw/Dialect/NN/IR/NN.h"
#include "fpw/Dialect/NN/Transforms/FixedPointWeight.h"

namespace fpw::nn {

/// Chooses the format of a parameter: its step is given, or follows from the values, those of each
/// channel if the map has channels. Warns if many values are out of range; a value that is not
/// finite is an error.
FailureOr<FixedPointAttr> chooseFormat(ParameterOp source,
                                       const FixedPointWeightOptions::Numbers &numbers,
                                       const FixedPointWeightOptions &options,
                                       const ChannelMap &channels);

} // namespace fpw::nn

#endif // FPW_LIB_DIALECT_NN_TRANSFORMS_CHOOSEFORMAT_H
