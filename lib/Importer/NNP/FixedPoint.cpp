//===- FixedPoint.cpp - Fixed-point quantisation -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FunctionImporter.h"

using namespace fpw;
using namespace fpw::nnp;

/// nnabla's quantiser. On a parameter, as in a converted network, the dialect's canonicalisation
/// joins it with the layer that follows.
static LogicalResult importFixedPointQuantize(FunctionImporter &importer) {
  const auto &parameter = importer.getFunction().fixed_point_quantize_param();
  unsigned bits = std::max<int64_t>(parameter.n(), 0);
  MLIRContext *context = importer.getLoc().getContext();
  auto format = nn::FixedPointAttr::getChecked(
      [&] { return importer.emitError(); }, context, bits, parameter.sign(),
      mlir::DenseF32ArrayAttr::get(context, parameter.delta()));
  if (!format)
    return failure();
  nn::FixedPointQuantizeOp::Properties properties;
  properties.format = format;
  return importer.create<nn::FixedPointQuantizeOp>(properties);
}

void nnp::addFixedPointFunctions(FunctionTable &table) {
  table.add<nn::FixedPointQuantizeOp>("FixedPointQuantize", 1, 1, importFixedPointQuantize);
}
