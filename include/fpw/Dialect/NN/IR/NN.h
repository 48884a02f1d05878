//===- NN.h - The nn dialect ------------------------------------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one public header of the dialect: attributes, interfaces, ops.
//
//===----------------------------------------------------------------------===//

#ifndef FPW_DIALECT_NN_IR_NN_H
#define FPW_DIALECT_NN_IR_NN_H

#include "fpw/Dialect/NN/IR/ChannelMap.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "fpw/Dialect/NN/IR/NNDialect.h.inc"

#define GET_ATTRDEF_CLASSES
#include "fpw/Dialect/NN/IR/NNAttributes.h.inc"

#include "fpw/Dialect/NN/IR/NNInterfaces.h.inc"

#define GET_OP_CLASSES
#include "fpw/Dialect/NN/IR/NNParameterOps.h.inc"
#define GET_OP_CLASSES
#include "fpw/Dialect/NN/IR/NNLayerOps.h.inc"
#define GET_OP_CLASSES
#include "fpw/Dialect/NN/IR/NNFixedPointOps.h.inc"
#define GET_OP_CLASSES
#include "fpw/Dialect/NN/IR/NNPoolingOps.h.inc"
#define GET_OP_CLASSES
#include "fpw/Dialect/NN/IR/NNNormalizationOps.h.inc"
#define GET_OP_CLASSES
#include "fpw/Dialect/NN/IR/NNElementwiseOps.h.inc"
#define GET_OP_CLASSES
#include "fpw/Dialect/NN/IR/NNActivationOps.h.inc"
#define GET_OP_CLASSES
#include "fpw/Dialect/NN/IR/NNReductionOps.h.inc"
#define GET_OP_CLASSES
#include "fpw/Dialect/NN/IR/NNShapeOps.h.inc"
#define GET_OP_CLASSES
#include "fpw/Dialect/NN/IR/NNIntegerOps.h.inc"

namespace fpw::nn {

/// The name of the discardable attribute that carries the source name of an argument or result.
inline constexpr llvm::StringLiteral kNameAttr = "nn.name";

/// The name of the discardable function attribute with the batch size of the source file.
inline constexpr llvm::StringLiteral kBatchSizeAttr = "nn.batch_size";

/// Whether a tensor of this shape has at most 2^40 elements, sizes of 0 and dynamic sizes taken for
/// 1: then products of its sizes, and a few times as much, fit 64 bits.
bool fitsMemory(llvm::ArrayRef<int64_t> shape);

/// `count` sizes: the given ones, or `value` for each where the list is empty.
llvm::SmallVector<int64_t> withDefault(llvm::ArrayRef<int64_t> sizes, int64_t count, int64_t value);

} // namespace fpw::nn

#endif // FPW_DIALECT_NN_IR_NN_H
