//===- NNDialect.cpp - The nn dialect -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Dialect/NN/IR/NN.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;
using namespace fpw::nn;

#include "fpw/Dialect/NN/IR/NNDialect.cpp.inc"
#include "fpw/Dialect/NN/IR/NNInterfaces.cpp.inc"

void NNDialect::initialize() {
  registerAttributes();
  addOperations<
#define GET_OP_LIST
#include "fpw/Dialect/NN/IR/NNParameterOps.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "fpw/Dialect/NN/IR/NNLayerOps.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "fpw/Dialect/NN/IR/NNFixedPointOps.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "fpw/Dialect/NN/IR/NNPoolingOps.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "fpw/Dialect/NN/IR/NNNormalizationOps.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "fpw/Dialect/NN/IR/NNElementwiseOps.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "fpw/Dialect/NN/IR/NNActivationOps.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "fpw/Dialect/NN/IR/NNReductionOps.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "fpw/Dialect/NN/IR/NNShapeOps.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "fpw/Dialect/NN/IR/NNIntegerOps.cpp.inc"
      >();
  registerBytecode();
}

Operation *NNDialect::materializeConstant(OpBuilder &builder, Attribute value, Type type,
                                          Location loc) {
  return arith::ConstantOp::materialize(builder, value, type, loc);
}

/// An attribute of the dialect on an op that is not of the dialect.
LogicalResult NNDialect::verifyOperationAttribute(Operation *op, NamedAttribute attribute) {
  if (attribute.getName() == kBatchSizeAttr) {
    auto size = dyn_cast<IntegerAttr>(attribute.getValue());
    if (!isa<FunctionOpInterface>(op) || !size || !size.getType().isSignlessInteger(64) ||
        size.getInt() < 0)
      return op->emitError() << "expected '" << kBatchSizeAttr
                             << "' to be a size on a function but got " << attribute.getValue();
    return success();
  }
  return op->emitError() << "unknown attribute '" << attribute.getName().getValue()
                         << "' of the nn dialect";
}

static LogicalResult verifyName(Operation *op, NamedAttribute attribute) {
  if (attribute.getName() != kNameAttr)
    return op->emitError() << "unknown attribute '" << attribute.getName().getValue()
                           << "' of the nn dialect";
  if (!isa<StringAttr>(attribute.getValue()))
    return op->emitError() << "expected '" << kNameAttr << "' to be a string but got "
                           << attribute.getValue();
  return success();
}

LogicalResult NNDialect::verifyRegionArgAttribute(Operation *op, unsigned, unsigned,
                                                  NamedAttribute attribute) {
  return verifyName(op, attribute);
}

LogicalResult NNDialect::verifyRegionResultAttribute(Operation *op, unsigned, unsigned,
                                                     NamedAttribute attribute) {
  return verifyName(op, attribute);
}
