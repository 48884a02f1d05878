//===- ByteContraction.cpp - Sums of products of bytes -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ByteContraction.h"
#include "fpw/Dialect/NN/IR/NN.h"
#include "mlir/Dialect/Affine/Analysis/AffineStructures.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"

using namespace mlir;

namespace fpw::cpu {

bool multipliesBytes(linalg::GenericOp op) {
  if (op.getNumDpsInputs() != 2 || op.getNumDpsInits() != 1 || op.getNumReductionLoops() == 0)
    return false;
  auto hasElements = [](Value value, unsigned width) {
    return getElementTypeOrSelf(value.getType()).isInteger(width);
  };
  return hasElements(op.getDpsInputs()[0], 8) && hasElements(op.getDpsInputs()[1], 8) &&
         hasElements(op.getDpsInits()[0], 32) &&
         op.getDpsInputs()[1].getDefiningOp<nn::ParameterOp>();
}

std::optional<unsigned> getChannelLoop(linalg::GenericOp op) {
  AffineMap image = op.getMatchingIndexingMap(op.getDpsInputOperand(0));
  AffineMap weight = op.getMatchingIndexingMap(op.getDpsInputOperand(1));
  SmallVector<int64_t> coefficients;
  if (image.getNumResults() == 0 || !weight.isProjectedPermutation() ||
      failed(
          getFlattenedAffineExpr(image.getResults().back(), op.getNumLoops(), 0, &coefficients)) ||
      coefficients.size() != op.getNumLoops() + 1)
    return std::nullopt;
  std::optional<unsigned> channel;
  auto iterators = op.getIteratorTypesArray();
  for (unsigned loop = 0; loop < op.getNumLoops(); ++loop) {
    if (coefficients[loop] == 0 || !linalg::isReductionIterator(iterators[loop]))
      continue;
    if (channel || coefficients[loop] != 1)
      return std::nullopt;
    channel = loop;
  }
  return channel && weight.isFunctionOfDim(*channel) ? channel : std::nullopt;
}

} // namespace fpw::cpu
