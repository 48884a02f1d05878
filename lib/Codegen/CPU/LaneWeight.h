//===- LaneWeight.h - Codes of weights as elements of lanes -----*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_CODEGEN_CPU_LANEWEIGHT_H
#define FPW_LIB_CODEGEN_CPU_LANEWEIGHT_H

#include "fpw/Dialect/NN/IR/NN.h"
#include "fpw/Support/LLVM.h"
#include "mlir/IR/Builders.h"

namespace fpw::cpu {

/// How the dimensions of a weight become those of its lanes: the codes of the run dimensions, the
/// last of which varies fastest, are cut into lanes of `laneSize` codes, filled up with zeros.
///
///   [other dimensions...][run...]    ->    [other dimensions...][lane][code]
///
/// Without run dimensions each code has a lane of its own, and no dimension counts them.
struct LaneLayout {
  SmallVector<unsigned> others; ///< dimensions of the weight
  SmallVector<unsigned> run;
  int64_t laneSize;
  int64_t first = 0; ///< the place of the first code in a lane

  int64_t countLanes(ArrayRef<int64_t> shape) const;
};

/// The codes in that layout, as a parameter of integers of `bits` bits before the old one.
nn::ParameterOp packLanes(OpBuilder &builder, nn::ParameterOp weight, bool isUnsigned,
                          const LaneLayout &layout, unsigned bits);

/// `factor` times the sum of all codes with the same position in the dimensions `kept`, modulo
/// 2^32, as a constant of i32.
Value sumCodes(OpBuilder &builder, nn::ParameterOp weight, bool isUnsigned, ArrayRef<unsigned> kept,
               int64_t factor);

} // namespace fpw::cpu

#endif // FPW_LIB_CODEGEN_CPU_LANEWEIGHT_H
