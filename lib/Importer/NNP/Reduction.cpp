//===- Reduction.cpp - Reductions -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FunctionImporter.h"

using namespace fpw;
using namespace fpw::nnp;

template <typename OpT, typename Parameter>
static LogicalResult importReduction(FunctionImporter &importer, const Parameter &parameter) {
  typename OpT::Properties properties;
  properties.axes = importer.getList(parameter.axes());
  properties.keep_dims = importer.getUnit(parameter.keep_dims());
  return importer.create<OpT>(properties);
}

/// A maximum or minimum; nnabla's can give its index, too.
template <typename OpT>
static LogicalResult importExtremum(FunctionImporter &importer,
                                    const proto::IndexedReductionParameter &parameter) {
  if (parameter.with_index() || parameter.only_index())
    return importer.emitError() << "with_index and only_index are not supported";
  return importReduction<OpT>(importer, parameter);
}

static LogicalResult importSum(FunctionImporter &importer) {
  return importReduction<nn::SumOp>(importer, importer.getFunction().sum_param());
}
static LogicalResult importMean(FunctionImporter &importer) {
  return importReduction<nn::MeanOp>(importer, importer.getFunction().mean_param());
}
static LogicalResult importProd(FunctionImporter &importer) {
  return importReduction<nn::ProdOp>(importer, importer.getFunction().prod_param());
}
static LogicalResult importMax(FunctionImporter &importer) {
  return importExtremum<nn::MaxOp>(importer, importer.getFunction().max_param());
}
static LogicalResult importMin(FunctionImporter &importer) {
  return importExtremum<nn::MinOp>(importer, importer.getFunction().min_param());
}

void nnp::addReductionFunctions(FunctionTable &table) {
  table.add<nn::SumOp>("Sum", 1, 1, importSum);
  table.add<nn::MeanOp>("Mean", 1, 1, importMean);
  table.add<nn::MaxOp>("Max", 1, 1, importMax);
  table.add<nn::MinOp>("Min", 1, 1, importMin);
  table.add<nn::ProdOp>("Prod", 1, 1, importProd);
}
