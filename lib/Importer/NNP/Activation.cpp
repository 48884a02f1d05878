//===- Activation.cpp - Activations with an axis or a trained slope -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FunctionImporter.h"

using namespace fpw;
using namespace fpw::nnp;

static LogicalResult importSoftmax(FunctionImporter &importer) {
  nn::SoftmaxOp::Properties properties;
  properties.axis = importer.getInteger(importer.getFunction().softmax_param().axis());
  return importer.create<nn::SoftmaxOp>(properties);
}

static LogicalResult importLogSoftmax(FunctionImporter &importer) {
  nn::LogSoftmaxOp::Properties properties;
  properties.axis = importer.getInteger(importer.getFunction().log_softmax_param().axis());
  return importer.create<nn::LogSoftmaxOp>(properties);
}

static LogicalResult importPReLU(FunctionImporter &importer) {
  nn::PReLUOp::Properties properties;
  properties.base_axis = importer.getInteger(importer.getFunction().prelu_param().base_axis());
  return importer.create<nn::PReLUOp>(properties);
}

static LogicalResult importCReLU(FunctionImporter &importer) {
  nn::CReLUOp::Properties properties;
  properties.axis = importer.getInteger(importer.getFunction().crelu_param().axis());
  return importer.create<nn::CReLUOp>(properties);
}

static LogicalResult importCELU(FunctionImporter &importer) {
  const auto &parameter = importer.getFunction().celu_param();
  nn::CELUOp::Properties properties;
  properties.alpha = importer.getFloat(parameter.alpha());
  properties.axis = importer.getInteger(parameter.axis());
  return importer.create<nn::CELUOp>(properties);
}

void nnp::addActivationFunctions(FunctionTable &table) {
  table.add<nn::SoftmaxOp>("Softmax", 1, 1, importSoftmax);
  table.add<nn::LogSoftmaxOp>("LogSoftmax", 1, 1, importLogSoftmax);
  table.add<nn::PReLUOp>("PReLU", 2, 2, importPReLU);
  table.add<nn::CReLUOp>("CReLU", 1, 1, importCReLU);
  table.add<nn::CELUOp>("CELU", 1, 1, importCELU);
}
