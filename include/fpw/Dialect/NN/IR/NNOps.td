//===- NNOps.td - All ops of the nn dialect -*- tablegen -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_DIALECT_NN_IR_NNOPS
#define FPW_DIALECT_NN_IR_NNOPS

include "fpw/Dialect/NN/IR/NNParameterOps.td"
include "fpw/Dialect/NN/IR/NNLayerOps.td"
include "fpw/Dialect/NN/IR/NNFixedPointOps.td"
include "fpw/Dialect/NN/IR/NNPoolingOps.td"
include "fpw/Dialect/NN/IR/NNNormalizationOps.td"
include "fpw/Dialect/NN/IR/NNElementwiseOps.td"
include "fpw/Dialect/NN/IR/NNActivationOps.td"
include "fpw/Dialect/NN/IR/NNReductionOps.td"
include "fpw/Dialect/NN/IR/NNShapeOps.td"
include "fpw/Dialect/NN/IR/NNIntegerOps.td"

#endif // FPW_DIALECT_NN_IR_NNOPS
