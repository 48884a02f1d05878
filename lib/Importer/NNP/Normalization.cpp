//===- Normalization.cpp - Normalisation -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FunctionImporter.h"

using namespace fpw;
using namespace fpw::nnp;

static LogicalResult importBatchNormalization(FunctionImporter &importer) {
  const auto &parameter = importer.getFunction().batch_normalization_param();
  // The inputs are x, beta, gamma, mean, variance; no_bias and no_scale take beta and gamma away.
  int hasBeta = !parameter.no_bias();
  int hasGamma = !parameter.no_scale();
  size_t expected = 3 + hasBeta + hasGamma;
  if (importer.getInputs().size() != expected)
    return importer.emitError() << "expected " << expected << " inputs but got "
                                << importer.getInputs().size();
  if (parameter.batch_stat())
    mlir::emitWarning(importer.getLoc())
        << "batch_stat is set, so that each result depends on the whole batch";
  nn::BatchNormalizationOp::Properties properties;
  properties.operandSegmentSizes = {1, hasBeta, hasGamma, 1, 1};
  properties.axes = importer.getList(parameter.axes());
  properties.decay_rate = importer.getFloat(parameter.decay_rate());
  properties.eps = importer.getFloat(parameter.eps());
  properties.batch_stat = importer.getUnit(parameter.batch_stat());
  return importer.create<nn::BatchNormalizationOp>(properties);
}

void nnp::addNormalizationFunctions(FunctionTable &table) {
  table.add<nn::BatchNormalizationOp>("BatchNormalization", 3, 5, importBatchNormalization);
}
