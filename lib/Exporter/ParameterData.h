//===- ParameterData.h - The numbers of a parameter -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_EXPORTER_PARAMETERDATA_H
#define FPW_LIB_EXPORTER_PARAMETERDATA_H

#include "fpw/Dialect/NN/IR/NN.h"
#include "fpw/Support/LLVM.h"
#include <string>
#include <vector>

namespace fpw {

/// The elements of a parameter in row-major order, as they are stored.
std::string getBytes(nn::ParameterOp parameter);

/// What the elements of a parameter stand for: codes of a format times steps, or without a format
/// f32 numbers as they are.
std::vector<float> getNumbers(nn::ParameterOp parameter, nn::FixedPointAttr format,
                              const nn::ChannelMap &channels);

/// The elements, of `elementSize` bytes each, of a tensor of `shape` whose dimensions get another
/// order: dimension i becomes dimension order[i].
std::string permuteElements(std::string bytes, size_t elementSize, ArrayRef<int64_t> shape,
                            ArrayRef<int64_t> order);

} // namespace fpw

#endif // FPW_LIB_EXPORTER_PARAMETERDATA_H
