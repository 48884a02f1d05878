//===- Pooling.cpp - Pooling -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FunctionImporter.h"

using namespace fpw;
using namespace fpw::nnp;

/// Sets what all poolings with a window share.
template <typename Properties, typename Parameter>
static void setWindow(FunctionImporter &importer, const Parameter &parameter,
                      Properties &properties) {
  properties.kernel = importer.getShape(parameter.kernel());
  properties.stride = importer.getShape(parameter.stride());
  properties.ignore_border = importer.getBool(parameter.ignore_border());
  properties.pad = importer.getShape(parameter.pad());
  properties.channel_last = importer.getUnit(parameter.channel_last());
}

static LogicalResult importMaxPooling(FunctionImporter &importer) {
  nn::MaxPoolingOp::Properties properties;
  setWindow(importer, importer.getFunction().max_pooling_param(), properties);
  return importer.create<nn::MaxPoolingOp>(properties);
}

static LogicalResult importSumPooling(FunctionImporter &importer) {
  nn::SumPoolingOp::Properties properties;
  setWindow(importer, importer.getFunction().sum_pooling_param(), properties);
  return importer.create<nn::SumPoolingOp>(properties);
}

static LogicalResult importAveragePooling(FunctionImporter &importer) {
  const auto &parameter = importer.getFunction().average_pooling_param();
  nn::AveragePoolingOp::Properties properties;
  setWindow(importer, parameter, properties);
  properties.including_pad = importer.getBool(parameter.including_pad());
  return importer.create<nn::AveragePoolingOp>(properties);
}

static LogicalResult importGlobalAveragePooling(FunctionImporter &importer) {
  return importer.create<nn::GlobalAveragePoolingOp>({});
}

static LogicalResult importUnpooling(FunctionImporter &importer) {
  const auto &parameter = importer.getFunction().unpooling_param();
  nn::UnpoolingOp::Properties properties;
  properties.kernel = importer.getShape(parameter.kernel());
  properties.channel_last = importer.getUnit(parameter.channel_last());
  return importer.create<nn::UnpoolingOp>(properties);
}

void nnp::addPoolingFunctions(FunctionTable &table) {
  table.add<nn::MaxPoolingOp>("MaxPooling", 1, 1, importMaxPooling);
  table.add<nn::SumPoolingOp>("SumPooling", 1, 1, importSumPooling);
  table.add<nn::AveragePoolingOp>("AveragePooling", 1, 1, importAveragePooling);
  table.add<nn::GlobalAveragePoolingOp>("GlobalAveragePooling", 1, 1, importGlobalAveragePooling);
  table.add<nn::UnpoolingOp>("Unpooling", 1, 1, importUnpooling);
}
