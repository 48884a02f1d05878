//===- Elementwise.cpp - Element-wise functions -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The dialect's table of element-wise ops is the table of this file: each op names its function,
// and the numbers of both have the same names.
//
//===----------------------------------------------------------------------===//

#include "FunctionImporter.h"

using namespace fpw;
using namespace fpw::nnp;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

/// The number in a field of this name, 0 if it is absent.
static double getNumber(const Message *parameters, StringRef name) {
  if (!parameters)
    return 0.0;
  const FieldDescriptor *field = parameters->GetDescriptor()->FindFieldByName(name.str());
  assert(field && field->cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE &&
         "expected nnp.proto to have the numbers of every element-wise op");
  return parameters->GetReflection()->GetDouble(*parameters, field);
}

static LogicalResult importElementwise(FunctionImporter &importer,
                                       mlir::RegisteredOperationName op) {
  mlir::OperationState state(importer.getLoc(), op);
  for (StringAttr name : op.getAttributeNames())
    state.addAttribute(name, importer.getFloat(getNumber(importer.getParameters(), name)));
  return importer.create(state);
}

void nnp::addElementwiseFunctions(FunctionTable &table) {
  for (mlir::RegisteredOperationName op : table.getContext()->getRegisteredOperations()) {
    auto *interface = op.getInterface<nn::ElementwiseOpInterface>();
    if (!interface || interface->getFunctionName().empty())
      continue;
    unsigned inputs = op.hasTrait<mlir::OpTrait::OneOperand>()           ? 1
                      : op.hasTrait<mlir::OpTrait::NOperands<2>::Impl>() ? 2
                                                                         : 3;
    table.add(interface->getFunctionName(), {op, inputs, inputs, [op](FunctionImporter &importer) {
                                               return importElementwise(importer, op);
                                             }});
  }
}
